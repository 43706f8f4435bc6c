"""What the SOAP door refuses, over mutual TLS: the fault, its code, and the event with the request in it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from digipoort_sim.clock import RealClock
from digipoort_sim.wus import names, rawhttp
from tests.wus.door_kit import (
    KV,
    QUESTIONS,
    Answer,
    RunningDoor,
    delivery,
    path_of,
    running_door,
    signed,
)
from tests.wus.tls_kit import client_folder, crooked_folder

AANLEVEREN = names.OPERATIONS["aanleveren"]
STATUSSEN = names.OPERATIONS["getStatussenProces"]
LIJST = names.OPERATIONS["getBerichtenLijst"]
MAX_INHOUD = 20_971_520


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door with ordinary settings."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


def good(door: RunningDoor, content: str | None = None) -> bytes:
    """A delivery that would be accepted."""
    return signed(AANLEVEREN, content or delivery(), door.folder)


def unsigned(door: RunningDoor) -> bytes:
    """A delivery without a Signature."""
    root = etree.fromstring(good(door))
    (signature,) = root.iter(f"{{{names.DS}}}Signature")
    signature.getparent().remove(signature)
    return etree.tostring(root)


def uncovered(root: etree._Element) -> None:
    """Leave wsa:To out of the signature."""
    (to,) = root.iter(f"{{{names.WSA}}}To")
    wanted = "#" + to.get(f"{{{names.WSU}}}Id")
    for reference in list(root.iter(f"{{{names.DS}}}Reference")):
        if reference.get("URI") == wanted:
            reference.getparent().remove(reference)


def hours_ago(door: RunningDoor, hours: float) -> bytes:
    """A delivery that was signed some hours ago (in the future if negative)."""
    created = RealClock().now() - timedelta(hours=hours)
    return signed(AANLEVEREN, delivery(), door.folder, created=created)


Make = Callable[[RunningDoor], bytes]
CASES: dict[str, tuple[Make, str, str]] = {
    "no signature": (unsigned, "ALS110", "WSS-SECURITY"),
    "uncovered header": (
        lambda door: signed(AANLEVEREN, delivery(), door.folder, spoil=uncovered),
        "ALS110",
        "WSS-COVERAGE",
    ),
    "changed after signing": (lambda door: good(door).replace(b"PGEvPg", b"PGIvPg"), "ALS110", "WSS-DIGEST"),
    "expired": (lambda door: hours_ago(door, 1), "ALS100", "WSS-TIMESTAMP"),
    "future": (lambda door: hours_ago(door, -1), "ALS100", "WSS-TIMESTAMP"),
    "wrong Action": (
        lambda door: signed(AANLEVEREN, delivery(), door.folder, action=STATUSSEN.action),
        "ALS100",
        "WSA-ACTION",
    ),
    "other service's body": (
        lambda door: signed(STATUSSEN, "<kenmerk>k</kenmerk>", door.folder),
        "ALS100",
        "SOAP-BODY",
    ),
    "invalid body": (lambda door: good(door, "<berichtsoort>TEST</berichtsoort>"), "ALS100", "XSD"),
    "unknown berichtsoort": (lambda door: good(door, delivery("Nieuw")), "ALS120", "BERICHTSOORT"),
    "wrong file name": (
        lambda door: good(door, delivery().replace("a.xml", "../a.xml")),
        "ALS150",
        "BESTANDSNAAM",
    ),
    "junk in base64": (lambda door: good(door, delivery(inhoud="PGEv_Pg==")), "ALS100", "XSD-VALUE"),
    "no-break space in base64": (
        lambda door: good(door, delivery(inhoud="\u00a0PGEvPg==")),
        "ALS100",
        "XSD-VALUE",
    ),
    "DOCTYPE": (lambda door: b'<!DOCTYPE x [<!ENTITY e "e">]>' + good(door), "ALS100", "XML-DOCTYPE"),
    "no XML": (lambda door: b"hello", "ALS100", "XML-WELLFORMED"),
    "empty": (lambda door: b"", "ALS100", "XML-WELLFORMED"),
    "own header": (
        lambda door: good(door).replace(b"<soap:Header>", b"<soap:Header><own/>"),
        "ALS100",
        "SOAP-HEADER",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(door: RunningDoor, case: str) -> None:
    """Each kind of bad request gets its fault, unsigned, and one event with the request as it came."""
    make, code, rule = CASES[case]
    raw = make(door)
    before = len(door.inner.office.messages())
    answer = door.post(path_of(AANLEVEREN), raw)
    assert answer.status == 500
    assert answer.fault[0] == code
    assert answer.text("faultstring") == "Algemene fout"
    assert next(answer.root.iter(f"{{{names.DS}}}Signature"), None) is None
    event = door.inner.office.events(limit=1)[0]
    assert (event.event.kind, event.event.rule, event.event.code) == ("wus-refused", rule, code)
    assert event.event.oin
    assert event.event.detail in (answer.fault[1] or "")
    assert rawhttp.read(door.inner.office.event_raw(event.id)).body == raw
    assert len(door.inner.office.messages()) == before


@pytest.mark.parametrize(("operation", "code"), [(STATUSSEN, "STS110"), (LIJST, "OPS110")])
def test_letters_of_the_service(door: RunningDoor, operation: names.Operation, code: str) -> None:
    """The letters of a code are those of the service, and its Action that of the operation's fault."""
    content = QUESTIONS[operation.name].format(kenmerk="k")
    raw = signed(operation, content, door.folder, message_id="urn:uuid:asked", spoil=uncovered)
    answer = door.post(path_of(operation), raw)
    assert answer.fault[0] == code
    assert answer.text("Action") == operation.fault_action
    assert answer.text("RelatesTo") == "urn:uuid:asked"
    assert answer.text("MessageID") != "urn:uuid:asked"


