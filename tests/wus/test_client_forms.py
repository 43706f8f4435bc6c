"""What real clients send is accepted, form by form, over mutual TLS; and their answer is signed in kind."""

from __future__ import annotations

import base64
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.pki import client_context
from digipoort_sim.wus import names
from tests.wus.door_kit import RunningDoor, delivery, path_of, running_door, verify_answer
from tests.wus.forms import FORMS, Form, request

AANLEVEREN = names.OPERATIONS["aanleveren"]
PATH = path_of(AANLEVEREN)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door with ordinary settings."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


def written(door: RunningDoor, form: Form, content: str | None = None) -> bytes:
    """A delivery in a form."""
    return request(form, AANLEVEREN, content or delivery(), door.folder, PATH)


@pytest.mark.parametrize("name", FORMS)
def test_accepted(door: RunningDoor, name: str) -> None:
    """Each form in which clients of Digipoort write and sign a request gets a good answer, which mirrors the
    signature's and the digests' algorithm, each by itself.
    """
    form = FORMS[name]
    raw = written(door, form)
    assert re.search(form.shows, raw.decode()), raw
    answer = door.post(PATH, raw)
    assert answer.status == 200, answer.fault
    verify_answer(answer, door.inner.authority.paths.service_certificate)
    assert {one.get("Algorithm") for one in answer.root.iter("{*}SignatureMethod")} == {form.signature}
    assert {one.get("Algorithm") for one in answer.root.iter("{*}DigestMethod")} == {form.digest}
    assert answer.text("Action") == AANLEVEREN.response_action
    assert answer.text("RelatesTo") == answer.text("MessageID")


@pytest.mark.parametrize("name", ["unqualified Id", "Action of WCF", "To with another host"])
def test_switched_off(tmp_path: Path, name: str) -> None:
    """What Digipoort may or may not take is refused with its switch."""
    with running_door(tmp_path, accept_unqualified_id=False, strict_action=True, strict_to=True) as door:
        here = f"https://localhost:{door.port}{PATH}"
        assert door.post(PATH, written(door, Form(to=here))).status == 200
        answer = door.post(PATH, written(door, replace(FORMS[name], to=FORMS[name].to or here)))
        assert answer.fault[0] == ("ALS110" if name == "unqualified Id" else "ALS100")


HTTP = {
    "Content-Length": "Content-Length: {length}\r\nContent-Type: text/xml; charset=utf-8\r\n",
    "no charset": "Content-Length: {length}\r\nContent-Type: text/xml\r\n",
    "charset in quotes": 'Content-Length: {length}\r\nContent-Type: text/xml; charset="UTF-8"\r\n',
    "chunked": "Transfer-encoding: chunked\r\nContent-Type: text/xml\r\n",
    "Expect": "Expect: 100-continue\r\nContent-Length: {length}\r\nContent-Type: text/xml\r\n",
    "Expect and chunked": "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\nContent-Type: text/xml\r\n",
    "close": "Connection: close\r\nContent-Length: {length}\r\nContent-Type: text/xml\r\n",
    "SOAPAction quoted": f'SOAPAction: "{AANLEVEREN.action}"\r\nContent-Length: {{length}}\r\n'
    "Content-Type: text/xml\r\n",
    "SOAPAction bare": f"SOAPAction: {AANLEVEREN.action}\r\nContent-Length: {{length}}\r\n"
    "Content-Type: text/xml\r\n",
    "SOAPAction empty": 'SOAPAction: ""\r\nContent-Length: {length}\r\nContent-Type: text/xml\r\n',
    "SOAPAction a name": "SOAPAction: aanleveren\r\nContent-Length: {length}\r\nContent-Type: text/xml\r\n",
}


@pytest.mark.parametrize("target", [PATH, PATH + "?wsdl"])
@pytest.mark.parametrize("name", HTTP)
def test_http_forms(door: RunningDoor, name: str, target: str) -> None:
    """Each way of framing and labelling a request is served, twice on a connection that is kept."""
    head = f"POST {target} HTTP/1.1\r\nHost: localhost\r\n{HTTP[name]}\r\n"
    with connected(door) as tls:
        answers = tls.makefile("rb")
        for _ in range(1 if name == "close" else 2):
            raw = written(door, Form())
            tls.sendall(head.format(length=len(raw)).encode())
            if "Expect" in name:
                assert answers.readline() == b"HTTP/1.1 100 Continue\r\n"
                assert answers.readline() == b"\r\n"
            tls.sendall(chunks(raw) if "chunked" in head else raw)
            assert answers.readline() == b"HTTP/1.1 200 OK\r\n"
            fields = dict(iter(lambda: answers.readline().strip().lower().partition(b": ")[::2], (b"", b"")))
            assert b"aanleverResponse" in answers.read(int(fields[b"content-length"]))
        assert (answers.read(1) == b"") if name == "close" else True


