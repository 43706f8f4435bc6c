"""``names``: the trade register's stand-in, with or without a running server."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, State


class NumberType(StrEnum):
    """Types of identification numbers."""

    BSN = "BSN"
    RSIN = "RSIN"
    FI = "Fi"
    KVK = "KvK"
    LHNR = "LHnr"


def register(group: typer.Typer) -> None:
    """Add ``names show``."""
    group.command("show")(_show)


def _show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Any identification number, or an OIN.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
    type_: Annotated[
        NumberType, typer.Option("--type", help="A BSN has a person's name where it is made up.")
    ] = NumberType.KVK,
) -> None:
    """Show the name and address that go with a number, and where they come from."""
    from digipoort_sim.cli.printing import print_fields

    print_fields(name_in_force(state, number, type_.value), as_json=as_json)


def name_in_force(state: Path, number: str, type_: str = "KvK") -> dict[str, Any]:
    """The entry of a number: a running server's, which knows what was registered; else that of the settings.

    Raises:
        ConfigError: the settings or their file of names are wrong.
    """
    from digipoort_sim.client.control import Control, path_part
    from digipoort_sim.client.endpoints import UnreachableError

    try:
        found: dict[str, Any] = Control.find(state).get(f"names/{path_part(number)}", type=type_)
    except UnreachableError:
        return _local(state, number, type_)
    return found


def _local(state: Path, number: str, type_: str) -> dict[str, Any]:
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.register.names_file import open_trade_register
    from digipoort_sim.register.trade_names import check_number
    from digipoort_sim.web.fields import name_fields

    settings = load_settings({"state": state})
    return name_fields(open_trade_register(settings.register_.names).find(check_number(number), type_))
