"""The SOAP door over mutual TLS, with all rooms behind it: good calls, documents, scenarios, revocation."""

from __future__ import annotations

import base64
import gc
import socket
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import text

from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.pki.certificate import load_certificates
from digipoort_sim.wus import names, structure
from digipoort_sim.wus.judging import Judge, Judged, Request, Trail
from tests.wus.door_kit import (
    KV,
    QUESTIONS,
    RunningDoor,
    delivery,
    path_of,
    resumed_context,
    running_door,
    signed,
    verify_answer,
)
from tests.wus.tls_kit import client_folder, s_client, with_files

AANLEVEREN = names.OPERATIONS["aanleveren"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door with ordinary settings, but for a short delay of the slow scenarios."""
    with running_door(tmp_path_factory.mktemp("state"), busy_delay_seconds=0.3) as running:
        yield running


@pytest.fixture(scope="module")
def kenmerk(door: RunningDoor) -> str:
    """The kenmerk of a message that the client delivered."""
    found = door.call(AANLEVEREN, delivery(), stub=True).text("kenmerk")
    assert found
    return found


@pytest.mark.parametrize("stub", [False, True], ids=["preproduction", "stub"])
@pytest.mark.parametrize("sha", [1, 256])
def test_aanleveren(door: RunningDoor, stub: bool, sha: int) -> None:
    """A delivery gets the recorded answer: its fields in order, the request's MessageID, signed in kind."""
    answer = door.call(AANLEVEREN, delivery(), stub, message_id=f"urn:uuid:{stub}-{sha}", sha=sha)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    verify_answer(answer, door.inner.authority.paths.service_certificate)
    assert (f"rsa-sha{sha}".encode() in answer.body) is True
    assert answer.text("MessageID") == answer.text("RelatesTo") == f"urn:uuid:{stub}-{sha}"
    body = answer.root[1][0]
    structure.check(body)
    assert [child.tag.replace(KV, "") for child in body] == [
        "kenmerk", "berichtsoort", "aanleverkenmerk", "tijdstempelAangeleverd", "identiteitBelanghebbende",
        "rolBelanghebbende", "identiteitOntvanger", "autorisatieAdres",
    ]  # fmt: skip
    assert door.inner.office.message(answer.text("kenmerk") or "")


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_questions(door: RunningDoor, kenmerk: str, name: str) -> None:
    """Each operation that asks gets a signed answer that is valid by the XSD, with a MessageID of its own."""
    operation = names.OPERATIONS[name]
    answer = door.call(operation, QUESTIONS[name].format(kenmerk=kenmerk), message_id="urn:uuid:q-" + name)
    assert answer.status == 200, answer.body
    verify_answer(answer, door.inner.authority.paths.service_certificate)
    structure.check(answer.root[1][0])
    assert answer.root[1][0].tag == operation.response_tag
    assert answer.text("Action") == operation.response_action
    assert answer.text("RelatesTo") == "urn:uuid:q-" + name
    message_id = answer.text("MessageID") or ""
    assert message_id.startswith("uuid:")
    assert len(message_id) == 41


RESPONSEMESSAGE = (
    b'<statusdetails>&lt;Responsemessage version="2006.1">\n'
    b"&lt;Identification>\n"
    b"&lt;MessageId>BERICHTKENMERK-VAN-AANLEVERING&lt;/MessageId>\n"
    b"&lt;RefersToMessageId>PROCESKENMERK-VAN-AANLEVERING&lt;/RefersToMessageId>\n"
    b"&lt;MessageIdBd>BERICHTID-VANUIT-BD&lt;/MessageIdBd>\n"
    b"&lt;DatumTijdOntvangst>2009-08-19T19:44:13+02:00&lt;/DatumTijdOntvangst>\n"
    b"&lt;ResponseType>acknowledgement&lt;/ResponseType>\n"
    b"&lt;/Identification>\n"
    b"&lt;Specification>\n"
    b"&lt;Class>A&lt;/Class>\n"
    b"&lt;Code>0001&lt;/Code>\n"
    b"&lt;Description>Status: Verwerkbaar&lt;/Description>\n"
    b"&lt;/Specification>\n"
    b"&lt;/Responsemessage></statusdetails>"
)


def test_statuses_of_happyflow(door: RunningDoor, kenmerk: str) -> None:
    """The nine statuses of Happyflow come oldest first; the last has the stub's Responsemessage, octet by
    octet: ``<`` escaped, ``>`` bare, lines that end in LF, none at the end.
    """
    operation = names.OPERATIONS["getStatussenProces"]
    answer = door.call(operation, f"<kenmerk>{kenmerk}</kenmerk>", stub=True)
    codes = [one.text for one in answer.root.iter(KV + "statuscode")]
    assert codes == ["105", "100", "110", "200", "301", "301", "405", "400", "500"]
    assert RESPONSEMESSAGE in answer.body
    verify_answer(answer, door.inner.authority.paths.service_certificate)
    assert [one.tag.replace(KV, "") for one in next(answer.root.iter(KV + "StatusResultaat"))] == [
        "kenmerk", "identiteitBelanghebbende", "statuscode", "tijdstempelStatus", "statusomschrijving",
    ]  # fmt: skip


def test_empty_result(door: RunningDoor) -> None:
    """Nothing to tell is an empty Return element."""
    answer = door.call(names.OPERATIONS["getStatussenProces"], "<kenmerk>unknown</kenmerk>")
    assert b"<getStatussenProcesReturn></getStatussenProcesReturn>" in answer.body


def test_large_delivery(door: RunningDoor) -> None:
    """A delivery of 3 MiB, worked on in a thread, is answered like any other and stored whole."""
    inhoud = bytes(range(256)) * 12 * 1024
    answer = door.call(AANLEVEREN, delivery(inhoud=base64.b64encode(inhoud).decode()), stub=True)
    assert answer.status == 200
    stored = door.inner.office.content(answer.text("kenmerk") or "")
    assert stored.inhoud == inhoud


def test_mtom(door: RunningDoor) -> None:
    """An attachment (MTOM/XOP) that was inlined for signing is delivered as its octets."""
    raw = signed(AANLEVEREN, delivery(inhoud="PGEvPg=="), door.folder, stub=True)
    include = b'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:a"/>'
    root = raw.replace(b"PGEvPg==", include)
    body = (
        b"--b\r\nContent-ID: <root>\r\nContent-Type: application/xop+xml\r\n\r\n" + root
        + b"\r\n--b\r\nContent-ID: <a>\r\n\r\n<a/>\r\n--b--\r\n"
    )  # fmt: skip
    content_type = 'multipart/related; type="application/xop+xml"; boundary=b; start="<root>"'
    answer = door.post(path_of(AANLEVEREN, True), body, {"Content-Type": content_type})
    assert answer.status == 200, answer.body
    assert door.inner.office.content(answer.text("kenmerk") or "").inhoud == b"<a/>"


def test_keep_alive_and_wsdl_in_path(door: RunningDoor) -> None:
    """Requests follow each other on one connection, also when ?wsdl stands behind the path."""
    connection = door.connect()
    for _ in range(3):
        raw = signed(AANLEVEREN, delivery(), door.folder)
        assert door.post(path_of(AANLEVEREN) + "?wsdl", raw, connection=connection).status == 200
    local = connection.sock.getsockname()
    raw = signed(AANLEVEREN, delivery(), door.folder)
    assert door.post(path_of(AANLEVEREN), raw, connection=connection).status == 200
    assert connection.sock.getsockname() == local
    connection.close()


@pytest.mark.parametrize("service", names.SERVICES.values(), ids=lambda service: service.name)
@pytest.mark.parametrize("family", ["preproduction", "stub"])
def test_wsdl(door: RunningDoor, service: names.Service, family: str) -> None:
    """Each path serves its WSDL with the address at which it was asked for."""
    path = service.paths[family]
    answer = door.get(path + "?wsdl")
    assert answer.status == 200
    address = answer.root.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address is not None
    assert address.get("location") == f"https://localhost:{door.port}{path}"
    assert answer.root.get("targetNamespace") == service.namespace


def test_other_paths_and_methods(door: RunningDoor) -> None:
    """The XSD is served at its path; another path is 404, another method 405 with Allow."""
    assert door.get("/cpl/digipoort-koppelvlak-1.2.xsd").root.tag.endswith("}schema")
    assert door.get("/cpl/digipoort-koppelvlak-1.2.xsd", "DELETE").headers["allow"] == "GET"
    assert door.get("/wus/1.3/aanleverservice").status == 404
    assert door.get(path_of(AANLEVEREN), "PUT").status == 405
    assert door.get(path_of(AANLEVEREN)).headers["allow"] == "GET, POST"


def test_stub_has_no_replay_guard(door: RunningDoor) -> None:
    """The same message twice is a replay on the pre-production path and two deliveries on the stub's."""
    raw = signed(AANLEVEREN, delivery(), door.folder)
    assert door.post(path_of(AANLEVEREN), raw).status == 200
    assert door.post(path_of(AANLEVEREN), raw).fault[0] == "ALS100"
    assert door.last_event().rule == "WSA-REPLAY"
    first, second = (door.post(path_of(AANLEVEREN, True), raw) for _ in range(2))
    assert first.text("kenmerk") != second.text("kenmerk") is not None


def test_scenario_faults(door: RunningDoor) -> None:
    """AanleverFault and StatusInformatieFault give the recorded faults, with an empty message part."""
    answer = door.call(AANLEVEREN, delivery(aanleverkenmerk="AanleverFault"), stub=True)
    code, words = answer.fault
    assert code == "ALS100"
    assert (words or "").endswith("De volgende fout is opgetreden: \n\n")
    given = door.call(AANLEVEREN, delivery(aanleverkenmerk="StatusInformatieFault"), stub=True)
    asked = f"<kenmerk>{given.text('kenmerk')}</kenmerk>"
    operation = names.OPERATIONS["getNieuweStatussenProces"]
    answer = door.call(operation, asked, stub=True)
    assert answer.fault[0] == "STS100"
    assert answer.text("Action") == operation.fault_action


def test_scenarios_of_a_busy_digipoort(door: RunningDoor) -> None:
    """Zwaarbelast answers late, Overbelast with 503 and Retry-After."""
    started = time.monotonic()
    answer = door.call(AANLEVEREN, delivery(aanleverkenmerk="ZwaarbelastAanleveren"), stub=True)
    assert answer.status == 200
    assert time.monotonic() - started >= 0.3
    answer = door.call(AANLEVEREN, delivery(aanleverkenmerk="OverbelastAanleveren"), stub=True)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"


def test_revoked_on_open_connection(door: RunningDoor, tmp_path: Path) -> None:
    """A certificate revoked a moment ago gets x110 on its open connection, in a resumed session too,
    and the alert at a new handshake.
    """
    folder = client_folder(door.inner.authority, tmp_path / "revoked")
    context = resumed_context(folder)
    raw = signed(AANLEVEREN, delivery(), folder, stub=True)
    connection = door.connect(folder)
    assert door.post(path_of(AANLEVEREN, True), raw, connection=connection).status == 200
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", door.port)), server_hostname="localhost"
    ) as first:
        session = first.session
    door.inner.authority.revoke(folder / "client.pem")
    answer = door.post(path_of(AANLEVEREN, True), raw, connection=connection)
    assert answer.fault[0] == "ALS110"
    assert answer.headers["connection"] == "close"
    assert door.last_event().rule == "CERT-REVOKED"
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", door.port)), server_hostname="localhost", session=session
    ) as second:
        assert second.session_reused
        head = f"POST {path_of(AANLEVEREN)} HTTP/1.1\r\nHost: l\r\nContent-Type: text/xml\r\n"
        second.sendall(f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
        assert b"ALS110" in second.makefile("rb").read()
    assert "alert certificate revoked" in s_client(door.port, *with_files(folder), send="x\n")
    assert door.last_event().kind == "tls-refused"


def test_technical_fault(tmp_path: Path) -> None:
    """Trouble of our own is a Server fault x400; the traceback is in the event, never in the answer."""
    with running_door(tmp_path) as door:
        with door.inner.store.begin() as tx:
            tx.execute(text("ALTER TABLE statuses RENAME TO gone"))
        answer = door.call(names.OPERATIONS["getStatussenProces"], "<kenmerk>k</kenmerk>")
        assert answer.status == 500
        assert answer.fault[0] == "STS400"
        assert answer.text("faultcode") == "soapenv:Server"
        assert b"Traceback" not in answer.body
        assert b"statuses" not in answer.body
        assert "Traceback" in door.last_event().detail


def test_certificate_of_the_connection(door: RunningDoor) -> None:
    """Who delivers is the OIN of the certificate that signed."""
    answer = door.call(AANLEVEREN, delivery(), stub=True)
    oin = load_certificates(door.folder / "client.pem")[0].subject.rfc4514_string()
    assert door.inner.office.message(answer.text("kenmerk") or "").summary.sender_oin in oin


def test_answers_escape_what_xml_does_not_allow(door: RunningDoor) -> None:
    """What a sender put in its fields comes back escaped, as the same text."""
    more = delivery(aanleverkenmerk="a&lt;b&gt;&amp;\"'é")
    answer = door.call(AANLEVEREN, more, stub=True)
    assert answer.text("aanleverkenmerk") == "a<b>&\"'é"
    assert etree.fromstring(answer.body) is not None


@pytest.mark.parametrize("large", [False, True])
def test_a_refused_message_is_let_go_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    """What was known of a refused message goes with its answer, not at the collector's next round."""
    known: list[weakref.ref[Knowledge]] = []

    def judge(self: Judge, request: Request, trail: object) -> None:
        knowledge = Knowledge()
        known.append(weakref.ref(knowledge))
        raise SpecificationRefusal("no", rule="TEST")

    monkeypatch.setattr(Judge, "judge", judge)
    body = b"<a/>" + b" " * (1_000_000 if large else 0)
    gc.disable()
    try:
        with running_door(tmp_path) as door:
            assert door.post(path_of(AANLEVEREN), body).fault[0] == "ALS100"
            door.get("/elsewhere")
            assert known[0]() is None
    finally:
        gc.enable()


class Knowledge:
    """Stands for the tree of a message."""


@pytest.mark.parametrize(
    ("method", "path", "code", "rule"),
    [
        ("GET", "/wus/2.0/aanleverservice/1.1?a=b", "404", "HTTP-PATH"),
        ("POST", "/", "404", "HTTP-PATH"),
        ("GET", path_of(AANLEVEREN), "405", "HTTP-METHOD"),
        ("DELETE", "/cpl/digipoort-koppelvlak-1.2.xsd", "405", "HTTP-METHOD"),
    ],
)
def test_who_asks_for_what_there_is_not_is_told_of(
    door: RunningDoor, method: str, path: str, code: str, rule: str
) -> None:
    """A wrong path and a wrong method become an event with the head of the request."""
    assert door.get(path, method).status == int(code)
    (record,) = door.inner.office.events(limit=1)
    assert (record.event.code, record.event.rule) == (code, rule)
    raw = door.inner.office.event_raw(record.id)
    assert raw.startswith(f"{method} {path} HTTP/1.1\r\n".encode())
    assert raw.endswith(b"\r\n\r\n")


def test_a_replay_is_let_go_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a message that its commit refused is known to nobody after its answer."""
    known: list[weakref.ref[Judged]] = []
    judge = Judge.judge

    def judging(self: Judge, request: Request, trail: Trail) -> Judged:
        judged = judge(self, request, trail)
        known.append(weakref.ref(judged))
        return judged

    monkeypatch.setattr(Judge, "judge", judging)
    gc.disable()
    try:
        with running_door(tmp_path) as door:
            raw = signed(AANLEVEREN, delivery(), door.folder)
            path = f"{path_of(AANLEVEREN)}?wsdl"  # which is not served at once
            assert door.post(path, raw).status == 200
            assert b"used before" in door.post(path, raw).body
            door.get("/elsewhere")
            assert [reference() for reference in known] == [None, None]
    finally:
        gc.enable()
