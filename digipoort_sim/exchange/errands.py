"""Errands: jobs that take as long as somebody else takes, each in a thread of its own.

A call to an agency outside or a check against a taxonomy takes from a moment to minutes, so nobody waits for
one: not the scheduler, not the doors, not the other errands. A job is claimed for longer than it can last,
the work is done outside any transaction, and what came of it is written in one transaction, which works only
while the lease is held. So a message is never lost and moves on once; where a process dies between the work
and the commit, the work is done again.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.clock import Clock, RealClock, epoch_milliseconds
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.failing import ATTEMPTS, Failures
from digipoort_sim.exchange.jobs import Job, JobTable
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import ContentReader, Message, load_messages
from digipoort_sim.exchange.values import Content
from digipoort_sim.exchange.work import Work
from digipoort_sim.exchange.writing import StatusWriter
from digipoort_sim.store import Store
from digipoort_sim.store.payloads import Payloads

_LEASE_MARGIN_SECONDS = 60.0
"""Time for all of a job but the work itself: looking up a host's name, and waiting for the database."""

_FAREWELL_SECONDS = 1.0
_LONGEST_PAUSE_MS = 3_600_000

Settle = Callable[[Work], None]
"""Sets the statuses that follow from work that was done."""


class Errand(Protocol):
    """One kind of such work: what is claimed for it, by how many at a time, and how it is done."""

    @property
    def kind(self) -> str:
        """The kind of its jobs."""
        ...

    @property
    def step(self) -> str:
        """Their step."""
        ...

    @property
    def places(self) -> int:
        """How many jobs may be worked on at a time in this process."""
        ...

    @property
    def longest_seconds(self) -> float:
        """How long the work on one job takes at most."""
        ...

    def run(self, job: Job, row: Berichtsoort, message: Message, parts: Sequence[Content]) -> Settle:
        """Do the work, outside any transaction; takes its time.

        Args:
            parts: the berichtInhoud and the bijlagen.
        """
        ...

    def is_overdue(self, job: Job, now: int) -> bool:
        """Whether a job that fails by a fault of ours has been tried for long enough.

        Args:
            now: milliseconds by the simulator's clock.
        """
        ...


