"""A message on its way from acceptance to its final status."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.agencies import NOT_PROCESSABLE, stub_responsemessage
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import ExchangeSettings, Settings, WusSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.values import Content, Delivery, Fout, Identity
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from digipoort_sim.validation.pipeline import Validator
from tests.exchange.office import ANN, BOB, OB, Office, any_delivery, mandate_delivery, open_office
from tests.wages import wage_return

GOOD = ["105", "100", "110", "200", "301", "301", "405", "400", "500"]
TAX = Delivery("Omzetbelasting", OB, "Bedrijf", Content("text/xml", "a.xml", b"<a/>"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store for tests that need a post office of their own."""
    return Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")


def test_the_good_flow_has_the_recorded_order(office: Office) -> None:
    """A good message goes through 105 100 110 200 301 301 405 400 500, at ever later times."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    assert office.codes(kenmerk) == GOOD[:3]
    office.scheduler.drain()
    statuses = office.statuses(kenmerk)
    assert [status.statuscode for status in statuses] == GOOD
    assert all(status.status_foutcode is None for status in statuses)
    times = [status.tijdstempel_status for status in statuses]
    assert times == sorted(set(times))


def test_the_stub_has_nine_statuses_ten_milliseconds_apart(office: Office) -> None:
    """On the stub's paths all nine statuses are there at once, exactly 10 ms apart (recorded)."""
    receipt = office.deliver(any_delivery("Happyflow"), stub=True)
    statuses = office.statuses(receipt.kenmerk)
    assert [status.statuscode for status in statuses] == GOOD
    gaps = {later.tijdstempel_status - earlier.tijdstempel_status for earlier, later in pairwise(statuses)}
    assert gaps == {timedelta(milliseconds=10)}
    assert statuses[0].tijdstempel_status == receipt.tijdstempel_aangeleverd
    assert "BERICHTKENMERK-VAN-AANLEVERING" in (statuses[-1].statusdetails or "")


def test_the_stub_sets_later_statuses_when_their_time_comes(office: Office) -> None:
    """TechnischProbleemAfleveren has 420 at once, and 400 and 500 an hour later by the clock."""
    kenmerk = office.deliver(any_delivery("TechnischProbleemAfleveren"), stub=True).kenmerk
    office.advance(minutes=59)
    assert office.codes(kenmerk)[-1] == "420"
    office.advance(minutes=2)
    statuses = office.statuses(kenmerk)
    assert [status.statuscode for status in statuses][-3:] == ["420", "400", "500"]
    assert statuses[-2].tijdstempel_status - statuses[-3].tijdstempel_status == timedelta(hours=1)


def test_the_last_try_of_the_stub_has_the_foutcode(office: Office) -> None:
    """MaximaalAantalAfleverpogingen ends after 72 hours in a 420 that has AFS600, the first that has any."""
    kenmerk = office.deliver(any_delivery("MaximaalAantalAfleverpogingen"), stub=True).kenmerk
    office.advance(hours=80)
    codes = [
        (s.statuscode, s.status_foutcode.foutcode if s.status_foutcode else None)
        for s in office.statuses(kenmerk)
    ]
    assert codes[-3:] == [("420", None), ("420", None), ("420", "AFS600")]


def test_a_rejection_of_the_stub_has_the_agencys_own_code(office: Office) -> None:
    """Foutuitvragendepartij ends in 510 with the Responsemessage of a rejection and the code in it."""
    kenmerk = office.deliver(any_delivery("Foutuitvragendepartij"), stub=True).kenmerk
    last = office.statuses(kenmerk)[-1]
    assert (last.statuscode, last.status_foutcode) == ("510", Fout("0002", "Status: Niet verwerkbaar"))
    assert last.statusdetails == stub_responsemessage(NOT_PROCESSABLE)
    assert (NOT_PROCESSABLE.code, NOT_PROCESSABLE.description) == ("0002", "Status: Niet verwerkbaar")


def test_the_responsemessage_is_filled_in_on_pre_production(office: Office) -> None:
    """On the ordinary paths TEST too gets the ids of its own delivery in the Responsemessage (s)."""
    last = office.run(any_delivery("Happyflow"))[-1]
    assert f"<RefersToMessageId>{last.kenmerk}</RefersToMessageId>" in (last.statusdetails or "")


def test_a_validation_with_findings_ends_in_311(office: Office) -> None:
    """311 is final, has VAS500 and, in statusdetails, a document with every finding."""
    statuses = office.run(TAX)
    assert [status.statuscode for status in statuses] == [*GOOD[:4], "311"]
    assert statuses[-1].status_foutcode is not None
    assert statuses[-1].status_foutcode.foutcode == "VAS500"
    assert "<msg " in (statuses[-1].statusdetails or "")


