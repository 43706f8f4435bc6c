"""Calls to an agency outside: what goes out, and what is believed of what comes back."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from digipoort_sim.clock import RealClock
from digipoort_sim.config import AgencyEndpoint
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.external import AgencyReply, AgencyStatus
from digipoort_sim.exchange.values import Content, Fout
from digipoort_sim.pki import Oin
from digipoort_sim.store.payloads import Payload
from digipoort_sim.wus import names, structure
from tests.wus.agency_kit import (
    KV,
    STUB_OIN,
    Agency,
    Answer,
    Received,
    fault,
    free_port,
    refusing,
    response,
    signed,
    signer_in,
    taken,
)
from tests.wus.agency_rig import FOUT, PARCEL, Rig, with_status
from tests.wus.messages import xmlsec_verifies
from tests.wus.tls_kit import authority_in, client_folder, stranger_folder


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One rig for all tests: they change nothing but the agency's answer."""
    rig = Rig(tmp_path_factory.mktemp("agency"))
    yield rig
    rig.agency.close()


@pytest.mark.parametrize("sha", [1, 256])
def test_the_request_is_signed_whole_by_who_calls(rig: Rig, sha: int) -> None:
    """libxmlsec1 verifies it with the service certificate, which is the TLS client's too; the Body, the
    Timestamp and every WS-Addressing header are signed, and the body is valid by the XSD.
    """
    parcel = replace(PARCEL, aanleverkenmerk="a<b", bijlagen=(Content("text/plain", "b.txt", b"\x00\xff"),))
    assert rig.deliver(parcel=parcel, sha=sha) == AgencyReply("taken")
    request = rig.agency.received[-1]
    service = rig.authority.service_identity()
    assert request.peer == service.der
    assert xmlsec_verifies(request.raw, service.der)
    header, body = request.root
    signed_ids = {one.get("URI") for one in header.iter(f"{{{names.DS}}}Reference")}
    timestamp = next(header.iter(f"{{{names.WSU}}}Timestamp"))
    parts = [body, timestamp, *[child for child in header if child.tag.startswith(f"{{{names.WSA}}}")]]
    assert {f"#{one.get(f'{{{names.WSU}}}Id')}" for one in parts} == signed_ids
    assert len(signed_ids) == 6
    assert request.text("To") == rig.agency.url
    assert request.text("Action") == names.AFLEVEREN.operations["afleveren"].action
    assert request.headers["soapaction"] == f'"{request.text("Action")}"'
    structure.check(body[0])
    assert request.text("aanleverkenmerk") == "a<b"
    assert [one.text for one in body.iter(f"{KV}inhoud")] == ["PGEvPg==", "AP8="]
    assert request.text("MessageID") == PARCEL.message_id
    algorithm = next(header.iter(f"{{{names.DS}}}SignatureMethod")).get("Algorithm")
    assert algorithm == (names.RSA_SHA1 if sha == 1 else names.RSA_SHA256)


@pytest.mark.parametrize(
    ("more", "reply"),
    [
        ("", AgencyReply("taken")),
        ("<statuscode>400</statuscode>", AgencyReply("taken")),
        (
            "<statuscode>500</statuscode><statusdetails>a&lt;\nb</statusdetails>",
            AgencyReply("taken", status=AgencyStatus("500", details="a<\nb")),
        ),
        (
            f"<statuscode>510</statuscode>{FOUT}",
            AgencyReply("taken", status=AgencyStatus("510", Fout("X1", "Fout."))),
        ),
        (
            f"<statuscode>410</statuscode>{FOUT}",
            AgencyReply("refused", "X1: Fout.", "AGENCY-REFUSAL", Fout("X1", "Fout.")),
        ),
        (
            "<statuscode>105</statuscode>",
            AgencyReply(
                "taken", "status 105 means nothing here", "AGENCY-STATUS", status=AgencyStatus("105")
            ),
        ),
    ],
)
def test_an_answer_may_give_a_status(rig: Rig, more: str, reply: AgencyReply) -> None:
    """The status elements of an afleverResponse are read; 410 there is a refusal (s)."""
    assert rig.deliver(with_status(more)) == reply


