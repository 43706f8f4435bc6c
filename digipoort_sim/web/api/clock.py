"""The simulator's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from digipoort_sim.clock import parse_duration, parse_time, wire_time
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.web.operations import Asked, Reply, as_json

FURTHEST = datetime(2500, 1, 1, tzinfo=UTC)
"""The clock never goes back, so it must not get to where dates end."""


def show_clock(asked: Asked) -> Reply:
    """What time it is, by both clocks."""
    return as_json(clock_fields(asked.rooms))


def move_clock(asked: Asked) -> Reply:
    """Move the clock; answers when all that fell due is done."""
    asked.rooms.scheduler.advance(target_of(asked))
    return as_json(clock_fields(asked.rooms))


def target_of(asked: Asked) -> datetime:
    """The moment to which a body (``set`` or ``advance``) moves the clock.

    Raises:
        ConfigError: neither or both are given, or the value is no time or duration.
    """
    given = {name: text for name, text in asked.body.items() if text}
    if len(given) != 1:
        raise ConfigError("give either set (a time) or advance (a duration)", rule="CLOCK")
    try:
        target = _target(asked, **given)
    except OverflowError:
        raise _too_far() from None
    if target > FURTHEST:
        raise _too_far()
    return target


def _target(asked: Asked, set: str = "", advance: str = "") -> datetime:  # noqa: A002 (name of the field)
    if set:
        return _time(set)
    return asked.rooms.clocks.simulator.now() + parse_duration(advance)


def clock_fields(rooms: Rooms) -> dict[str, Any]:
    """The clocks as JSON: `now` is the simulator's time, `security` that of Timestamps and certificates."""
    return {
        "now": wire_time(rooms.clocks.simulator.now()),
        "security": wire_time(rooms.clocks.security.now()),
    }


def _too_far() -> ConfigError:
    return ConfigError(f"the clock goes no further than {wire_time(FURTHEST)}", rule="CLOCK-FURTHEST")


def _time(text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError:
        raise ConfigError(
            f"{text!r} is not a time; write for example 2027-01-15 or 2027-01-15T09:00:00Z", rule="TIME"
        ) from None
