"""``letters``: a tester plays the client, reads the letter and may return it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, Limit, State
from digipoort_sim.cli.refusals import Lang, told

_COLUMNS = ("id", "dienst", "idVertegenwoordigde", "idGemachtigde", "datum", "activatieToken")
_BOXES = ("idVertegenwoordigde", "typeVertegenwoordigde", "letters", "laatste", "naam")
_FORMATS = {".pdf": "pdf", ".html": "html", ".txt": "text", ".svg": "svg"}
_Id = Annotated[str, typer.Argument(metavar="ID", help="Of the letter; see: letters list.")]


def register(group: typer.Typer) -> None:
    """Add ``letters list|boxes|show|save|return``."""
    group.command("list")(_list)
    group.command("boxes")(_boxes)
    group.command("show")(_show)
    group.command("save")(_save)
    group.command("return")(_return)


def _list(
    state: State = NO_STATE,
    as_json: AsJson = False,
    limit: Limit = None,
    client: Annotated[
        str | None, typer.Option(metavar="N", help="Only of the client with this number.")
    ] = None,
) -> None:
    """List the letters, oldest first; activatieToken is null in opt-out letters."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.client.control import Control

    rows = list(Control.find(state).rows("letters", limit, vertegenwoordigde=client))
    print_rows(rows, _COLUMNS, as_json=as_json, empty="There are no letters.")


def _boxes(state: State = NO_STATE, as_json: AsJson = False, limit: Limit = None) -> None:
    """List the clients who have letters."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.client.control import Control

    rows = list(Control.find(state).rows("letter-boxes", limit))
    print_rows(rows, _BOXES, as_json=as_json, empty="Nobody has letters.")


def _show(id_: _Id, state: State = NO_STATE, as_json: AsJson = False) -> None:
    """Show one letter as its reader sees it, or its fields with --json."""
    from digipoort_sim.cli.printing import print_json
    from digipoort_sim.client.control import Control, path_part
    from digipoort_sim.terminal import visible

    control = Control.find(state)
    if as_json:
        print_json(control.get(f"letters/{path_part(id_)}"))
    else:
        print(visible(control.text(f"letters/{path_part(id_)}?format=text")))


def _save(
    id_: _Id,
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="FILE", help="Ends in .pdf, .html, .txt or .svg (the QR code)."),
    ],
    state: State = NO_STATE,
) -> None:
    """Write a letter, or its QR code, into a file; an existing one is replaced."""
    from digipoort_sim.client.control import Control, path_part
    from digipoort_sim.errors import ConfigError

    form = _FORMATS.get(out.suffix.lower())
    if form is None:
        raise ConfigError(f"{out} must end in {', '.join(_FORMATS)}", rule="OPTION")
    content = Control.find(state).octets(f"letters/{path_part(id_)}?format={form}")
    try:
        out.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}", rule="OPTION") from None
    print(out)


def _return(id_: _Id, state: State = NO_STATE, as_json: AsJson = False, lang: Lang = "en") -> None:
    """Send the letter back: the client refuses. Without a letter: mandates form. Exit 3 refused."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control, path_part

    with told(lang, as_json):
        outcome = Control.find(state).post(f"letters/{path_part(id_)}/return")
    print_fields(outcome, as_json=as_json)