@pytest.mark.parametrize("sha", [1, 256])
@pytest.mark.parametrize("form", ["AfleverService", "AfleverService_V1_2"])
def test_good_answers_of_other_forms(rig: Rig, sha: Any, form: str) -> None:
    """Both algorithms and both forms of the Action are good."""
    base = names.AFLEVEREN.operations["afleveren"].response_action
    action = base.replace("/AfleverService/", f"/{form}/")
    reply = rig.deliver(lambda a, r: signed(a.signer, r, response(r), sha=sha, action=action))
    assert reply == AgencyReply("taken")


def test_a_fault_that_refuses_is_a_refusal(rig: Rig) -> None:
    """AFO100 and AFS100 refuse for good, with the agency's text."""
    for code in ("AFO100", "AFS100"):
        reply = rig.deliver(refusing(code, "Nee."))
        assert (reply.outcome, reply.fout) == ("refused", Fout(code, "Nee."))


@pytest.mark.parametrize(
    "answer",
    [
        refusing("AFS400", "Even niet."),
        refusing("AFS400", "Even niet.", "Server"),
        refusing("", "", "Server"),
    ],
)
def test_other_faults_are_trouble(rig: Rig, answer: Answer) -> None:
    """A technical fault is tried again later."""
    reply = rig.deliver(answer)
    assert (reply.outcome, reply.rule) == ("trouble", "AGENCY-FAULT")


def by(folder: str) -> Callable[[Rig], Answer]:
    """An answer that somebody else signed."""
    return lambda rig: (
        lambda agency, request: signed(signer_in(rig.tmp_path / folder), request, response(request))
    )


def changed(old: str, new: str) -> Callable[[Rig], Answer]:
    """A good answer in which something was changed after it was signed."""
    return lambda rig: lambda agency, request: taken(agency, request).replace(old.encode(), new.encode(), 1)


def of(**changes: Any) -> Callable[[Rig], Answer]:
    """An answer that is signed well, with these oddities."""
    return lambda rig: lambda agency, request: signed(agency.signer, request, response(request), **changes)


def saying(**changes: str) -> Callable[[Rig], Answer]:
    """An answer that is signed well and says something wrong."""
    return lambda rig: lambda agency, request: signed(agency.signer, request, response(request, **changes))


def plainly(status: int, content_type: str, body: bytes) -> Callable[[Rig], Answer]:
    """An answer of plain HTTP."""

    def answer(agency: Agency, request: Received) -> bytes:
        agency.status, agency.content_type = status, content_type
        return body

    return lambda rig: answer


