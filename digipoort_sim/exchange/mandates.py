"""The desk between the post office and the mandate register.

It turns the register's outcomes into statuses, keeps its due dates as jobs, and has the agencies' messages
made for mandates that become active. All of it happens in the transaction of the job that led to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from digipoort_sim.agencies import Agencies, ServiceMessage
from digipoort_sim.catalogue import Catalogue, MandateOutcome
from digipoort_sim.clock import epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import Refusal
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.fetchables import Fetchables
from digipoort_sim.exchange.jobs import REGISTER, SERVICE, Job, NewJob
from digipoort_sim.exchange.progress import Trouble
from digipoort_sim.exchange.values import Event
from digipoort_sim.exchange.work import Work
from digipoort_sim.register import Due, Mandate, Outcome, Register, State
from digipoort_sim.register.ledger import kept_in_ledger
from digipoort_sim.register.messages import MessageKind, parse_mandate_message
from digipoort_sim.register.values import DueKind
from digipoort_sim.store import Store

REGISTER_LOCK = "register"
"""Whoever works in the register holds this lock until its transaction ends."""

UNREADABLE = "bericht-onleesbaar"
"""The outcome of a message that came through validation, but that the register cannot read."""


@dataclass
class Aftermath:
    """What follows from the register's doings, to be written together.

    Attributes:
        events: each with the moment of what it tells, in milliseconds by the simulator's clock.
    """

    jobs: list[NewJob] = field(default_factory=list)
    messages: list[ServiceMessage] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)


class MandateDesk:
    """Hands messages and due dates to the register and sees to what follows."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        register: Register,
        agencies: Agencies,
        fetchables: Fetchables,
        events: EventRing,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._register = register
        self._agencies = agencies
        self._fetchables = fetchables
        self._events = events

    def answer(self, tx: Connection, work: Work) -> None:
        """Have the register handle a mandate message, and set the status of its outcome: 500 or 510."""
        progress = work.progress
        now = from_epoch_milliseconds(progress.now)
        try:
            outcome = self._handle(tx, work, now)
        except Refusal as refusal:  # it came through validation, but the register cannot read it
            outcome = Outcome(UNREADABLE, refusal.detail)
        row = self._catalogue.outcomes[outcome.key]
        if row.good:
            progress.set(row.statuscode, final=True, omschrijving=row.text)
        else:
            text = _refusal_text(row, outcome)
            progress.set(row.statuscode, final=True, trouble=Trouble(row.code, text=text), details=text)
        if outcome.overview is not None:
            self._fetchables.add_overview(tx, progress.message, outcome.overview, progress.last_at)
        progress.next_jobs += self.follow(tx, outcome.dues, outcome.activated, now)

    def _handle(self, tx: Connection, work: Work, now: datetime) -> Outcome:
        self.lock(tx)
        message = parse_mandate_message(work.content.inhoud, MessageKind(work.row.mandate))
        return self._register.handle(tx, message, work.progress.message.sender_oin, now)

    def fall_due(self, tx: Connection, job: Job, now: datetime) -> list[NewJob]:
        """Do what a job of the register or of an agency says; gives the jobs that follow."""
        self.lock(tx)
        after = Aftermath()
        self.step(tx, job, now, after)
        self.write(tx, after)
        return after.jobs

    def step(self, tx: Connection, job: NewJob, now: datetime, after: Aftermath) -> None:
        """Do what a job says, in a transaction that holds `lock`; what follows is still to be written."""
        assert job.payload is not None
        said = json.loads(job.payload)
        if job.kind == SERVICE:
            mandate = self._register.mandate(tx, job.subject)
            self._service_messages(mandate, from_epoch_milliseconds(said["since"]), now, after)
            return
        due = Due(from_epoch_milliseconds(said["at"]), cast(DueKind, job.step), job.subject)
        consequences = self._register.fall_due(tx, due, now)
        self._follow(tx, consequences.dues, consequences.activated, now, after)

    def follow(
        self, tx: Connection, dues: Iterable[Due], activated: Iterable[str], now: datetime
    ) -> list[NewJob]:
        """What follows from the register's doings: jobs for its due dates and for service messages."""
        after = Aftermath()
        self._follow(tx, dues, activated, now, after)
        self.write(tx, after)
        return after.jobs

    def write(self, tx: Connection, after: Aftermath) -> None:
        """Write what followed, but for the jobs."""
        self._fetchables.add_service_messages(tx, after.messages)
        self._events.add_together(tx, after.events)

    @contextmanager
    def many(self, tx: Connection, mandate_ids: Iterable[str]) -> Iterator[None]:
        """Have the register read these mandates together, and write its changes at the end of the block."""
        with kept_in_ledger(tx) as ledger:
            ledger.load(mandate_ids)
            yield

    def _follow(
        self,
        tx: Connection,
        dues: Iterable[Due],
        activated: Iterable[str],
        now: datetime,
        after: Aftermath,
    ) -> None:
        after.jobs += [_due_job(due) for due in dues]
        for mandate_id in activated:
            mandate = self._register.mandate(tx, mandate_id)
            # Those of the reaction term were kept for this moment.
            self._service_messages(mandate, None, now, after)
            detail = f"{mandate.dienst} for {mandate.id_vertegenwoordigde} is active"
            event = Event("mandate-activated", detail, oin=mandate.gemachtigde_oin)
            after.events.append((epoch_milliseconds(now), event))

    def lock(self, tx: Connection) -> None:
        """Be the only one that works in the register until the transaction ends."""
        self._store.lock(tx, REGISTER_LOCK)

    def _service_messages(
        self, mandate: Mandate, since: datetime | None, now: datetime, after: Aftermath
    ) -> None:
        if mandate.toestand is not State.ACTIEF:
            return
        after.messages += self._agencies.service_messages(mandate, since, now)
        coming = self._agencies.next_service_message(mandate, now)
        if coming is not None:
            payload = json.dumps({"since": epoch_milliseconds(now)})
            after.jobs.append(
                NewJob(epoch_milliseconds(coming), SERVICE, mandate.id, "make", payload=payload)
            )


def _due_job(due: Due) -> NewJob:
    at = epoch_milliseconds(due.at)
    # The due moment is kept apart, because a job that failed is put off.
    return NewJob(at, REGISTER, due.mandate_id, due.kind, payload=json.dumps({"at": at}))


def _refusal_text(row: MandateOutcome, outcome: Outcome) -> str:
    return f"{row.text} ({outcome.detail})" if outcome.detail else row.text
