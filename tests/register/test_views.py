"""What can be seen: access, overview, listings, history."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import event, select

from digipoort_sim.errors import NotFoundError
from digipoort_sim.register import MandateMessage, MessageKind, State
from digipoort_sim.resources import schemas
from digipoort_sim.store.register_tables import mandates
from tests.register.desk import BSN, LHNR, OFFICE, OTHER, RSIN, Desk

NAMESPACE = {"o": "urn:digipoort-sim:machtiging-overzicht:2026"}


def test_access_is_for_this_party_client_and_kind(desk: Desk) -> None:
    """Access is given under active mandates only, of the caller, for that client and kind of message."""
    desk.activated_by_code("VIA_2025")
    desk.activated_by_code("VIA_2024", RSIN)
    desk.activated_by_code("UWV-ZZ-ZW", LHNR)
    desk.request("SBA_IB_2026")
    assert desk.access() == ["VIA_2025", "VIA_2024", "UWV-ZZ-ZW"]
    assert desk.access(OTHER) == []
    assert desk.access(berichtsoort="VIA") == ["VIA_2025", "VIA_2024"]
    assert desk.access(berichtsoort="Omzetbelasting") == []
    assert desk.access(client=(BSN, "bsn")) == ["VIA_2025"]
    assert desk.access(client=(BSN, "RSIN")) == []
    assert desk.access(berichtsoort="VIA", client=(LHNR, "LHnr")) == []


def test_access_by_equal_kinds_of_number(desk: Desk) -> None:
    """An organisation named by RSIN, Fi or BTW is the same client."""
    desk.request("SBA_VPB_2026", RSIN, type_="RSIN")
    desk.advance(days=40)
    for type_ in ("RSIN", "Fi", "BTW"):
        assert desk.access(client=(RSIN, type_)) == ["SBA_VPB_2026"]
    assert desk.access(client=(RSIN, "BSN")) == []


def test_accessible_ids_is_access_as_a_subquery(desk: Desk) -> None:
    """The subquery selects the ids of the same mandates as `access`."""
    mandate = desk.activated_by_code("VIA_2025")
    desk.activated_by_code("UWV-ZZ-ZW", LHNR)
    ids = desk.register.accessible_ids(OFFICE, berichtsoort="VIA", client=(BSN, "BSN"))
    with desk.store.read() as tx:
        found = tx.execute(select(mandates.c.dienst).where(mandates.c.id.in_(ids))).scalars().all()
    assert found == [mandate.dienst]


def _overview(desk: Desk, dienst: str, client: str = BSN, **more: str) -> Any:
    outcome = desk.send("opvragen", dienst, client, **more)
    assert outcome.key == "overzicht-gemaakt"
    root = etree.fromstring(outcome.overview or b"")
    etree.XMLSchema(file=schemas() / "machtiging" / "machtiging-overzicht.xsd").assertValid(root)
    return root


def _overview_of_year(desk: Desk, jaar: int) -> list[str]:
    message = MandateMessage(MessageKind.OPVRAGEN, "", BSN, None, OFFICE, jaar=jaar)
    with desk.store.begin() as tx:
        outcome = desk.register.handle(tx, message, OFFICE, desk.now)
    found = etree.fromstring(outcome.overview or b"").iterfind("o:registratie/o:dienst", NAMESPACE)
    return [element.text or "" for element in found]


def test_overview_of_one_year(desk: Desk) -> None:
    """A query may name a year without a service."""
    for dienst in ("VIA_2025", "VIA_2024", "SBT_2025", "SBU"):
        desk.request(dienst)
    assert _overview_of_year(desk, 2025) == ["SBT_2025", "VIA_2025"]
    assert _overview_of_year(desk, 2023) == []


def test_overview_tells_how_and_when_it_ended(desk: Desk) -> None:
    """A past registration shows the days of its request, letter, activation and end, and the reason."""
    mandate = desk.activated_by_code("VIA_2025")
    desk.advance(days=3)
    desk.return_letter(desk.letter(mandate))
    (line,) = _overview(desk, "VIA_2025").iterfind("o:registratie", NAMESPACE)
    assert {etree.QName(field).localname: field.text for field in line} == {
        "dienst": "VIA_2025",
        "idVertegenwoordigde": BSN,
        "soortNummer": "BSN",
        "idGemachtigde": OFFICE,
        "toestand": "INGETROKKEN",
        "datumOntvangen": "2026-03-02",
        "datumBrief": "2026-03-16",
        "datumActief": "2026-03-16",
        "datumEinde": "2026-03-19",
        "redenCode": "ingetrokken-door-vertegenwoordigde",
        "reden": "Ingetrokken door de vertegenwoordigde.",
    }


def test_overview_shows_own_registrations(desk: Desk) -> None:
    """A query gives the caller's registrations for that client, past and refused ones too, schema-valid."""
    desk.activated_by_code("VIA_2025")
    desk.request("VIA_2024")
    desk.send("intrekken", "VIA_2024", reden="  Niet \n meer nodig  ")
    desk.send("opvoeren", "VIA_2013")
    desk.request("SBU")
    desk.request("SBU", sender=OTHER)
    desk.request("VIA_2025", RSIN)
    root = _overview(desk, "")
    lines = [
        (line.findtext("o:dienst", None, NAMESPACE), line.findtext("o:toestand", None, NAMESPACE))
        for line in root.iterfind("o:registratie", NAMESPACE)
    ]
    assert lines == [
        ("SBU", "IN_BEHANDELING"),
        ("VIA_2013", "AFGEKEURD"),
        ("VIA_2024", "INGETROKKEN"),
        ("VIA_2025", "ACTIEF"),
    ]
    assert "Niet meer nodig" in root.xpath("//o:reden/text()", namespaces=NAMESPACE)


