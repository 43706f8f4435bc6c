"""The banks' sister platform: refused by default, served with the profile ``biv``."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from digipoort_sim.wus import names
from tests.wus.door_kit import RunningDoor, path_of, running_door, verify_answer
from tests.wus.forms import Form, request
from tests.wus.test_client_forms import BIJLAGE, MULTIPART, package

AANLEVEREN = names.OPERATIONS["aanleveren"]
PATH = "/biv-wus20v12/AanleverService"
OCTETS = [b"<a>%d</a>" % number * 500 for number in range(3)]


def to_the_banks(door: RunningDoor, path: str = PATH, type_: str = "ID-ontvanger", rol: str = "") -> bytes:
    """A multipart request with three attachments, without rolBelanghebbende."""
    inlined = [base64.b64encode(octets).decode() for octets in OCTETS]
    content = (
        "<berichtsoort>Jaarrekening_AV</berichtsoort>"
        f"<identiteitBelanghebbende><nummer>NL-BANK-1</nummer><type>{type_}</type></identiteitBelanghebbende>"
        f"{rol}<berichtInhoud><mimeType>text/xml</mimeType><bestandsnaam>a.xbrl</bestandsnaam>"
        f"<inhoud>{inlined[0]}</inhoud></berichtInhoud><berichtBijlagen>"
        + "".join(BIJLAGE.format(number, text) for number, text in enumerate(inlined[1:]))
        + "</berichtBijlagen>"
    )
    raw = request(Form(), AANLEVEREN, content, door.folder, path).decode()
    for number, text in enumerate(inlined):
        include = f'<x:Include xmlns:x="{names.XOP}" href="cid:part%2B{number}@x"/>'
        raw = raw.replace(f">{text}<", f">{include}<")
    return package(raw, OCTETS)


def test_refused_by_default(tmp_path: Path) -> None:
    """Without the profile there is no such path, and neither the form nor the berichtsoort is known."""
    rol = "<rolBelanghebbende>x</rolBelanghebbende>"
    headers = {"Content-Type": MULTIPART}
    ordinary = path_of(AANLEVEREN)
    with running_door(tmp_path) as door:
        assert door.post(PATH, to_the_banks(door), headers).status == 404
        assert door.get(PATH + "?wsdl").status == 404
        answer = door.post(ordinary, to_the_banks(door, ordinary), headers)
        assert answer.fault[0] == "ALS100"
        assert "rolBelanghebbende" in (answer.fault[1] or "")
        assert door.post(ordinary, to_the_banks(door, ordinary, rol=rol), headers).fault[0] == "ALS120"
        assert door.post(ordinary, to_the_banks(door, PATH, rol=rol), headers).fault[0] == "ALS100"
        assert door.last_event().rule == "WSA-TO"


def test_served_with_the_profile(tmp_path: Path) -> None:
    """With the profile the banks' path takes their form; the ordinary paths stay as they are."""
    headers = {"Content-Type": MULTIPART}
    ordinary = path_of(AANLEVEREN)
    with running_door(tmp_path, {"profiles": ["biv"]}) as door:
        answer = door.post(PATH, to_the_banks(door), headers)
        assert answer.status == 200, answer.fault
        verify_answer(answer, door.inner.authority.paths.service_certificate)
        assert answer.text("berichtsoort") == "Jaarrekening_AV"
        assert answer.text("rolBelanghebbende") is None
        detail = door.inner.office.message(answer.text("kenmerk") or "")
        assert [part.octets for part in detail.contents] == [len(octets) for octets in OCTETS]
        door.inner.scheduler.drain()
        statuses = names.OPERATIONS["getStatussenProces"]
        asked = request(
            Form(), statuses, f"<kenmerk>{answer.text('kenmerk')}</kenmerk>", door.folder, BIV_STATUS
        )
        codes = [one.text for one in door.post(BIV_STATUS, asked).root.iter("{*}statuscode")]
        assert codes[-1] == "500"
        assert door.post(PATH, to_the_banks(door, type_="EAN"), headers).fault[0] == "ALS140"
        assert door.post(ordinary, to_the_banks(door, ordinary), headers).fault[0] == "ALS100"
        wsdl = door.get(PATH + "?wsdl").body
        assert f'location="https://localhost:{door.port}{PATH}"'.encode() in wsdl


BIV_STATUS = "/biv-wus20v12/StatusinformatieService"


@pytest.mark.parametrize("path", names.BIV_PATHS)
def test_each_service_has_a_path(path: str) -> None:
    """Each of the three services has a path there, which the other platforms do not have."""
    assert path not in names.PATHS
    assert names.served_paths(("biv",))[path] == (names.BIV_PATHS[path], "biv")
    assert path in names.paths_of(names.BIV_PATHS[path], ("biv",))
    assert path not in names.paths_of(names.BIV_PATHS[path], ())