def test_the_second_301_says_what_was_not_checked(office: Office) -> None:
    """Where a check could not be made, the details of the second 301 say so; nothing else than it and the
    500 has any.
    """
    wages = Content("text/xml", "a.xml", wage_return().encode())
    statuses = office.run(Delivery("Aangifte_LH", Identity("000000000L01", "LHnr"), "Bedrijf", wages))
    details = [(status.statuscode, status.statusdetails) for status in statuses if status.statusdetails]
    assert [code for code, _ in details] == ["301", "500"]
    assert 'level="info" id="XSD-OFFICIEEL"' in (details[0][1] or "")
    assert not any(status.statusdetails for status in office.run(any_delivery())[:-1])


@pytest.mark.parametrize("address", ["http://geenausp.nl", "http://geenausp.nl/", "", None])
def test_no_ausp_is_fine(office: Office, address: str | None) -> None:
    """The address that everybody gives means that there is no AuSP."""
    assert office.run(any_delivery(autorisatie_adres=address))[-1].statuscode == "500"


def test_an_unknown_ausp_is_230(office: Office) -> None:
    """An autorisatieAdres that is not registered ends the process with 230 (s); it is never fetched."""
    last = office.run(any_delivery(autorisatie_adres="http://127.0.0.1:1/ausp"))[-1]
    assert last.statuscode == "230"
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == "AUS400"


def test_an_agency_that_comes_back_gets_the_message(store: Store) -> None:
    """While the agency is away there is one 420 without a foutcode; then 400 and 500 follow."""
    away = True
    office = open_office(store, conditions=lambda agency, at: "unreachable" if away else "accepting")
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.advance(hours=5)
    assert office.codes(kenmerk) == [*GOOD[:7], "420"]
    assert office.statuses(kenmerk)[-1].status_foutcode is None
    away = False
    office.advance(hours=2)
    assert office.codes(kenmerk)[-3:] == ["420", "400", "500"]


def test_an_agency_that_stays_away_is_given_up_after_72_hours(store: Store) -> None:
    """After 72 hours by the clock the last 420 has AFS600, and nothing is tried any more."""
    office = open_office(store, conditions=lambda agency, at: "unreachable")
    receipt = office.deliver(any_delivery())
    office.advance(hours=200)
    last = office.statuses(receipt.kenmerk)[-1]
    assert last.statuscode == "420"
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == "AFS600"
    assert timedelta(hours=72) <= last.tijdstempel_status - receipt.tijdstempel_aangeleverd
    assert last.tijdstempel_status - receipt.tijdstempel_aangeleverd < timedelta(hours=73)


def test_the_last_attempt_can_end_in_425(store: Store) -> None:
    """With the switch on 425 stands in the place of the last 420, for an agency and for the stub alike."""
    settings = Settings(state=Path("/nowhere"), exchange=ExchangeSettings(last_attempt_statuscode="425"))
    office = open_office(store, settings=settings, conditions=lambda agency, at: "unreachable")
    ends = [office.deliver(any_delivery()).kenmerk]
    ends.append(office.deliver(any_delivery("MaximaalAantalAfleverpogingen"), stub=True).kenmerk)
    office.advance(hours=100)
    for kenmerk in ends:
        before, last = office.statuses(kenmerk)[-2:]
        assert (before.statuscode, before.status_foutcode) == ("420", None)
        assert last.statuscode == "425"
        assert last.status_foutcode is not None
        assert last.status_foutcode.foutcode == "AFS600"


def test_an_agency_that_rejects_is_510(store: Store) -> None:
    """The agency's rejection is 510 with the agency's own code."""
    office = open_office(store, conditions=lambda agency, at: "rejecting")
    last = office.run(any_delivery())[-1]
    assert last.statuscode == "510"
    assert last.status_foutcode is not None


def test_trouble_in_validation_is_retried_and_then_final(store: Store, monkeypatch: Any) -> None:
    """321 stands without a foutcode while validation is retried, and ends with VAS400."""
    office = open_office(store)

    def broken(*arguments: object) -> None:
        raise TechnicalError("the schemas are gone")

    monkeypatch.setattr(Validator, "check", broken)
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.drain()
    assert office.codes(kenmerk)[-1] == "321"
    assert office.statuses(kenmerk)[-1].status_foutcode is None
    office.advance(hours=3)
    statuses = office.statuses(kenmerk)
    assert [status.statuscode for status in statuses][-2:] == ["321", "321"]
    assert statuses[-1].status_foutcode is not None
    assert statuses[-1].status_foutcode.foutcode == "VAS400"
    assert {event.event.kind for event in office.post.events()} == {"validation-trouble"}


