"""Couriers: they carry messages to the agencies outside, each call in a thread of its own.

A call takes as long as the agency takes, so nobody waits for one: not the scheduler, not the doors, not the
deliveries to other agencies. A delivery is claimed for longer than a call can last, the agency is called
outside any transaction, and what came of it is written in one transaction, which works only while the lease
is held. So a message is never lost; where a process dies between the agency's answer and the commit, the
message goes to the agency once more, with the same kenmerk, berichtkenmerk and MessageID.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clock, RealClock, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.delivering import Delivering
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.external import AgencyLine, Parcel
from digipoort_sim.exchange.failing import ATTEMPTS, Failures
from digipoort_sim.exchange.jobs import Job, JobTable
from digipoort_sim.exchange.lifecycle import Step
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import Message, load_messages
from digipoort_sim.exchange.values import Content
from digipoort_sim.exchange.work import Work
from digipoort_sim.exchange.writing import StatusWriter
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import contents

_LEASE_MARGIN_SECONDS = 60.0
"""Time for all of a delivery but the call itself: looking up a host's name, and waiting for the database."""

_FAREWELL_SECONDS = 1.0
_LONGEST_PAUSE_MS = 3_600_000
_CONTENTS = select(contents.c.mime_type, contents.c.bestandsnaam, contents.c.inhoud)


class Couriers:
    """The couriers of one process.

    Args:
        jobs: the due table, as this process uses it.
        wake: called when there may be something to do for the scheduler.
        patience_seconds: how long who moves the clock waits for them, in all.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Clock,
        jobs: JobTable,
        delivering: Delivering,
        events: EventRing,
        lines: Mapping[str, AgencyLine],
        wake: Callable[[], None],
        patience_seconds: float,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._real = RealClock()
        self._jobs = jobs
        self._delivering = delivering
        self._events = events
        self._lines = lines
        self._wake = wake
        self._patience_seconds = patience_seconds
        self._failures = Failures(jobs, events)
        self._writer = StatusWriter(store, jobs)
        self._under_way: Counter[str] = Counter()
        self._changing = threading.Condition()
        self._stopping = False

    def start(self) -> None:
        """Take up work, also after a stop; what was for agencies that are no longer outside goes back."""
        with self._store.begin() as tx:
            self._jobs.hand_back_outgoing(tx, self._lines, Step.DELIVER.value)
        self._stopping = False

    def stop(self) -> None:
        """Begin nothing new; calls that do not end soon are left alone, and made again by who starts next."""
        with self._changing:
            self._stopping = True
            self._changing.wait_for(lambda: not self._under_way.total(), _FAREWELL_SECONDS)
        if self._lines:
            # Else who starts next waits for the end of the leases, unless it sees that this process is gone.
            with contextlib.suppress(TechnicalError), self._store.begin() as tx:
                self._jobs.release_outgoing(tx)

    def dispatch(self) -> int:
        """Send couriers out with what is due, as far as their number goes; gives how many went."""
        return sum(self._dispatch_to(agency, line) for agency, line in self._lines.items())

    def patience(self) -> Patience:
        """How long to wait for them while the clock is moved, from now on."""
        return Patience(self._patience_seconds)

    def hold_up(self, moment: int) -> bool:
        """Whether a delivery that was due by a moment (milliseconds) is not done with."""
        if not self._lines:
            return False
        with self._store.read() as tx:
            return self._jobs.any_outgoing(tx, moment)

    def next_due(self, moment: int) -> int | None:
        """When the next delivery after a moment falls due, both in milliseconds; None if none does."""
        if not self._lines:
            return None
        with self._store.read() as tx:
            return self._jobs.earliest_outgoing(tx, moment)

    def _dispatch_to(self, agency: str, line: AgencyLine) -> int:
        with self._changing:
            free = 0 if self._stopping else line.connections - self._under_way[agency]
            self._under_way[agency] += free
        claimed: list[Job] = []
        try:
            if free:
                claimed = self._claim(agency, line, free)
        finally:
            self._leave(agency, free - len(claimed))
        gone = 0
        try:
            for job in claimed:
                work = threading.Thread(
                    target=self._carry, args=(agency, line, job), name=f"courier-{agency}", daemon=True
                )
                work.start()
                gone += 1
        finally:
            self._leave(agency, len(claimed) - gone)  # no thread to be had: their leases run out
        return gone

    def _claim(self, agency: str, line: AgencyLine, limit: int) -> list[Job]:
        now, real = epoch_milliseconds(self._clock.now()), epoch_milliseconds(self._real.now())
        with self._store.read() as tx:
            if not self._jobs.any_to_agency(tx, agency, now, real):
                return []
        until = real + round((line.longest_seconds + _LEASE_MARGIN_SECONDS) * 1000)
        with self._store.begin() as tx:
            return self._jobs.claim_to_agency(tx, agency, limit, now, real, until)

    def _leave(self, agency: str, count: int) -> None:
        with self._changing:
            self._under_way[agency] -= count
            self._changing.notify_all()

    def _carry(self, agency: str, line: AgencyLine, job: Job) -> None:
        try:
            self._carry_out(line, job)
        except Exception as error:  # a delivery is never lost, whatever is wrong on our side
            self._put_off(job, error)
        finally:
            self._leave(agency, 1)
            self._wake()

    def _carry_out(self, line: AgencyLine, job: Job) -> None:
        with self._store.read() as tx:
            message = load_messages(tx, [int(job.subject)])[int(job.subject)]
            parts = _contents(tx, message.id)
        row = self._catalogue.berichtsoorten[message.berichtsoort]
        reply = line.deliver(_parcel(job, message, parts))
        if self._stopping:
            return
        progress = Progress(self._catalogue, message, epoch_milliseconds(self._clock.now()))
        work = Work(job, row, progress, parts[0])
        self._delivering.settle(work, reply)
        with self._store.begin() as tx:
            if not self._jobs.finish(tx, (job,)):
                return
            self._writer.write(tx, (progress,))
            for event in work.events:
                self._events.add(tx, event)

    def _put_off(self, job: Job, error: Exception) -> None:
        if self._stopping:
            return
        now = epoch_milliseconds(self._clock.now())
        # The database itself may be what is wrong; then the lease runs out, and the job is free again.
        with contextlib.suppress(TechnicalError), self._store.begin() as tx:
            # Tries that the agency made fail count too, so their number alone says nothing.
            if job.attempts + 1 >= ATTEMPTS and self._delivering.is_overdue(job, now):
                self._failures.park(tx, job, error)
            else:
                self._failures.put_off(tx, job, now, error, _LONGEST_PAUSE_MS)


class Patience:
    """How long somebody is willing to wait for couriers, in all.

    Args:
        seconds: real time, from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def lasts(self) -> bool:
        """Whether there is any left."""
        return time.monotonic() < self._until


