"""A post office of real parts, and the shortest ways to deliver to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digipoort_sim.agencies import Agencies
from digipoort_sim.agencies.agencies import Conditions
from digipoort_sim.catalogue import Catalogue, load_catalogue
from digipoort_sim.clock import ClockReading, Clocks, FixedClock, SimulatorClock
from digipoort_sim.config import Settings
from digipoort_sim.exchange import PostOffice, Scheduler, read_clock
from digipoort_sim.exchange.clockrow import write_clock
from digipoort_sim.exchange.external import AgencyLine
from digipoort_sim.exchange.values import Call, Caller, Content, Delivery, Identity, Period, Receipt, Status
from digipoort_sim.ids import SeededIds
from digipoort_sim.register import Register
from digipoort_sim.register.messages import MandateMessage, MessageKind, render_mandate_message
from digipoort_sim.store import Store
from digipoort_sim.validation.packages.folder import packages_at_hand
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.taxonomies import Taxonomies

START = datetime(2026, 3, 7, 12, tzinfo=UTC)
ALWAYS = Period()
CLIENT = Identity("111222333", "BSN")
OB = Identity("001000044B37", "Fi")
ANN = Caller("00000003302162470000", "a" * 64)
BOB = Caller("00000001002220647000", "b" * 64)


@dataclass
class Office:
    """A post office with its scheduler and clock, and shortcuts for tests."""

    post: PostOffice
    scheduler: Scheduler
    clock: SimulatorClock
    security: FixedClock
    register: Register
    count: int = 0

    def call(self, caller: Caller = ANN, **changes: Any) -> Call:
        """A call with a new MessageID, without a replay guard."""
        self.count += 1
        return replace(Call(caller, f"urn:uuid:{self.count}"), **changes)

    def deliver(self, delivery: Delivery, caller: Caller = ANN, **changes: Any) -> Receipt:
        """Have a delivery accepted."""
        return self.post.accept(self.call(caller, **changes), delivery)

    def statuses(self, kenmerk: str, caller: Caller = ANN) -> list[Status]:
        """All statuses of a process."""
        return self.post.statussen_proces(self.call(caller), kenmerk, ALWAYS)

    def run(self, delivery: Delivery, caller: Caller = ANN) -> list[Status]:
        """Have a delivery accepted and everything that is due done; gives its statuses."""
        kenmerk = self.deliver(delivery, caller).kenmerk
        self.scheduler.drain()
        return self.statuses(kenmerk, caller)

    def codes(self, kenmerk: str) -> list[str]:
        """The statuscodes of a process."""
        return [status.statuscode for status in self.statuses(kenmerk)]

    def advance(self, **duration: float) -> None:
        """Move the clock; see timedelta."""
        self.scheduler.advance(self.clock.now() + timedelta(**duration))


def open_office(
    store: Store,
    *,
    settings: Settings | None = None,
    catalogue: Catalogue | None = None,
    conditions: Conditions | None = None,
    seed: str = "tests",
    lines: Mapping[str, AgencyLine] | None = None,
    taxonomies: Taxonomies | None = None,
) -> Office:
    """A post office on a store; the clock is frozen at `START` unless the store has another reading."""
    security = FixedClock(START)
    clock = SimulatorClock(security, lambda: read_clock(store))
    with store.begin() as tx:
        write_clock(tx, ClockReading(frozen_at=START))
    settings = settings or Settings(state=Path("/nowhere"))
    rows = catalogue or load_catalogue()
    ids = SeededIds(seed)
    register = Register(rows, settings.register_, ids)
    agencies, clocks = Agencies(rows, conditions), Clocks(clock, security)
    limit = settings.validation.max_taxonomy_bytes
    packages = packages_at_hand(settings.taxonomies_folder())
    validator = Validator((), taxonomies, limit, rows.bedrijfsregels, packages)
    post = PostOffice(store, rows, clocks, ids, settings, register, agencies, lines, validator)
    return Office(post, Scheduler(post), clock, security, register)


def any_delivery(aanleverkenmerk: str | None = None, **changes: Any) -> Delivery:
    """A delivery of berichtsoort TEST, which may hold anything."""
    delivery = Delivery(
        "TEST", OB, "Bedrijf", Content("text/xml", "a.xml", b"<a/>"), aanleverkenmerk=aanleverkenmerk
    )
    return replace(delivery, **changes)


def mandate_delivery(
    kind: MessageKind, dienst: str, caller: Caller = ANN, client: Identity = CLIENT, **changes: Any
) -> Delivery:
    """A mandate message about a client by the party that calls."""
    message = MandateMessage(kind, dienst, client.nummer, client.type, caller.oin, **changes)
    content = Content("text/xml", "machtiging.xml", render_mandate_message(message, "xml"))
    name = f"Machtiging{kind.value.capitalize()}"
    return Delivery(name, client, "Intermediair", content)
