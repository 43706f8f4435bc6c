"""``clock``: the simulator's clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, State


def register(group: typer.Typer) -> None:
    """Add ``clock show|set|advance``."""
    group.command("show")(_show)
    group.command("set")(_set)
    group.command("advance")(_advance)


def _show(state: State = NO_STATE, as_json: AsJson = False) -> None:
    """Show what time it is in the simulator."""
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control

    print_fields(Control.find(state).get("clock"), as_json=as_json)


def _set(
    time: Annotated[str, typer.Argument(metavar="TIME", help="Such as 2027-01-15 or 2027-01-15T09:00:00Z.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Move the clock to a time; done when all that falls due before it is done."""
    from digipoort_sim.clock import parse_time, wire_time
    from digipoort_sim.errors import ConfigError

    try:
        moment = parse_time(time)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"{time!r} is not a time; write for example 2027-01-15 or 2027-01-15T09:00:00Z", rule="TIME"
        ) from None
    _move(state, {"set": wire_time(moment)}, as_json)


def _advance(
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 15d, 72h or 1d12h.")],
    state: State = NO_STATE,
    as_json: AsJson = False,
) -> None:
    """Move the clock by a duration; done when all that falls due before its end is done."""
    from digipoort_sim.clock import parse_duration

    parse_duration(duration)
    _move(state, {"advance": duration}, as_json)


def _move(state: Path, body: dict[str, object], as_json: bool) -> None:
    from digipoort_sim.cli.printing import print_fields
    from digipoort_sim.client.control import Control

    print_fields(Control.find(state, timeout=None).post("clock", body), as_json=as_json)
