"""What is asked of a register with very many mandates, by every door, each question many times over."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Call, Caller, Identity, Period
from digipoort_sim.pki.numbers import is_number
from digipoort_sim.register import Mandate, State
from digipoort_sim.register.messages import MandateMessage, MessageKind
from digipoort_sim.store.exchange_tables import fetchables
from digipoort_sim.store.register_tables import mandates as table
from digipoort_sim.web.assembly import all_operations
from digipoort_sim.web.guard import Guard
from digipoort_sim.web.operations import Asked, Operation
from digipoort_sim.web.portal.sessions import Number
from digipoort_sim.web.portal.visit import Portal

TIMES = 60


@dataclass(frozen=True)
class Figure:
    """How long a question took, in milliseconds."""

    what: str
    p50: float
    p95: float


class Questions:
    """The questions, on rooms that `population.spread` has filled.

    Args:
        big: OIN of the party with very many mandates.
    """

    def __init__(self, rooms: Rooms, big: str) -> None:
        self._rooms = rooms
        self._big = big
        self._chance = random.Random(3)
        self._portal = Portal.open(rooms.settings, rooms.ids, rooms.clocks.simulator)
        guard = Guard.of(rooms.settings, None)
        self._pages = {
            (row.method, row.path): row for row in all_operations(guard, self._portal) if row.handler
        }
        self._mandates = [self._any() for _ in range(TIMES)]
        self._of_big = [self._any(table.c.gemachtigde_oin == big) for _ in range(TIMES)]
        self._calls = 0

    def figures(self) -> Iterator[Figure]:
        """Ask all of them, one after the other."""
        groups = (self._register(), self._doors(), self._fetching(), self._changes())
        for group in groups:
            for what, ask in group:
                yield _timed(what, ask)

    def _register(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        register = self._rooms.register

        def listed(**wanted: Any) -> Callable[[int], object]:
            return lambda n: self._read(lambda tx: register.mandates(tx, **wanted))

        def behind(n: int) -> object:
            after = self._of_big[n].id
            return self._read(lambda tx: register.mandates(tx, gemachtigde=self._big, after=after))

        yield "list: newest", listed(newest_first=True)
        yield "list: toestand", listed(toestand=State.VERLOPEN, newest_first=True)
        yield "list: current", listed(ended=False)
        yield "list: past", listed(ended=True)
        yield "list: code and toestand", listed(code="VIA", toestand=State.ACTIEF)
        yield "list: year", listed(jaar=2020)
        yield "party of 20,000: newest", listed(gemachtigde=self._big, newest_first=True)
        yield "party of 20,000: past", listed(gemachtigde=self._big, ended=True, newest_first=True)
        yield "party of 20,000: service", listed(gemachtigde=self._big, code="SBU", newest_first=True)
        yield "party of 20,000: nothing found", listed(gemachtigde=self._big, code="GWH", ended=True)
        yield "party of 20,000: a page further on", behind
        yield "search: number begins with", listed(vertegenwoordigde_prefix="0100")
        yield (
            "search: number begins with, of party of 20,000",
            listed(vertegenwoordigde_prefix="01", gemachtigde=self._big),
        )
        yield (
            "search: number",
            lambda n: listed(vertegenwoordigde=self._mandates[n].id_vertegenwoordigde)(n),
        )
        yield "letters: first page", lambda n: self._read(register.letters)

    def _doors(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        client, agent = self._cookies()
        yield "control API: mandates", lambda n: self._get("/api/v1/mandates", limit="100")
        yield "control API: one mandate", lambda n: self._get("/api/v1/mandates/{id}", self._mandates[n])
        yield "control API: letters", lambda n: self._get("/api/v1/letters", limit="100")
        yield "console: mandates", lambda n: self._get("/mandates")
        yield "console: one mandate", lambda n: self._get("/mandates/{id}", self._mandates[n])
        yield "console: letters", lambda n: self._get("/letters")
        for name, cookie in (("client", client), ("party of 20,000", agent)):
            for page in ("machtigingen", "machtigingen/beeindigd"):
                path = f"/portal/nl/{page}"
                if ("GET", path) in self._pages:
                    yield f"portal, {name}: {page}", self._portal_page(path, cookie)
        yield (
            "portal, party of 20,000: search",
            lambda n: self._get(
                "/portal/nl/machtigingen", cookie=agent(n), nummer=self._of_big[n].id_vertegenwoordigde
            ),
        )

    def _portal_page(self, path: str, cookie: Callable[[int], str]) -> Callable[[int], object]:
        return lambda n: self._get(path, cookie=cookie(n))

    def _cookies(self) -> tuple[Callable[[int], str], Callable[[int], str]]:
        sessions = self._portal.sessions
        kvk = Number("KvK", self._big[8:16])
        agent = sessions.begin("eherkenning", "gemachtigde", (kvk,)).partition(";")[0]

        def client(n: int) -> str:
            number = Number("BSN", self._mandates[n].id_vertegenwoordigde[:9])
            return sessions.begin("digid", "vertegenwoordigde", (number,)).partition(";")[0]

        return client, lambda n: agent

    def _fetching(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        office, always = self._rooms.office, Period()
        lately = Period(self._rooms.clocks.simulator.now() - timedelta(hours=1))

        def client(n: int) -> Identity:
            mandate = self._of_big[n]
            return Identity(mandate.id_vertegenwoordigde, mandate.type_vertegenwoordigde)

        def kenmerk(n: int) -> object:
            found = self._kenmerk(self._of_big[n])
            return found and office.berichten_kenmerk(self._call(), found, always, nieuw=False)

        yield (
            "fetch: of one client",
            lambda n: office.berichten(self._call(), None, client(n), always, nieuw=False),
        )
        yield (
            "fetch: new of one client",
            lambda n: office.berichten(self._call(), None, client(n), always, nieuw=True),
        )
        yield "fetch: by kenmerk", kenmerk
        yield (
            "fetch: list of the last hour, party of 20,000",
            lambda n: office.berichten_lijst(self._call(), None, lately, nieuw=True),
        )
        yield (
            "fetch: list of the last hour, of one kind",
            lambda n: office.berichten_lijst(self._call(), "SBA_IB", lately, nieuw=True),
        )
        yield (
            "fetch: list of all (10,000 lines), party of 20,000",
            lambda n: office.berichten_lijst(self._call(), None, always, nieuw=False),
        )

    def _changes(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        told: list[Mandate] = []
        chance = self._chance

        def tell(kind: MessageKind, client: str, code: str | None = None) -> Mandate:
            message = MandateMessage(kind, "SBU", client, None, self._big, code)
            answer = self._rooms.mandates.tell(message, self._big)
            assert answer.mandate is not None
            return answer.mandate

        def request(n: int) -> None:
            told.append(tell(MessageKind.OPVOEREN, _number(chance)))

        def activate(n: int) -> None:
            letter = self._read(lambda tx: self._rooms.register.letter_of(tx, told[n].id))
            tell(MessageKind.ACTIVEREN, told[n].id_vertegenwoordigde, letter.activatie_token)

        yield "request, by the counter", request
        self._rooms.scheduler.advance(self._rooms.clocks.simulator.now() + timedelta(days=15))
        yield "activate", activate
        yield "revoke", lambda n: self._rooms.mandates.revoke(told[n].id, "gemachtigde")

    def _call(self) -> Call:
        self._calls += 1
        return Call(Caller(self._big, "b" * 64), f"urn:uuid:{self._calls}")

    def _read(self, ask: Callable[[Any], Any]) -> Any:
        with self._rooms.store.read() as tx:
            return ask(tx)

    def _any(self, *conditions: Any) -> Mandate:
        """A mandate somewhere in the table."""
        last = self._read(lambda tx: tx.execute(select(func.max(table.c.nr)).where(*conditions)).scalar_one())
        start = self._chance.randrange(last)
        query = select(table.c.id).where(table.c.nr > start, *conditions).order_by(table.c.nr).limit(1)
        id_ = self._read(lambda tx: tx.execute(query).scalar_one())
        found: Mandate = self._read(lambda tx: self._rooms.register.mandate(tx, id_))
        return found

    def _kenmerk(self, mandate: Mandate) -> str | None:
        query = select(fetchables.c.kenmerk).where(fetchables.c.mandate_id == mandate.id).limit(1)
        found: str | None = self._read(lambda tx: tx.execute(query).scalar())
        return found

    def _get(self, path: str, about: Mandate | None = None, cookie: str = "", **query: str) -> None:
        row: Operation = self._pages["GET", path]
        assert row.handler is not None
        given = {} if about is None else {"id": about.id}
        asked = Asked(self._rooms, given, row.read_query(query), headers={"cookie": cookie})
        reply = row.handler(asked)
        if reply.status != 200:
            raise RuntimeError(f"{path} answers {reply.status}")


def _number(chance: random.Random) -> str:
    while True:
        number = f"{chance.randrange(200_000_000, 900_000_000)}"
        if is_number("BSN", number):
            return number


def _timed(what: str, ask: Callable[[int], object]) -> Figure:
    times = []
    for number in range(TIMES):
        began = time.perf_counter()
        ask(number)
        times.append(1000 * (time.perf_counter() - began))
    times.sort()
    return Figure(what, times[len(times) // 2], times[len(times) * 95 // 100])