def connected(door: RunningDoor) -> ssl.SSLSocket:
    """A TLS connection to the door."""
    plain = socket.create_connection(("127.0.0.1", door.port), timeout=30)
    return client_context(door.folder).wrap_socket(plain, server_hostname="localhost")


def chunks(raw: bytes) -> bytes:
    """A body in chunks of 1 kB, with an extension."""
    pieces = [raw[start : start + 1024] for start in range(0, len(raw), 1024)]
    framed = b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return framed + b"0\r\n\r\n"


BIJLAGE = (
    "<bijlage><mimeType>text/plain</mimeType><bestandsnaam>{}.txt</bestandsnaam><inhoud>{}</inhoud></bijlage>"
)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11])
@pytest.mark.parametrize("sha", [names.SHA1, names.SHA256])
def test_mtom(door: RunningDoor, count: int, sha: str) -> None:
    """MTOM with any number of attachments: digests are over the inlined base64, contents come out as octets,
    and the answer is plain.
    """
    octets = [bytes(range(256)) * (number + 1) + b"%d" % number for number in range(count)]
    inlined = [base64.b64encode(one).decode() for one in octets]
    names_of = [f"{number}.txt" for number in range(max(count - 1, 0))]
    bijlagen = "".join(
        BIJLAGE.format(number, text) for number, text in enumerate(inlined[1:])
    )  # the first one is the berichtInhoud
    more = f"<berichtBijlagen>{bijlagen}</berichtBijlagen>" if bijlagen else ""
    content = delivery(inhoud=inlined[0] if inlined else "PGEvPg==", more=more)
    raw = written(door, Form(digest=sha), content).decode()
    for number, text in enumerate(inlined):
        include = f'<x:Include xmlns:x="{names.XOP}" href="cid:part%2B{number}@x"/>'
        assert raw.count(f">{text}<") == 1
        raw = raw.replace(f">{text}<", f">{include}<")
    answer = door.post(PATH, package(raw, octets), {"Content-Type": MULTIPART})
    assert answer.status == 200, answer.fault
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    verify_answer(answer, door.inner.authority.paths.service_certificate)
    detail = door.inner.office.message(answer.text("kenmerk") or "")
    assert [part.bestandsnaam for part in detail.contents] == ["a.xml", *names_of]
    for position, expected in enumerate(octets or [b"<a/>"]):
        assert door.inner.office.content(detail.summary.kenmerk, position).inhoud == expected


MULTIPART = (
    'multipart/related; type="application/xop+xml"; boundary="uuid:b"; start="<root@x>"; '
    'start-info="text/xml"'
)


def package(root: str, attachments: list[bytes]) -> bytes:
    """A multipart/related body."""
    head = (
        b'Content-Type: application/xop+xml; charset=UTF-8; type="text/xml"\r\nContent-ID: <root@x>\r\n\r\n'
    )
    parts = [head + root.encode()]
    parts += [
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
        b"Content-ID: <part+%d@x>\r\n\r\n%s" % (number, octets)
        for number, octets in enumerate(attachments)
    ]
    return b"".join(b"\r\n--uuid:b\r\n" + part for part in parts) + b"\r\n--uuid:b--\r\n"


def test_mtom_is_for_aanleveren_only(door: RunningDoor) -> None:
    """On the two other services a multipart request is refused; answers never are multipart."""
    operation = names.OPERATIONS["getBerichtenLijst"]
    raw = request(Form(), operation, "", door.folder, path_of(operation)).decode()
    answer = door.post(path_of(operation), package(raw, []), {"Content-Type": MULTIPART})
    assert answer.fault[0] == "OPS100"
    assert "MTOM" in (answer.fault[1] or "")


def test_an_attachment_changed_after_signing(door: RunningDoor) -> None:
    """An attachment is under the signature: another octet in it is a wrong digest."""
    text = base64.b64encode(b"<a/>").decode()
    raw = (
        written(door, Form())
        .decode()
        .replace(text, f'<x:Include xmlns:x="{names.XOP}" href="cid:part%2B0@x"/>')
    )
    assert door.post(PATH, package(raw, [b"<a/>"]), {"Content-Type": MULTIPART}).status == 200
    assert door.post(PATH, package(raw, [b"<b/>"]), {"Content-Type": MULTIPART}).fault[0] == "ALS110"


def test_parts_that_must_be_signed(door: RunningDoor) -> None:
    """Each part that must be signed is named when its reference is left out, optional headers too."""
    form = replace(FORMS["FaultTo, From and RelatesTo"], gap="")
    for part in ("Timestamp", "Body", "Action", "MessageID", "To", "ReplyTo", "FaultTo", "From", "RelatesTo"):
        root = etree.fromstring(written(door, form))
        (reference,) = [
            one for one in root.iter(f"{{{names.DS}}}Reference") if one.get("URI") == f"#id-{part}"
        ]
        reference.getparent().remove(reference)
        answer = door.post(PATH, etree.tostring(root))
        assert answer.fault[0] == "ALS110"
        assert f":{part}." in (answer.fault[1] or ""), part
