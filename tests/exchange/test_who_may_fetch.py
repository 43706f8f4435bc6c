"""Every operation of the ophaalservice in every situation of a mandate: who gets a message, and who not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.config import Settings
from digipoort_sim.errors import PermissionRefusal
from digipoort_sim.exchange.service_desk import OwnMessage
from digipoort_sim.exchange.values import Caller, Content, Identity
from digipoort_sim.register import State
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from tests.exchange.office import ALWAYS, ANN, BOB, CLIENT, Office, mandate_delivery, open_office
from tests.postgres import PostgresServer, new_name, postgres_server

__all__ = ["new_name", "postgres_server"]

ORGANISATION = Identity("123456782", "RSIN")
EMPLOYER, BRANCH = Identity("123456782L01", "LHnr"), Identity("123456782L02", "LHnr")
OTHER = Identity("999991772", "BSN")

Ask = Callable[[Office, Caller, str, Identity, str], set[str]]


def _berichten(nieuw: bool) -> Ask:
    def ask(office: Office, caller: Caller, soort: str, identity: Identity, kenmerk: str) -> set[str]:
        call = office.call(caller)
        return {m.kenmerk for m in office.post.berichten(call, soort, identity, ALWAYS, nieuw=nieuw)}

    return ask


def _lijst(nieuw: bool) -> Ask:
    def ask(office: Office, caller: Caller, soort: str, identity: Identity, kenmerk: str) -> set[str]:
        call = office.call(caller)
        return {line.kenmerk for line in office.post.berichten_lijst(call, soort, ALWAYS, nieuw=nieuw)}

    return ask


def _kenmerk(nieuw: bool) -> Ask:
    def ask(office: Office, caller: Caller, soort: str, identity: Identity, kenmerk: str) -> set[str]:
        call = office.call(caller)
        return {m.kenmerk for m in office.post.berichten_kenmerk(call, kenmerk, ALWAYS, nieuw=nieuw)}

    return ask


OPERATIONS = {
    "getBerichten": _berichten(nieuw=False),
    "getNieuweBerichten": _berichten(nieuw=True),
    "getBerichtenLijst": _lijst(nieuw=False),
    "getNieuweBerichtenLijst": _lijst(nieuw=True),
    "getBerichtenKenmerk": _kenmerk(nieuw=False),
    "getNieuweBerichtenKenmerk": _kenmerk(nieuw=True),
}


@dataclass(frozen=True)
class Situation:
    """A message of a service (and year) for a client, and who asks for it."""

    soort: str
    jaar: int | None
    client: Identity
    caller: Caller
    is_open: bool


SITUATIONS = {
    "an active mandate, by silence": Situation("SBA_IB", 2026, CLIENT, ANN, True),
    "an active mandate, by code": Situation("UWV-ZZ-ZW", None, EMPLOYER, ANN, True),
    "two gemachtigden with the same service": Situation("UWV-ZZ-ZW", None, EMPLOYER, BOB, True),
    "another gemachtigde": Situation("SBA_IB", 2026, CLIENT, BOB, False),
    "another client": Situation("SBA_IB", 2026, OTHER, ANN, False),
    "another service": Situation("UWV-ZZ-WAZO", None, EMPLOYER, ANN, False),
    "another year": Situation("SBA_IB", 2025, CLIENT, ANN, False),
    "another loonheffingennummer": Situation("UWV-ZZ-ZW", None, BRANCH, ANN, False),
    "still in its reaction term": Situation("SBT", 2026, CLIENT, ANN, False),
    "revoked": Situation("SBA_IB", 2024, CLIENT, ANN, False),
    "refused by its client": Situation("SBA_IB", 2023, CLIENT, ANN, False),
    "refused by the register": Situation("SBA_VPB", 2026, ORGANISATION, BOB, False),
    "expired": Situation("VIA", 2024, CLIENT, ANN, False),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a mandate for each situation."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('served') / 'x.sqlite3'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.new_database(request.getfixturevalue("new_name")())
    store = Store.open(url)
    office = open_office(store)
    _register(office)
    yield office
    store.close()


def _register(office: Office) -> None:
    _request(office, "VIA_2024", CLIENT, ANN)
    office.advance(days=62)
    for dienst in ("SBA_IB_2026", "SBA_IB_2024", "SBA_IB_2023"):
        _request(office, dienst, CLIENT, ANN)
    _request(office, "SBA_VPB_2026", ORGANISATION, ANN)
    _request(office, "SBA_VPB_2026", ORGANISATION, BOB)
    _request(office, "UWV-ZZ-ZW", EMPLOYER, ANN)
    _request(office, "UWV-ZZ-ZW", EMPLOYER, BOB)
    office.advance(days=15)
    with office.post.store.read() as tx:
        letters = office.register.letters(tx)
    for letter in letters:
        if letter.dienst == "SBA_IB_2023":
            office.post.mandates.return_letter(letter.id)
        if letter.dienst == "UWV-ZZ-ZW":
            caller = ANN if letter.gemachtigde_oin == ANN.oin else BOB
            activation = mandate_delivery(
                MessageKind.ACTIVEREN,
                letter.dienst,
                caller,
                EMPLOYER,
                activatie_token=letter.activatie_token,
            )
            assert office.run(activation, caller)[-1].statuscode == "500"
    office.advance(days=27)
    office.run(mandate_delivery(MessageKind.INTREKKEN, "SBA_IB_2024"))
    _request(office, "SBT_2026", CLIENT, ANN)


def _request(office: Office, dienst: str, client: Identity, caller: Caller) -> None:
    office.run(mandate_delivery(MessageKind.OPVOEREN, dienst, caller, client), caller)


def put(office: Office, soort: str, jaar: int | None, client: Identity, **more: Any) -> str:
    """Put in a message of a tester's own; gives its kenmerk."""
    content = more.pop("content", Content("text/xml", "eigen.xml", b"<eigen/>"))
    own = OwnMessage(soort, client.nummer, content, client.type, jaar, **more)
    return office.post.service_messages.put(own).kenmerk