def test_message_id_of_a_fault(door: RunningDoor) -> None:
    """On aanleveren a fault has its request's MessageID (recorded); of what cannot be read there is none."""
    raw = signed(AANLEVEREN, "", door.folder, message_id="urn:uuid:mine")
    answer = door.post(path_of(AANLEVEREN), raw)
    assert answer.text("MessageID") == answer.text("RelatesTo") == "urn:uuid:mine"
    answer = door.post(path_of(AANLEVEREN), b"<a")
    assert answer.text("RelatesTo") is None
    assert (answer.text("MessageID") or "").startswith("uuid:")


def test_xsd_detail_names_the_element(door: RunningDoor) -> None:
    """The fault of an invalid body names the element and the reason."""
    answer = door.call(AANLEVEREN, delivery().replace("Bedrijf", "B" * 41))
    detail = answer.fault[1] or ""
    assert "rolBelanghebbende" in detail
    assert "40" in detail
    assert KV not in detail


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ({"Content-Type": "application/soap+xml"}, "HTTP-CONTENT-TYPE"),
        ({"Content-Type": "text/xml; charset=iso-8859-1"}, "HTTP-CONTENT-TYPE"),
        ({"Content-Type": "multipart/related; boundary=x"}, "XOP"),
        ({"Content-Encoding": "gzip"}, "HTTP-CONTENT-ENCODING"),
        ({"SOAPAction": f'"{STATUSSEN.action}"'}, "SOAP-ACTION"),
    ],
)
def test_headers(door: RunningDoor, headers: dict[str, str], rule: str) -> None:
    """A wrong media type, an encoding, or a SOAPAction of another operation is refused with ALS100."""
    raw = good(door)
    answer = door.post(
        path_of(AANLEVEREN), gzip.compress(raw) if "Content-Encoding" in headers else raw, headers
    )
    assert answer.fault[0] == "ALS100"
    assert door.last_event().rule == rule


@pytest.mark.parametrize("soap_action", [f'"{AANLEVEREN.action}"', AANLEVEREN.action, "", '""', "aanleveren"])
def test_soap_action_as_clients_send_it(door: RunningDoor, soap_action: str) -> None:
    """SOAPAction may be quoted, unquoted, empty or the bare name."""
    assert door.post(path_of(AANLEVEREN), good(door), {"SOAPAction": soap_action}).status == 200


