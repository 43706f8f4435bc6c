"""Every code of a SOAP fault in the catalogue can be had at the door, by a client or by a setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import text

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import RealClock, wire_time
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Oin
from digipoort_sim.wus import names
from tests.wus.door_kit import QUESTIONS, Answer, RunningDoor, delivery, path_of, running_door, signed
from tests.wus.test_refusals import good, hours_ago, uncovered
from tests.wus.tls_kit import client_folder

AANLEVEREN = names.OPERATIONS["aanleveren"]
STATUSSEN = names.OPERATIONS["getStatussenProces"]
LIJST = names.OPERATIONS["getBerichtenLijst"]
ZET_STATUS = names.ZETSTATUS.operations["zetStatus"]
FOREIGN = Oin.parse("00000002111222333000")
AGENCY = Oin.parse("00000099000000006000")
Spoil = Callable[[etree._Element], None]
FAULTS = [code for code in load_catalogue().faults if code[:3] in ("ALS", "STS", "OPS", "ZSS")]
TWO_NAMES = (
    "<bijlage><mimeType>a/b</mimeType><bestandsnaam>b</bestandsnaam><inhoud>YQ==</inhoud></bijlage>" * 2
)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A door where large means little and overload is told by a fault."""
    settings = {"max_request_bytes": 60_000, "overload_answer": "fault", "busy_delay_seconds": 0}
    with running_door(tmp_path_factory.mktemp("state"), **settings) as running:
        yield running


def delivered(door: RunningDoor, content: str, *, stub: bool = False) -> Answer:
    """The answer to a delivery."""
    return door.call(AANLEVEREN, content, stub)


def as_foreigner(door: RunningDoor) -> Answer:
    """A foreign business delivers what is for another agency than the tax administration."""
    folder = client_folder(door.inner.authority, door.folder.parent / "foreign", oin=FOREIGN)
    content = delivery("jaarrekening_ixbrl_esd").replace("001000044B37", "12345678").replace("Fi<", "KvK<")
    raw = signed(AANLEVEREN, content, folder)
    return door.post(path_of(AANLEVEREN), raw, connection=door.connect(folder))


def unsigned(door: RunningDoor, operation: names.Operation) -> Answer:
    """A question whose signature leaves wsa:To out."""
    content = QUESTIONS[operation.name].format(kenmerk="k")
    return door.post(path_of(operation), signed(operation, content, door.folder, spoil=uncovered))


def overloaded(door: RunningDoor) -> Answer:
    """A question about a process of an overloaded Digipoort."""
    given = delivered(door, delivery(aanleverkenmerk="OverbelastStatusInformatie"), stub=True)
    return door.call(STATUSSEN, f"<kenmerk>{given.text('kenmerk')}</kenmerk>", stub=True)


def broken_store(door: RunningDoor, table: str, ask: Callable[[], Answer]) -> Answer:
    """What is answered while the database has trouble."""
    with door.inner.store.begin() as tx:
        tx.execute(text(f"ALTER TABLE {table} RENAME TO gone"))
    try:
        return ask()
    finally:
        with door.inner.store.begin() as tx:
            tx.execute(text(f"ALTER TABLE gone RENAME TO {table}"))


def zet_status(door: RunningDoor, folder: Path, spoil: Spoil | None = None) -> Answer:
    """A status for a process that is not there, set by the client of a folder."""
    content = (
        "<kenmerk>unknown</kenmerk><statuscode>500</statuscode>"
        f"<tijdstempelStatus>{wire_time(RealClock().now())}</tijdstempelStatus>"
    )
    raw = signed(ZET_STATUS, content, folder, spoil=spoil)
    return door.post(path_of(ZET_STATUS), raw, connection=door.connect(folder))


def as_agency(door: RunningDoor) -> Answer:
    """A status set by the agency that receives berichtsoort TEST."""
    folder = door.folder.parent / f"agency-{SystemIds().uuid()}"
    return zet_status(door, client_folder(door.inner.authority, folder, oin=AGENCY))


def without_mandate(door: RunningDoor) -> Answer:
    """A list for who has no mandate, where the settings make that a fault."""
    state = door.folder.parent / f"strict-{SystemIds().uuid()}"
    with running_door(state, {"register": {"without_mandate": "fault"}}) as strict:
        return strict.call(LIJST, "")