def test_the_situations_are_what_they_say(served: Office) -> None:
    """The mandates behind the table are in eight different circumstances."""
    with served.post.store.read() as tx:
        found = {m.dienst: m.toestand for m in served.register.mandates(tx, gemachtigde=ANN.oin)}
        (refused, _) = served.register.mandates(tx, gemachtigde=BOB.oin)
    assert found == {
        "VIA_2024": State.VERLOPEN,
        "SBA_IB_2026": State.ACTIEF,
        "SBA_IB_2024": State.INGETROKKEN,
        "SBA_IB_2023": State.AFGEWEZEN,
        "SBA_VPB_2026": State.ACTIEF,
        "UWV-ZZ-ZW": State.ACTIEF,
        "SBT_2026": State.IN_BEHANDELING,
    }
    assert refused.toestand is State.AFGEKEURD


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", SITUATIONS)
def test_who_may_fetch(served: Office, operation: str, name: str) -> None:
    """A message is given and listed under an active mandate of the caller for that client, service and year,
    and under nothing else.
    """
    case = SITUATIONS[name]
    kenmerk = put(served, case.soort, case.jaar, case.client)
    found = OPERATIONS[operation](served, case.caller, case.soort, case.client, kenmerk)
    assert (kenmerk in found) == case.is_open
    stranger = Caller("00000003273248350000", "c" * 64)
    assert OPERATIONS[operation](served, stranger, case.soort, case.client, kenmerk) == set()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_mandate_there_can_be_a_fault(operation: str, tmp_path: Path) -> None:
    """With the switch on, who has no mandate gets a fault that says so; who has one and for whom there is
    nothing gets nothing; overviews need none.
    """
    settings = Settings.model_validate({"state": tmp_path, "register": {"without_mandate": "fault"}})
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    office = open_office(store, settings=settings)
    kenmerk = put(office, "SBA_IB", 2026, CLIENT)
    ask = OPERATIONS[operation]
    for asked in (kenmerk, "unknown"):
        with pytest.raises(PermissionRefusal) as caught:
            ask(office, ANN, "SBA_IB", CLIENT, asked)
        assert caught.value.rule == "NO-MANDATE"
    _request(office, "SBA_IB_2026", CLIENT, ANN)
    office.advance(days=45)
    assert kenmerk in ask(office, ANN, "SBA_IB", CLIENT, kenmerk)
    assert ask(office, ANN, "SBA_IB", CLIENT, kenmerk) is not None
    if "Kenmerk" not in operation:
        assert ask(office, ANN, "MachtigingOverzicht", CLIENT, "") == set()
        with pytest.raises(PermissionRefusal):
            ask(office, ANN, "SBT", CLIENT, "")
    store.close()
