"""Foreign businesses: who may register, the numbers they get, and which mandates they may ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digipoort_sim.ids import SeededIds
from digipoort_sim.pki.numbers import is_number
from digipoort_sim.register import foreign
from digipoort_sim.register.foreign import ForeignApplication, ForeignParty
from digipoort_sim.register.rules import Refused
from digipoort_sim.register.states import State
from tests.register.desk import BSN, LHNR, RSIN, START, Desk

ACME = ForeignApplication("ACME GmbH", "DE", "Teststrasse 1", "Berlin", "HRB 12345", True, "de")


def register(desk: Desk, application: ForeignApplication = ACME) -> ForeignParty:
    """Register a foreign business."""
    with desk.store.begin() as tx:
        return foreign.register_foreign(tx, application, SeededIds(application.country), desk.now)


def refused(desk: Desk, application: ForeignApplication) -> str:
    """The key under which an application is refused."""
    with pytest.raises(Refused) as caught:
        register(desk, application)
    row = desk.catalogue.outcomes[caught.value.key]
    assert row.text
    assert row.text_en
    assert row.code.startswith("MR6")
    return caught.value.key


def test_a_registration_gives_a_fiscal_identification_number(desk: Desk) -> None:
    """Who registers with its documents gets an FInr of nine digits that pass the 11-test, and no OIN yet."""
    party = register(desk)
    assert is_number("Fi", party.finr)
    assert len(party.finr) == 9
    assert (party.name, party.country, party.registered, party.oin) == ("ACME GmbH", "DE", START, None)
    with desk.store.read() as tx:
        assert foreign.find_foreign(tx, party.finr) == party
        assert foreign.list_foreign(tx) == [party]


def test_the_oin_has_the_prefix_the_number_and_a_suffix(desk: Desk) -> None:
    """In the OIN register it gets prefix 00000002, its FInr and three zeros (s), once."""
    party = register(desk)
    with desk.store.begin() as tx:
        entered = foreign.register_oin(tx, party.finr, desk.now)
    assert entered.oin == f"00000002{party.finr}000"
    assert entered.oin_registered == START
    with desk.store.read() as tx:
        assert foreign.foreign_by_oin(tx, entered.oin) == entered
        with pytest.raises(Refused, match=entered.oin) as twice:
            foreign.register_oin(tx, party.finr, desk.now)
        with pytest.raises(Refused) as unknown:
            foreign.register_oin(tx, "111222333", desk.now)
    assert (twice.value.key, unknown.value.key) == ("buitenland-oin-bestaat", "buitenland-onbekend")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"country": "NL"}, "buitenland-nederland"),
        ({"country": "nl "}, "buitenland-nederland"),
        ({"kvk": "30216247"}, "buitenland-kvk"),
        ({"country": "Germany"}, "buitenland-land"),
        ({"name": " "}, "buitenland-gegeven"),
        ({"address": ""}, "buitenland-gegeven"),
        ({"city": "x" * 129}, "buitenland-gegeven"),
        ({"name": "a\x00b"}, "buitenland-gegeven"),
        ({"registration_number": "--/--"}, "buitenland-gegeven"),
        ({"name": "é" * 33}, "buitenland-gegeven"),  # more than a certificate can hold
        ({"deed_language": None}, "buitenland-akte-ontbreekt"),
        ({"deed_language": "fr"}, "buitenland-akte-taal"),
        ({"chamber_proof": False}, "buitenland-uittreksel-ontbreekt"),
    ],
)
def test_what_is_missing_or_wrong_is_refused_with_its_reason(
    desk: Desk, changes: dict[str, object], key: str
) -> None:
    """The country, the details and the documents are looked at, each with a reason in two languages."""
    assert refused(desk, replace(ACME, **changes)) == key  # type: ignore[arg-type]
    with desk.store.read() as tx:
        assert foreign.list_foreign(tx) == []


@pytest.mark.parametrize("language", ["nl", "de", "en", "EN"])
def test_the_deed_may_be_in_dutch_german_or_english(desk: Desk, language: str) -> None:
    """A deed in one of the three languages is good."""
    assert register(desk, replace(ACME, deed_language=language)).deed_language == language.lower()


def test_proof_of_a_chamber_of_commerce_only_if_there_is_one(desk: Desk) -> None:
    """A business without a registration number of its own country shows no proof of one."""
    alone = replace(ACME, registration_number=None, chamber_proof=False)
    assert register(desk, alone).registration_number is None


def test_the_same_business_registers_once(desk: Desk) -> None:
    """The same number in the same country is the same business, however it is written."""
    party = register(desk)
    assert refused(desk, replace(ACME, name="ACME", registration_number="hrb-12345")) == (
        "buitenland-bestaat-al"
    )
    other = register(desk, replace(ACME, country="AT"))
    assert other.finr != party.finr
    nameless = replace(ACME, registration_number=None, chamber_proof=False)
    register(desk, nameless)
    assert refused(desk, replace(nameless, name="acme  gmbh")) == "buitenland-bestaat-al"


def test_no_number_is_given_twice(desk: Desk) -> None:
    """A number that the id source gives again is passed over."""
    with desk.store.begin() as tx:
        first = foreign.register_foreign(tx, ACME, SeededIds("same"), desk.now)
        second = foreign.register_foreign(tx, replace(ACME, country="AT"), SeededIds("same"), desk.now)
    assert first.finr != second.finr
    assert is_number("Fi", second.finr)


def test_a_foreign_client_is_one_with_an_finr_of_this_route(desk: Desk) -> None:
    """The FInr counts under every type of number that holds it; a BSN or a stranger's number does not."""
    party = register(desk)
    with desk.store.begin() as tx:
        oin = foreign.register_oin(tx, party.finr, desk.now).oin or ""
    numbers = {
        (party.finr, "Fi"): True,
        (f"{party.finr}B01", "btw"): True,
        (party.finr, "RSIN"): True,
        (f"{party.finr}L01", "LHnr"): True,
        (oin, "OIN"): True,
        (party.finr, "BSN"): False,
        (RSIN, "Fi"): False,
        ("30216247", "KvK"): False,
        ("00000008123456789000", "OIN"): False,
        ("no OIN", "OIN"): False,
    }
    with desk.store.read() as tx:
        assert {one: foreign.is_foreign_client(tx, *one) for one in numbers} == numbers


