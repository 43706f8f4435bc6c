"""Moving the clock over very many due dates of the register: hundreds in one transaction.

A leap takes the next jobs of the due table as long as they are the register's or the agencies', does them
in due order, each at its own moment, and what falls due because of them where its turn is. Doing them,
removing them and setting the clock to the last of them is one transaction. So others see the clock jump
from moment to moment with everything done that was due, and a ``kill -9`` leaves it as it was before or as it
was after, never between. Where a job of another kind comes next, one that somebody else has claimed, or
one that fails, the leap ends before it, and the scheduler does that one in the ordinary way.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field

from sqlalchemy import Connection

from digipoort_sim.clock import ClockReading, SimulatorClock, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import clockrow
from digipoort_sim.exchange.jobs import REGISTER, SERVICE, Job, JobTable, NewJob
from digipoort_sim.exchange.mandates import Aftermath, MandateDesk
from digipoort_sim.store import Store

_ROWS = 250
_SECONDS = 0.025
"""How long jobs are worked on in one transaction; writing what became of them takes as long again."""


_Place = tuple[int, bool, int]
"""Due, whether it is new, number: the order of jobs, as the due table would have it."""


class _ClaimedError(Exception):
    """Somebody else claimed one of the jobs meanwhile; what was worked out is thrown away."""


@dataclass
class _Leap:
    """One leap under way.

    Attributes:
        horizon: what waits from here on may not be done.
        most: how many jobs at most.
        at: moment of the last one done, in milliseconds.
        waiting: a heap.
        done: how many were done.
        is_worked: whether all went well until then, so that only writing can fail.
    """

    horizon: _Place
    most: int
    at: int = 0
    done: int = 0
    is_worked: bool = False
    waiting: list[tuple[_Place, NewJob]] = field(default_factory=list)
    taken: list[Job] = field(default_factory=list)
    after: Aftermath = field(default_factory=Aftermath)

    def left(self) -> list[NewJob]:
        """The new jobs that were not done, in the order in which they came."""
        new = [(place[2], job) for place, job in self.waiting if place[1]]
        return [job for _, job in sorted(new, key=lambda entry: entry[0])]

    def is_over(self, until: float) -> bool:
        """Whether there is no more to do, or no more time."""
        spent = not self.waiting or self.waiting[0][0] >= self.horizon
        return spent or self.done >= self.most or (self.done > 0 and time.monotonic() > until)


class Leaps:
    """Makes the leaps of one process."""

    def __init__(self, store: Store, jobs: JobTable, desk: MandateDesk) -> None:
        self._store = store
        self._jobs = jobs
        self._desk = desk

    def leap(self, clock: SimulatorClock, target: int) -> int:
        """Do the next jobs that fall due until a moment (milliseconds); gives how many, 0 if none can be.

        Raises:
            TechnicalError: the database is away.
        """
        most = _ROWS
        while most:
            leap = _Leap((target + 1, False, 0), most)
            try:
                reading = self._make(leap, clock, target)
            except (_ClaimedError, TechnicalError) as error:
                if isinstance(error, TechnicalError) and error.rule == "DATABASE":
                    raise
                return 0
            except Exception:  # the ordinary way deals with the one that fails; here what is before it
                most = leap.done // 2 if leap.is_worked else leap.done
                continue
            if reading is not None:
                clock.adopt(reading)
            return leap.done
        return 0

    def _make(self, leap: _Leap, clock: SimulatorClock, target: int) -> ClockReading | None:
        with self._store.begin() as tx:
            self._desk.lock(tx)
            self._store.lock(tx, clockrow.LOCK)
            before = clockrow.reading_in(tx)
            leap.at = epoch_milliseconds(clock.time_of(before))
            self._look_ahead(tx, leap, target)
            if not leap.waiting:
                return None
            self._work(tx, leap)
            if not self._jobs.take(tx, leap.taken):
                raise _ClaimedError
            self._jobs.add(tx, leap.left())
            self._desk.write(tx, leap.after)
            reading = _moved(clock, before, leap.at)
            clockrow.write_clock(tx, reading)
            return reading

    def _look_ahead(self, tx: Connection, leap: _Leap, target: int) -> None:
        """Fill the leap with the jobs that come next, as far as they can be done in one."""
        rows = self._jobs.ahead(tx, leap.at, target, _ROWS)
        for job, is_claimed in rows:
            if is_claimed or job.kind not in (REGISTER, SERVICE):
                leap.horizon = (job.due, False, job.id)
                return
            leap.waiting.append(((job.due, False, job.id), job))
        if len(rows) == _ROWS:  # there are more, which new ones must not overtake
            leap.horizon = (job.due, False, job.id + 1)

    def _work(self, tx: Connection, leap: _Leap) -> None:
        number = 0
        with self._desk.many(tx, [job.subject for _, job in leap.waiting]):
            until = time.monotonic() + _SECONDS
            while not leap.is_over(until):
                _, job = heapq.heappop(leap.waiting)
                leap.at = max(leap.at, job.due)
                self._desk.step(tx, job, from_epoch_milliseconds(leap.at), leap.after)
                leap.done += 1
                if isinstance(job, Job):
                    leap.taken.append(job)
                for new in leap.after.jobs:
                    heapq.heappush(leap.waiting, ((new.due, True, number), new))
                    number += 1
                leap.after.jobs.clear()
            leap.is_worked = True


def _moved(clock: SimulatorClock, before: ClockReading, to: int) -> ClockReading:
    """The reading with which the clock says `to`; where real time has carried it past that, as it was."""
    moment = from_epoch_milliseconds(to)
    if moment <= clock.time_of(before):
        return before
    return ClockReading(frozen_at=moment) if before.frozen_at else clock.running_from(moment)
