"""What explain says: all that is wrong in one run, with what was found, digested and usually done wrong."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import RealClock
from digipoort_sim.config import Settings
from digipoort_sim.errors import ConfigError
from digipoort_sim.pki import Authority
from digipoort_sim.pki.bad import BAD_KINDS, make_bad
from digipoort_sim.wus import canonical, names
from digipoort_sim.wus.explaining import (
    Anchors,
    Endpoint,
    Explainer,
    Explanation,
    RuleVerdict,
    UnreadableError,
    moment_of,
    read_message,
)
from tests.wus import door_kit, messages
from tests.wus.tls_kit import authority_in, client_folder

NOW = RealClock().now()
RULES = load_catalogue().rules
PATH = "/wus/2.0/aanleverservice/1.2"
Spoil = Callable[[etree._Element], None]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of a state directory."""
    return authority_in(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def client(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client's folder."""
    return client_folder(authority, tmp_path_factory.mktemp("client"))


def signed(client: Path, spoil: Spoil | None = None, **how: object) -> bytes:
    """A delivery signed by libxmlsec1."""
    return door_kit.signed(
        messages.AANLEVEREN, door_kit.delivery(), client, spoil=spoil, **{"created": NOW, **how}
    )  # type: ignore[arg-type]


def explained(raw: bytes, authority: Authority, endpoint: str | None = None) -> Explanation:
    """The explanation of what a file holds."""
    anchors = Anchors.of(authority.ca_certificates)
    called = None if endpoint is None else Endpoint.parse(endpoint)
    return Explainer(Settings(), RULES, anchors, NOW, called).explain(read_message(raw))


def broken(explanation: Explanation) -> dict[str, RuleVerdict]:
    """The rules that are broken."""
    return {one.id: one for one in explanation.rules if one.passed is False}


def of(explanation: Explanation, rule: str) -> RuleVerdict:
    """The verdict of one rule."""
    return next(one for one in explanation.rules if one.id == rule)


def test_a_bare_envelope_is_judged_by_the_service_of_its_body(authority: Authority, client: Path) -> None:
    """Without a head there are no rules of HTTP; the Body tells which service it is."""
    explanation = explained(signed(client), authority)
    assert explanation.accepted
    assert (explanation.service, explanation.operation) == ("aanleverservice", "aanleveren")
    assert {one.id for one in explanation.rules if one.id.startswith("HTTP")} == {"HTTP-SIZE"}
    assert all(one.passed for one in explanation.rules)


def test_all_faults_are_told_in_one_run(authority: Authority, client: Path) -> None:
    """Unsigned headers, a wrong Action, a message that expired and an XSD fault do not hide each other."""

    def spoil(root: etree._Element) -> None:
        action = next(root.iter(f"{{{names.WSA}}}Action"))
        for reference in root.iter(f"{{{names.DS}}}Reference"):
            if reference.get("URI") == "#" + action.get(f"{{{names.WSU}}}Id", ""):
                reference.getparent().remove(reference)  # type: ignore[union-attr]
        next(root.iter(f"{{{names.KOPPELVLAK}}}mimeType")).tag = f"{{{names.KOPPELVLAK}}}soort"

    old = NOW - timedelta(days=1)
    explanation = explained(signed(client, spoil, action="urn:other", created=old), authority)
    assert not explanation.accepted
    assert set(broken(explanation)) == {"WSS-COVERAGE", "WSS-TIMESTAMP", "WSA-ACTION", "XSD"}
    assert "does not cover wsa:Action;" in of(explanation, "WSS-COVERAGE").found
    assert of(explanation, "WSA-ACTION").expected == messages.AANLEVEREN.action
    assert of(explanation, "WSS-DIGEST").passed is True
    assert of(explanation, "XSD-VALUE").passed is None
    assert of(explanation, "XSD-VALUE").found == "not judged, because XSD is broken"


def test_every_wrong_digest_is_told_with_its_octets(authority: Authority, client: Path) -> None:
    """Two changed elements give two digests, each with the octets that were digested; the others agree."""
    raw = signed(client).replace(b">TEST<", b">TESD<").replace(b"urn:uuid:", b"urn:uuie:")
    verdict = of(explained(raw, authority), "WSS-DIGEST")
    assert verdict.passed is False
    wrong = {one.element: one for one in verdict.references if not one.agrees}
    assert set(wrong) == {"soap:Body", "wsa:MessageID"}
    assert {one.element for one in verdict.references if one.agrees} >= {"wsu:Timestamp", "wsa:To"}
    body = wrong["soap:Body"]
    assert b">TESD<" in body.canonical
    assert hashlib.sha1(body.canonical).digest() == b64decode(body.found) != b64decode(body.expected)
    for one in wrong.values():
        assert one.expected in verdict.found
        assert one.found in verdict.found


def _restated(raw: bytes, octets: Callable[[etree._Element], bytes], sha: str = "sha1") -> bytes:
    """The message with another DigestValue for its Body."""
    root = etree.fromstring(raw)
    body = root[1]
    for reference in root.iter(f"{{{names.DS}}}Reference"):
        if reference.get("URI") == "#" + body.get(f"{{{names.WSU}}}Id", ""):
            digest = hashlib.new(sha, octets(body)).digest()
            reference[-1].text = b64encode(digest).decode()
    return etree.tostring(root)


@pytest.mark.parametrize(
    ("octets", "sha", "hint"),
    [
        (lambda body: b"", "sha1", "digest of nothing"),
        (lambda body: etree.tostring(body, method="c14n"), "sha1", "inclusive canonical form"),
        (canonical.exclusive, "sha256", "sha256 of these very octets"),
        (lambda body: b"".join(map(canonical.exclusive, body)), "sha1", "inside the element"),
    ],
)
def test_usual_mistakes_are_named(
    authority: Authority, client: Path, octets: Callable[[etree._Element], bytes], sha: str, hint: str
) -> None:
    """A digest over something else that libraries take by mistake is recognised."""
    verdict = of(explained(_restated(signed(client), octets, sha), authority), "WSS-DIGEST")
    assert verdict.passed is False
    assert hint in verdict.found


def test_a_message_that_was_indented_is_recognised(authority: Authority, client: Path) -> None:
    """White space put in after signing breaks digests, and is named as the reason."""
    root = etree.fromstring(signed(client))
    etree.indent(root)
    verdict = of(explained(etree.tostring(root), authority), "WSS-DIGEST")
    assert "indented after it was signed" in verdict.found


@pytest.mark.parametrize("kind", sorted(set(BAD_KINDS) - {"revoked", "path-too-long"}))
def test_bad_certificates_are_told_apart(authority: Authority, tmp_path: Path, kind: str) -> None:
    """A bad certificate breaks the rule that the door names too, and its signature is still judged.

    Of a path that is too long a token shows the end only; whether it is revoked a CRL tells.
    """
    issued = make_bad(authority, kind)
    (tmp_path / "client.key").write_bytes(issued.key_pem())
    (tmp_path / "client.pem").write_bytes(issued.certificate_pem())
    explanation = explained(signed(tmp_path), authority)
    assert explanation.refusal is not None
    assert explanation.refusal.rule == BAD_KINDS[kind].rule
    assert BAD_KINDS[kind].rule in broken(explanation)
    assert of(explanation, "WSS-SIGNATURE").passed is True


def test_the_endpoint_decides_the_service(authority: Authority, client: Path) -> None:
    """With --endpoint the message is judged as if it was sent there."""
    assert explained(signed(client), authority, f"https://host:8443{PATH}?wsdl").accepted
    other = explained(signed(client), authority, "https://host/wus/2.0/ophaalservice/1.2")
    assert {"SOAP-BODY", "WSA-TO"} <= set(broken(other))
    assert "belongs to the aanleverservice" in of(other, "SOAP-BODY").found
    nowhere = explained(signed(client), authority, "https://host/elsewhere")
    assert set(broken(nowhere)) == {"HTTP-PATH"}
    assert not nowhere.accepted


def _http(body: bytes, *headers: str, method: str = "POST", path: str = PATH) -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Type: text/xml", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def test_the_path_and_method_of_a_request_count(authority: Authority, client: Path) -> None:
    """A GET, and a POST to no service, are refused with the reason; everything else is judged still."""
    body = signed(client)
    assert explained(_http(body), authority).accepted
    assert set(broken(explained(_http(body, method="PUT"), authority))) == {"HTTP-METHOD"}
    assert set(broken(explained(_http(body, path="/wus/2.0/x"), authority))) == {"HTTP-PATH"}
    got = explained(_http(b"", method="GET"), authority)
    assert set(broken(got)) == {"HTTP-METHOD"}
    assert not got.accepted
    assert got.refusal is None, "that is no matter of SOAP"
    assert of(got, "XML-WELLFORMED").found == "not judged, because only a POST carries a message"


def test_framing_that_the_door_refuses_is_refused(authority: Authority, client: Path) -> None:
    """A head that could be framed in two ways is broken HTTP here too, by the same headers."""
    body = signed(client)
    length = f"Content-Length: {len(body)}"
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert explained(_http(chunked, "Transfer-Encoding: chunked"), authority).accepted
    both = explained(_http(chunked, "Transfer-Encoding: chunked", length), authority)
    assert "come together" in broken(both)["HTTP"].found
    assert set(broken(explained(_http(body, length, "Host: other"), authority))) == {"HTTP"}
    assert "HTTP" in broken(explained(_http(body, "Content-Length: 9999999"), authority))
    assert set(broken(explained(_http(body, length, "Upgrade: h2c"), authority))) == {"HTTP"}


def test_large_contents_are_judged_whole(authority: Authority, client: Path) -> None:
    """A large inhoud is accepted as it is, and one changed character in it breaks the digest of the Body."""
    content = door_kit.delivery(inhoud="QUJD" * 100_000)
    raw = door_kit.signed(messages.AANLEVEREN, content, client, created=NOW)
    assert explained(raw, authority).accepted
    spoiled = explained(raw.replace(b"QUJD", b"QUJE", 1), authority)
    assert set(broken(spoiled)) == {"WSS-DIGEST"}
    (wrong,) = [one for one in of(spoiled, "WSS-DIGEST").references if not one.agrees]
    assert wrong.size > 400_000


def test_converted_line_ends_are_noticed(authority: Authority, client: Path) -> None:
    """A file that an editor saved with other line ends says so."""
    explanation = explained(_http(signed(client)).replace(b"\r\n", b"\n"), authority)
    assert "end in LF, not in CRLF" in broken(explanation)["HTTP"].found


def test_an_edited_body_is_noticed(authority: Authority, client: Path) -> None:
    """A file whose body is longer than its Content-Length says so, since that is how edited files break."""
    body = signed(client)
    explanation = explained(_http(body + b"\n<more/>", f"Content-Length: {len(body)}"), authority)
    assert explanation.accepted
    assert "goes on after the body" in of(explanation, "HTTP").warning


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\x00\x01\x02junk", "neither"),
        (b"\x16\x03\x01\x02\x00", "TLS"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"HTTP/1.1 200 OK\r\n\r\n<a/>", "answer"),
        (b"--boundary\r\nContent-ID: <a>\r\n\r\n<a/>", "multipart"),
        (_http(b"", "Content-Length: 0") + _http(b"", "Content-Length: 0"), "another request from octet"),
    ],
)
def test_what_cannot_be_explained_says_why(raw: bytes, why: str) -> None:
    """What is neither a request nor an envelope is told apart in one line."""
    with pytest.raises(UnreadableError, match=why):
        read_message(raw)


