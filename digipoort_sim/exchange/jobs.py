"""The one due table: what is to be done, and when.

A job is claimed for the length of a lease, worked on outside any transaction, and finished in the same
transaction as what it leads to. Finishing works only while the lease is held, so a job whose lease was lost
leads to nothing: nothing is done twice, and a ``kill -9`` loses nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from digipoort_sim.store.exchange_tables import jobs

LEASE_MS = 15_000
"""How long a claimed job belongs to who claimed it, by real time."""

MESSAGE = "message"
REGISTER = "register"
SERVICE = "service"
SCENARIO = "scenario"


@dataclass(frozen=True)
class NewJob:
    """Something to be done.

    Attributes:
        due: when, in milliseconds by the simulator's clock.
        kind: `MESSAGE`, `SCENARIO`, `REGISTER` or `SERVICE`.
        subject: id of what it is about: a message's number or a mandate's id.
        step: what is to be done with it.
        attempts: how often it was tried in vain.
        payload: JSON, or None.
    """

    due: int
    kind: str
    subject: str
    step: str
    attempts: int = 0
    payload: str | None = None

    def row(self) -> tuple[int, str, str, str, int, str | None]:
        """The values in the order of `COLUMNS`."""
        return (self.due, self.kind, self.subject, self.step, self.attempts, self.payload)


@dataclass(frozen=True)
class Job(NewJob):
    """A claimed job."""

    id: int = 0
    lease_until: int = 0


COLUMNS = ("due", "kind", "subject", "step", "attempts", "payload")

_FREE = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until < bindparam("real"))
_DUE = (jobs.c.due <= bindparam("now")) & _FREE
_ANY_DUE = select(jobs.c.id).where(_DUE).limit(1)
_CLAIM = (
    update(jobs)
    .where(
        jobs.c.id.in_(
            select(jobs.c.id)
            .where(_DUE)
            .order_by(jobs.c.due, jobs.c.id)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(lease_until=bindparam("until"), lease_owner=bindparam("owner"))
    .returning(*(jobs.c[name] for name in ("id", *COLUMNS)))
)
_MINE = (jobs.c.id == bindparam("job_id")) & (jobs.c.lease_until == bindparam("lease"))
_MINE &= jobs.c.lease_owner == bindparam("owner")
_FINISH = delete(jobs).where(_MINE)
_POSTPONE = (
    update(jobs)
    .where(_MINE)
    .values(due=bindparam("later"), attempts=jobs.c.attempts + 1, lease_until=None, lease_owner=None)
)
_EARLIEST = select(func.min(jobs.c.due))


def owner_name(unique: str) -> str:
    """A name for who claims jobs; it starts with the number of the process."""
    return f"{os.getpid()}:{unique}"


def add(tx: Connection, new: Sequence[NewJob]) -> None:
    """Put jobs in the table."""
    if new:
        tx.execute(insert(jobs), [dict(zip(COLUMNS, job.row(), strict=True)) for job in new])


def any_due(tx: Connection, now: int, real: int) -> bool:
    """Whether a job is due and free."""
    return tx.execute(_ANY_DUE, {"now": now, "real": real}).first() is not None


def claim(tx: Connection, owner: str, limit: int, now: int, real: int) -> list[Job]:
    """Take jobs that are due, the longest due first.

    Args:
        owner: name of who takes them, of `owner_name`.
        now: milliseconds by the simulator's clock.
        real: milliseconds by real time, for the lease.
    """
    until = real + LEASE_MS
    values = {"now": now, "real": real, "limit": limit, "until": until, "owner": owner}
    claimed = [
        Job(due, kind, subject, step, attempts, payload, id=id_, lease_until=until)
        for id_, due, kind, subject, step, attempts, payload in tx.execute(_CLAIM, values)
    ]
    return sorted(claimed, key=lambda job: (job.due, job.id))


def finish(tx: Connection, owner: str, done: Sequence[Job]) -> bool:
    """Remove jobs that were done; False if the lease of one was lost: then roll back."""
    if not done:
        return True
    rows = [{"job_id": job.id, "lease": job.lease_until, "owner": owner} for job in done]
    return tx.execute(_FINISH, rows).rowcount == len(rows)


def postpone(tx: Connection, owner: str, job: Job, later: int) -> None:
    """Give a job back, to be tried again at `later` (milliseconds by the simulator's clock)."""
    tx.execute(_POSTPONE, {"job_id": job.id, "lease": job.lease_until, "owner": owner, "later": later})


def earliest_due(tx: Connection) -> int | None:
    """When the next job falls due, claimed ones included; None if there are none."""
    return tx.execute(_EARLIEST).scalar()


def release_dead_leases(tx: Connection, owner: str) -> None:
    """Free the jobs of processes of this machine that are gone; for a database of one machine only."""
    held = select(jobs.c.lease_owner).where(jobs.c.lease_owner.is_not(None)).distinct()
    dead = [name for name in tx.execute(held).scalars() if name != owner and _is_dead(str(name))]
    if dead:
        tx.execute(
            update(jobs).where(jobs.c.lease_owner.in_(dead)).values(lease_until=None, lease_owner=None)
        )


def _is_dead(owner: str) -> bool:
    process = int(owner.partition(":")[0])
    if process == os.getpid():
        # The number was given out anew, as in a container where every first process is number 1.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
