"""Taking deliveries in: from a request to lines in the store, many deliveries in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from sqlalchemy import Connection, func, select

from digipoort_sim.catalogue import Berichtsoort, Catalogue, Scenario
from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange import notices
from digipoort_sim.exchange.jobs import COLUMNS as JOB_COLUMNS
from digipoort_sim.exchange.jobs import MESSAGE, NewJob
from digipoort_sim.exchange.lifecycle import State, Step
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import (
    CONTENT_COLUMNS,
    MESSAGE_COLUMNS,
    PAYLOAD_COLUMNS,
    STATUS_COLUMNS,
    Message,
    identity_key,
)
from digipoort_sim.exchange.replay import ReplayGuard
from digipoort_sim.exchange.tickets import Ticket
from digipoort_sim.exchange.timing import STUB_GAP_MS
from digipoort_sim.exchange.values import Call, Content, Delivery, Identity, Receipt
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import contents, jobs, messages, payloads, statuses

_FIXED = attrgetter(*MESSAGE_COLUMNS[1:-4])
PlayScenario = Callable[[Progress, Scenario], None]


class RolledBackError(Exception):
    """Inside the writing of entries: roll back, one of them is a replay."""


@dataclass(frozen=True)
class Entry:
    """A delivery that passed all checks and waits to be written.

    Attributes:
        progress: the message with its first statuses and jobs; its id is still 0.
        addition: whether it is added to a process that exists, and starts none.
        ticket: whether it may still be stored.
    """

    call: Call
    receipt: Receipt
    progress: Progress
    contents: tuple[Content, ...]
    addition: bool = False
    ticket: Ticket = field(default_factory=Ticket)

    @property
    def octets(self) -> int:
        """How much content it has that goes into the database."""
        return sum(len(content.inhoud) for content in self.contents)


class Intake:
    """Makes entries of deliveries and writes them.

    Args:
        play: sets the statuses of a stub's scenario that come at once.
    """

    def __init__(self, store: Store, catalogue: Catalogue, guard: ReplayGuard, play: PlayScenario) -> None:
        self._store = store
        self._catalogue = catalogue
        self._guard = guard
        self._play = play
        self._messages = store.inserter(messages, MESSAGE_COLUMNS)
        self._contents = store.inserter(contents, CONTENT_COLUMNS)
        self._payloads = store.inserter(payloads, PAYLOAD_COLUMNS)
        self._statuses = store.inserter(statuses, STATUS_COLUMNS)
        self._jobs = store.inserter(jobs, JOB_COLUMNS)

    def entry(
        self,
        call: Call,
        delivery: Delivery,
        row: Berichtsoort,
        kenmerk: str,
        now: int,
        scenario: Scenario | None,
    ) -> Entry:
        """What is to be written for a delivery that starts a process.

        Args:
            kenmerk: a new one.
            now: milliseconds by the simulator's clock.
            scenario: that of the stub, if the message came by its paths.
        """
        ontvanger = Identity(self._catalogue.agency_of(row).oin, "OIN")
        message = _new_message(call, delivery, ontvanger, kenmerk, now)
        progress = Progress(self._catalogue, message, now)
        if scenario is not None:
            self._play(progress, scenario)
        else:
            _start(progress, row)
        receipt = _receipt(delivery, kenmerk, ontvanger, now)
        return Entry(call, receipt, progress, (delivery.inhoud, *delivery.bijlagen))

    def addition(self, call: Call, delivery: Delivery, now: int) -> Entry:
        """What is to be written for a delivery that is added to a process of the same sender (i).

        Raises:
            SpecificationRefusal: there is no such process, or it is of another sender or berichtsoort.
        """
        message = self._process(call, delivery)
        receipt = _receipt(delivery, message.kenmerk, message.ontvanger, now)
        progress = Progress(self._catalogue, message, now)
        return Entry(call, receipt, progress, (delivery.inhoud, *delivery.bijlagen), addition=True)

    def _process(self, call: Call, delivery: Delivery) -> Message:
        where = (messages.c.kenmerk == delivery.kenmerk) & (messages.c.sender_oin == call.caller.oin)
        where &= messages.c.berichtsoort == delivery.berichtsoort
        with self._store.read() as tx:
            row = tx.execute(select(*(messages.c[name] for name in MESSAGE_COLUMNS)).where(where)).first()
        if row is None:
            raise SpecificationRefusal(
                f"kenmerk {(delivery.kenmerk or '')[:40]!r} is not that of a process of this sender with "
                f"berichtsoort {delivery.berichtsoort!r}; leave kenmerk out to start a new process",
                rule="KENMERK",
            )
        return Message(*row)

    def write(self, tx: Connection, entries: Sequence[Entry], security_now: int) -> bool:
        """Write entries; False if one of them is a replay: then the transaction must be rolled back."""
        if not self._guard.take(tx, [entry.call for entry in entries], security_now):
            return False
        new = [entry for entry in entries if not entry.addition]
        if new:
            self._write_new(tx, new)
        for entry in entries:
            if entry.addition:
                self._write_addition(tx, entry)
        return True

    def _write_new(self, tx: Connection, entries: Sequence[Entry]) -> None:
        message_rows, content_rows, payload_rows, status_rows, job_rows = [], [], [], [], []
        ids = self._store.allocate(tx, messages, len(entries))
        for id_, entry in zip(ids, entries, strict=True):
            progress = entry.progress
            message_rows.append((id_, *_values(progress)))
            status_rows += [(id_, *line.row()[1:]) for line in progress.lines]
            content_rows += _content_rows(id_, 0, entry.contents)
            payload_rows += _payload_rows(id_, 0, entry.contents)
            job_rows += [replace(job, subject=str(id_)).row() for job in progress.next_jobs]
        self._messages.run(tx, message_rows)
        self._contents.run(tx, content_rows)
        if payload_rows:
            self._payloads.run(tx, payload_rows)
        self._statuses.run(tx, status_rows)
        self._jobs.run(tx, job_rows)
        # A scenario may end at once.
        notices.tell(tx, [(id_, entry.progress) for id_, entry in zip(ids, entries, strict=True)])

    def _write_addition(self, tx: Connection, entry: Entry) -> None:
        id_ = entry.progress.message.id
        self._store.lock(tx, f"message {id_}")
        last = tx.execute(select(func.max(contents.c.position)).where(contents.c.message_id == id_)).scalar()
        first = 0 if last is None else last + 1
        self._contents.run(tx, _content_rows(id_, first, entry.contents))
        payload_rows = _payload_rows(id_, first, entry.contents)
        if payload_rows:
            self._payloads.run(tx, payload_rows)


def _values(progress: Progress) -> tuple[object, ...]:
    """The message's values after its id, with the state that its first statuses led to."""
    return (
        *_FIXED(progress.message),
        progress.state.value,
        progress.last_code,
        progress.last_at,
        progress.last_position,
    )