WAYS: dict[str, Callable[[RunningDoor], Answer]] = {
    "ALS100": lambda door: door.post(path_of(AANLEVEREN), hours_ago(door, 1)),
    "ALS110": lambda door: door.post(path_of(AANLEVEREN), good(door).replace(b"PGEvPg", b"PGIvPg")),
    "ALS120": lambda door: delivered(door, delivery("Onbekend")),
    "ALS130": as_foreigner,
    "ALS140": lambda door: delivered(door, delivery().replace("001000044B37", "123456789B01")),
    "ALS150": lambda door: delivered(
        door, delivery("Omzetbelasting").replace("application/xml", "image/png")
    ),
    "ALS160": lambda door: delivered(door, delivery(inhoud="A" * 80_000)),
    "ALS170": lambda door: delivered(door, delivery(more=f"<berichtBijlagen>{TWO_NAMES}</berichtBijlagen>")),
    "ALS400": lambda door: delivered(door, delivery(aanleverkenmerk="OverbelastAanleveren"), stub=True),
    "STS100": lambda door: door.call(STATUSSEN, "", False),
    "STS110": lambda door: unsigned(door, STATUSSEN),
    "STS400": overloaded,
    "OPS100": lambda door: door.call(LIJST, "<onbekend/>", False),
    "OPS110": lambda door: unsigned(door, LIJST),
    "OPS130": without_mandate,
    "OPS400": lambda door: broken_store(door, "fetchables", lambda: door.call(LIJST, "")),
    "ZSS100": as_agency,
    "ZSS110": lambda door: zet_status(door, door.folder, uncovered),
    "ZSS130": lambda door: zet_status(door, door.folder),
    "ZSS400": lambda door: broken_store(door, "messages", lambda: as_agency(door)),
}


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_can_be_had(door: RunningDoor, code: str) -> None:
    """Each code of the catalogue is what some request really gets, with the catalogue's text around it."""
    door.connection.close()
    answer = WAYS[code](door)
    assert answer.status == 500
    assert answer.fault[0] == code
    before, _, _ = load_catalogue().faults[code].text.partition("{melding}")
    assert (answer.fault[1] or "").startswith(before)
    technical = code.endswith("400")
    assert answer.text("faultcode") == ("soapenv:Server" if technical else "soapenv:Client")
    assert (answer.fault[1] or "") != before or technical


def test_a_user_corrects_a_text_and_sees_it_on_the_wire(tmp_path: Path) -> None:
    """A fault's text and a status's text of a user's own catalogue folder are what clients get."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "faults.toml").write_text('[ALS120]\ntext = "Onbekend: {melding}"\nprovenance = "recorded"\n')
    (own / "statuses.toml").write_text('[500]\nomschrijving = "Gelukt volgens het document."\n')
    with running_door(tmp_path / "state", {"catalogue": own}) as door:
        fault = delivered(door, delivery("Nieuw")).fault
        assert fault[0] == "ALS120"
        assert (fault[1] or "").startswith("Onbekend: berichtsoort 'Nieuw'")
        kenmerk = delivered(door, delivery(), stub=True).text("kenmerk")
        answer = door.call(STATUSSEN, f"<kenmerk>{kenmerk}</kenmerk>")
        texts = [one.text for one in answer.root.iter("{*}statusomschrijving")]
        assert texts[-2:] == ["Afleveren uitvragende partij gelukt.", "Gelukt volgens het document."]


def test_another_partys_statuses_can_need_an_adres(tmp_path: Path) -> None:
    """With the switch on, a status request about another party than the requester needs an autorisatieAdres;
    one about the requester itself, or about what is not the caller's, does not.
    """
    settings = {"exchange": {"autorisatie_adres_for_others": True}}
    adres = "<autorisatieAdres>http://geenausp.nl</autorisatieAdres>"
    own = "<identiteitBelanghebbende><nummer>12345678</nummer><type>kvk</type></identiteitBelanghebbende>"
    soorten = names.OPERATIONS["getBerichtsoorten"]
    with running_door(tmp_path, settings) as door:
        kenmerk = f"<kenmerk>{delivered(door, delivery()).text('kenmerk')}</kenmerk>"
        for operation, content in ((STATUSSEN, kenmerk), (soorten, QUESTIONS["getBerichtsoorten"])):
            refused = door.call(operation, content)
            assert refused.fault[0] == "STS100"
            assert "autorisatieAdres is required" in (refused.fault[1] or "")
            assert door.last_event().rule == "AUTORISATIEADRES"
            assert door.call(operation, content + adres).status == 200
        assert door.call(soorten, own).status == 200
        assert door.call(STATUSSEN, "<kenmerk>unknown</kenmerk>").status == 200
        assert door.call(LIJST, "").status == 200


def test_by_default_nobody_needs_an_adres(door: RunningDoor) -> None:
    """Without the switch a status request about another party is answered, as clients of Digipoort expect."""
    assert etree.QName(door.call(STATUSSEN, "<kenmerk>k</kenmerk>").root[1][0]).localname == (
        "getStatussenProcesResponse"
    )