def test_pages_of_the_list(desk: Desk) -> None:
    """The list goes on behind the last one of the page before."""
    first, second, third = (register(desk, replace(ACME, country=country)) for country in ("DE", "AT", "BE"))
    with desk.store.read() as tx:
        assert foreign.list_foreign(tx, 1) == [first]
        assert foreign.list_foreign(tx, 5, first.finr) == [second, third]
        with pytest.raises(Refused):
            foreign.list_foreign(tx, 5, "111222333")


@pytest.mark.parametrize("sender", ["00000002823164757000", "00000008823164757000"])
def test_a_foreign_gemachtigde_gets_mandates_of_the_tax_administration_only(desk: Desk, sender: str) -> None:
    """Services of UWV and Dienst Toeslagen are refused to it and stay on record; SBA and VIA are not."""
    for dienst, client in (("UWV-ZZ-ZW", LHNR), ("SBT_2026", BSN), ("DM_TSG", BSN)):
        outcome = desk.send("opvoeren", dienst, client, sender=sender)
        assert outcome.key == "buitenland-alleen-belastingdienst", dienst
        assert sender in outcome.detail
        assert desk.mandate(outcome.mandate_id or "").toestand is State.AFGEKEURD
    assert desk.request("SBA_VPB_2026", RSIN, sender=sender).toestand is State.IN_BEHANDELING
    assert desk.request("VIA_2025", BSN, sender=sender).toestand is State.IN_BEHANDELING