def test_inhoud_of_20_mib(door: RunningDoor) -> None:
    """An inhoud of exactly 20 MiB is accepted, one octet more is ALS160 and not a form error."""
    inhoud = base64.b64encode(bytes(MAX_INHOUD)).decode()
    answer = door.call(AANLEVEREN, delivery(inhoud=inhoud), stub=True)
    assert answer.status == 200, answer.body[:500]
    larger = base64.b64encode(bytes(MAX_INHOUD + 1)).decode()
    answer = door.call(AANLEVEREN, delivery(inhoud=larger), stub=True)
    assert answer.fault[0] == "ALS160"
    assert door.last_event().rule == "CONTENT-SIZE"


def test_too_many_attachments(door: RunningDoor) -> None:
    """More than ten attachments are ALS170."""
    content = "<mimeType>text/plain</mimeType><bestandsnaam>b</bestandsnaam><inhoud>YQ==</inhoud>"
    one = f"<bijlage>{content}</bijlage>"
    answer = door.call(AANLEVEREN, delivery(more=f"<berichtBijlagen>{one * 11}</berichtBijlagen>"))
    assert answer.fault[0] == "ALS170"


def test_signer_must_be_the_peer(door: RunningDoor, tmp_path: Path) -> None:
    """A message signed with another good certificate than that of the connection is ALS110."""
    other = client_folder(door.inner.authority, tmp_path / "other")
    answer = door.post(path_of(AANLEVEREN), signed(AANLEVEREN, delivery(), other))
    assert answer.fault[0] == "ALS110"
    assert door.last_event().rule == "WSS-SIGNER"


def test_switches(tmp_path: Path) -> None:
    """Faults at HTTP 200, another signer, a smaller request and an overload by fault are switches."""
    with running_door(
        tmp_path, fault_http_status=200, signer_must_be_peer=False, max_request_bytes=20_000,
        overload_answer="fault", busy_delay_seconds=0,
    ) as door:  # fmt: skip
        other = client_folder(door.inner.authority, tmp_path / "other")
        assert door.post(path_of(AANLEVEREN), signed(AANLEVEREN, delivery(), other)).status == 200
        busy = door.call(AANLEVEREN, delivery(aanleverkenmerk="OverbelastAanleveren"), stub=True)
        assert (busy.status, busy.fault[0]) == (200, "ALS400")
        large = door.call(AANLEVEREN, delivery(inhoud="A" * 40_000))
        assert (large.status, large.fault[0]) == (200, "ALS160")
        assert large.headers["connection"] == "close"
        door.connection.close()
        large = door.post(path_of(LIJST), b"<" * 60_000)
        assert large.fault[0] == "OPS100"


def test_silent_overload(tmp_path: Path) -> None:
    """With the switch on timeout an overloaded Digipoort drops the connection without an answer."""
    with running_door(tmp_path, overload_answer="timeout", busy_delay_seconds=0.1) as door:
        raw = signed(AANLEVEREN, delivery(aanleverkenmerk="OverbelastAanleveren"), door.folder, stub=True)
        with pytest.raises(OSError):  # noqa: PT011 (closed or reset)
            door.post(path_of(AANLEVEREN, True), raw)


def test_certificate_without_oin(door: RunningDoor, tmp_path: Path) -> None:
    """A certificate that passes the handshake but has no OIN gets x110, one event, and the door."""
    nameless = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TRIAL nameless")])
    folder = crooked_folder(door.inner.authority, tmp_path / "nameless", subject=nameless)
    connection = door.connect(folder)
    answer = door.post(path_of(STATUSSEN), signed(STATUSSEN, "", folder), connection=connection)
    assert answer.fault[0] == "STS110"
    assert answer.headers["connection"] == "close"
    event = door.last_event()
    assert (event.kind, event.rule, event.code) == ("wus-refused", "OIN-MISSING", "STS110")
    connection = door.connect(folder)
    connection.request("GET", "/elsewhere")
    assert connection.getresponse().status == 403


def test_answers_are_soap(door: RunningDoor) -> None:
    """A fault declares XML, is text/xml, and its detail has the literal prefix that clients search for."""
    answer: Answer = door.post(path_of(LIJST), b"<a/>")
    assert answer.body.startswith(b"<?xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert b"<fault:ophaalFault" in answer.body
