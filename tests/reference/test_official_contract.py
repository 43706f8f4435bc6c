"""Clients of the official WSDLs work with our door, and our bodies are the recorded ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
import zeep.wsa
from lxml import etree

from digipoort_sim.clock import RealClock, parse_time
from digipoort_sim.exchange.values import Identity, Receipt
from digipoort_sim.ids import SystemIds
from digipoort_sim.wus import names, responses
from digipoort_sim.wus.signing import Signer, sign_request
from tests.wus.door_kit import RunningDoor, running_door

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
OFFICIAL = REFERENCE / "contract"
pytestmark = pytest.mark.skipif(
    not OFFICIAL.is_dir(), reason="the official files are not beside this checkout"
)


def test_our_answer_body_has_the_recorded_octets() -> None:
    """With the same values our aanleverResponse is the recorded one to the last octet."""
    recorded = (REFERENCE / "recorded" / "aanleveren-response.xml").read_bytes()
    body = re.search(rb"<aanleverResponse.*</aanleverResponse>", recorded)
    assert body
    receipt = Receipt(
        kenmerk="700627b6-383e-4d8d-809f-b066845b36e0",
        berichtsoort="Omzetbelasting",
        tijdstempel_aangeleverd=parse_time("2021-03-07T11:37:39.702Z"),
        identiteit_belanghebbende=Identity("001000044B37", "Fi"),
        rol_belanghebbende="Bedrijf",
        identiteit_ontvanger=Identity("00000002003214394002", "OIN"),
        aanleverkenmerk="Happyflow",
        autorisatie_adres="http://geenausp.nl",
    )
    assert responses.aanlever_response(receipt) == body[0]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


class _OfficialFiles(zeep.Transport):  # type: ignore[misc]
    """Reads the official files by their names, whatever address they are asked at."""

    def load(self, url: str) -> bytes:
        return (OFFICIAL / Path(url).name).read_bytes()


class _Signature:
    """Signs what zeep sends."""

    def __init__(self, folder: Path) -> None:
        files = (folder / "client.key").read_bytes(), (folder / "client.pem").read_bytes()
        self._signer = Signer.from_pem(*files)

    def apply(self, envelope: etree._Element, headers: dict[str, str]) -> tuple[Any, dict[str, str]]:
        sign_request(envelope, self._signer, created=RealClock().now(), ids=SystemIds())
        return envelope, headers

    def verify(self, envelope: etree._Element) -> etree._Element:
        return envelope


def official_client(door: RunningDoor, service: names.Service) -> Any:
    """zeep on an official WSDL, calling the stub's path of our door."""
    session = requests.Session()
    session.cert = (str(door.folder / "client.pem"), str(door.folder / "client.key"))
    session.verify = str(door.folder / "ca.pem")
    session.trust_env = False  # REQUESTS_CA_BUNDLE would count for more than verify
    client = zeep.Client(
        str(OFFICIAL / service.wsdl),
        transport=_OfficialFiles(session=session),
        wsse=_Signature(door.folder),
        plugins=[zeep.wsa.WsAddressingPlugin()],
    )
    binding = next(iter(client.wsdl.bindings))
    return client.create_service(binding, f"https://localhost:{door.port}{service.paths['stub']}")


@pytest.mark.heavy
def test_zeep_on_the_official_wsdls(door: RunningDoor) -> None:
    """A zeep client made from the official WSDLs delivers, follows the statuses and lists messages."""
    identity = {"nummer": "001000044B37", "type": "Fi"}
    content = {"mimeType": "application/xml", "bestandsnaam": "a.xml", "inhoud": b"<a/>"}
    receipt = official_client(door, names.AANLEVEREN).aanleveren(
        berichtsoort="TEST",
        aanleverkenmerk="Happyflow",
        identiteitBelanghebbende=identity,
        rolBelanghebbende="Bedrijf",
        berichtInhoud=content,
        autorisatieAdres="http://geenausp.nl",
    )
    statuses = official_client(door, names.STATUSINFORMATIE)
    found = statuses.getNieuweStatussenProces(kenmerk=receipt.kenmerk)
    assert [one.statuscode for one in found][-1] == "500"
    assert not statuses.getNieuweStatussenProces(kenmerk=receipt.kenmerk)
    assert "TEST" in str(statuses.getBerichtsoorten(identiteitBelanghebbende=identity))
    assert official_client(door, names.OPHALEN).getBerichtenLijst()
    with pytest.raises(zeep.exceptions.Fault) as caught:
        official_client(door, names.AANLEVEREN).aanleveren(
            berichtsoort="Onbekend",
            identiteitBelanghebbende=identity,
            rolBelanghebbende="",
            berichtInhoud=content,
        )
    assert b"ALS120" in etree.tostring(caught.value.detail)
