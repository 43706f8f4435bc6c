"""Requests: what the register takes, what it refuses, and that refusals stay on record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.config import RegisterSettings
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.register import Event, State
from tests.register.desk import BSN, LHNR, OFFICE, OTHER, RSIN, START, Desk

CLIENTS = {"BSN": BSN, "RSIN": RSIN, "Fi": RSIN, "LHnr": LHNR}


def test_every_service_can_be_requested(desk: Desk) -> None:
    """Each line of the catalogue's services is registered, with the outcome of its form of consent."""
    for dienst in desk.catalogue.diensten.values():
        code = f"{dienst.code}_2025" if dienst.term == "year" else dienst.code
        client = CLIENTS[dienst.client_types[0]]
        outcome = desk.send("opvoeren", code, client)
        good = "claim-opgevoerd" if dienst.consent == "code" else "abonnement-toegevoegd"
        assert outcome.key == good, code
        mandate = desk.mandate(outcome.mandate_id or "")
        assert (mandate.dienst, mandate.code, mandate.type_vertegenwoordigde) == (
            code,
            dienst.code,
            dienst.client_types[0],
        )
        assert mandate.toestand is State.IN_BEHANDELING


def test_a_request_passes_through_the_states(desk: Desk) -> None:
    """A request is received and taken up at once, and history says so."""
    mandate = desk.request("SBA_IB_2026")
    assert [(h.van, h.naar, h.event, h.door) for h in desk.history(mandate)] == [
        (None, State.ONTVANGEN, Event.RECEIVED, "gemachtigde"),
        (State.ONTVANGEN, State.IN_BEHANDELING, Event.TAKEN_UP, "register"),
    ]
    assert mandate.ontvangen == mandate.in_behandeling == START


@pytest.mark.parametrize(
    ("dienst", "client", "type_", "key"),
    [
        ("SBA_IB", BSN, None, "jaar-ontbreekt"),
        ("SBU_2026", BSN, None, "jaar-niet-toegestaan"),
        ("UWV-ZZ-ZW_2026", LHNR, None, "jaar-niet-toegestaan"),
        ("XYZ_2026", BSN, None, "dienst-onbekend"),
        ("sba_ib_2026", BSN, None, "dienst-onbekend"),
        ("VIA_٢٠٢٥", BSN, None, "dienst-onbekend"),
        ("VIA_2013", BSN, None, "jaar-niet-toegestaan"),
        ("SBA_IB_2019", BSN, None, "jaar-niet-toegestaan"),
        ("SBA_IB_2028", BSN, None, "jaar-niet-toegestaan"),
        ("SBA_IB_2026", "123456789", None, "nummer-ongeldig"),
        ("SBA_IB_2026", "123456789", "BSN", "nummer-ongeldig"),
        ("SBA_IB_2026", "12345678", None, "nummersoort-onjuist"),
        ("SBA_IB_2026", RSIN, "RSIN", "nummersoort-onjuist"),
        ("SBA_IB_2026", RSIN, "zomaar", "nummersoort-onjuist"),
        ("SBA_VPB_2026", LHNR, None, "nummersoort-onjuist"),
        ("UWV-ZZ-ZW", BSN, None, "nummer-ongeldig"),
        ("UWV-ZZ-ZW", LHNR, "BSN", "nummersoort-onjuist"),
    ],
)
def test_refusals_stay_on_record(desk: Desk, dienst: str, client: str, type_: str | None, key: str) -> None:
    """A refused request has its key and stays on record as AFGEKEURD, with the reason in Dutch."""
    outcome = desk.send("opvoeren", dienst, client, type_=type_)
    assert (outcome.key, outcome.dues, outcome.activated) == (key, (), ())
    mandate = desk.mandate(outcome.mandate_id or "")
    assert mandate.toestand is State.AFGEKEURD
    assert (mandate.dienst, mandate.reden_code) == (dienst, key)
    assert mandate.reden == desk.catalogue.outcomes[key].text
    assert [h.event for h in desk.history(mandate)] == [Event.RECEIVED, Event.REJECTED]


@pytest.mark.parametrize("dienst", ["VIA_2014", "SBA_IB_2020", "SBA_IB_2027", "SBT_2020", "SBT_2027"])
def test_years_at_the_bounds(desk: Desk, dienst: str) -> None:
    """The first and the last year that can be asked for are taken."""
    assert desk.request(dienst).toestand is State.IN_BEHANDELING


def test_the_year_is_that_of_the_netherlands(desk: Desk) -> None:
    """At New Year's Eve 23:30 UTC the Dutch year has begun, and the year range moves with it."""
    desk.clock.advance(datetime(2026, 12, 31, 23, 30, tzinfo=UTC) - desk.now)
    assert desk.send("opvoeren", "SBA_IB_2028").key == "abonnement-toegevoegd"
    assert desk.send("opvoeren", "SBA_IB_2020").key == "jaar-niet-toegestaan"


@pytest.mark.parametrize("own", [OFFICE, "30216247", " 30216247 "])
def test_own_number_by_oin_or_core(desk: Desk, own: str) -> None:
    """idGemachtigde may be the sender's OIN or the KvK number in it."""
    assert desk.request("VIA_2025", own=own).id_gemachtigde == own


