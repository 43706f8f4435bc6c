"""No query without an index: what every door asks of the database goes by one, on SQLite and PostgreSQL.

The statements are those that the functions behind the doors send; whoever adds one has it looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event

from digipoort_sim.config import Settings
from digipoort_sim.exchange.outgoing import LANES, Receiver
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Call, Caller, Content, Delivery, Identity, Period
from digipoort_sim.register import State
from digipoort_sim.register.messages import MandateMessage, MessageKind
from digipoort_sim.server import open_inner
from digipoort_sim.store import register_tables
from digipoort_sim.web.assembly import all_operations
from digipoort_sim.web.guard import Guard
from digipoort_sim.web.operations import Asked
from digipoort_sim.web.portal import Portal
from digipoort_sim.web.portal.sessions import Number
from tests.postgres import database_url, new_name, postgres_server, postgres_url

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]

OIN = "00000003302162470000"
BSN = Identity("999993653", "BSN")
GROWING = {
    *(table.name for table in vars(register_tables).values() if isinstance(table, Table)),
    *("messages", "contents", "statuses", "status_marks", "fetchables", "fetch_marks", "jobs"),
} - {"register_letter_days"}
"""Tables that may have hundreds of thousands of rows."""

BOUNDED = re.compile(
    r"(id_vertegenwoordigde|belanghebbende_key|mandate_id|message_id|kenmerk) (=|IN) |dienst > "
    r"|LIMIT \? OFFSET \?\) AS "
)
"""What a query may sort: what belongs to one client or message, was put in by a tester, or is one page."""

WALKED = re.compile(r"USING (COVERING )?INDEX ix_register_mandates_(current|past)")
NEARLY_ALL = "fetchables.mandate_id IS NOT NULL OR fetchables.dienst IS NOT NULL"
"""Only overviews and the stub's two messages are passed over on the way."""

Seen = dict[str, Any]


@pytest.fixture
def rooms(tmp_path: Path, database_url: str) -> Iterator[Rooms]:
    """Rooms with a message, mandates in several states, letters and service messages."""
    rooms = open_inner(Settings(state=tmp_path / "state", database_url=database_url))
    rooms.scheduler.freeze()
    year = rooms.clocks.simulator.now().year
    for dienst in (f"VIA_{year - 1}", f"SBA_IB_{year}", "SBU", "DM_IB"):
        _tell(rooms, MessageKind.OPVOEREN, dienst)
    yield rooms
    rooms.close()


def _tell(rooms: Rooms, kind: MessageKind, dienst: str, code: str | None = None) -> str:
    answer = rooms.mandates.tell(MandateMessage(kind, dienst, BSN.nummer, BSN.type, OIN, code), OIN)
    assert answer.mandate is not None
    return answer.mandate.id


def _live(rooms: Rooms) -> None:
    """Time passes over all kinds of due dates, with a message on its way."""
    call = Call(Caller(OIN, "a" * 64), "urn:uuid:1")
    content = Content("text/xml", "a.xml", b"<a/>")
    rooms.office.accept(call, Delivery("TEST", BSN, "Bedrijf", content))
    rooms.scheduler.advance(rooms.clocks.simulator.now() + timedelta(days=15))
    with rooms.store.read() as tx:
        letters = rooms.register.letters(tx)
    for letter in letters:
        if letter.activatie_token and letter.code != "VIA":
            _tell(rooms, MessageKind.ACTIVEREN, letter.dienst, letter.activatie_token)
    rooms.scheduler.advance(rooms.clocks.simulator.now() + timedelta(days=400))
    _tell(rooms, MessageKind.INTREKKEN, "SBU")
    rooms.mandates.return_letter(letters[1].id)


def _fetch(rooms: Rooms) -> None:
    """All that a party can ask at the doors for messages and statuses."""
    office, always = rooms.office, Period()
    call = Call(Caller(OIN, "a" * 64), "urn:uuid:2")
    since = Period(rooms.clocks.simulator.now() - timedelta(days=99))
    for nieuw in (False, True):
        for kind in (None, "SBA_IB", "VIA"):
            lines = office.berichten_lijst(call, kind, always, nieuw=nieuw)
            office.berichten_lijst(call, kind, since, nieuw=nieuw)
            office.berichten(call, kind, BSN, since, nieuw=nieuw)
            for line in lines[:1]:
                office.berichten_kenmerk(call, line.kenmerk, always, nieuw=nieuw)
    to = Receiver("ftp-0", OIN)
    for lane in LANES:
        portion = office.outgoing.walk(to, lane, None, 10)
        office.outgoing.walk(to, lane, portion.last or ("SBA_IB_2026", 1), 10)
    office.outgoing.given(to, sorted(office.outgoing.give(to, [1, 2, 3])))
    office.outgoing.newest()
    for kind in office.berichtsoorten(call, BSN):
        for process in office.processen(call, kind, BSN):
            office.statussen_proces(call, process.kenmerk, always)
            office.nieuwe_statussen_proces(call, process.kenmerk, always)
        office.nieuwe_statussen(call, kind, BSN, since)


