"""The desk between the post office and the mandate register.

It turns the register's outcomes into statuses, keeps its due dates as jobs, and has the agencies' messages
made for mandates that become active. All of it happens in the transaction of the job that led to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from digipoort_sim.agencies import Agencies
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
from digipoort_sim.register.messages import MessageKind, parse_mandate_message
from digipoort_sim.register.values import DueKind
from digipoort_sim.store import Store

REGISTER_LOCK = "register"
"""Whoever works in the register holds this lock until its transaction ends."""

UNREADABLE = "bericht-onleesbaar"
"""The outcome of a message that came through validation, but that the register cannot read."""


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
        """Have the register handle a mandate message, and set 500 or 510."""
        progress = work.progress
        now = from_epoch_milliseconds(progress.now)
        try:
            outcome = self._handle(tx, work, now)
        except Refusal as refusal:  # it came through validation, but the register cannot read it
            outcome = Outcome(UNREADABLE, refusal.detail)
        row = self._catalogue.outcomes[outcome.key]
        if row.statuscode == "500":
            progress.set("500", final=True, omschrijving=row.text)
        else:
            text = _refusal_text(row, outcome)
            progress.set("510", final=True, trouble=Trouble(row.code, text=text), details=text)
        if outcome.overview is not None:
            self._fetchables.add_overview(tx, progress.message, outcome.overview, progress.last_at)
        progress.next_jobs += self.follow(tx, outcome.dues, outcome.activated, now)

    def _handle(self, tx: Connection, work: Work, now: datetime) -> Outcome:
        self.lock(tx)
        message = parse_mandate_message(work.content.inhoud, MessageKind(work.row.mandate))
        return self._register.handle(tx, message, work.progress.message.sender_oin, now)

    def fall_due(self, tx: Connection, job: Job, now: datetime) -> list[NewJob]:
        """Call the register back about a due date; gives the jobs that follow."""
        self.lock(tx)
        assert job.payload is not None
        at = from_epoch_milliseconds(json.loads(job.payload)["at"])
        consequences = self._register.fall_due(tx, Due(at, cast(DueKind, job.step), job.subject), now)
        return self.follow(tx, consequences.dues, consequences.activated, now)

    def follow(
        self, tx: Connection, dues: Iterable[Due], activated: Iterable[str], now: datetime
    ) -> list[NewJob]:
        """What follows from the register's doings: jobs for its due dates and for service messages."""
        new = [_due_job(due) for due in dues]
        for mandate_id in activated:
            mandate = self._register.mandate(tx, mandate_id)
            # Those of the reaction term were kept for this moment.
            new += self._service_messages(tx, mandate, None, now)
            detail = f"{mandate.dienst} for {mandate.id_vertegenwoordigde} is active"
            self._events.add(tx, Event("mandate-activated", detail, oin=mandate.gemachtigde_oin))
        return new

    def service_round(self, tx: Connection, job: Job, now: datetime) -> list[NewJob]:
        """Have an agency make what is new for an active mandate; nothing once it has ended."""
        assert job.payload is not None
        since = from_epoch_milliseconds(json.loads(job.payload)["since"])
        return self._service_messages(tx, self._register.mandate(tx, job.subject), since, now)

    def lock(self, tx: Connection) -> None:
        """Be the only one that works in the register until the transaction ends."""
        self._store.lock(tx, REGISTER_LOCK)

    def _service_messages(
        self, tx: Connection, mandate: Mandate, since: datetime | None, now: datetime
    ) -> list[NewJob]:
        if mandate.toestand is not State.ACTIEF:
            return []
        messages = self._agencies.service_messages(mandate, since, now)
        self._fetchables.add_service_messages(tx, messages)
        coming = self._agencies.next_service_message(mandate, now)
        if coming is None:
            return []
        payload = json.dumps({"since": epoch_milliseconds(now)})
        return [NewJob(epoch_milliseconds(coming), SERVICE, mandate.id, "make", payload=payload)]


def _due_job(due: Due) -> NewJob:
    at = epoch_milliseconds(due.at)
    # The due moment is kept apart, because a job that failed is put off.
    return NewJob(at, REGISTER, due.mandate_id, due.kind, payload=json.dumps({"at": at}))


def _refusal_text(row: MandateOutcome, outcome: Outcome) -> str:
    return f"{row.text} ({outcome.detail})" if outcome.detail else row.text
