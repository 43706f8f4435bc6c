"""``ftp fault``: faults on demand at the file door of a running simulator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, State

_COLUMNS = ("id", "kind", "command", "interface", "account", "name", "times", "hits", "usedUp")
_FILTERS = ("interface", "account", "oin", "name", "times")
_CAPITAL = re.compile("[A-Z]")


def register(group: typer.Typer) -> None:
    """Add ``ftp fault add|list|remove|kinds``."""
    group.command("add")(_add)
    group.command("list")(_list)
    group.command("remove")(_remove)
    group.command("kinds")(_kinds)


_Interface = Annotated[
    str | None, typer.Option(metavar="I", help="Only on ftp or ftp_gb; both unless given.")
]
_Account = Annotated[str | None, typer.Option(metavar="USER", help="Only for this account.")]
_Party = Annotated[str | None, typer.Option(metavar="OIN", help="Only for this party.")]
_Name = Annotated[
    str | None, typer.Option(metavar="PATTERN", help="Only for files so named, such as '*_ref-1_*'.")
]
_Command = Annotated[
    str | None, typer.Option(metavar="C", help="The command: STOR, RETR, RNTO, DELE or LIST.")
]
_Times = Annotated[
    int | None, typer.Option(metavar="N", help="How many times it strikes; 0 = until it is removed.")
]
_AfterBytes = Annotated[int | None, typer.Option(metavar="N", help="After so many bytes of a transfer.")]
_Seconds = Annotated[float | None, typer.Option(metavar="S", help="How long.")]
_Speed = Annotated[int | None, typer.Option(metavar="N", help="How many bytes a second are let through.")]
_Code = Annotated[str | None, typer.Option(metavar="CODE", help="The reply, where there is a choice.")]
_Address = Annotated[str | None, typer.Option(metavar="IP", help="The address in the reply to PASV.")]
_How = Annotated[str | None, typer.Option(metavar="HOW", help="How a receipt comes twice: again or second.")]
_Text = Annotated[str | None, typer.Option(metavar="TEXT", help="The reply's text.")]
_Plain = Annotated[bool, typer.Option("--plain", help="The reply does not say that it was asked for.")]


def _add(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Which; see: ftp fault kinds.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
    interface: _Interface = None,
    account: _Account = None,
    oin: _Party = None,
    name: _Name = None,
    command: _Command = None,
    times: _Times = None,
    after_bytes: _AfterBytes = None,
    seconds: _Seconds = None,
    bytes_per_second: _Speed = None,
    code: _Code = None,
    address: _Address = None,
    how: _How = None,
    text: _Text = None,
    plain: _Plain = False,
) -> None:
    """Ask for a fault; it strikes once unless told otherwise."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control

    asked = {
        "kind": kind,
        "interface": interface,
        "account": account,
        "oin": oin,
        "name": name,
        "command": None if command is None else command.upper(),
        "times": times,
        "afterBytes": after_bytes,
        "seconds": seconds,
        "bytesPerSecond": bytes_per_second,
        "code": code,
        "address": address,
        "how": how,
        "text": text,
        "plain": plain or None,
    }
    given = {field: value for field, value in asked.items() if value is not None}
    made = Control.find(state).post("ftp/faults", given)
    shown = made if as_json else {field: value for field, value in made.items() if value not in (None, "")}
    print_fields(shown, as_json=as_json)


def _list(state: State = NO_STATE, as_json: AsJson = False) -> None:
    """List the faults that were asked for, oldest first."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.client.control import Control

    rows = Control.find(state).get("ftp/faults")
    print_rows(rows, _COLUMNS, as_json=as_json, empty="No faults were asked for.")


def _remove(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Such as f-1; see: ftp fault list.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Remove all.")] = False,
    state: State = NO_STATE,
) -> None:
    """Remove faults; what they held back goes on."""
    from digipoort_sim.client.control import Control, path_part

    if bool(ids) == all_:
        raise typer.BadParameter("give ids or --all")
    control = Control.find(state)
    if all_:
        control.call("DELETE", "ftp/faults")
        print("removed all")
    for id_ in ids or ():
        control.call("DELETE", f"ftp/faults/{path_part(id_)}")
        print(f"removed {id_}")


def _kinds(as_json: AsJson = False) -> None:
    """Explain the faults that can be asked for; needs no server."""
    from digipoort_sim.cli.printing import print_json, print_rows
    from digipoort_sim.web.api.file_faults import kind_rows

    rows = kind_rows()
    if as_json:
        print_json(rows)
        return
    shown = [{**row, "summary": f"{row['summary']}{_options(row['takes'])}"} for row in rows]
    print_rows(shown, ("key", "summary"), as_json=False, empty="")


def _options(names: Sequence[str]) -> str:
    """The options that a kind takes beside the filters: ``afterBytes`` as ``--after-bytes``."""
    more = [
        _CAPITAL.sub(lambda found: f"-{found.group().lower()}", name)
        for name in names
        if name not in _FILTERS
    ]
    return f" [{' '.join(f'--{name}' for name in more)}]" if more else ""
