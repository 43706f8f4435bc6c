"""The eleven scenarios of the Aansluit Suite over the real door, by zeep, on both families of paths."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
import zeep.wsa
from lxml import etree

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import RealClock
from digipoort_sim.ids import SystemIds
from digipoort_sim.wus import names
from digipoort_sim.wus.signing import Signer, sign_request
from tests.wus.door_kit import RunningDoor, running_door

pytestmark = pytest.mark.heavy
BUSY = 0.3
A_MOMENT = timedelta(seconds=30)
IDENTITY = {"nummer": "001000044B37", "type": "Fi"}
CONTENT = {"mimeType": "application/xml", "bestandsnaam": "a.xml", "inhoud": b"<a/>"}
UP_TO_DELIVERY = ["105", "100", "110", "200", "301", "301", "405"]
GOOD = [*UP_TO_DELIVERY, "400", "500"]
FLOWS: dict[str, tuple[list[str], list[str], str | None]] = {
    "Happyflow": (GOOD, [], None),
    "Afleverfout": ([*UP_TO_DELIVERY, "410"], [], "AFS400"),
    "Foutuitvragendepartij": ([*UP_TO_DELIVERY, "400", "510"], [], "0002"),
    "TechnischProbleemAfleveren": ([*UP_TO_DELIVERY, "420"], ["400", "500"], None),
    "MaximaalAantalAfleverpogingen": ([*UP_TO_DELIVERY, "420"], ["420", "420"], "AFS600"),
    "ZwaarbelastAanleveren": (GOOD, [], None),
    "ZwaarbelastStatusInformatie": (GOOD, [], None),
    "AnyOther": (GOOD, [], None),
}
"""Per aanleverkenmerk: the statuses that are there at once, those of later, and the last one's foutcode."""

NO_FLOW = ("AanleverFault", "StatusInformatieFault", "OverbelastAanleveren", "OverbelastStatusInformatie")


class _Signature:
    """Signs what zeep sends."""

    def __init__(self, folder: Path) -> None:
        self._signer = Signer.from_pem(
            (folder / "client.key").read_bytes(), (folder / "client.pem").read_bytes()
        )

    def apply(self, envelope: etree._Element, headers: dict[str, str]) -> tuple[Any, dict[str, str]]:
        sign_request(envelope, self._signer, created=RealClock().now(), ids=SystemIds())
        return envelope, headers

    def verify(self, envelope: etree._Element) -> etree._Element:
        return envelope


@dataclass
class Stub:
    """A door and zeep's view of two of its services."""

    door: RunningDoor
    aanleveren: Any
    statussen: Any

    def deliver(self, aanleverkenmerk: str) -> Any:
        """Deliver under an aanleverkenmerk."""
        return self.aanleveren.aanleveren(
            berichtsoort="TEST",
            aanleverkenmerk=aanleverkenmerk,
            identiteitBelanghebbende=IDENTITY,
            rolBelanghebbende="Bedrijf",
            berichtInhoud=CONTENT,
            autorisatieAdres="http://geenausp.nl",
        )

    def ask(self, kenmerk: str) -> list[Any]:
        """All statuses of a process."""
        return self.statussen.getStatussenProces(kenmerk=kenmerk) or []

    def advance(self, hours: float) -> None:
        """Move the simulator's clock; real time, by which clients sign, stays."""
        target = self.door.inner.clocks.simulator.now() + timedelta(hours=hours)
        self.door.inner.scheduler.advance(target)


@pytest.fixture(scope="module", params=["stub", "preproduction"])
def stub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stub]:
    """A door whose pre-production paths know the scenarios too, with zeep on one family of paths."""
    settings = {"busy_delay_seconds": BUSY, "scenarios_on_preproduction": True}
    with running_door(tmp_path_factory.mktemp("state"), **settings) as door:
        made = [client(door, service.paths[request.param]) for service in SERVICES]
        yield Stub(door, *made)


SERVICES = (names.AANLEVEREN, names.STATUSINFORMATIE)


def client(door: RunningDoor, path: str) -> Any:
    """zeep on the WSDL that a path serves."""
    session = requests.Session()
    session.cert = (str(door.folder / "client.pem"), str(door.folder / "client.key"))
    session.verify = str(door.folder / "ca.pem")
    session.trust_env = False  # REQUESTS_CA_BUNDLE would count for more than verify
    return zeep.Client(
        f"https://localhost:{door.port}{path}?wsdl",
        transport=zeep.Transport(session=session),
        wsse=_Signature(door.folder),
        plugins=[zeep.wsa.WsAddressingPlugin()],
    ).service


def test_all_eleven_are_here() -> None:
    """The catalogue has eleven scenarios, and each is tried here."""
    assert len(load_catalogue().scenarios) == 11
    assert set(load_catalogue().scenarios) == {*FLOWS, *NO_FLOW} - {"AnyOther"}