def test_overview_of_one_service(desk: Desk) -> None:
    """A query may name a service, with or without its year; an unknown one is refused."""
    desk.request("VIA_2025")
    desk.request("VIA_2024")
    desk.request("SBU")
    assert len(_overview(desk, "VIA_2025")) == 2
    assert len(_overview(desk, "VIA")) == 3
    assert len(_overview(desk, "VIA", RSIN)) == 1
    assert desk.send("opvragen", "NIETS").key == "dienst-onbekend"


def test_listing_mandates(desk: Desk) -> None:
    """Mandates are listed by party, client and state, page by page, in the order in which they came."""
    mine = [desk.request(f"VIA_{year}") for year in range(2018, 2024)]
    desk.request("VIA_2025", sender=OTHER)
    desk.send("intrekken", "VIA_2018")
    with desk.store.read() as tx:
        listing = desk.register.mandates
        assert [m.id for m in listing(tx, gemachtigde=OFFICE)] == [m.id for m in mine]
        assert [m.id for m in listing(tx, limit=2, after=mine[1].id)] == [m.id for m in mine[2:4]]
        assert [m.dienst for m in listing(tx, toestand=State.INGETROKKEN)] == ["VIA_2018"]
        assert len(listing(tx, vertegenwoordigde=BSN)) == 7
        assert listing(tx, vertegenwoordigde=RSIN) == []
        with pytest.raises(NotFoundError):
            listing(tx, after="nope")


def test_listing_letters(desk: Desk) -> None:
    """Letters are listed per client and page by page, and each can be read."""
    desk.request("VIA_2025")
    desk.request("SBA_IB_2026", RSIN)
    desk.advance(days=14)
    with desk.store.read() as tx:
        both = desk.register.letters(tx)
        assert [letter.dienst for letter in both] == ["VIA_2025", "SBA_IB_2026"]
        assert desk.register.letters(tx, vertegenwoordigde=RSIN) == both[1:]
        assert desk.register.letters(tx, after=both[0].id) == both[1:]
        assert desk.register.letter(tx, both[0].id) == both[0]
        with pytest.raises(NotFoundError):
            desk.register.letter(tx, "nope")


def _look_at_everything(desk: Desk) -> None:
    mandate = desk.activated_by_code("VIA_2025")
    desk.send("opvragen", "VIA_2025")
    desk.send("activeren", "VIA_2024", code="111-AAA-111")
    desk.request("SBA_IB_2026")
    desk.access()
    desk.access(berichtsoort="VIA", client=(BSN, "BSN"))
    desk.history(mandate)
    desk.advance(days=40)
    desk.return_letter(desk.letter(mandate))
    desk.send("intrekken", "SBA_IB_2026")
    with desk.store.read() as tx:
        for after in (None, mandate.id):
            for toestand in (None, State.ACTIEF):
                for party in (None, OFFICE):
                    desk.register.mandates(tx, gemachtigde=party, toestand=toestand, after=after)
        desk.register.mandates(tx, vertegenwoordigde=BSN)
        desk.register.mandates(tx, vertegenwoordigde=BSN, gemachtigde=OFFICE, toestand=State.ACTIEF)
        letters = desk.register.letters(tx, vertegenwoordigde=BSN)
        desk.register.letters(tx, after=letters[0].id)
        desk.register.letters(tx)


def test_no_query_without_an_index(desk: Desk) -> None:
    """Over a whole life no statement of the register reads a table from end to end."""
    seen: dict[str, Any] = {}

    def keep(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if not many and re.match(r"SELECT|UPDATE", statement):
            seen[statement] = parameters

    event.listen(desk.engine, "before_cursor_execute", keep)
    _look_at_everything(desk)
    assert len(seen) > 15
    with desk.store.read() as tx:
        for statement, parameters in seen.items():
            plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            # A listing without a filter walks along the primary key, and stops at its limit.
            scans = [line.detail for line in plan if line.detail.startswith("SCAN")]
            assert not scans or "LIMIT" in statement, (statement, scans)
            assert not [line for line in plan if "TEMP B-TREE" in line.detail], statement