def _list(rooms: Rooms) -> None:
    """The register's lists, by everything that they can be narrowed by."""
    register = rooms.register
    ways: tuple[dict[str, Any], ...] = (
        {"ended": True},
        {"ended": False},
        {"toestand": State.ACTIEF},
        {"code": "VIA"},
        {"dienst": "DM_IB"},
        {"jaar": 2026},
        {"vertegenwoordigde": BSN.nummer},
        {"vertegenwoordigde_prefix": "99"},
    )
    with rooms.store.read() as tx:
        first = register.mandates(tx)[0]
        for more in ({}, {"gemachtigde": OIN}, {"after": first.id}, {"newest_first": True}):
            for way in ways:
                register.mandates(tx, **way, **more)
        register.access(tx, OIN, rooms.clocks.simulator.now(), client=(BSN.nummer, BSN.type))


def _look(rooms: Rooms) -> None:
    """Every page and operation that reads, of control API, console and portal."""
    portal = Portal.open(rooms.settings, rooms.ids, rooms.clocks.simulator)
    guard = Guard.of(rooms.settings, None)
    sessions = (
        portal.sessions.begin("digid", "vertegenwoordigde", (Number("BSN", BSN.nummer),)),
        portal.sessions.begin("eherkenning", "gemachtigde", (Number("KvK", OIN[8:16]),)),
    )
    with rooms.store.read() as tx:
        mandate, letter = rooms.register.mandates(tx)[0].id, rooms.register.letters(tx)[0].id
    kenmerk = rooms.office.messages()[0].kenmerk
    shown = 0
    for row in all_operations(guard, portal):
        if row.method != "GET" or row.handler is None:
            continue
        about = letter if "letter" in row.path or "brieven" in row.path else mandate
        names = re.findall(r"\{(\w+)\}", row.path)
        path = {name: kenmerk if name == "kenmerk" else about for name in names}
        for cookie in sessions if row.path.startswith("/portal") else ("",):
            shown += _shown(rooms, row.handler, Asked(rooms, path, headers={"cookie": cookie}))
    assert shown > 30


def _shown(rooms: Rooms, handler: Callable[[Asked], Any], asked: Asked) -> bool:
    try:
        return bool(handler(asked).status == 200)
    except Exception:  # such as an event that is not there: what it asked has been seen
        return False


def _statements(rooms: Rooms) -> Seen:
    seen: Seen = {}

    def keep(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if not many and re.match(r"SELECT|UPDATE|DELETE", statement):
            seen.setdefault(statement, parameters)

    event.listen(rooms.store._engine, "before_cursor_execute", keep)
    for ask in (_live, _list, _fetch, _look):
        ask(rooms)
    event.remove(rooms.store._engine, "before_cursor_execute", keep)
    assert len(seen) > 100
    return seen


def test_every_query_goes_by_an_index(rooms: Rooms) -> None:
    """No query reads a growing table from end to end, or sorts what may be very many rows."""
    seen = _statements(rooms)
    bad = _bad_on_sqlite if rooms.store.is_sqlite else _bad_on_postgresql
    found = bad(rooms, seen)
    assert not found, "\n\n".join(f"{reason}\n{' '.join(statement.split())}" for statement, reason in found)


def _bad_on_sqlite(rooms: Rooms, seen: Seen) -> list[tuple[str, str]]:
    found = []
    with rooms.store.read() as tx:
        for statement, parameters in seen.items():
            lines = [row[-1] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            found += [(statement, line) for line in lines if _is_bad(statement, line)]
    return found


def _is_bad(statement: str, line: str) -> bool:
    scan = re.match(r"SCAN (\w+)", line)
    if scan is not None and scan[1] in GROWING:
        # Walking along all rows in order and stopping at the limit is no reading from end to end.
        text = " ".join(statement.split())
        passes_all = " WHERE " not in text or WALKED.search(line) or NEARLY_ALL in text
        return not ("LIMIT" in text and passes_all)
    if "TEMP B-TREE" in line:
        return not BOUNDED.search(" ".join(statement.split())) and any(name in statement for name in GROWING)
    # A unique index on what is null in very many rows is none.
    return bool(re.search(r"(open|exclusive)_key=\?", line) and "_key IS NULL" in statement)


def _bad_on_postgresql(rooms: Rooms, seen: Seen) -> list[tuple[str, str]]:
    found = []
    with rooms.store.begin() as tx:
        # On few rows reading all is cheapest; forbidden, it is done only where there is no index.
        tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in seen.items():
            lines = [row[0] for row in tx.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
            for line in lines:
                scan = re.search(r"Seq Scan on (\w+)", line)
                if scan is not None and scan[1] in GROWING:
                    found.append((statement, line))
    return found