def _contents(tx: Connection, message_id: int) -> tuple[Content, ...]:
    """The berichtInhoud and the bijlagen of a message.

    Raises:
        TechnicalError: there is none.
    """
    query = _CONTENTS.where(contents.c.message_id == message_id).order_by(contents.c.position)
    found: list[Any] = list(tx.execute(query))
    if not found:
        raise TechnicalError(f"message {message_id} has no content", rule="STORE")
    return tuple(Content(mime_type, name, octets) for mime_type, name, octets in found)


def _parcel(job: Job, message: Message, parts: tuple[Content, ...]) -> Parcel:
    return Parcel(
        message_id=json.loads(job.payload or "")["message_id"],
        kenmerk=message.kenmerk,
        berichtsoort=message.berichtsoort,
        berichtkenmerk=message.berichtkenmerk,
        aanleverkenmerk=message.aanleverkenmerk,
        tijdstempel_aangeleverd=from_epoch_milliseconds(message.received),
        identiteit_belanghebbende=message.belanghebbende,
        rol_belanghebbende=message.rol_belanghebbende,
        identiteit_aanleveraar=message.sender_oin,
        identiteit_ontvanger=message.ontvanger,
        rol_ontvanger=message.rol_ontvanger,
        inhoud=parts[0],
        bijlagen=parts[1:],
    )
