"""Jobs that fail: tried again with growing pauses, then given up where everybody can see it.

A job fails by a fault of ours or by a database in an odd state, never by what is in a message: steps turn
that into a status. After some days of trying a message gets the final status that says so, where the table
of its life has one. Any other job is parked: it stays in the table, is not due any more, and is tried
once more at each start of the program, as a newer version may have mended it.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, update

from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.jobs import MESSAGE, Job, JobTable
from digipoort_sim.exchange.lifecycle import technical_end
from digipoort_sim.exchange.progress import Progress, Trouble
from digipoort_sim.exchange.values import Event
from digipoort_sim.store.exchange_tables import jobs

ATTEMPTS = 20
"""How often a job is tried: the pauses between are 3.5 days together."""

PARKED = 253_402_300_799_999
"""When parked jobs are due: at the end of the year 9999."""

_FIRST_PAUSE_MS = 1000
_LONGEST_PAUSE_MS = 86_400_000
_FOUTCODES = {"321": "VAS400", "420": "AFS600"}
_UNPARK = update(jobs).where(jobs.c.due == PARKED).values(due=bindparam("moment"))


class Failures:
    """Keeps account of jobs that fail: one event for each kind of failure, with how often it came."""

    def __init__(self, table: JobTable, events: EventRing) -> None:
        self._table = table
        self._events = events
        self._seen: dict[tuple[str, str, str], tuple[int, int]] = {}

    def put_off(
        self, tx: Connection, job: Job, now: int, error: Exception, longest: int = _LONGEST_PAUSE_MS
    ) -> None:
        """Have a job tried again later; each pause is twice the one before.

        Args:
            longest: the longest pause in milliseconds; a day unless given.
        """
        pause = min(_FIRST_PAUSE_MS * 2 ** min(job.attempts, 17), longest)
        self._table.postpone(tx, job, now + pause)
        self._note(tx, job, error)

    def park(self, tx: Connection, job: Job, error: Exception) -> None:
        """Give a job up, but keep it."""
        self._table.postpone(tx, job, PARKED)
        detail = (
            f"{_described(job)}: given up; it is tried once more at the next start. The reason: {error!r}"
        )
        self._events.add(tx, Event("job-parked", detail, rule="JOB"))

    def end(self, tx: Connection, job: Job, progress: Progress, error: Exception) -> bool:
        """Set the final status of a message that cannot go on; False if it has none where it stands.

        The progress still has to be written, and the job to be finished.
        """
        code = technical_end(progress.state)
        if job.kind != MESSAGE or code is None:
            return False
        # What went wrong inside is for the event, not for the sender.
        progress.set(code, final=True, trouble=Trouble(_FOUTCODES[code], "Technische fout."))
        detail = f"{_described(job)}: given up. The reason: {error!r}"
        self._events.add(
            tx, Event("job-given-up", detail, rule="JOB", code=code, kenmerk=progress.message.kenmerk)
        )
        return True

    def _note(self, tx: Connection, job: Job, error: Exception) -> None:
        kind = (job.kind, job.step, type(error).__name__)
        event_id, count = self._seen.get(kind, (0, 0))
        count += 1
        times = "" if count == 1 else f" ({count} failures of this kind so far)"
        detail = f"{_described(job)}: {error!r}{times}"
        if not (event_id and self._events.rewrite(tx, event_id, detail)):
            event_id = self._events.add(tx, Event("job-failed", detail, rule="JOB"))
        self._seen[kind] = (event_id, count)


def unpark(tx: Connection, now: int) -> None:
    """Let all parked jobs be tried once more.

    Args:
        now: milliseconds by the simulator's clock.
    """
    tx.execute(_UNPARK, {"moment": now})


def _described(job: Job) -> str:
    return f"{job.kind} {job.step} of {job.subject}, attempt {job.attempts + 1}"
