"""The post office's counter: everything that the doors ask of it."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, func, select

from digipoort_sim.agencies import Agencies
from digipoort_sim.catalogue import Catalogue, Scenario
from digipoort_sim.clock import Clocks, epoch_milliseconds
from digipoort_sim.config import Settings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import acceptance, notices, views
from digipoort_sim.exchange.agency_desk import AgencyDesk
from digipoort_sim.exchange.couriers import Couriers
from digipoort_sim.exchange.delivering import Delivering
from digipoort_sim.exchange.errands import Errands
from digipoort_sim.exchange.events import EventRecord, EventRing
from digipoort_sim.exchange.external import AgencyLine
from digipoort_sim.exchange.fetchables import Fetchables
from digipoort_sim.exchange.group import GroupCommit
from digipoort_sim.exchange.intake import Entry, Intake
from digipoort_sim.exchange.mandate_office import MandateOffice
from digipoort_sim.exchange.mandates import MandateDesk
from digipoort_sim.exchange.other_parties import check_autorisatie_adres
from digipoort_sim.exchange.outgoing import OutgoingDesk
from digipoort_sim.exchange.receivers import Receivers, scenario_document
from digipoort_sim.exchange.replay import ReplayGuard
from digipoort_sim.exchange.runner import Runner
from digipoort_sim.exchange.scenarios import Scenarios
from digipoort_sim.exchange.service_desk import ServiceDesk
from digipoort_sim.exchange.statuses import Asked, StatusDesk, unknown_kenmerk
from digipoort_sim.exchange.steps import Steps
from digipoort_sim.exchange.storing import Storing
from digipoort_sim.exchange.tickets import Staged
from digipoort_sim.exchange.validating import Validating
from digipoort_sim.exchange.values import (
    Bericht,
    BerichtLijstRegel,
    Call,
    Content,
    Delivery,
    Door,
    Event,
    Identity,
    Notice,
    Period,
    Process,
    Receipt,
    Status,
    Wanted,
)
from digipoort_sim.exchange.views import MessageDetail, MessageSummary
from digipoort_sim.ids import IdSource
from digipoort_sim.register import Register
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages
from digipoort_sim.store.payloads import Payloads
from digipoort_sim.validation.pipeline import Validator

_Answer = TypeVar("_Answer")
_NEWEST = select(func.max(messages.c.id))


class PostOffice:
    """Takes messages in, tells what became of them, and gives parties theirs. Safe to share by threads.

    Args:
        lines: the agencies outside, by their key in the catalogue; the others have stand-ins.
        validator: checks contents; by default one without taxonomies.

    Attributes:
        runner: runs the jobs; `Scheduler` drives it.
        errands: calls to the agencies outside and checks against taxonomies; `Scheduler` drives them too.
        mandates: the register, asked by other ways than a message.
        service_messages: where testers look at service messages, have some made and put in their own.
        agency_desk: where these agencies set statuses.
        work: set when there may be a job to run.
        payloads: the folder of contents too large for the database.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clocks: Clocks,
        ids: IdSource,
        settings: Settings,
        register: Register,
        agencies: Agencies,
        lines: Mapping[str, AgencyLine] | None = None,
        validator: Validator | None = None,
    ) -> None:
        self.store = store
        self.clocks = clocks
        self.work = threading.Event()
        self._catalogue, self._ids, self._settings = catalogue, ids, settings
        whole = settings.validation.max_whole_bytes
        self.payloads = Payloads(settings.payloads_folder(), whole, shared=not store.is_sqlite)
        receivers = Receivers(agencies)
        self.replays = ReplayGuard(store)
        self._scenarios = Scenarios(
            catalogue,
            scenario_document,
            everywhere=settings.wus.scenarios_on_preproduction,
            last_attempt=settings.exchange.last_attempt_statuscode,
        )
        self._intake = Intake(store, catalogue, self.replays, self._scenarios.play)
        self._storing = Storing(store, self._intake, clocks.security, self.work)
        self._statuses = StatusDesk(store)
        self._events = EventRing(store, clocks, settings.event_ring)
        self._fetchables = Fetchables(
            *(store, catalogue, register, agencies, ids, clocks.simulator, self._events, self.payloads),
            without_mandate=settings.register_.without_mandate,
        )
        self.desk = MandateDesk(store, catalogue, register, agencies, self._fetchables, self._events)
        lines = {} if lines is None else lines
        delivering = Delivering(catalogue, settings.exchange, ids, receivers.answer, lines)
        validating = Validating(validator or Validator(business=catalogue.bedrijfsregels), settings)
        steps = Steps(catalogue, settings.exchange, validating, delivering)
        self.runner = Runner(
            *(store, catalogue, clocks.simulator, ids, steps, self._scenarios, self.desk, self._events),
            self.payloads,
        )
        jobs, simulator = self.runner.jobs, clocks.simulator
        self.mandates = MandateOffice(
            store, catalogue, simulator, register, self.desk, jobs, self._events, self.work
        )
        self.service_messages = ServiceDesk(
            store, catalogue, simulator, register, agencies, self._fetchables, self._events
        )
        self.outgoing = OutgoingDesk(store, register, self._fetchables, simulator)
        couriers = [Couriers(agency, line, delivering) for agency, line in lines.items()]
        errands, patience = [*validating.errands(), *couriers], settings.agencies.patience_seconds
        self.errands = Errands(
            store, catalogue, simulator, jobs, self._events, errands, self.work.set, patience, self.payloads
        )
        self.agency_desk = AgencyDesk(store, catalogue, clocks, jobs, self.replays, lines)
        self._groups: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, GroupCommit]
        self._groups = weakref.WeakKeyDictionary()
        self._stub_is_ready = False

    # Taking in

    def stage(self, call: Call, delivery: Delivery) -> Staged:
        """Check a delivery and have it stored with others that come at the same time.

        Only inside a running event loop.

        Raises:
            Refusal: the delivery breaks a rule of the berichtsoort or of the interface.
        """
        entry = self._entry(call, delivery)
        loop = asyncio.get_running_loop()
        group = self._groups.get(loop)
        if group is None:
            group = GroupCommit(loop, self._storing.together, threaded=not self.store.is_sqlite)
            self._groups[loop] = group
        return Staged(entry.receipt, group.add(entry), entry.ticket)

    def accept(self, call: Call, delivery: Delivery) -> Receipt:
        """Check a delivery and store it; it is committed on return.

        Raises:
            Refusal: the delivery breaks a rule, or is a replay.
            TechnicalError: it could not be stored.
        """
        entry = self._entry(call, delivery)
        verdict = self._storing.together((entry,))[0]
        if verdict is not None:
            raise verdict
        return entry.receipt

    def accept_all(self, deliveries: Sequence[tuple[Call, Delivery]]) -> list[Receipt | Exception]:
        """Check deliveries and store the good ones together.

        Returns:
            For each its receipt, or what `accept` would have raised.
        """
        outcomes: list[Entry | Exception] = [self._outcome(call, delivery) for call, delivery in deliveries]
        good = [outcome for outcome in outcomes if isinstance(outcome, Entry)]
        verdicts = iter(self._storing.together(good) if good else ())
        return [
            (next(verdicts) or outcome.receipt) if isinstance(outcome, Entry) else outcome
            for outcome in outcomes
        ]

    def _outcome(self, call: Call, delivery: Delivery) -> Entry | Exception:
        try:
            return self._entry(call, delivery)
        except Exception as error:  # one delivery that cannot be looked at must not stop the others
            return error

    def scenario_of(
        self, call: Call, kenmerk: str | None = None, aanleverkenmerk: str | None = None
    ) -> Scenario | None:
        """The scenario that a call meets, by an aanleverkenmerk or by that of a process of the caller.

        None on the ordinary paths, unless the setting ``scenarios_on_preproduction`` is on, and for a
        kenmerk that is not the caller's.
        """
        if not call.stub and not self._settings.wus.scenarios_on_preproduction:
            return None
        if kenmerk is not None:
            mine = (messages.c.kenmerk == kenmerk) & (messages.c.sender_oin == call.caller.oin)
            with self.store.read() as tx:
                row = tx.execute(select(messages.c.aanleverkenmerk).where(mine)).first()
            if row is None:
                return None
            aanleverkenmerk = row[0]
        return self._scenarios.find(aanleverkenmerk, stub=call.stub)

    def _entry(self, call: Call, delivery: Delivery) -> Entry:
        is_fault = self._settings.exchange.foreign_sender == "fault"
        row = acceptance.check(self._catalogue, call, delivery, foreign_is_fault=is_fault)
        now = epoch_milliseconds(self.clocks.simulator.now())
        if delivery.kenmerk:
            return self._intake.addition(call, delivery, now)
        scenario = self._scenarios.find(delivery.aanleverkenmerk, stub=call.stub)
        return self._intake.entry(call, delivery, row, self._ids.uuid(), now, scenario)

    def newest_message(self) -> int | None:
        """The number of the message that came in last; it changes while messages keep coming."""
        with self.store.read() as tx:
            return tx.execute(_NEWEST).scalar()

    # Telling what became of it

    def check_requester(
        self, call: Call, kenmerk: str | None, identity: Identity, autorisatie_adres: str | None
    ) -> None:
        """Check, if the settings ask for it, that a question about another party has an autorisatieAdres."""
        if self._settings.exchange.autorisatie_adres_for_others:
            with self.store.read() as tx:
                check_autorisatie_adres(tx, call.caller, kenmerk, identity, autorisatie_adres)

    def berichtsoorten(self, call: Call, identity: Identity) -> list[str]:
        """All berichtsoorten that the caller delivered on behalf of a belanghebbende."""
        asked = Asked(call.caller, identity=identity)
        return self._read(call, lambda tx: self._statuses.berichtsoorten(tx, asked))

    def processen(self, call: Call, berichtsoort: str, identity: Identity) -> list[Process]:
        """All processes of one berichtsoort that the caller started for a belanghebbende."""
        asked = Asked(call.caller, identity=identity, berichtsoort=berichtsoort)
        return self._read(call, lambda tx: self._statuses.processes(tx, asked))

    def statussen_proces(self, call: Call, kenmerk: str, period: Period) -> list[Status]:
        """All statuses of a process; marks nothing."""
        asked = Asked(call.caller, kenmerk=kenmerk, period=period)
        return self._read(call, lambda tx: self._statuses_of_process(tx, asked))

    def nieuwe_statussen_proces(self, call: Call, kenmerk: str, period: Period) -> list[Status]:
        """The statuses of a process that this certificate was not given before."""
        asked = Asked(call.caller, kenmerk=kenmerk, period=period, nieuw=True)
        return self._read(call, lambda tx: self._statuses_of_process(tx, asked), marks=True)

    def nieuwe_statussen(
        self, call: Call, berichtsoort: str, identity: Identity, period: Period
    ) -> list[Status]:
        """New statuses of all processes of a berichtsoort for a belanghebbende."""
        asked = Asked(call.caller, None, identity, berichtsoort, period, nieuw=True)
        return self._read(call, lambda tx: self._statuses.statuses(tx, asked), marks=True)

    def _statuses_of_process(self, tx: Connection, asked: Asked) -> list[Status]:
        found = self._statuses.statuses(tx, asked)
        if not found and self._settings.wus.unknown_kenmerk_is_fault and not self._statuses.exists(tx, asked):
            raise unknown_kenmerk(asked.kenmerk or "", "process")
        return found

    # Giving parties their messages

    def berichten(
        self, call: Call, berichtsoort: str | None, identity: Identity, period: Period, *, nieuw: bool
    ) -> list[Bericht]:
        """Messages about a belanghebbende that the caller may fetch now."""
        return self._give(call, Wanted(call.caller, call.stub, period, nieuw, berichtsoort, identity))

    def berichten_kenmerk(self, call: Call, kenmerk: str, period: Period, *, nieuw: bool) -> list[Bericht]:
        """The message with this kenmerk, if the caller may fetch it now."""
        return self._give(call, Wanted(call.caller, call.stub, period, nieuw, kenmerk=kenmerk))

    def berichten_lijst(
        self, call: Call, berichtsoort: str | None, period: Period, *, nieuw: bool
    ) -> list[BerichtLijstRegel]:
        """What the caller may fetch now, without contents. A list marks nothing as given."""
        self._prepare(call)
        wanted = Wanted(call.caller, call.stub, period, nieuw, berichtsoort)
        return self._read(call, lambda tx: self._fetchables.lines(tx, wanted))

    def _give(self, call: Call, wanted: Wanted) -> list[Bericht]:
        self._prepare(call)
        failed = self._fetchables.make(wanted)
        found = self._read(call, lambda tx: self._given(tx, wanted), marks=wanted.nieuw)
        if failed and not found:
            raise TechnicalError(
                "a message for you could not be made now; it is kept, ask again later", rule="SERVICE-MESSAGE"
            )
        return found

    def _given(self, tx: Connection, wanted: Wanted) -> list[Bericht]:
        found = self._fetchables.give(tx, wanted)
        strict = self._settings.wus.unknown_kenmerk_is_fault and wanted.kenmerk is not None
        if strict and not found and not self._fetchables.is_open(tx, wanted):
            raise unknown_kenmerk(wanted.kenmerk or "", "message")
        return found

    def _prepare(self, call: Call) -> None:
        if call.stub and not self._stub_is_ready:
            self._fetchables.prepare_stub()
            self._stub_is_ready = True

    # For the doors and for who owns the simulator

    def record(self, event: Event) -> int:
        """Keep an event; gives its id, or 0 if it could not be kept. Never raises."""
        return self._events.record(event)

    def events(
        self, *, limit: int = 100, after: int = 0, before: int | None = None, kind: str | None = None
    ) -> list[EventRecord]:
        """The newest events, newest first; with `after` only higher ids, with `before` only lower ones."""
        return self._events.newest(limit=limit, after=after, before=before, kind=kind)

    def event(self, event_id: int) -> EventRecord:
        """One event; NotFoundError if it has left the ring."""
        return self._events.get(event_id)

    def event_raw(self, event_id: int) -> bytes:
        """The raw bytes of an event; NotFoundError if it has left the ring."""
        return self._events.raw(event_id)

    def messages(
        self,
        *,
        limit: int = 100,
        before: int | None = None,
        berichtsoort: str | None = None,
        statuscode: str | None = None,
        aanleverkenmerk: str | None = None,
    ) -> list[MessageSummary]:
        """Messages, newest first.

        Args:
            before: only those with a lower `MessageSummary.id`, for the next page.
        """
        return views.list_messages(
            self.store,
            limit=limit,
            before=before,
            berichtsoort=berichtsoort,
            statuscode=statuscode,
            aanleverkenmerk=aanleverkenmerk,
        )

    def message(self, kenmerk: str) -> MessageDetail:
        """One message with its statuses; NotFoundError if there is none."""
        return views.show_message(self.store, kenmerk)

    def content(self, kenmerk: str, position: int = 0) -> Content:
        """A content of a message, to be opened; NotFoundError if there is none."""
        return views.show_content(self.store, self.payloads, kenmerk, position)

    def notices(self, door: Door, limit: int, after: int = 0) -> list[Notice]:
        """News for a door: final statuses of what came in by it, oldest first.

        Args:
            after: only those with a higher id.
        """
        return notices.pending(self.store, door, limit, after)

    def notices_done(self, notice_ids: Sequence[int]) -> None:
        """The door has done with these notices."""
        notices.take(self.store, notice_ids)

    def _read(self, call: Call, ask: Callable[[Connection], _Answer], *, marks: bool = False) -> _Answer:
        """Ask in one transaction; it writes where a replay is guarded against or something is marked."""
        with self._transaction(call, marks) as tx:
            return ask(tx)

    @contextmanager
    def _transaction(self, call: Call, marks: bool) -> Iterator[Connection]:
        if call.valid_until is None and not marks:
            with self.store.read() as tx:
                yield tx
            return
        with self.store.begin() as tx:
            self.replays.check(tx, call, epoch_milliseconds(self.clocks.security.now()))
            yield tx
