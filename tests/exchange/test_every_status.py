"""Every statuscode and every foutcode of a status in the catalogue can be had, by settings or by columns."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.agencies.agencies import Conditions, conditions_of
from digipoort_sim.catalogue import Catalogue, ScenarioStep, load_catalogue
from digipoort_sim.config import AgenciesSettings, ExchangeSettings, Settings, WusSettings
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.values import Content, Delivery, Status
from digipoort_sim.store import Store
from tests.exchange.office import ANN, BOB, OB, Office, any_delivery, open_office

CATALOGUE = load_catalogue()
DOOR_LETTERS = ("ALS", "STS", "OPS", "ZSS")
FOUTCODES = [code for code in CATALOGUE.faults if code[:3] not in DOOR_LETTERS]
AUSP = "https://ausp.example/dienst"
BEFORE = ["105", "100", "110"]
UP_TO_DELIVERY = [*BEFORE, "200", "301", "301", "405"]
Make = Callable[..., Office]


@dataclass(frozen=True)
class Way:
    """How to reach a status: what is set, what is delivered, and how long to wait."""

    delivery: Delivery = field(default_factory=any_delivery)
    exchange: dict[str, Any] = field(default_factory=dict)
    agencies: dict[str, Any] = field(default_factory=dict)
    column: dict[str, Any] = field(default_factory=dict)
    hours: float = 0.0


GOOD = Way()
NOT_AUTHENTICATED = Way(exchange={"not_authenticated": (f"{ANN.oin}:TEST",)})
NOT_AUTHORISED = Way(exchange={"not_authorised": ("*:TEST",)})
UNKNOWN_AUSP = Way(any_delivery(autorisatie_adres=AUSP))
INVALID = Way(Delivery("Omzetbelasting", OB, "Bedrijf", Content("text/xml", "a.xml", b"<a/>")))
BROKEN_CHECK = Way(column={"form": "xml", "identity_xpath": "//["}, hours=3)
REFUSING = Way(agencies={"refusing": ("stub",)})
FAILING = Way(agencies={"failing": ("stub",)})
AWAY = Way(agencies={"unreachable": ("stub",)}, hours=73)
GIVEN_UP = replace(AWAY, exchange={"last_attempt_statuscode": "425"})
REJECTING = Way(agencies={"rejecting": ("stub",)})
REJECTED_710 = replace(REJECTING, column={"rejected_with": "710"})
FAILED_720 = replace(FAILING, column={"failed_with": "720"})

STATUSES: dict[str, tuple[Way, list[str]]] = {
    "105": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "100": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "110": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "200": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "210": (NOT_AUTHENTICATED, [*BEFORE, "210"]),
    "220": (NOT_AUTHORISED, [*BEFORE, "200", "220"]),
    "230": (UNKNOWN_AUSP, [*BEFORE, "200", "230"]),
    "301": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "311": (INVALID, [*BEFORE, "200", "311"]),
    "321": (BROKEN_CHECK, [*BEFORE, "200", "321", "321"]),
    "405": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "400": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "410": (REFUSING, [*UP_TO_DELIVERY, "410"]),
    "420": (AWAY, [*UP_TO_DELIVERY, "420", "420"]),
    "425": (GIVEN_UP, [*UP_TO_DELIVERY, "420", "425"]),
    "500": (GOOD, [*UP_TO_DELIVERY, "400", "500"]),
    "510": (REJECTING, [*UP_TO_DELIVERY, "400", "510"]),
    "710": (REJECTED_710, [*UP_TO_DELIVERY, "400", "710"]),
    "720": (FAILED_720, [*UP_TO_DELIVERY, "720"]),
}
ENDS: dict[str, Way] = {
    "AUS100": NOT_AUTHENTICATED,
    "AUS110": NOT_AUTHORISED,
    "AUS400": UNKNOWN_AUSP,
    "VAS500": INVALID,
    "VAS400": BROKEN_CHECK,
    "AFS400": FAILING,
    "AFS600": AWAY,
    "AFO100": REFUSING,
    "0002": REJECTING,
}
BY_SCENARIO = {"AFS100": "410"}
"""Codes that only an agency's own service gives: a user's scenario sets them."""


def test_the_walk_is_complete() -> None:
    """No statuscode and no foutcode of the catalogue is left out here."""
    assert list(STATUSES) == list(CATALOGUE.statuses)
    assert sorted([*ENDS, *BY_SCENARIO]) == sorted(FOUTCODES)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store for a post office of its own."""
    return Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")


def walked(store: Store, way: Way) -> list[Status]:
    """The statuses of a delivery that goes a way."""
    office = office_of(store, way)
    kenmerk = office.deliver(way.delivery).kenmerk
    office.scheduler.drain()
    office.advance(hours=way.hours)
    return office.statuses(kenmerk)


def office_of(store: Store, way: Way) -> Office:
    """A post office with the settings and columns of a way."""
    row = replace(CATALOGUE.berichtsoorten["TEST"], **way.column)
    catalogue = replace(CATALOGUE, berichtsoorten={**CATALOGUE.berichtsoorten, "TEST": row})
    settings = Settings(state=Path("/nowhere"), exchange=ExchangeSettings(**way.exchange))
    agencies = conditions(catalogue, **way.agencies)
    return open_office(store, settings=settings, catalogue=catalogue, conditions=agencies, seed=repr(way))


