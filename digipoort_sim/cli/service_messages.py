"""``servicemessages``: what agencies made for clients; a tester has some made and puts in his own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, Limit, State

_COLUMNS = ("kenmerk", "dienst", "identiteitBelanghebbende", "tijdstempelAangeleverd", "bestandsnaam")
_MIME_TYPES = {".xml": "text/xml", ".xbrl": "text/xml", ".pdf": "application/pdf"}
_Kenmerk = Annotated[
    str, typer.Argument(metavar="KENMERK", help="Of the message; see: servicemessages list.")
]


def register(group: typer.Typer) -> None:
    """Add ``servicemessages list|show|make|put``."""
    group.command("list")(_list)
    group.command("show")(_show)
    group.command("make")(_make)
    group.command("put")(_put)


def _list(
    state: State = NO_STATE,
    as_json: AsJson = False,
    limit: Limit = None,
    berichtsoort: Annotated[str | None, typer.Option(metavar="B", help="Only this berichtsoort.")] = None,
    client: Annotated[str | None, typer.Option(metavar="N", help="Only of this client.")] = None,
    mandate: Annotated[str | None, typer.Option(metavar="ID", help="Only made for this mandate.")] = None,
) -> None:
    """List the service messages, newest first, fetched or not."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.client.control import Control

    wanted = {"berichtsoort": berichtsoort, "vertegenwoordigde": client, "mandate": mandate}
    rows = list(Control.find(state).rows("service-messages", limit, **wanted))
    print_rows(rows, _COLUMNS, as_json=as_json, empty="There are no service messages.")


def _show(
    kenmerk: _Kenmerk,
    state: State = NO_STATE,
    as_json: AsJson = False,
    content: Annotated[bool, typer.Option("--content", help="Print its content, as it is.")] = False,
) -> None:
    """Show one service message and who may fetch it now, or with --content what is in it."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control, path_part

    control, path = Control.find(state), f"service-messages/{path_part(kenmerk)}"
    if content:
        control.copy(f"{path}/content", sys.stdout.buffer)
        sys.stdout.flush()
    else:
        print_fields(control.get(path), as_json=as_json)


def _make(
    mandate: Annotated[str, typer.Argument(metavar="MANDATE", help="Id; see: mandates list.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Have the agency make one more message for a mandate, now."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control, path_part

    made = Control.find(state).post(f"mandates/{path_part(mandate)}/service-messages")
    print_fields(made, as_json=as_json)


def _put(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The content.", exists=True, dir_okay=False)],
    berichtsoort: Annotated[str, typer.Option("--berichtsoort", metavar="B", help="Such as SBA_IB or VIA.")],
    client: Annotated[str, typer.Option("--client", metavar="N", help="Number of the client.")],
    client_type: Annotated[
        str | None, typer.Option("--type", metavar="T", help="Type of that number; derived unless given.")
    ] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="Y", help="Tax or benefit year.")] = None,
    mime_type: Annotated[
        str | None, typer.Option("--mime-type", metavar="M", help="By the file's ending unless given.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="F", help="bestandsnaam; the file's unless given.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="From when it is there; now unless given.")
    ] = None,
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Put in a message of your own, for everybody with a mandate for that client, service and year."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control

    kept = Control.find(state).upload(
        "service-messages",
        file,
        berichtsoort=berichtsoort,
        vertegenwoordigde=client,
        typeVertegenwoordigde=client_type,
        jaar=year,
        bestandsnaam=name or file.name,
        mimeType=mime_type or _MIME_TYPES.get(file.suffix.lower(), "application/octet-stream"),
        tijdstip=at,
    )
    print_fields(kept, as_json=as_json)
