"""Our WSDLs, XSD and door beside the official ones: the same components, and clients of them work."""

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
from digipoort_sim.resources import schemas
from digipoort_sim.wus import names, responses, structure
from digipoort_sim.wus.signing import Signer, sign_request
from tests.wus.door_kit import RunningDoor, running_door

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
OFFICIAL = REFERENCE / "contract"
pytestmark = pytest.mark.skipif(
    not OFFICIAL.is_dir(), reason="the official files are not beside this checkout"
)

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
Component = tuple[str, tuple[tuple[str, str], ...], tuple[Any, ...]]
QUALIFIED = ("type", "base", "element", "message", "binding")


def component(element: etree._Element) -> Component:
    """An element of a schema or WSDL without documentation, prefixes and policies."""
    attributes = {
        key: value.rpartition(":")[2] if key in QUALIFIED else value for key, value in element.attrib.items()
    }
    children = [
        component(one)
        for one in element
        if isinstance(one.tag, str) and one.tag not in (XS + "annotation", WSDL + "documentation")
        and "policy" not in one.tag
    ]  # fmt: skip
    return element.tag, tuple(sorted(attributes.items())), tuple(children)


def named(path: Path, part: str = "") -> dict[tuple[str, str | None], Component]:
    """The named components of a file."""
    root = etree.parse(path).getroot()
    found = root.iterfind(part) if part else iter(root)
    return {
        (one.tag, one.get("name")): component(one)
        for one in found
        if isinstance(one.tag, str) and one.get("name")
    }


def test_xsd_has_the_official_components() -> None:
    """Every element and type of our XSD is the official one, and none is missing."""
    ours, official = (named(place / structure.SCHEMA_FILE) for place in (schemas() / "wus", OFFICIAL))
    assert ours == official
    assert len(ours) > 50


@pytest.mark.parametrize("service", names.SERVICES.values(), ids=lambda service: service.name)
def test_wsdl_has_the_official_components(service: names.Service) -> None:
    """Port type, binding and service of our WSDLs have the official names, elements and Actions."""
    ours, official = (etree.parse(place / service.wsdl).getroot() for place in (schemas() / "wus", OFFICIAL))
    assert ours.get("targetNamespace") == official.get("targetNamespace")
    assert calls(ours) == calls(official)
    for kind in ("portType", "binding", "service"):
        assert names_of(ours, kind) == names_of(official, kind)


def names_of(root: etree._Element, kind: str) -> list[str | None]:
    """The names of a kind of component."""
    return [one.get("name") for one in root.iterfind(WSDL + kind)]


def calls(root: etree._Element) -> set[tuple[str | None, ...]]:
    """Per operation: its name, the elements of its three messages, and their Actions."""
    action = "{http://www.w3.org/2006/05/addressing/wsdl}Action"
    elements = {
        one.get("name"): (one[0].get("element") or "").rpartition(":")[2]
        for one in root.iterfind(WSDL + "message")
    }
    soap_actions = {
        one.get("name"): one[0].get("soapAction") for one in root.iterfind(f"{WSDL}binding/{WSDL}operation")
    }
    return {
        (
            one.get("name"),
            soap_actions[one.get("name")],
            *(elements[(part.get("message") or "").rpartition(":")[2]] for part in one),
            *(part.get(action) for part in one),
        )
        for one in root.iterfind(f"{WSDL}portType/{WSDL}operation")
    }


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
