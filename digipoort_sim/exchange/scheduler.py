"""The one scheduler: it runs what is due, and moves the simulator's clock.

Moving the clock first drains the jobs that are due, then runs everything that falls due on the way, in due
order and each at its own moment, and returns when it is done. The clock never goes back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from digipoort_sim.clock import (
    ClockReading,
    SimulatorClock,
    epoch_milliseconds,
    from_epoch_milliseconds,
    whole_milliseconds,
    wire_time,
)
from digipoort_sim.errors import ConflictError, TechnicalError
from digipoort_sim.exchange import clockrow, failing
from digipoort_sim.exchange.errands import Patience
from digipoort_sim.exchange.leaps import Leaps
from digipoort_sim.exchange.office import PostOffice
from digipoort_sim.exchange.runner import BATCH

_POLL_SECONDS = 0.1
_BREATH_SECONDS = 0.01
_REST = 0.25
_REST_WHILE_ARRIVING = 20.0
_LONGEST_REST_SECONDS = 0.15
_LONGEST_REST_WHILE_ARRIVING = 0.5
_BATCH_WHILE_ARRIVING = 5
"""Few, as a delivery that wants the processor or the write lock waits for the whole batch."""

_TIDY_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 30.0
_log = logging.getLogger(__name__)


class Scheduler:
    """Runs the jobs of a post office, by itself in a thread or when asked."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._store = office.store
        self._clock = office.clocks.simulator
        self._jobs = office.runner.jobs
        self._leaps = Leaps(office.store, office.runner.jobs, office.desk)
        self._running = threading.Lock()
        self._moving = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._tidied = float("-inf")
        self._newest: int | None = None
        self._arriving = False

    def run_due(self, limit: int = BATCH) -> int:
        """Run jobs that are due now, at most `limit`; gives how many were taken."""
        with self._running:
            return self._office.runner.run(limit)

    def drain(self, patience: Patience | None = None) -> int:
        """Run all jobs that are due now, also what follows from them; gives how many were run.

        Jobs that another process holds are waited for.

        Args:
            patience: with errands; by default that of the settings.
        """
        patience = patience or self._office.errands.patience()
        total = 0
        while True:
            total += (count := self._office.errands.dispatch() + self.run_due())
            if count == 0 and not self._holds_up(epoch_milliseconds(self._clock.now()), patience):
                return total
            if count == 0:
                time.sleep(_BREATH_SECONDS)

    def start(self) -> None:
        """Run jobs in a thread from now on; jobs of processes that were killed are taken over."""
        with self._store.begin() as tx:
            failing.unpark(tx, epoch_milliseconds(self._clock.now()))
            if self._store.is_sqlite:
                self._jobs.release_dead_leases(tx)
        self._office.errands.start()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the batch that it is at; errands that do not end soon are left alone."""
        self._stopping.set()
        self._office.work.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._office.errands.stop()

    def advance(self, to: datetime) -> int:
        """Move the clock to a moment, running everything that falls due until then; gives how many jobs.

        Errands (calls to agencies outside, checks against taxonomies) are waited for too, but not longer than
        the patience of the settings; after that the clock goes on, and what comes of them has a later time.

        Raises:
            ConflictError: the moment has passed already; the clock never goes back.
        """
        target = whole_milliseconds(to)
        with self._moving:
            if target < self._clock.now():
                raise ConflictError(
                    f"the simulator's clock never goes back; {wire_time(target)} has passed already",
                    rule="CLOCK-BACK",
                )
            patience = self._office.errands.patience()
            total = self._leap(self._clock.now()) + self.drain(patience) + self._leap(target)
            while (due := self._next_due(target)) is not None:
                self._move(due)
                total += self.drain(patience) + self._leap(target)
            self._move(target)
            return total + self.drain(patience)

    def _leap(self, target: datetime) -> int:
        """Do what can be done in leaps before the next job that cannot; gives how many jobs that were."""
        total = 0
        while True:
            with self._running:
                done = self._leaps.leap(self._movable(), epoch_milliseconds(target))
            if not done:
                return total
            total += done

    def freeze(self) -> datetime:
        """Let the clock stand still at this moment; gives the moment."""
        with self._moving:
            return self._change(lambda clock, now: ClockReading(frozen_at=now))

    def run(self) -> datetime:
        """Let a frozen clock run on from where it stands; gives that moment."""
        with self._moving:
            return self._change(lambda clock, now: clock.running_from(now))

    def _loop(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            self._office.work.clear()
            started = time.monotonic()
            try:
                self._tidy()
                self._office.errands.dispatch()
                ran = self.run_due(_BATCH_WHILE_ARRIVING if self._arriving else BATCH)
                rest = self._rest(time.monotonic() - started) if ran else 0.0
            except Exception as error:  # a database that is away for a while must not end the thread
                pause = min(max(2 * pause, _POLL_SECONDS), _LONGEST_PAUSE_SECONDS)
                _tell(error, pause)
                self._stopping.wait(pause)
                continue
            pause = 0.0
            if rest:
                self._stopping.wait(rest)
            else:
                self._office.work.wait(_POLL_SECONDS)

    def _rest(self, worked: float) -> float:
        """How long to rest after a batch, in seconds: the counter goes first.

        The doors share this machine, and often this very process. While messages keep coming in, most of the
        time is theirs, and what waits in the back is sorted when it is quiet.
        """
        newest = self._office.newest_message()
        self._arriving, self._newest = newest != self._newest, newest
        if self._arriving:
            return min(worked * _REST_WHILE_ARRIVING, _LONGEST_REST_WHILE_ARRIVING)
        return min(worked * _REST, _LONGEST_REST_SECONDS)

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied < _TIDY_SECONDS:
            return
        self._tidied = time.monotonic()
        self._office.replays.forget_expired(epoch_milliseconds(self._office.clocks.security.now()))

    def _holds_up(self, moment: int, patience: Patience) -> bool:
        # Errands first: one that ends between the two questions leaves a job for the second one to see.
        if patience.lasts() and self._office.errands.hold_up(moment):
            return True
        with self._store.read() as tx:
            earliest = self._jobs.earliest_due(tx)
        return earliest is not None and earliest <= moment

    def _next_due(self, target: datetime) -> datetime | None:
        outside = self._office.errands.next_due(epoch_milliseconds(self._clock.now()))
        with self._store.read() as tx:
            own = self._jobs.earliest_due(tx)
        dues = [due for due in (own, outside) if due is not None and due <= epoch_milliseconds(target)]
        return from_epoch_milliseconds(min(dues)) if dues else None

    def _move(self, to: datetime) -> None:
        """Set the clock to a moment; where real time has carried it past that already, it stays."""

        def moved(clock: SimulatorClock, now: datetime) -> ClockReading:
            if to <= now:
                return clock.reading()
            return ClockReading(frozen_at=to) if clock.reading().frozen_at else clock.running_from(to)

        self._change(moved)

    def _change(self, choose: Callable[[SimulatorClock, datetime], ClockReading]) -> datetime:
        """Replace the reading in the store, as seen by nobody else in between; gives the time before."""
        clock = self._movable()
        with self._store.begin() as tx:
            self._store.lock(tx, clockrow.LOCK)
            clock.adopt(clockrow.reading_in(tx))
            now = clock.now()
            reading = choose(clock, now)
            clockrow.write_clock(tx, reading)
        clock.adopt(reading)
        self._office.work.set()
        return now

    def _movable(self) -> SimulatorClock:
        if not isinstance(self._clock, SimulatorClock):
            raise ConflictError("this simulator's clock cannot be moved", rule="CLOCK-FIXED")
        return self._clock


def _tell(error: Exception, pause: float) -> None:
    if isinstance(error, TechnicalError):
        # One line each time: the database may be away for hours.
        _log.warning("no jobs are run for %.1f s: %s", pause, error.detail)
    else:
        _log.error("no jobs are run for %.1f s", pause, exc_info=error)
