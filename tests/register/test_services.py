"""The table of services, beside what the sources say of each, and the kinds of number that go with them."""

from __future__ import annotations

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.register import State
from tests.register.desk import BSN, LHNR, OTHER, RSIN, START, Desk

FI = "001000044B37"
KVK = "12345678"
PERSON, FIRM, VAT = {"BSN"}, {"RSIN", "Fi", "KvK"}, {"Fi", "RSIN", "KvK"}
ANYBODY, WAGES = {"BSN", "RSIN", "Fi", "KvK"}, {"LHnr"}
SERVICES = {
    # code: agency, term, consent, who keeps others out, kinds of number, provenance of the code
    "SBA_IB": ("belastingdienst", "year", "opt-out", True, PERSON, "simulator"),
    "SBA_VPB": ("belastingdienst", "year", "opt-out", True, FIRM, "simulator"),
    "SBA_OB": ("belastingdienst", "year", "opt-out", True, VAT, "simulator"),
    "VIA": ("belastingdienst", "year", "code", False, PERSON, "published"),
    "SBT": ("toeslagen", "year", "code", False, PERSON, "simulator"),
    "SBU": ("belastingdienst", "once", "code", False, ANYBODY, "simulator"),
    "GWH": ("belastingdienst", "once", "code", False, ANYBODY, "simulator"),
    "DM_IB": ("belastingdienst", "continuous", "code", False, PERSON, "simulator"),
    "DM_VPB": ("belastingdienst", "continuous", "code", False, FIRM, "simulator"),
    "DM_OB": ("belastingdienst", "continuous", "code", False, VAT, "simulator"),
    "DM_TSG": ("toeslagen", "continuous", "code", False, PERSON, "simulator"),
    "UWV-ERZW-AB": ("uwv", "once", "code", False, WAGES, "published"),
    "UWV-ERZW-ID": ("uwv", "once", "code", False, WAGES, "published"),
    "UWV-FI-WWOW": ("uwv", "once", "code", False, WAGES, "simulator"),
    "UWV-FI-WWWTV": ("uwv", "once", "code", False, WAGES, "simulator"),
    "UWV-FI-ZWWA": ("uwv", "once", "code", False, WAGES, "published"),
    "UWV-ZZ-ZW": ("uwv", "once", "code", False, WAGES, "published"),
    "UWV-ZZ-WAZO": ("uwv", "once", "code", False, WAGES, "published"),
}
NUMBERS = {"BSN": BSN, "RSIN": RSIN, "Fi": FI, "KvK": KVK, "LHnr": LHNR}


def test_the_services_are_those_of_the_sources() -> None:
    """Agency, term, consent, exclusiveness, kinds of number and label of each; and no service more."""
    found = {
        row.code: (row.agency, row.term, row.consent, row.exclusive, set(row.client_types), row.provenance)
        for row in load_catalogue().diensten.values()
    }
    assert found == SERVICES


def test_years_and_reference_dates_are_those_of_the_sources() -> None:
    """VIA from 2014; SBA and SBT from 6 years back to the next; 1 December and 1 July of continuous ones."""
    rows = load_catalogue().diensten
    assert (rows["VIA"].first_year, rows["SBT"].first_year) == (2014, 0)
    assert {row.years_back for code, row in rows.items() if code[:3] in ("SBA", "SBT")} == {6}
    assert {code: row.reference_dates for code, row in rows.items() if row.reference_dates} == {
        "DM_IB": ("12-01 VIA 0", "07-01 SBA_IB 1"),
        "DM_VPB": ("07-01 SBA_VPB 1",),
        "DM_OB": ("07-01 SBA_OB 1",),
        "DM_TSG": ("07-01 SBT 1",),
    }
    assert "inferred" in rows["DM_OB"].note
    assert {code for code, row in rows.items() if row.extended_on} == {"SBA_IB", "SBA_VPB", "SBA_OB"}