HOUR = timedelta(hours=1)
BAD: dict[str, tuple[Callable[[Rig], Answer], str]] = {
    "another party's signature": (by("other"), "AGENCY-SIGNER"),
    "a stranger's signature": (by("stranger"), "CERT-"),
    "no signature": (
        lambda rig: lambda a, r: etree.tostring(_without_security(taken(a, r))),
        "WSS-SECURITY",
    ),
    "changed body": (changed("TEST", "TESTS"), "WSS-DIGEST"),
    "changed To": (changed("/anonymous<", "/anonymouss<"), "WSS-DIGEST"),
    "wrong RelatesTo": (of(relates_to="urn:uuid:another"), "WSA-RELATESTO"),
    "wrong Action": (of(action="urn:else"), "WSA-ACTION"),
    "old": (of(created=RealClock().now() - HOUR), "WSS-TIMESTAMP"),
    "from the future": (of(created=RealClock().now() + HOUR), "WSS-TIMESTAMP"),
    "another kenmerk": (saying(kenmerk="else"), "AGENCY-KENMERK"),
    "another berichtkenmerk": (saying(berichtkenmerk="else"), "AGENCY-KENMERK"),
    "no time": (saying(tijdstempelAfgeleverd="now"), "XSD"),
    "another element": (
        lambda rig: lambda a, r: signed(a.signer, r, f'<x xmlns="{names.KOPPELVLAK}"/>'),
        "SOAP-BODY",
    ),
    "HTML": (plainly(502, "text/html", b"<html>Bad gateway</html>"), "AGENCY-HTTP"),
    "HTML at 200": (plainly(200, "text/html", b"<html>Login</html>"), "HTTP-CONTENT-TYPE"),
    "nothing": (plainly(200, "text/xml", b""), "XML-WELLFORMED"),
    "redirect": (plainly(302, "text/plain", b""), "AGENCY-HTTP"),
    "DOCTYPE": (plainly(200, "text/xml", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'), "XML-DOCTYPE"),
    "no envelope": (plainly(200, "text/xml", b"<a/>"), "SOAP-ENVELOPE"),
    "a fault about another message": (
        plainly(
            500,
            "text/xml",
            fault().replace(
                b"<s:Body>",
                f'<s:Header><RelatesTo xmlns="{names.WSA}">x</RelatesTo></s:Header><s:Body>'.encode(),
            ),
        ),
        "WSA-RELATESTO",
    ),
    "a fault against the XSD": (plainly(500, "text/xml", fault("A" * 30)), "XSD"),
    "500 with a good body": (
        lambda rig: lambda a, r: [setattr(a, "status", 500), taken(a, r)][1],
        "AGENCY-HTTP",
    ),
}


def _without_security(raw: bytes) -> etree._Element:
    root = etree.fromstring(raw)
    root[0].remove(root[0].find(f"{{{names.WSSE}}}Security"))
    return root


@pytest.mark.parametrize("name", BAD)
def test_answers_that_are_not_believed(rig: Rig, name: str) -> None:
    """Any answer but the agency's own good answer to this very call is trouble, and tells the reason."""
    if not (rig.tmp_path / "other").exists():
        rig.holder("other", "00000003302162470000")
        stranger_folder(rig.tmp_path / "stranger", rig.authority.paths.ca_file)
    make, rule = BAD[name]
    reply = rig.deliver(make(rig))
    assert reply.outcome == "trouble"
    assert reply.rule.startswith(rule), reply
    assert reply.detail
    assert rig.tmp_path.as_posix() not in reply.detail


def test_a_pinned_certificate_is_the_only_signer(rig: Rig) -> None:
    """With `signer_certificate` only that one signs; another one of the same agency does not."""
    second = rig.holder("second", STUB_OIN)
    assert rig.deliver(signer_certificate=rig.folder / "client.pem") == AgencyReply("taken")
    assert rig.deliver(signer_certificate=second / "client.pem").rule == "AGENCY-SIGNER"


def test_a_revoked_signer_is_refused_and_a_revoked_server_too(rig: Rig) -> None:
    """The authority's revocations count at once, for who signs the answer and for the TLS server."""
    gone = rig.holder("gone", STUB_OIN)
    answer: Answer = lambda agency, request: signed(signer_in(gone), request, response(request))  # noqa: E731
    assert rig.deliver(answer) == AgencyReply("taken")
    rig.authority.revoke(gone / "client.pem")
    assert rig.deliver(answer).rule == "CERT-REVOKED"
    server = Agency(gone)
    reply = rig.line(url=server.url).deliver(PARCEL)
    server.close()
    assert (reply.outcome, reply.rule) == ("trouble", "AGENCY-TLS")
    assert "revoked" in reply.detail
    assert server.received == []


def test_an_agency_of_an_unknown_ca_gets_nothing(rig: Rig, tmp_path: Path) -> None:
    """A TLS server whose certificate is of another CA, or for another host, gets no message; with that CA in
    the settings, and who signs pinned, it does.
    """
    elsewhere = authority_in(tmp_path / "elsewhere")
    issued = elsewhere.issue_client(Oin.parse(STUB_OIN), "TRIAL elsewhere", ["localhost"])
    elsewhere.write_client_files(issued, tmp_path / "foreign")
    (tmp_path / "foreign" / "ca.pem").write_bytes(rig.authority.paths.ca_file.read_bytes())
    server = Agency(tmp_path / "foreign")
    reply = rig.line(url=server.url).deliver(PARCEL)
    assert (reply.rule, server.received) == ("AGENCY-TLS", [])
    assert "certificate" in reply.detail
    reply = rig.line(url=server.url, ca=elsewhere.paths.ca_file).deliver(PARCEL)
    server.close()
    assert reply == AgencyReply("taken")
    plain = Agency(client_folder(rig.authority, tmp_path / "plain"))
    assert rig.line(url=plain.url).deliver(PARCEL).rule == "AGENCY-TLS"
    plain.close()
    assert plain.received == []


def test_nobody_there(rig: Rig) -> None:
    """A closed port, and a host that does not exist, are trouble that says so."""
    reply = rig.line(url=f"https://localhost:{free_port()}/").deliver(PARCEL)
    assert (reply.rule, reply.detail) == ("AGENCY-CONNECT", "no connection (Connection refused)")
    line = rig.line(url="https://agency.invalid/x?token=secret")
    assert line.deliver(PARCEL).rule == "AGENCY-CONNECT"
    assert line.address == "https://agency.invalid/x"


def test_what_is_too_large_is_never_sent(rig: Rig) -> None:
    """A content above the interface's 20 MiB, which the file door may take, is given up without a call."""
    before = len(rig.agency.received)
    reply = rig.deliver(parcel=replace(PARCEL, inhoud=Content("a/b", "c", bytes(20_971_521))))
    assert (reply.outcome, reply.rule) == ("hopeless", "CONTENT-SIZE")
    reply = rig.deliver(parcel=replace(PARCEL, berichtsoort="x" * 81))
    assert (reply.outcome, reply.rule) == ("hopeless", "XSD")
    large = Payload("f", Path("/nowhere/f"), 2**31, "0" * 64)
    reply = rig.deliver(parcel=replace(PARCEL, inhoud=Content("a/b", "c", b"", large)))
    assert (reply.outcome, reply.rule, str(2**31) in reply.detail) == ("hopeless", "CONTENT-SIZE", True)
    assert len(rig.agency.received) == before


def test_what_lies_in_a_file_is_sent_whole(rig: Rig, tmp_path: Path) -> None:
    """A content in a file that is small enough goes out like any other; one that cannot be read waits."""
    file = tmp_path / "f"
    payload = Payload("f", file, 5, "0" * 64)
    parcel = replace(PARCEL, inhoud=Content("text/xml", "a.xml", b"", payload))
    reply = rig.deliver(parcel=parcel)
    assert (reply.outcome, reply.rule) == ("trouble", "PAYLOAD")
    file.write_bytes(b"<abc>")
    assert rig.deliver(parcel=parcel).outcome == "taken"
    assert b64decode(rig.agency.received[-1].text("inhoud")) == b"<abc>"


def test_twenty_mebibytes_go_out(rig: Rig) -> None:
    """The largest content of the interface reaches the agency."""
    content = bytes(range(256)) * 81_920
    assert rig.deliver(parcel=replace(PARCEL, inhoud=Content("a/b", "c", content)), call_timeout_seconds=20)
    assert len(rig.agency.received[-1].text("inhoud")) == 4 * -(-len(content) // 3)
    rig.agency.received.clear()


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://localhost/", "https"),
        ("https:///x", "https"),
        ("https://user:secret@localhost/", "user"),
        ("https://localhost:99999/", "Port"),
        ("https://localhost/#x", "https"),
        ("https://localhost/\r\nX: y", "https"),
        ("ftp://localhost", "https"),
        (f"https://{'x' * 64}.example/", "label"),
        ("https://.example/", "label"),
    ],
)
def test_only_plain_https_addresses_are_settings(url: str, word: str) -> None:
    """Anything but a plain https address is refused when the settings are read."""
    with pytest.raises(ValueError, match=word):
        AgencyEndpoint(url=url)


@pytest.mark.parametrize(
    ("key", "changes", "word"),
    [
        ("nobody", {}, "there are: belastingdienst"),
        ("register", {}, "there are: belastingdienst"),
        ("stub", {"oins": ("1",)}, "oins"),
        ("stub", {"ca": "/nowhere.pem"}, "nowhere"),
        ("stub", {"signer_certificate": "/nowhere.pem"}, "nowhere"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(
    rig: Rig, key: str, changes: dict[str, Any], word: str
) -> None:
    """An unknown agency, an OIN that is none and a missing file are told before anything is delivered."""
    with pytest.raises(ConfigError, match=word):
        rig.line(key, **changes)
