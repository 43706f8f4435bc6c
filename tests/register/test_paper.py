"""What clients send on paper: the letter, a copy of it, or the form that needs no letter."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digipoort_sim.config import RegisterSettings
from digipoort_sim.register import State
from tests.register.desk import BSN, OFFICE, OTHER, RSIN, Desk

JULY = datetime(2026, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("dienst", ["SBA_IB_2026", "VIA_2025"])
@pytest.mark.parametrize("days", [0, 14])
def test_form_in_the_reaction_term_refuses(desk: Desk, dienst: str, days: int) -> None:
    """Before it is active, also before its letter went out, the form makes a registration AFGEWEZEN."""
    mandate = desk.request(dienst)
    desk.advance(days=days)
    assert desk.send_form(dienst).key == "afgewezen"
    ended = desk.mandate(mandate.id)
    assert (ended.toestand, ended.reden_code, ended.geeindigd) == (State.AFGEWEZEN, "afgewezen", desk.now)
    assert desk.send_form(dienst).key == "al-afgewezen"
    desk.advance(days=100)
    assert desk.activated == []


def test_form_for_an_active_one_revokes(desk: Desk) -> None:
    """Once a registration is active the form revokes it at once, and that one only."""
    mandate = desk.activated_by_code("VIA_2025")
    desk.activated_by_code("VIA_2024")
    assert desk.send_form("VIA_2025").key == "ingetrokken"
    assert desk.access() == ["VIA_2024"]
    assert desk.mandate(mandate.id).reden_code == "ingetrokken-door-vertegenwoordigde"
    assert desk.history(mandate)[-1].door == "vertegenwoordigde"
    assert desk.send_form("VIA_2025").key == "al-beeindigd"


def test_form_for_a_queued_one_revokes(tmp_path: Path) -> None:
    """A request that still waits for its letter's turn is revoked by the form."""
    desk = Desk(tmp_path, RegisterSettings(letters_per_day=1))
    desk.request("VIA_2024")
    mandate = desk.request("VIA_2025")
    assert mandate.toestand is State.WACHTRIJ
    assert desk.send_form("VIA_2025").key == "ingetrokken"
    desk.advance(days=100)
    assert desk.mandate(mandate.id).toestand is State.INGETROKKEN


def test_form_for_what_a_continuous_mandate_made(desk: Desk) -> None:
    """A year that came without a letter is ended by the form; the continuous mandate goes on."""
    desk.activated_by_code("DM_IB")
    desk.advance(seconds=(JULY - desk.now).total_seconds())
    assert desk.access() == ["DM_IB", "SBA_IB_2027"]
    assert desk.send_form("SBA_IB_2027").key == "ingetrokken"
    assert desk.access() == ["DM_IB"]


@pytest.mark.parametrize("party", [OFFICE, "30216247", " 3021 6247 "])
def test_form_names_the_party_by_oin_or_its_number(desk: Desk, party: str) -> None:
    """The number on the form is that of the letter, an OIN, or the number in it."""
    desk.request("VIA_2025", sender=OTHER)
    mandate = desk.request("VIA_2025")
    assert desk.send_form("VIA_2025", " 111 222 333 ", party).mandate_id == mandate.id


@pytest.mark.parametrize(
    ("dienst", "client", "party", "key"),
    [
        ("VIA_2025", RSIN, OFFICE, "niet-gevonden"),
        ("VIA_2025", BSN, OTHER, "niet-gevonden"),
        ("VIA_2024", BSN, OFFICE, "niet-gevonden"),
        ("VIA_2025", BSN, "", "niet-gevonden"),
        ("VIA", BSN, OFFICE, "jaar-ontbreekt"),
        ("SBU_2025", BSN, OFFICE, "jaar-niet-toegestaan"),
        ("NIETS", BSN, OFFICE, "dienst-onbekend"),
    ],
)
def test_form_that_names_nothing(desk: Desk, dienst: str, client: str, party: str, key: str) -> None:
    """A form on which anything is wrong ends nothing."""
    mandate = desk.request("VIA_2025")
    assert desk.send_form(dienst, client, party).key == key
    assert desk.mandate(mandate.id) == mandate


def test_form_for_a_refused_request(desk: Desk) -> None:
    """The form for a request that the register refused says so, unless something real has ended since."""
    desk.send("opvoeren", "VIA_2013")
    assert desk.send_form("VIA_2013").key == "was-afgekeurd"
    desk.request("VIA_2025")
    desk.send("opvoeren", "VIA_2025")
    desk.send("intrekken", "VIA_2025")
    assert desk.send_form("VIA_2025").key == "al-beeindigd"


def test_form_that_fits_two_parties(desk: Desk) -> None:
    """Where a KvK number stands in two OINs that both have the service, the form must name the OIN."""
    branch = f"{OFFICE[:-1]}1"
    mine, theirs = desk.request("VIA_2025"), desk.request("VIA_2025", sender=branch)
    outcome = desk.send_form("VIA_2025", party="30216247")
    assert outcome.key == "niet-eenduidig"
    assert OFFICE in outcome.detail
    assert branch in outcome.detail
    assert desk.send_form("VIA_2025", party=branch).mandate_id == theirs.id
    assert desk.mandate(mine.id) == mine


def test_a_copy_of_the_letter_is_as_good(desk: Desk) -> None:
    """The letter was kept and a copy is sent years later: the mandate is revoked, the next request is not."""
    mandate = desk.activated_by_code("VIA_2025")
    letter = desk.letter(mandate)
    desk.advance(days=900)
    assert desk.return_letter(letter).key == "ingetrokken"
    assert desk.access() == []
    again = desk.request("VIA_2025")
    assert desk.return_letter(letter).key == "al-beeindigd"
    assert desk.mandate(again.id).toestand is State.IN_BEHANDELING


def test_letter_of_a_continuous_mandate_ends_that_one_only(desk: Desk) -> None:
    """Returning the continuous mandate's letter leaves the years that it made."""
    parent = desk.activated_by_code("DM_IB")
    desk.advance(seconds=(JULY - desk.now).total_seconds())
    assert desk.return_letter(desk.letter(parent)).key == "ingetrokken"
    assert desk.access() == ["SBA_IB_2027"]