class Errands:
    """Those who run the errands of one process.

    Args:
        jobs: the due table, as this process uses it.
        wake: called when there may be something to do for the scheduler.
        patience_seconds: how long who moves the clock waits for them, in all.
        payloads: the folder of large contents.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Clock,
        jobs: JobTable,
        events: EventRing,
        errands: Sequence[Errand],
        wake: Callable[[], None],
        patience_seconds: float,
        payloads: Payloads,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._real = RealClock()
        self._jobs = jobs
        self._events = events
        self._errands = errands
        self._wake = wake
        self._patience_seconds = patience_seconds
        self._contents = ContentReader(store, payloads)
        self._failures = Failures(jobs, events)
        self._writer = StatusWriter(store, jobs)
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._changing = threading.Condition()
        self._stopping = False

    def start(self) -> None:
        """Take up work, also after a stop; jobs of errands that nobody runs any more go back."""
        with self._store.begin() as tx:
            self._jobs.hand_back_errands(tx, [_key(errand) for errand in self._errands])
        self._stopping = False

    def stop(self) -> None:
        """Begin nothing new; work that does not end soon is left alone, and done again by who starts next."""
        with self._changing:
            self._stopping = True
            self._changing.wait_for(lambda: not self._under_way.total(), _FAREWELL_SECONDS)
        if self._errands:
            # Else who starts next waits for the end of the leases, unless it sees that this process is gone.
            with contextlib.suppress(TechnicalError), self._store.begin() as tx:
                self._jobs.release_errands(tx)

    def dispatch(self) -> int:
        """Begin with what is due, as far as there are places; gives how many jobs that were."""
        return sum(map(self._dispatch, self._errands))

    def patience(self) -> Patience:
        """How long to wait for them while the clock is moved, from now on."""
        return Patience(self._patience_seconds)

    def hold_up(self, moment: int) -> bool:
        """Whether a job that was due by a moment (milliseconds) is not done with."""
        if not self._errands:
            return False
        with self._store.read() as tx:
            return self._jobs.any_errand(tx, moment)

    def next_due(self, moment: int) -> int | None:
        """When the next job after a moment falls due, both in milliseconds; None if none does."""
        if not self._errands:
            return None
        with self._store.read() as tx:
            return self._jobs.earliest_errand(tx, moment)

    def _dispatch(self, errand: Errand) -> int:
        with self._changing:
            free = 0 if self._stopping else errand.places - self._under_way[_key(errand)]
            self._under_way[_key(errand)] += free
        claimed: list[Job] = []
        try:
            if free:
                claimed = self._claim(errand, free)
        finally:
            self._leave(errand, free - len(claimed))
        gone = 0
        try:
            for job in claimed:
                name = f"errand-{errand.kind}-{errand.step}"
                threading.Thread(target=self._work, args=(errand, job), name=name, daemon=True).start()
                gone += 1
        finally:
            self._leave(errand, len(claimed) - gone)  # no thread to be had: their leases run out
        return gone

    def _claim(self, errand: Errand, limit: int) -> list[Job]:
        now, real = epoch_milliseconds(self._clock.now()), epoch_milliseconds(self._real.now())
        with self._store.read() as tx:
            if not self._jobs.any_of_errand(tx, *_key(errand), now, real):
                return []
        until = real + round((errand.longest_seconds + _LEASE_MARGIN_SECONDS) * 1000)
        with self._store.begin() as tx:
            return self._jobs.claim_errand(tx, *_key(errand), limit, now, real, until)

    def _leave(self, errand: Errand, count: int) -> None:
        with self._changing:
            self._under_way[_key(errand)] -= count
            self._changing.notify_all()

    def _work(self, errand: Errand, first: Job) -> None:
        """Work on a job, and then on others: who is at it need not wait for the scheduler's next round."""
        job: Job | None = first
        try:
            while job is not None:
                try:
                    self._carry_out(errand, job)
                except Exception as error:  # a message is never lost, whatever is wrong on our side
                    self._put_off(errand, job, error)
                self._wake()
                job = self._another(errand)
        finally:
            self._leave(errand, 1)
            self._wake()

    def _another(self, errand: Errand) -> Job | None:
        if self._stopping:
            return None
        with contextlib.suppress(TechnicalError):  # the scheduler tells of a database that is away
            return next(iter(self._claim(errand, 1)), None)
        return None

    def _carry_out(self, errand: Errand, job: Job) -> None:
        with self._store.read() as tx:
            message = load_messages(tx, [int(job.subject)])[int(job.subject)]
            parts = self._contents.read_all(tx, message)
        row = self._catalogue.berichtsoorten[message.berichtsoort]
        settle = errand.run(job, row, message, parts)
        if self._stopping:
            return
        progress = Progress(self._catalogue, message, epoch_milliseconds(self._clock.now()))
        work = Work(job, row, progress, parts)
        settle(work)
        with self._store.begin() as tx:
            if not self._jobs.finish(tx, (job,)):
                return
            self._writer.write(tx, (progress,))
            for event in work.events:
                self._events.add(tx, event)

    def _put_off(self, errand: Errand, job: Job, error: Exception) -> None:
        if self._stopping:
            return
        now = epoch_milliseconds(self._clock.now())
        # The database itself may be what is wrong; then the lease runs out, and the job is free again.
        with contextlib.suppress(TechnicalError), self._store.begin() as tx:
            # Tries in vain that were nobody's fault here count too, so their number alone says nothing.
            if job.attempts + 1 >= ATTEMPTS and errand.is_overdue(job, now):
                self._failures.park(tx, job, error)
            else:
                self._failures.put_off(tx, job, now, error, _LONGEST_PAUSE_MS)


class Patience:
    """How long somebody is willing to wait for errands, in all.

    Args:
        seconds: real time, from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def lasts(self) -> bool:
        """Whether there is any left."""
        return time.monotonic() < self._until


def _key(errand: Errand) -> tuple[str, str]:
    return errand.kind, errand.step
