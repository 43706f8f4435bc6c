"""The two clocks and the forms in which time is written and read."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from digipoort_sim.clock import (
    ClockReading,
    FixedClock,
    SimulatorClock,
    epoch_milliseconds,
    from_epoch_milliseconds,
    parse_duration,
    parse_time,
    wire_time,
)
from digipoort_sim.errors import ConfigError, TechnicalError

NOON = datetime(2026, 3, 7, 12, 0, 0, 123456, tzinfo=UTC)


def test_simulator_clock_adds_the_offset() -> None:
    """The simulator's time is real time plus the offset of its reading."""
    clock = SimulatorClock(FixedClock(NOON), lambda: ClockReading(timedelta(days=365)))
    assert clock.now() == datetime(2027, 3, 7, 12, 0, 0, 123000, tzinfo=UTC)


def test_frozen_clock_stands_still() -> None:
    """A frozen reading gives its own moment whatever real time does."""
    real = FixedClock(NOON)
    clock = SimulatorClock(real)
    clock.adopt(ClockReading(frozen_at=NOON))
    real.advance(timedelta(days=1))
    assert clock.now() == NOON


def test_a_clock_that_is_kept_fresh_never_waits() -> None:
    """Its thread renews the reading; while the source hangs or is away the last reading counts."""
    may_answer, asked = threading.Event(), threading.Semaphore(0)
    may_answer.set()
    days = [1]

    def source() -> ClockReading:
        asked.release()
        assert may_answer.wait(10)
        if days[0] == 0:
            raise TechnicalError("away")
        return ClockReading(timedelta(days=days[0]))

    clock = SimulatorClock(FixedClock(NOON), source)
    stop = clock.keep_fresh()
    for value, expected in ((2, 2), (0, 2), (3, 3)):
        days[0] = value
        for _ in range(3):
            assert asked.acquire(timeout=10)
        assert clock.reading().offset == timedelta(days=expected)
    may_answer.clear()
    assert asked.acquire(timeout=10)
    assert clock.reading().offset == timedelta(days=3)
    may_answer.set()
    stop()


def test_wire_time_has_three_decimals_and_z() -> None:
    """Digipoort writes UTC with milliseconds and Z (recorded)."""
    assert wire_time(NOON) == "2026-03-07T12:00:00.123Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01T12:00:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-01-01T12:00:00", datetime(2026, 1, 1, 11, tzinfo=UTC)),
        ("2026-01-01T12:00:00.1234567Z", datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=UTC)),
        ("2026-01-01T12:00:00+02:00", datetime(2026, 1, 1, 10, tzinfo=UTC)),
    ],
)
def test_times_without_zone_are_dutch(text: str, expected: datetime) -> None:
    """A time without a zone is Dutch local time, in summer and in winter."""
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("15d", timedelta(days=15)), ("1d12h", timedelta(hours=36)), ("250ms", timedelta(milliseconds=250))],
)
def test_durations_are_read(text: str, expected: timedelta) -> None:
    """Durations are numbers with a unit, in a row."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "15", "d", "-3d", "15 days", "9999999999999999d"])
def test_bad_durations_are_refused(text: str) -> None:
    """What is no duration gets one clear line."""
    with pytest.raises(ConfigError, match="not a duration"):
        parse_duration(text)


def test_epoch_milliseconds_round_trip() -> None:
    """The store's form of a moment loses nothing down to the millisecond."""
    moment = datetime(2026, 11, 21, 22, 0, 0, 7000, tzinfo=UTC)
    assert from_epoch_milliseconds(epoch_milliseconds(moment)) == moment