def test_validation_that_recovers_goes_on(store: Store, monkeypatch: Any) -> None:
    """After a 321 that was retried well, the ordinary flow goes on with 301."""
    office = open_office(store)

    def broken(*arguments: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Validator, "check", broken)
        kenmerk = office.deliver(any_delivery()).kenmerk
        office.scheduler.drain()
    office.advance(minutes=1)
    assert office.codes(kenmerk) == [*GOOD[:4], "321", *GOOD[4:]]


def test_steps_can_be_delayed(store: Store) -> None:
    """A berichtsoort's delay lies between its steps, by the simulator's clock."""
    rows = load_catalogue()
    slow = replace(rows.berichtsoorten["TEST"], step_delay_seconds=60.0)
    office = open_office(store, catalogue=replace(rows, berichtsoorten={**rows.berichtsoorten, "TEST": slow}))
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.drain()
    assert office.codes(kenmerk) == GOOD[:3]
    office.advance(seconds=61)
    assert office.codes(kenmerk) == GOOD[:4]
    office.advance(minutes=10)
    assert office.codes(kenmerk) == GOOD


def test_without_authentication_or_answer_these_steps_are_missing(store: Store) -> None:
    """A berichtsoort without step 200 and without an agency's answer ends with 400; an AuSP that is not
    known stops it as any other.
    """
    rows = load_catalogue()
    short = replace(rows.berichtsoorten["TEST"], authenticates=False, answers=False)
    office = open_office(
        store, catalogue=replace(rows, berichtsoorten={**rows.berichtsoorten, "TEST": short})
    )
    assert [s.statuscode for s in office.run(any_delivery())] == [
        "105",
        "100",
        "110",
        "301",
        "301",
        "405",
        "400",
    ]
    away = office.run(any_delivery(autorisatie_adres="http://ausp.example"))
    assert [status.statuscode for status in away] == ["105", "100", "110", "230"]


def test_scenarios_work_on_pre_production_when_switched_on(store: Store) -> None:
    """With the switch on a scenario's name works on the ordinary paths; other names go the ordinary way."""
    settings = Settings(state=Path("/nowhere"), wus=WusSettings(scenarios_on_preproduction=True))
    office = open_office(store, settings=settings)
    assert office.run(any_delivery("Afleverfout"))[-1].statuscode == "410"
    assert office.run(any_delivery("anything"))[-1].statuscode == "500"
    scenario = office.post.scenario_of(office.call(), aanleverkenmerk="AanleverFault")
    assert scenario is not None
    assert scenario.fault_on == "aanleverservice"


def test_scenario_of_knows_the_callers_own_processes_only(office: Office) -> None:
    """The stub finds the scenario of a process for who delivered it, and of nobody else's."""
    kenmerk = office.deliver(any_delivery("StatusInformatieFault"), stub=True).kenmerk
    mine = office.post.scenario_of(office.call(stub=True), kenmerk=kenmerk)
    assert mine is not None
    assert mine.fault_on == "statusinformatieservice"
    assert office.post.scenario_of(office.call(BOB, stub=True), kenmerk=kenmerk) is None
    assert office.post.scenario_of(office.call(), kenmerk=kenmerk) is None


def test_a_mandate_request_is_answered_by_the_register(office: Office) -> None:
    """A good request ends in 500 with the register's own text."""
    statuses = office.run(mandate_delivery(MessageKind.OPVOEREN, "VIA_2025"))
    assert [status.statuscode for status in statuses] == GOOD
    assert statuses[-1].statusomschrijving == "Opvoeren machtigingsclaim gelukt."


def test_a_mandate_request_that_the_register_refuses_is_510(office: Office) -> None:
    """A second request for the same mandate is 510 with the register's code and reason."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "VIA_2025"))
    last = office.run(mandate_delivery(MessageKind.OPVOEREN, "VIA_2025"))[-1]
    assert last.statuscode == "510"
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == "MR170"
    assert "lopende aanvraag" in last.status_foutcode.foutbeschrijving


def test_a_request_in_anothers_name_is_510(office: Office) -> None:
    """idGemachtigde must be the sender's own number."""
    last = office.run(mandate_delivery(MessageKind.OPVOEREN, "VIA_2025", ANN), BOB)[-1]
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == "MR160"
