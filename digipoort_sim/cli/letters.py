"""``letters``: a tester plays the client, reads the letter and may return it."""

from __future__ import annotations

from typing import Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, Limit, State

_COLUMNS = ("id", "dienst", "idVertegenwoordigde", "idGemachtigde", "datum", "activatieToken")
_Id = Annotated[str, typer.Argument(metavar="ID")]


def register(group: typer.Typer) -> None:
    """Add ``letters list|show|return``."""
    group.command("list")(_list)
    group.command("show")(_show)
    group.command("return")(_return)


def _list(state: State = NO_STATE, as_json: AsJson = False, limit: Limit = None) -> None:
    """List the letters, oldest first; activatieToken is null in opt-out letters."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.client.control import Control

    rows = list(Control.find(state).rows("letters", limit))
    print_rows(rows, _COLUMNS, as_json=as_json, empty="There are no letters.")


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


def _return(id_: _Id, state: State = NO_STATE, as_json: AsJson = False) -> None:
    """Send the letter back: the client refuses."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control, path_part

    outcome = Control.find(state).post(f"letters/{path_part(id_)}/return")
    print_fields(outcome, as_json=as_json)
