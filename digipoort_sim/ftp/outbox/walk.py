"""How far the messages of one account's party were walked along, and when to walk again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digipoort_sim.exchange.accounts import Account
from digipoort_sim.exchange.outgoing import LANES, Lane, Portion

Place = tuple[Any, int]
_REST = 4.0
"""So many times as long as a walk from the beginning took there is none: very many messages take a while."""


@dataclass
class Scan:
    """A walk along one lane, from a place to the end.

    Attributes:
        at: behind which place it goes on; None for the beginning.
        is_tail: whether it goes on at the end that was last seen; else every walk is from the beginning.
        again: whether to begin anew once the end is reached.
    """

    lane: Lane
    is_tail: bool
    is_active: bool = False
    at: Place | None = None
    again: bool = False
    begun: float | None = None
    not_before: float = 0.0

    def begin(self) -> None:
        """Walk, or walk once more after the present walk."""
        self.again = self.is_active
        self.is_active = True

    def is_due(self, now: float) -> bool:
        """Whether to take a step, at this time of `time.monotonic`."""
        if not self.is_active or now < self.not_before:
            return False
        if self.begun is None:
            self.begun = now
        return True

    def go_on(self, at: Place) -> None:
        """What stands up to this place is done."""
        self.at = at

    def finish(self, portion: Portion, now: float) -> None:
        """All of this portion is done."""
        self.at = portion.last or self.at
        if not portion.is_end:
            return
        self.is_active, self.again = self.again, False
        if not self.is_tail:
            self.at = None
            self.not_before = now + _REST * (now - (self.begun or now))
        self.begun = None


@dataclass
class Round:
    """The walks for one account.

    Attributes:
        is_waiting: whether there was no room.
        is_waiting_told: whether an event said so.
    """

    account: Account
    tails: list[Scan] = field(default_factory=lambda: [Scan(lane, True) for lane in LANES])
    walks: list[Scan] = field(default_factory=lambda: [Scan(lane, False, is_active=True) for lane in LANES])
    is_waiting: bool = False
    is_waiting_told: bool = False
    _opens: datetime | None = None
    _again_at: float | None = None
    _until: float = 0.0
    _for: int = 0

    def begin(self) -> None:
        """Something changed: look at what came since, and then at everything."""
        for scan in (*self.tails, *self.walks):
            scan.begin()

    def next_scan(self, now: float) -> Scan | None:
        """What to do next; None if there is nothing, or no room."""
        if self.is_waiting:
            return None
        return next((scan for scan in (*self.tails, *self.walks) if scan.is_due(now)), None)

    def note_future(self, moments: Iterable[datetime]) -> None:
        """These messages are there from then on."""
        known = () if self._opens is None else (self._opens,)
        self._opens = min((*known, *moments), default=None)

    def try_again(self, at: float) -> None:
        """Look at everything again at this time of `time.monotonic`."""
        self._again_at = at if self._again_at is None else min(at, self._again_at)

    def wait(self, until: float, until_not: int) -> None:
        """There is no room: wait until then, or until something differs from this."""
        self.is_waiting, self._until, self._for = True, until, until_not

    def wake(self, now: datetime, monotonic: float, differs: int) -> None:
        """Begin what time has brought."""
        if self.is_waiting and (monotonic >= self._until or differs != self._for):
            self.is_waiting = False
        if self._opens is not None and self._opens <= now:
            self._opens = None
            self.begin()
        if self._again_at is not None and self._again_at <= monotonic:
            self._again_at = None
            self.begin()