@pytest.mark.parametrize("name", FLOWS)
def test_flow(stub: Stub, name: str) -> None:
    """A delivery is accepted and has its statuses at once, exactly 10 ms apart; the later ones come when the
    clock does, and only the last one may have a foutcode.
    """
    at_once, later, foutcode = FLOWS[name]
    receipt = stub.deliver(name)
    # Another name means nothing on the ordinary paths: the ordinary flow is the scheduler's work.
    stub.door.inner.scheduler.drain()
    found = stub.ask(receipt.kenmerk)
    assert [one.statuscode for one in found] == at_once
    gaps = {after.tijdstempelStatus - before.tijdstempelStatus for before, after in pairwise(found)}
    if name != "AnyOther":
        assert gaps == {timedelta(milliseconds=10)}
        assert found[0].tijdstempelStatus == receipt.tijdstempelAangeleverd
    if later:
        stub.advance(hours=100)
        found = stub.ask(receipt.kenmerk)
        assert [one.statuscode for one in found] == [*at_once, *later]
    assert not any(one.statusFoutcode for one in found[:-1])
    last = found[-1].statusFoutcode
    assert (last.foutcode if last else None) == foutcode


def test_delivery_is_retried_for_72_hours(stub: Stub) -> None:
    """The last 420, with AFS600, comes 72 hours after the first; until then no status has a foutcode."""
    kenmerk = stub.deliver("MaximaalAantalAfleverpogingen").kenmerk
    first: datetime = stub.ask(kenmerk)[-1].tijdstempelStatus
    stub.advance(hours=71.9)
    assert [one.statuscode for one in stub.ask(kenmerk)][-3:] == ["405", "420", "420"]
    assert not any(one.statusFoutcode for one in stub.ask(kenmerk))
    stub.advance(hours=0.2)
    last = stub.ask(kenmerk)[-1]
    assert timedelta(0) <= last.tijdstempelStatus - first - timedelta(hours=72) < A_MOMENT
    assert last.statusFoutcode.foutcode == "AFS600"


def test_the_technical_problem_lasts_one_hour(stub: Stub) -> None:
    """400 and 500 of TechnischProbleemAfleveren come one hour after its 420."""
    kenmerk = stub.deliver("TechnischProbleemAfleveren").kenmerk
    stub.advance(hours=0.99)
    assert stub.ask(kenmerk)[-1].statuscode == "420"
    stub.advance(hours=0.02)
    trouble, delivered, answered = stub.ask(kenmerk)[-3:]
    late = delivered.tijdstempelStatus - trouble.tijdstempelStatus - timedelta(hours=1)
    assert timedelta(0) <= late < A_MOMENT
    assert (delivered.statuscode, answered.statuscode) == ("400", "500")


def test_faults(stub: Stub) -> None:
    """AanleverFault is refused at once; of StatusInformatieFault every question about its statuses is."""
    with pytest.raises(zeep.exceptions.Fault) as caught:
        stub.deliver("AanleverFault")
    assert fault_code(caught.value) == "ALS100"
    kenmerk = stub.deliver("StatusInformatieFault").kenmerk
    for question in (stub.statussen.getStatussenProces, stub.statussen.getNieuweStatussenProces):
        with pytest.raises(zeep.exceptions.Fault) as caught:
            question(kenmerk=kenmerk)
        assert fault_code(caught.value) == "STS100"


def fault_code(fault: zeep.exceptions.Fault) -> str | None:
    """The foutcode in a fault's detail."""
    return next((one.text for one in fault.detail.iter("{*}foutcode")), None)


def test_slow_answers(stub: Stub) -> None:
    """The two Zwaarbelast scenarios answer after the delay, each where its name says and nowhere else."""
    for name, slow in (
        ("ZwaarbelastAanleveren", (True, False)),
        ("ZwaarbelastStatusInformatie", (False, True)),
    ):
        started = time.monotonic()
        kenmerk = stub.deliver(name).kenmerk
        delivered = time.monotonic()
        stub.ask(kenmerk)
        taken = (delivered - started, time.monotonic() - delivered)
        assert all(seconds >= BUSY for seconds, late in zip(taken, slow, strict=True) if late), name


def test_no_answer(stub: Stub) -> None:
    """The two Overbelast scenarios give HTTP 503, each where its name says; nothing is delivered by it."""
    before = len(stub.door.inner.office.messages())
    with pytest.raises(zeep.exceptions.TransportError) as caught:
        stub.deliver("OverbelastAanleveren")
    assert caught.value.status_code == 503
    assert len(stub.door.inner.office.messages()) == before
    kenmerk = stub.deliver("OverbelastStatusInformatie").kenmerk
    with pytest.raises(zeep.exceptions.TransportError) as caught:
        stub.ask(kenmerk)
    assert caught.value.status_code == 503
