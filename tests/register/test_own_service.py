"""A user's own services: a line in the catalogue is all that the register needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.errors import ConfigError
from digipoort_sim.ids import SeededIds
from digipoort_sim.letters import Letters
from digipoort_sim.register import Event, Register, State
from digipoort_sim.register.trade_names import TradeRegister
from tests.register.desk import BSN, LHNR, OTHER, RSIN, START, Desk

OWN = """
[ERF]
name = "Serviceberichten erfbelasting"
agency = "belastingdienst"
term = "year"
consent = "code"
client_types = ["BSN"]
provenance = "simulator"
first_year = 2020
years_ahead = 0
exclusive = true

[SUBSIDIE]
name = "Serviceberichten subsidies"
agency = "rvo"
term = "year"
consent = "opt-out"
client_types = ["KvK"]
provenance = "simulator"
years_back = 1

[DM_ERF]
name = "Doorlopende machtiging erfbelasting"
agency = "belastingdienst"
term = "continuous"
consent = "code"
client_types = ["BSN"]
provenance = "simulator"
reference_dates = ["03-01 ERF 0", "09-15 ERF 0"]
"""
AGENCY = '[rvo]\nname = "RVO"\noin = "00000099000000007000"\nprovenance = "simulator"\n'


def _own(folder: Path, diensten: str) -> Path:
    (folder / "diensten.toml").write_text(diensten)
    (folder / "agencies.toml").write_text(AGENCY)
    return folder


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A register with three services more."""
    return Desk(tmp_path, catalogue=load_catalogue(_own(tmp_path, OWN)))


def test_its_whole_life_with_a_code(desk: Desk) -> None:
    """Request, letter with the service's name and the code, activation, end after five years."""
    mandate = desk.request("ERF_2026")
    desk.advance(days=14)
    letter = desk.letter(mandate)
    text = Letters(desk.catalogue, TradeRegister()).text(letter)
    assert "erfbelasting" in text
    assert desk.code(mandate) in text
    assert desk.send("activeren", "ERF_2026", code="000-AAA-000").key == "code-onjuist"
    assert desk.send("activeren", "ERF_2026", code=desk.code(mandate)).key == "geactiveerd"
    assert desk.access() == ["ERF_2026"]
    desk.advance(days=365 * 5 + 366)
    assert [h.event for h in desk.history(mandate)] == [
        Event.RECEIVED,
        Event.TAKEN_UP,
        Event.LETTER_SENT,
        Event.WRONG_CODE,
        Event.ACTIVATED_BY_CODE,
        Event.YEAR_ENDED,
    ]


def test_its_whole_life_by_silence(desk: Desk) -> None:
    """An opt-out service of an agency of the user's own gets its letter and becomes active by silence."""
    mandate = desk.request("SUBSIDIE_2025", "12345678")
    assert mandate.type_vertegenwoordigde == "KvK"
    desk.advance(days=14)
    assert "RVO" in Letters(desk.catalogue, TradeRegister()).text(desk.letter(mandate))
    desk.advance(days=26)
    assert desk.access() == ["SUBSIDIE_2025"]
    assert desk.send_form("SUBSIDIE_2025", "12345678").key == "ingetrokken"


@pytest.mark.parametrize(
    ("dienst", "client", "key"),
    [
        ("ERF_2019", BSN, "jaar-niet-toegestaan"),
        ("ERF_2027", BSN, "jaar-niet-toegestaan"),
        ("ERF", BSN, "jaar-ontbreekt"),
        ("ERF_2026", LHNR, "nummersoort-onjuist"),
        ("SUBSIDIE_2024", "12345678", "jaar-niet-toegestaan"),
        ("SUBSIDIE_2026", BSN, "nummer-ongeldig"),
        ("DM_ERF_2026", BSN, "jaar-niet-toegestaan"),
    ],
)
def test_its_rules_are_those_of_its_line(desk: Desk, dienst: str, client: str, key: str) -> None:
    """Years and kinds of number are those that the line says."""
    assert desk.send("opvoeren", dienst, client).key == key


def test_exclusive_or_not_as_its_line_says(desk: Desk) -> None:
    """Only the service whose line says so keeps other parties out."""
    desk.request("ERF_2026")
    assert desk.send("opvoeren", "ERF_2026", sender=OTHER).key == "bij-een-ander"
    desk.request("SUBSIDIE_2026", "12345678")
    desk.request("SUBSIDIE_2026", "12345678", sender=OTHER)


def test_its_own_reference_dates(desk: Desk) -> None:
    """A continuous service of one's own registers what its line says."""
    desk.activated_by_code("DM_ERF")
    desk.advance(seconds=(datetime(2026, 9, 14, 22, tzinfo=UTC) - desk.now).total_seconds())
    assert desk.access() == ["DM_ERF", "ERF_2026"]
    desk.advance(seconds=(datetime(2028, 2, 29, 23, tzinfo=UTC) - desk.now).total_seconds() - 1)
    assert desk.access() == ["DM_ERF", "ERF_2026", "ERF_2027"]
    desk.advance(seconds=1)
    assert desk.access() == ["DM_ERF", "ERF_2026", "ERF_2027", "ERF_2028"]


def test_a_built_in_line_can_be_changed(tmp_path: Path) -> None:
    """Consent, years and exclusiveness of a built-in service are data too."""
    text = '[VIA]\nconsent = "opt-out"\nexclusive = true\nfirst_year = 2010\n'
    desk = Desk(tmp_path, catalogue=load_catalogue(_own(tmp_path, text)))
    mandate = desk.request("VIA_2010", RSIN)
    assert desk.send("opvoeren", "VIA_2010", RSIN, sender=OTHER).key == "bij-een-ander"
    desk.advance(days=40)
    active = desk.mandate(mandate.id)
    assert (active.toestand, active.actief_sinds) == (State.ACTIEF, START + timedelta(days=40))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('[SBU]\nagency = "belastingdinst"\n', "agency"),
        ('[SBU]\nclient_types = ["bsn"]\n', "client_types"),
        ("[SBU]\nclient_types = []\n", "client_types"),
        ('[DM_IB]\nreference_dates = ["12-01 VAI 0"]\n', "reference_dates"),
        ('[DM_IB]\nreference_dates = ["12-01 SBU 0"]\n', "reference_dates"),
        ('[DM_IB]\nreference_dates = ["12-32 VIA 0"]\n', "reference_dates"),
        ('[DM_IB]\nreference_dates = ["02-29 VIA 0"]\n', "reference_dates"),
        ('[SBA_IB]\nextended_on = "1 augustus"\n', "extended_on"),
        ('["A B"]\nname = "x"\nagency = "uwv"\nterm = "once"\nconsent = "code"\nclient_types = ["BSN"]\n'
         'provenance = "simulator"\n', "code"),
        ('[X_2026]\nname = "x"\nagency = "uwv"\nterm = "once"\nconsent = "code"\nclient_types = ["BSN"]\n'
         'provenance = "simulator"\n', "code"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_work_is_told_at_the_start(tmp_path: Path, line: str, field: str) -> None:
    """A typing error in a user's own line is named with its place before anything runs."""
    catalogue = load_catalogue(_own(tmp_path, line))
    with pytest.raises(ConfigError, match=rf"diensten.toml \[.*\].{field}: "):
        Register(catalogue, RegisterSettings(), SeededIds(1))
