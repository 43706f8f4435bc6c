"""Time: the only room that asks the machine what time it is.

There are two times. The *simulator's clock* drives statuses, terms, letters, retries and all
``tijdstempel*`` fields: real time plus an offset, or frozen. The *security clock* judges Timestamps,
certificates and CRLs; it is real time, because real clients live in real time.

All datetimes in the program are aware, in UTC, and whole milliseconds.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from digipoort_sim.errors import ConfigError, TechnicalError

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REFRESH_SECONDS = 0.05
_DURATION = re.compile(r"(\d+)\s*(ms|s|m|h|d|w)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """The time now: aware, UTC, whole milliseconds."""
        ...


class RealClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time now: aware, UTC, whole milliseconds."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class FixedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = whole_milliseconds(at)

    def now(self) -> datetime:
        """The time that it was set to."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move the clock by a duration."""
        self._at = whole_milliseconds(self._at + by)


@dataclass(frozen=True)
class ClockReading:
    """How the simulator's clock stands to real time.

    Attributes:
        offset: what is added to real time.
        frozen_at: the time at which the clock stands still; None while it runs.
    """

    offset: timedelta = timedelta()
    frozen_at: datetime | None = None


class SimulatorClock:
    """Real time plus an offset, or frozen; the reading is kept elsewhere (a row in the store).

    Args:
        real: the clock that the offset is added to.
        source: gives the present reading; asked at most every 50 ms, so that every process and
            replica sees a moved clock within 100 ms.
    """

    def __init__(self, real: Clock, source: Callable[[], ClockReading] | None = None) -> None:
        self._real = real
        self._source = source
        self._reading = ClockReading()
        self._read_at = float("-inf")
        self._lock = threading.Lock()
        self._is_kept_fresh = False

    def now(self) -> datetime:
        """The simulator's time: aware, UTC, whole milliseconds."""
        return self.time_of(self.reading())

    def reading(self) -> ClockReading:
        """The reading in force, renewed from its source if it is older than 50 ms."""
        if not self._is_kept_fresh and time.monotonic() - self._read_at > _REFRESH_SECONDS:
            self._renew()
        return self._reading

    def keep_fresh(self) -> Callable[[], None]:
        """Renew the reading in a thread of its own from now on; gives what ends that.

        Nobody who asks for the time waits for the source then, such as an event loop for a database.
        """
        self._renew()
        stopping = threading.Event()
        threading.Thread(target=self._keep_fresh, args=(stopping,), name="clock", daemon=True).start()
        return stopping.set

    def _keep_fresh(self, stopping: threading.Event) -> None:
        self._is_kept_fresh = True
        try:
            while not stopping.wait(_REFRESH_SECONDS):
                with contextlib.suppress(TechnicalError):  # the source is away; the last reading counts
                    self._renew()
        finally:
            self._is_kept_fresh = False

    def _renew(self) -> None:
        if self._source is None:
            return
        with self._lock:
            moment = time.monotonic()
            self._reading = self._source()
            self._read_at = moment

    def time_of(self, reading: ClockReading) -> datetime:
        """What this clock would say with another reading."""
        return reading.frozen_at if reading.frozen_at is not None else self._real.now() + reading.offset

    def running_from(self, moment: datetime) -> ClockReading:
        """The reading with which this clock says `moment` now and runs on from there."""
        return ClockReading(moment - self._real.now())

    def adopt(self, reading: ClockReading) -> None:
        """Use this reading at once, in this process."""
        with self._lock:
            self._reading = reading
            self._read_at = time.monotonic()


@dataclass(frozen=True)
class Clocks:
    """The two times, side by side."""

    simulator: Clock
    security: Clock


def whole_milliseconds(moment: datetime) -> datetime:
    """The same moment in UTC, cut to whole milliseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def wire_time(moment: datetime) -> str:
    """A moment as Digipoort writes it: UTC, three decimals, ``Z`` (recorded)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Read an xs:dateTime or xs:date; without a zone it is Dutch local time (s).

    Raises:
        ValueError: the text is no date or time.
    """
    text = text.strip()
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text)
    moment = datetime.fromisoformat(cut)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=AMSTERDAM)
    return whole_milliseconds(moment)


def parse_duration(text: str) -> timedelta:
    """Read a duration such as ``15d``, ``72h``, ``1d12h`` or ``250ms``.

    Raises:
        ConfigError: the text is no duration.
    """
    compact = text.strip().lower()
    parts = _DURATION.findall(compact)
    try:
        if not parts or "".join(n + u for n, u in parts) != compact.replace(" ", ""):
            raise ValueError
        return sum((int(n) * _UNITS[u] for n, u in parts), timedelta())
    except (ValueError, OverflowError):
        raise ConfigError(
            f"{text!r} is not a duration; write for example 15d, 72h, 30m or 1d12h",
            rule="DURATION",
        ) from None


def epoch_milliseconds(moment: datetime) -> int:
    """A moment as whole milliseconds since 1970, the form in which the store keeps it."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def from_epoch_milliseconds(value: int) -> datetime:
    """The moment of so many milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)