def _content_rows(
    message_id: int, first: int, given: Sequence[Content]
) -> list[tuple[int, int, str, str, bytes]]:
    return [
        (message_id, first + number, content.mime_type, content.bestandsnaam, content.inhoud)
        for number, content in enumerate(given)
    ]


def _payload_rows(
    message_id: int, first: int, given: Sequence[Content]
) -> list[tuple[str, int, int, int, str]]:
    return [
        (content.payload.file, message_id, first + number, content.payload.size, content.payload.sha256)
        for number, content in enumerate(given)
        if content.payload is not None
    ]


def _start(progress: Progress, row: Berichtsoort) -> None:
    """105, 100 and 110, and the job that goes on from there."""
    for code in ("105", "100", "110"):
        progress.set(code)
    due = progress.now + round(row.step_delay_seconds * 1000)
    progress.next_jobs.append(NewJob(due, MESSAGE, "0", Step.AUTHORISE.value))


def _new_message(call: Call, delivery: Delivery, ontvanger: Identity, kenmerk: str, now: int) -> Message:
    belanghebbende = delivery.identiteit_belanghebbende
    return Message(
        id=0,
        kenmerk=kenmerk,
        berichtsoort=delivery.berichtsoort,
        berichtkenmerk=call.message_id,
        aanleverkenmerk=delivery.aanleverkenmerk,
        eerder_aanleverkenmerk=delivery.eerder_aanleverkenmerk,
        belanghebbende_nummer=belanghebbende.nummer,
        belanghebbende_type=belanghebbende.type,
        belanghebbende_key=identity_key(belanghebbende),
        rol_belanghebbende=delivery.rol_belanghebbende,
        ontvanger_nummer=ontvanger.nummer,
        ontvanger_type=ontvanger.type,
        rol_ontvanger=delivery.rol_ontvanger,
        autorisatie_adres=delivery.autorisatie_adres,
        sender_oin=call.caller.oin,
        sender_certificate=call.caller.certificate,
        via=delivery.via,
        door_reference=delivery.door_reference,
        stub=int(call.stub),
        received=now,
        state=State.NEW.value,
        statuscode="",
        # So that the first status is at the moment of receipt, whatever the gap between statuses.
        status_at=now - STUB_GAP_MS,
        status_position=-1,
    )


def _receipt(delivery: Delivery, kenmerk: str, ontvanger: Identity, now: int) -> Receipt:
    return Receipt(
        kenmerk=kenmerk,
        berichtsoort=delivery.berichtsoort,
        tijdstempel_aangeleverd=from_epoch_milliseconds(now),
        identiteit_belanghebbende=delivery.identiteit_belanghebbende,
        rol_belanghebbende=delivery.rol_belanghebbende,
        identiteit_ontvanger=ontvanger,
        aanleverkenmerk=delivery.aanleverkenmerk,
        eerder_aanleverkenmerk=delivery.eerder_aanleverkenmerk,
        rol_ontvanger=delivery.rol_ontvanger,
        autorisatie_adres=delivery.autorisatie_adres,
    )
