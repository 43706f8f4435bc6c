"""``messages`` and ``events``: looking into a running simulator."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, Limit, State

_MESSAGES = ("kenmerk", "berichtsoort", "aanleverkenmerk", "identiteitBelanghebbende", "statuscode", "via")
_FINDINGS = ("rule", "severity", "line", "column", "text_en")
_EVENTS = ("id", "tijdstip", "kind", "door", "code", "rule", "detail")


def register_messages(group: typer.Typer) -> None:
    """Add ``messages list|show|findings``."""

    @group.command("list")
    def list_(
        state: State = NO_STATE,
        as_json: AsJson = False,
        limit: Limit = None,
        berichtsoort: Annotated[str | None, typer.Option(metavar="B", help="Only this berichtsoort.")] = None,
        statuscode: Annotated[
            str | None, typer.Option(metavar="S", help="Only with this last status.")
        ] = None,
    ) -> None:
        """List the messages, newest first."""
        filters = {"berichtsoort": berichtsoort, "statuscode": statuscode}
        _print_list(state, "messages", _MESSAGES, limit, as_json, filters)

    @group.command("show")
    def show(kenmerk: str, state: State = NO_STATE, as_json: AsJson = False) -> None:
        """Show one message with its statuses."""
        _print_one(state, "messages", kenmerk, as_json)

    @group.command("findings")
    def findings(kenmerk: str, state: State = NO_STATE, as_json: AsJson = False) -> None:
        """List what validation found in a message, in English."""
        from digipoort_sim.cli.printing import print_json, print_rows
        from digipoort_sim.client.control import Control, path_part

        found = Control.find(state).get(f"messages/{path_part(kenmerk)}/findings")
        if as_json:
            print_json(found)
            return
        empty = "Validation has not said anything of it." if found["valid"] is None else "Nothing was found."
        print_rows(found["findings"], _FINDINGS, as_json=False, empty=empty)
        for key, texts in found["not_checked_texts"].items():
            print(f"{key}: {texts['text_en']}", file=sys.stderr)


def register_events(group: typer.Typer) -> None:
    """Add ``events list|show``."""

    @group.command("list")
    def list_(
        state: State = NO_STATE,
        as_json: AsJson = False,
        limit: Limit = None,
        kind: Annotated[str | None, typer.Option(metavar="K", help="Only this kind.")] = None,
    ) -> None:
        """List the events, newest first; 'events show ID' has all lines of their details."""
        from digipoort_sim.cli.printing import print_rows
        from digipoort_sim.client.control import Control

        rows = list(Control.find(state).rows("events", limit, kind=kind))
        if not as_json:
            rows = [{**row, "detail": row["detail"].partition("\n")[0]} for row in rows]
        print_rows(rows, _EVENTS, as_json=as_json, empty="There are no events.")

    @group.command("show")
    def show(
        id_: Annotated[int, typer.Argument(metavar="ID", min=0)],
        state: State = NO_STATE,
        as_json: AsJson = False,
        raw: Annotated[
            bool, typer.Option("--raw", help="Print the bytes that were refused, as they came in.")
        ] = False,
    ) -> None:
        """Show one event, or with --raw what came in."""
        if raw:
            _print_raw(state, id_)
        else:
            _print_one(state, "events", str(id_), as_json)


def _print_raw(state: Path, id_: int) -> None:
    """Print the octets as they came; on a terminal so that they cannot command it."""
    from digipoort_sim.client.control import Control
    from digipoort_sim.errors import NotFoundError
    from digipoort_sim.terminal import visible

    content = Control.find(state).octets(f"events/{id_}/raw")
    if not content:
        raise NotFoundError(f"nothing that came in was kept with event {id_}", rule="EVENT-RAW")
    if sys.stdout.isatty():
        print(visible(content.decode("utf-8", "replace")))
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()


def _print_list(
    state: Path,
    path: str,
    columns: tuple[str, ...],
    limit: int | None,
    as_json: bool,
    filters: dict[str, str | None],
) -> None:
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.client.control import Control

    rows = list(Control.find(state).rows(path, limit, **filters))
    print_rows(rows, columns, as_json=as_json, empty=f"There are no {path}.")


def _print_one(state: Path, path: str, id_: str, as_json: bool) -> None:
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control, path_part

    print_fields(Control.find(state).get(f"{path}/{path_part(id_)}"), as_json=as_json)
