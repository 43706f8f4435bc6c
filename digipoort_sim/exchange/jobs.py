"""The one due table: what is to be done, and when.

A job is claimed for the length of a lease, worked on outside any transaction, and finished in the same
transaction as what it leads to. Finishing works only while the lease is held, so a job whose lease was lost
leads to nothing: nothing is done twice, and a ``kill -9`` loses nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from digipoort_sim.exchange.lifecycle import Step
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import jobs

LEASE_MS = 15_000
"""How long a claimed job belongs to who claimed it, by real time."""

MESSAGE = "message"
REGISTER = "register"
SERVICE = "service"
SCENARIO = "scenario"
OUTGOING = "outgoing"
"""A delivery to an agency outside: `step` is the agency's key."""

EXAMINATION = "examination"
"""A check of a content against its taxonomy."""

INSPECTION = "inspection"
"""A check of a content that is too large to be looked at whole."""

ERRANDS: Final = {OUTGOING: Step.DELIVER, EXAMINATION: Step.VALIDATE, INSPECTION: Step.VALIDATE}
"""The kinds that `Errands` takes and nobody else does, each with the step of the office's own before it."""


@dataclass(frozen=True)
class NewJob:
    """Something to be done.

    Attributes:
        due: when, in milliseconds by the simulator's clock.
        kind: `MESSAGE`, `SCENARIO`, `REGISTER`, `SERVICE` or one of `ERRANDS`.
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
_OURS = and_(*(jobs.c.kind != kind for kind in ERRANDS))
_ERRAND = or_(*(jobs.c.kind == kind for kind in ERRANDS))
_OF_ERRAND = (jobs.c.kind == bindparam("of_kind")) & (jobs.c.step == bindparam("of_step"))


def _any(which: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(jobs.c.id).where(which).limit(1)


def _claim(which: ColumnElement[bool], *first: ColumnElement[int]) -> ReturningUpdate[Any]:
    order = (*first, jobs.c.due, jobs.c.id)
    chosen = select(jobs.c.id).where(which).order_by(*order).limit(bindparam("limit"))
    return (
        update(jobs)
        .where(jobs.c.id.in_(chosen.with_for_update(skip_locked=True)))
        .values(lease_until=bindparam("until"), lease_owner=bindparam("owner"))
        .returning(*(jobs.c[name] for name in ("id", *COLUMNS)))
    )


_ANY_DUE = _any(_DUE & _OURS)
_ANY_OF_ERRAND = _any(_DUE & _OF_ERRAND)
_ANY_ERRAND = _any(_ERRAND & (jobs.c.due <= bindparam("now")))
_CLAIM = _claim(_DUE & _OURS)
_CLAIM_ERRAND = _claim(_DUE & _OF_ERRAND, jobs.c.attempts)
_LEASE = ("job_id", "lease", "owner")
_MINE = and_(
    jobs.c.id == bindparam("job_id"),
    jobs.c.lease_until == bindparam("lease"),
    jobs.c.lease_owner == bindparam("owner"),
)
_POSTPONE = (
    update(jobs)
    .where(_MINE)
    .values(due=bindparam("later"), attempts=jobs.c.attempts + 1, lease_until=None, lease_owner=None)
)
_AHEAD = (
    select(*(jobs.c[name] for name in ("id", *COLUMNS, "lease_until")))
    .where((jobs.c.due <= bindparam("target")) & (_OURS | (jobs.c.due > bindparam("now"))))
    .order_by(jobs.c.due, jobs.c.id)
    .limit(bindparam("limit"))
)
_UNCLAIMED = delete(jobs).where((jobs.c.id == bindparam("job_id")) & jobs.c.lease_until.is_(None))
_EARLIEST = select(func.min(jobs.c.due)).where(_OURS)
_EARLIEST_ERRAND = select(func.min(jobs.c.due)).where(_ERRAND & (jobs.c.due > bindparam("now")))


class JobTable:
    """The due table, for one process.

    Args:
        unique: tells this user of the table from all others.
    """

    def __init__(self, store: Store, unique: str) -> None:
        self._unique = unique
        self._insert = store.inserter(jobs, COLUMNS)
        self._take = store.prepared(_UNCLAIMED, ("job_id",))
        self._finish = store.prepared(delete(jobs).where(_MINE), _LEASE)

    @property
    def owner(self) -> str:
        """The name in its leases: the number of the process, so that its end can be seen, and `unique`."""
        return f"{os.getpid()}:{self._unique}"

    def add(self, tx: Connection, new: Sequence[NewJob]) -> None:
        """Put jobs in the table."""
        self._insert.run(tx, [job.row() for job in new])

    def any_due(self, tx: Connection, now: int, real: int) -> bool:
        """Whether a job is due and free; for the times see `claim`."""
        return tx.execute(_ANY_DUE, {"now": now, "real": real}).first() is not None

    def claim(self, tx: Connection, limit: int, now: int, real: int) -> list[Job]:
        """Take jobs that are due, the longest due first.

        Args:
            now: milliseconds by the simulator's clock.
            real: milliseconds by real time, for the lease.
        """
        values = {"now": now, "real": real, "limit": limit, "until": real + LEASE_MS, "owner": self.owner}
        return _claimed(tx, _CLAIM, values)

    def any_of_errand(self, tx: Connection, kind: str, step: str, now: int, real: int) -> bool:
        """Whether a job of an errand is due and free; for the times see `claim`."""
        values = {"of_kind": kind, "of_step": step, "now": now, "real": real}
        return tx.execute(_ANY_OF_ERRAND, values).first() is not None

    def claim_errand(
        self, tx: Connection, kind: str, step: str, limit: int, now: int, real: int, until: int
    ) -> list[Job]:
        """Take jobs of an errand that are due, as `claim` does; `until` ends their lease.

        Those that were tried less often go first: one that takes all of its time, each time, for nothing
        must not keep others waiting more than once.
        """
        values = {"now": now, "real": real, "limit": limit, "until": until, "owner": self.owner}
        return _claimed(tx, _CLAIM_ERRAND, {**values, "of_kind": kind, "of_step": step})

    def any_errand(self, tx: Connection, now: int) -> bool:
        """Whether a job of any errand is due, or under way since it was."""
        return tx.execute(_ANY_ERRAND, {"now": now}).first() is not None

    def earliest_errand(self, tx: Connection, now: int) -> int | None:
        """When the next job of an errand falls due after now; None if none does."""
        return tx.execute(_EARLIEST_ERRAND, {"now": now}).scalar()

    def drop_outgoing(self, tx: Connection, message_id: int) -> None:
        """Call off the delivery of a message; who is at it finds that its lease is lost."""
        tx.execute(delete(jobs).where((jobs.c.kind == OUTGOING) & (jobs.c.subject == str(message_id))))

    def release_errands(self, tx: Connection) -> None:
        """Give up the leases of one's own on jobs of errands; others may take them at once."""
        mine = _ERRAND & (jobs.c.lease_owner == self.owner)
        tx.execute(update(jobs).where(mine).values(lease_until=None, lease_owner=None))

    def hand_back_errands(self, tx: Connection, kept: Iterable[tuple[str, str]]) -> None:
        """Give the jobs of errands that nobody does any more to the office's own step before them.

        Args:
            kept: kind and step of those that are still done.
        """
        done = list(kept)
        for kind, own in ERRANDS.items():
            steps = [step for of_kind, step in done if of_kind == kind]
            gone = (jobs.c.kind == kind) & jobs.c.step.not_in(steps)
            values = {"kind": MESSAGE, "step": own.value, "lease_until": None, "lease_owner": None}
            tx.execute(update(jobs).where(gone).values(**values))

    def finish(self, tx: Connection, done: Sequence[Job]) -> bool:
        """Remove jobs that were done; False if the lease of one was lost: then roll back."""
        owner = self.owner
        rows = [(job.id, job.lease_until, owner) for job in done]
        return self._finish.run(tx, rows) == len(rows)

    def postpone(self, tx: Connection, job: Job, later: int) -> None:
        """Give a job back, to be tried again at `later` (milliseconds by the simulator's clock)."""
        values = {"job_id": job.id, "lease": job.lease_until, "owner": self.owner, "later": later}
        tx.execute(_POSTPONE, values)

    def ahead(self, tx: Connection, now: int, target: int, limit: int) -> list[tuple[Job, bool]]:
        """The jobs that fall due until then, in due order, each with whether somebody has claimed it.

        Jobs of errands that are due by now are left out: they are on their way.
        """
        rows = tx.execute(_AHEAD, {"now": now, "target": target, "limit": limit})
        return [
            (Job(due, kind, subject, step, attempts, payload, id=id_), lease is not None)
            for id_, due, kind, subject, step, attempts, payload, lease in rows
        ]

    def take(self, tx: Connection, done: Sequence[Job]) -> bool:
        """Remove jobs that were done unclaimed; False if one was claimed meanwhile: then roll back."""
        return self._take.run(tx, [(job.id,) for job in done]) == len(done)

    def earliest_due(self, tx: Connection) -> int | None:
        """When the next job of the office's own falls due, claimed ones included; None if there are none."""
        return tx.execute(_EARLIEST).scalar()

    def release_dead_leases(self, tx: Connection) -> None:
        """Free the jobs of processes of this machine that are gone; for a database of one machine only."""
        held = select(jobs.c.lease_owner).where(jobs.c.lease_owner.is_not(None)).distinct()
        others = [str(name) for name in tx.execute(held).scalars() if name != self.owner]
        dead = [name for name in others if _is_dead(name)]
        if dead:
            free = update(jobs).where(jobs.c.lease_owner.in_(dead))
            tx.execute(free.values(lease_until=None, lease_owner=None))


def _claimed(tx: Connection, statement: ReturningUpdate[Any], values: Mapping[str, Any]) -> list[Job]:
    claimed = [
        Job(due, kind, subject, step, attempts, payload, id=id_, lease_until=values["until"])
        for id_, due, kind, subject, step, attempts, payload in tx.execute(statement, values)
    ]
    return sorted(claimed, key=lambda job: (job.due, job.id))


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