def test_what_is_no_soap_is_refused_by_a_rule(authority: Authority) -> None:
    """XML that is no envelope, a head without a body, SOAP 1.2: each has its rule, the rest is not judged."""
    for raw, rule in [
        (b"<a/>", "SOAP-ENVELOPE"),
        (f'<e:Envelope xmlns:e="{names.SOAP}"/>'.encode(), "SOAP-ENVELOPE"),
        (b"<a", "XML-WELLFORMED"),
        (b"<!DOCTYPE a><a/>", "XML-DOCTYPE"),
        (_http(b""), "XML-WELLFORMED"),
        (b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n", "HTTP"),
        (f'<e:Envelope xmlns:e="{names.SOAP12}"/>'.encode(), "SOAP-VERSION"),
    ]:
        explanation = explained(raw, authority)
        assert set(broken(explanation)) == {rule}, raw
        assert not explanation.accepted
        assert of(explanation, "WSS-DIGEST").passed is None


def test_too_large_a_file_is_refused_unread(authority: Authority, client: Path) -> None:
    """Of a request that is too large only the head is needed for the verdict."""
    explainer = Explainer(Settings(), RULES, Anchors.of(authority.ca_certificates), NOW)
    explanation = explainer.explain(read_message(_http(b"<a>"), whole=False))
    assert set(broken(explanation)) == {"HTTP-SIZE"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T21:00:00Z", datetime(2026, 11, 21, 21, tzinfo=UTC)),
        ("2026-11-21T22:00:00+01:00", datetime(2026, 11, 21, 21, tzinfo=UTC)),
        ("2026-11-21T07:00:00-14:00", datetime(2026, 11, 21, 21, tzinfo=UTC)),
        ("2026-11-21T22:00:00", datetime(2026, 11, 21, 21, tzinfo=UTC)),
        ("2026-07-21T22:00:00", datetime(2026, 7, 21, 20, tzinfo=UTC)),
        ("2026-11-21T24:00:00Z", datetime(2026, 11, 22, tzinfo=UTC)),
        (" 2026-11-21T21:00:00.1234567Z ", datetime(2026, 11, 21, 21, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-21T21:00:00.5Z", datetime(2026, 11, 21, 21, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_any_date_time_of_xml_schema_is_a_moment(text: str, moment: datetime) -> None:
    """With or without zone, fraction and offset; without a zone it is Dutch time."""
    assert moment_of(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-11-21", "2026-11-21 21:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:01Z"),
        *("2026-11-21T21:00:00+15:00", "2026-11-21T21:00:00+01:60", "99999-01-01T00:00:00Z"),
        *("9999-12-31T24:00:00Z", "0001-01-01T00:00:00+01:00", "٢026-11-21T21:00:00Z"),
    ],
)
def test_what_is_no_date_time_is_told(text: str) -> None:
    """Anything else is a wrong option, never an error of another kind."""
    with pytest.raises(ConfigError, match="xs:dateTime"):
        moment_of(text)