@pytest.mark.parametrize("type_", NUMBERS)
def test_kinds_of_number_that_fit(desk: Desk, type_: str) -> None:
    """Each service takes a good number of each of its kinds, and refuses one of any other kind."""
    for code, (_, term, _, _, kinds, _) in SERVICES.items():
        dienst = f"{code}_2026" if term == "year" else code
        outcome = desk.send("opvoeren", dienst, NUMBERS[type_], type_=type_)
        if type_ in kinds:
            mandate = desk.mandate(outcome.mandate_id or "")
            assert (mandate.type_vertegenwoordigde, mandate.toestand) == (type_, State.IN_BEHANDELING)
        else:
            assert outcome.key == "nummersoort-onjuist", dienst


@pytest.mark.parametrize(
    ("dienst", "type_", "number"),
    [
        ("VIA_2025", "BSN", "111222334"),
        ("VIA_2025", "BSN", "000000000"),
        ("VIA_2025", "BSN", "11122233"),
        ("SBA_VPB_2026", "RSIN", "123456789"),
        ("SBA_OB_2026", "Fi", "001000045B37"),
        ("SBA_OB_2026", "Fi", "001000044B00"),
        ("SBA_OB_2026", "BTW", "NL001000044B37"),
        ("SBA_VPB_2026", "KvK", "00123456"),
        ("SBA_VPB_2026", "KvK", "1234567"),
        ("UWV-ZZ-ZW", "LHnr", "123456789L01"),
        ("UWV-ZZ-ZW", "LHnr", "123456782L00"),
        ("UWV-ZZ-ZW", "LHnr", "123456782B01"),
        ("UWV-ZZ-ZW", "LHnr", "٠٠٠٠٠٠٠٠٠L01"),
    ],
)
def test_numbers_that_are_not_valid(desk: Desk, dienst: str, type_: str, number: str) -> None:
    """A number of the right kind must have its form and pass its test."""
    assert desk.send("opvoeren", dienst, number, type_=type_).key == "nummer-ongeldig"


def test_numbers_are_compared_on_all_characters(desk: Desk) -> None:
    """A fiscaal nummer with and without its suffix are two numbers, also for who is kept out."""
    desk.request("SBA_OB_2026", FI, type_="Fi")
    assert desk.send("opvoeren", "SBA_OB_2026", FI.lower(), type_="BTW").key == "bestaat-al"
    assert desk.send("opvoeren", "SBA_OB_2026", FI, type_="Fi", sender=OTHER).key == "bij-een-ander"
    desk.request("SBA_OB_2026", FI[:9], type_="Fi")
    desk.request("SBA_OB_2026", "001000044B38", type_="Fi", sender=OTHER)
    desk.advance(days=40)
    assert desk.access(client=(FI, "BTW")) == ["SBA_OB_2026"]
    assert desk.access(client=("001000044B38", "Fi")) == []


def test_a_mandate_of_the_uwv_is_per_wage_tax_number(desk: Desk) -> None:
    """One registration per service and loonheffingennummer: the next number is another registration."""
    desk.request("UWV-ZZ-ZW", "123456782L01")
    assert desk.send("opvoeren", "UWV-ZZ-ZW", "123456782L01").key == "bestaat-al"
    desk.request("UWV-ZZ-ZW", "123456782L02")
    desk.request("UWV-ZZ-WAZO", "123456782L01")


def test_years_side_by_side(desk: Desk) -> None:
    """Every year is a registration of its own, several past ones side by side, each revoked by itself."""
    years = range(START.year - 6, START.year + 2)
    made = [desk.request(f"SBA_IB_{year}") for year in years]
    desk.advance(days=40)
    assert desk.access() == [f"SBA_IB_{year}" for year in years]
    desk.send("intrekken", "SBA_IB_2023")
    assert desk.access() == [m.dienst for m in made if m.jaar != 2023]
