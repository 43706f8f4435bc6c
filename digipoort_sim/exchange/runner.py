"""Running jobs: claim a few, work on them, and write what became of them in one transaction.

The transactions are short, so that a door that wants to write never waits long. What cannot be written
together is written one by one; what fails is tried again later and leaves an event, and never stands in the
way of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clock, RealClock, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import failing
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.foreign_route import is_foreign_party
from digipoort_sim.exchange.jobs import MESSAGE, REGISTER, SCENARIO, SERVICE, Job, JobTable
from digipoort_sim.exchange.mandates import MandateDesk
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import ContentReader, Message, load_messages
from digipoort_sim.exchange.scenarios import Scenarios
from digipoort_sim.exchange.steps import Steps
from digipoort_sim.exchange.values import Event
from digipoort_sim.exchange.work import Work
from digipoort_sim.exchange.writing import StatusWriter
from digipoort_sim.ids import IdSource
from digipoort_sim.store import Store
from digipoort_sim.store.payloads import Payloads

BATCH = 20
_ABOUT_MESSAGES = (MESSAGE, SCENARIO)


class _LeaseLostError(Exception):
    """Somebody else has the job by now; what was worked out is thrown away."""


@dataclass(frozen=True)
class Done:
    """A job that was worked on.

    Attributes:
        progress: for a message: what became of it.
        apply: for what has to be worked out inside the transaction.
    """

    job: Job
    progress: Progress | None = None
    events: Sequence[Event] = ()
    apply: Callable[[Connection], None] | None = None


class Runner:
    """Runs the jobs of one process, one batch at a time."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Clock,
        ids: IdSource,
        steps: Steps,
        scenarios: Scenarios,
        desk: MandateDesk,
        events: EventRing,
        payloads: Payloads,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._real = RealClock()
        self._steps = steps
        self._scenarios = scenarios
        self._desk = desk
        self._events = events
        self.jobs = JobTable(store, ids.uuid())
        self._failures = failing.Failures(self.jobs, events)
        self._writer = StatusWriter(store, self.jobs)
        self._contents = ContentReader(store, payloads)

    def run(self, limit: int = BATCH) -> int:
        """Run jobs that are due, at most `limit`; gives how many were claimed."""
        now, real = epoch_milliseconds(self._clock.now()), epoch_milliseconds(self._real.now())
        with self._store.read() as tx:
            if not self.jobs.any_due(tx, now, real):
                return 0
        with self._store.begin() as tx:
            claimed = self.jobs.claim(tx, limit, now, real)
        if claimed:
            self._run_claimed(claimed, now)
        return len(claimed)

    def _run_claimed(self, claimed: Sequence[Job], now: int) -> None:
        try:
            self._run_together(claimed, now)
        except Exception:  # which one it was shows when each is run by itself
            for job in claimed:
                self._run_alone(job, now)

    def _run_alone(self, job: Job, now: int) -> None:
        try:
            self._run_together((job,), now)
        except _LeaseLostError:
            return
        except Exception as error:  # a job is never lost and never blocks others, whatever it raises
            self._put_off(job, now, error)

    def _run_together(self, claimed: Sequence[Job], now: int) -> None:
        with self._store.read() as tx:
            messages = load_messages(tx, [int(job.subject) for job in claimed if job.kind in _ABOUT_MESSAGES])
            done = [self._work_on(tx, job, messages, now) for job in claimed]
        with self._store.begin() as tx:
            if not self.jobs.finish(tx, claimed):
                raise _LeaseLostError
            for one in done:
                if one.apply is not None:
                    one.apply(tx)
            self._writer.write(tx, [one.progress for one in done if one.progress is not None])
            for one in done:
                for event in one.events:
                    self._events.add(tx, event)

    def _work_on(self, tx: Connection, job: Job, messages: Mapping[int, Message], now: int) -> Done:
        if job.kind not in _ABOUT_MESSAGES:
            return self._for_mandate(job, now)
        progress = Progress(self._catalogue, messages[int(job.subject)], now)
        if job.kind == SCENARIO:
            self._play(job, progress)
            return Done(job, progress)
        return self._message_step(tx, job, progress)

    def _message_step(self, tx: Connection, job: Job, progress: Progress) -> Done:
        message = progress.message
        row = self._catalogue.berichtsoorten[message.berichtsoort]
        parts = self._contents.read_all(tx, message, only_first=not row.attachments)
        work = Work(job, row, progress, parts)
        if work.row.domestic_only:
            work.foreign_party = is_foreign_party(tx, self._catalogue, message.belanghebbende)
        self._steps.run(work)
        if work.to_register:
            return Done(job, progress, work.events, lambda writing: self._desk.answer(writing, work))
        return Done(job, progress, work.events)

    def _play(self, job: Job, progress: Progress) -> None:
        scenario = self._scenarios.find(progress.message.aanleverkenmerk, stub=bool(progress.message.stub))
        if scenario is None:
            raise TechnicalError("the scenario is not in the catalogue any more", rule="SCENARIO")
        self._scenarios.play(progress, scenario, int(job.step))

    def _for_mandate(self, job: Job, now: int) -> Done:
        if job.kind in (REGISTER, SERVICE):
            moment = from_epoch_milliseconds(now)
            return Done(job, apply=lambda tx: self.jobs.add(tx, self._desk.fall_due(tx, job, moment)))
        raise TechnicalError(f"there are no jobs of the kind {job.kind!r}", rule="JOB")

    def _put_off(self, job: Job, now: int, error: Exception) -> None:
        """Have a job tried again later, or give it up."""
        if job.attempts + 1 < failing.ATTEMPTS:
            with self._store.begin() as tx:
                self._failures.put_off(tx, job, now, error)
            return
        try:
            is_ended = self._end(job, now, error)
        except _LeaseLostError:
            return
        except Exception:  # it cannot even be ended
            is_ended = False
        if not is_ended:
            with self._store.begin() as tx:
                self._failures.park(tx, job, error)

    def _end(self, job: Job, now: int, error: Exception) -> bool:
        """Give the message of a job its final status; False if that cannot be."""
        if job.kind != MESSAGE:
            return False
        with self._store.begin() as tx:
            message = load_messages(tx, (int(job.subject),)).get(int(job.subject))
            progress = None if message is None else Progress(self._catalogue, message, now)
            if progress is None or not self._failures.end(tx, job, progress, error):
                return False
            if not self.jobs.finish(tx, (job,)):
                raise _LeaseLostError
            self._writer.write(tx, (progress,))
        return True