def conditions(catalogue: Catalogue, **agencies: tuple[str, ...]) -> Conditions:
    """The agencies' conditions by these settings."""
    return conditions_of(AgenciesSettings(**agencies), catalogue)


@pytest.mark.parametrize("code", STATUSES)
def test_every_status_can_be_had(store: Store, code: str) -> None:
    """Each statuscode of the catalogue is set by some way, in its place, with the catalogue's text."""
    way, flow = STATUSES[code]
    statuses = walked(store, way)
    assert [status.statuscode for status in statuses] == flow
    found = next(status for status in statuses if status.statuscode == code)
    assert found.statusomschrijving == CATALOGUE.status(code).omschrijving


@pytest.mark.parametrize("code", ENDS)
def test_every_foutcode_can_be_had(store: Store, code: str) -> None:
    """Each foutcode stands with the last status, alone, and its text begins as the catalogue's."""
    *before, last = walked(store, ENDS[code])
    assert not any(status.status_foutcode for status in before)
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == code
    begin, _, _ = CATALOGUE.faults[code].text.partition("{melding}")
    assert last.status_foutcode.foutbeschrijving.startswith(begin.rstrip())
    assert "{" not in last.status_foutcode.foutbeschrijving


@pytest.mark.parametrize("code", BY_SCENARIO)
def test_any_other_code_by_a_scenario(store: Store, code: str) -> None:
    """A scenario of a user's own can end in any statuscode with any foutcode of the catalogue."""
    mine = replace(
        CATALOGUE.scenarios["Afleverfout"],
        aanleverkenmerk="Mijn",
        steps=(ScenarioStep("105"), ScenarioStep(BY_SCENARIO[code], foutcode=code)),
    )
    catalogue = replace(CATALOGUE, scenarios={**CATALOGUE.scenarios, "Mijn": mine})
    office = open_office(store, catalogue=catalogue)
    kenmerk = office.deliver(any_delivery("Mijn"), stub=True).kenmerk
    first, last = office.statuses(kenmerk)
    assert (first.statuscode, last.statuscode) == ("105", BY_SCENARIO[code])
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == code


def test_settings_name_senders_and_berichtsoorten(store: Store) -> None:
    """OIN, OIN:berichtsoort and *:berichtsoort are what an entry can be; others are not concerned."""
    office = office_of(store, Way(exchange={"not_authorised": (ANN.oin,), "not_authenticated": ("*:ICP",)}))
    assert office.run(any_delivery())[-1].statuscode == "220"
    assert office.run(any_delivery(), BOB)[-1].statuscode == "500"
    icp = replace(INVALID.delivery, berichtsoort="ICP")
    assert office.run(icp, BOB)[-1].statuscode == "210"


def test_without_the_step_nobody_is_not_authenticated(store: Store) -> None:
    """A berichtsoort that has no step 200 has no 210 either."""
    way = replace(NOT_AUTHENTICATED, column={"authenticates": False})
    assert "200" not in (codes := [status.statuscode for status in walked(store, way)])
    assert codes[-1] == "500"


def test_a_registered_ausp_is_never_called(store: Store) -> None:
    """A registered autorisatieAdres is good, one with trouble is 230, one that is required and missing is
    220; and no connection is made to any.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        here = f"http://127.0.0.1:{listening.getsockname()[1]}/ausp"
        ask = any_delivery(autorisatie_adres=here + "/")
        known = {"known_ausps": (here.upper(),)}
        assert walked(store, Way(ask, known, column={"requires_ausp": True}))[-1].statuscode == "500"
        assert walked(store, Way(ask, {"unreachable_ausps": (here,)}))[-1].statuscode == "230"
        assert walked(store, Way(ask))[-1].statuscode == "230"
        none = any_delivery(autorisatie_adres="http://geenausp.nl/")
        last = walked(store, Way(none, known, column={"requires_ausp": True}))[-1]
        assert last.statuscode == "220"
        assert last.status_foutcode is not None
        assert "verplicht" in last.status_foutcode.foutbeschrijving
        with pytest.raises(TimeoutError):
            listening.accept()


def test_settings_name_known_agencies_only() -> None:
    """An agency that is not in the catalogue is refused at the start, in whichever list it stands."""
    for name in ("unreachable", "rejecting", "refusing", "failing"):
        with pytest.raises(ConfigError, match="nobody"):
            conditions(CATALOGUE, **{name: ("nobody",)})


def test_an_agency_that_only_confirms_ends_in_400(store: Store) -> None:
    """A flow without an answer (DAC7) ends in 400; a refusal is still 410."""
    column = {"answers": False}
    dac7 = walked(store, Way(any_delivery(berichtsoort="DAC7")))
    assert [status.statuscode for status in dac7] == [*UP_TO_DELIVERY, "400"]
    assert walked(store, replace(REFUSING, column=column))[-1].statuscode == "410"


def test_scenarios_have_their_flow_on_pre_production_too(store: Store) -> None:
    """With the switch on, every scenario's statuses are those of the stub, ids in them filled in."""
    settings = Settings(state=Path("/nowhere"), wus=WusSettings(scenarios_on_preproduction=True))
    office = open_office(store, settings=settings)
    for name, scenario in CATALOGUE.scenarios.items():
        kenmerk = office.deliver(any_delivery(name)).kenmerk
        office.advance(hours=100)
        assert office.codes(kenmerk) == [step.statuscode for step in scenario.steps], name
        assert "BERICHTKENMERK-VAN" not in repr(office.statuses(kenmerk))