def test_own_number_by_rsin(desk: Desk) -> None:
    """An office with its RSIN in the certificate may name itself by that RSIN."""
    assert desk.request("VIA_2025", sender=f"00000001{RSIN}000", own=RSIN)


@pytest.mark.parametrize("kind", ["opvoeren", "activeren", "intrekken", "opvragen"])
@pytest.mark.parametrize("own", [OTHER, "87654321", "3021624", "123456"])
def test_another_partys_number_is_refused(desk: Desk, kind: str, own: str) -> None:
    """No message is taken in another party's name, nor in that of a BECON number."""
    desk.request("VIA_2025", sender=OTHER)
    assert desk.send(kind, "VIA_2025", own=own, code="123-ABC-123").key == "niet-uw-nummer"


def test_one_per_client_service_year_and_party(desk: Desk) -> None:
    """The same request again is refused while the first is open or active, not for other years or clients."""
    desk.activated_by_code("VIA_2025")
    assert desk.send("opvoeren", "VIA_2025").key == "bestaat-al"
    desk.request("VIA_2024")
    assert desk.send("opvoeren", "VIA_2024").key == "bestaat-al"
    desk.request("VIA_2025", RSIN)


def test_the_type_does_not_make_another_client(desk: Desk) -> None:
    """The same number under another type is the same client of that service."""
    desk.request("SBA_OB_2026", RSIN, type_="RSIN")
    assert desk.send("opvoeren", "SBA_OB_2026", RSIN, type_="Fi").key == "bestaat-al"
    assert desk.send("opvoeren", "SBA_OB_2026", RSIN, type_="BTW", sender=OTHER).key == "bij-een-ander"


def test_sba_is_exclusive_and_others_are_not(desk: Desk) -> None:
    """While one office has an SBA open or active no other gets it; VIA may be with several."""
    mine = desk.request("SBA_IB_2026")
    assert desk.send("opvoeren", "SBA_IB_2026", sender=OTHER).key == "bij-een-ander"
    desk.advance(days=40)
    assert desk.mandate(mine.id).toestand is State.ACTIEF
    assert desk.send("opvoeren", "SBA_IB_2026", sender=OTHER).key == "bij-een-ander"
    desk.request("SBA_IB_2025", sender=OTHER)
    desk.send("intrekken", "SBA_IB_2026")
    desk.request("SBA_IB_2026", sender=OTHER)
    desk.request("VIA_2025")
    desk.request("VIA_2025", sender=OTHER)


def test_an_ended_one_can_be_requested_anew(desk: Desk) -> None:
    """After its end the same registration can be asked for again, and the past one stays visible."""
    first = desk.request("VIA_2025")
    desk.send("intrekken", "VIA_2025")
    second = desk.request("VIA_2025")
    assert first.id != second.id
    assert desk.mandate(first.id).toestand is State.INGETROKKEN


def test_numbers_are_kept_tidy(desk: Desk) -> None:
    """Blanks and case in a client's number make no difference."""
    mandate = desk.request("UWV-ZZ-ZW", " 123456782l01 ")
    assert (mandate.id_vertegenwoordigde, mandate.type_vertegenwoordigde) == (LHNR, "LHnr")
    assert desk.send("opvoeren", "UWV-ZZ-ZW", LHNR).key == "bestaat-al"


def test_the_test_number_of_real_clients(desk: Desk) -> None:
    """The loonheffingennummer 000000000L01, which real clients use in tests, is taken."""
    assert desk.request("UWV-FI-ZWWA", "000000000L01").toestand is State.IN_BEHANDELING


@pytest.mark.parametrize("text", ["x" * 501, "a\x00b"])
def test_unstorable_text_is_refused(desk: Desk, text: str) -> None:
    """Text too long or with control characters is refused before any table sees it."""
    with pytest.raises(SpecificationRefusal, match="reden"):
        desk.send("intrekken", "VIA_2025", reden=text)


def test_queue_with_letters_per_day(tmp_path: Path) -> None:
    """With a limit of letters per day later requests wait, and are taken up on the first day with room."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=2))
    made = [desk.request(f"VIA_{year}") for year in range(2020, 2025)]
    assert [m.toestand for m in made] == [State.IN_BEHANDELING] * 2 + [State.WACHTRIJ] * 3
    desk.advance(days=1)
    assert [desk.mandate(m.id).toestand for m in made] == [State.IN_BEHANDELING] * 4 + [State.WACHTRIJ]
    desk.advance(days=1)
    last = desk.mandate(made[-1].id)
    assert last.in_behandeling == datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert [h.event for h in desk.history(last)] == [Event.RECEIVED, Event.QUEUED, Event.TAKEN_UP]
    desk.advance(days=14)
    assert desk.letter(last).datum == datetime(2026, 3, 17, 23, tzinfo=UTC)


def test_a_queued_request_is_not_overtaken(tmp_path: Path) -> None:
    """A request that comes while others wait goes behind them."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=1))
    for year in (2021, 2022, 2023):
        desk.request(f"VIA_{year}")
    desk.advance(days=1)
    desk.request("VIA_2024")
    desk.advance(days=2)
    with desk.store.read() as tx:
        made = desk.register.mandates(tx)
    days = [m.in_behandeling.astimezone(AMSTERDAM).day for m in made if m.in_behandeling]
    assert days == [2, 3, 4, 5]
