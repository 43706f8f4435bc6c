"""What is fuzzed: each reader of octets from outside, with good examples to start from."""

from __future__ import annotations

import base64
import contextlib
import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import RealClock
from digipoort_sim.config import Settings, WusSettings
from digipoort_sim.pki import Authority, Oin, Trust
from digipoort_sim.pki.facts import read_facts
from digipoort_sim.pki.offered import read_shown
from digipoort_sim.register.messages import MessageKind, parse_mandate_message
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.identity import identity_in_content
from digipoort_sim.wus import (
    addressing,
    agency_answer,
    document,
    envelope,
    names,
    rawhttp,
    requests,
    structure,
)
from digipoort_sim.wus.agency_http import HttpAnswer
from digipoort_sim.wus.explaining import Anchors, Explainer, read_message
from tests.security import forge, hostile, mutations
from tests.security.test_hostile_octets import read
from tests.validation import samples
from tests.validation.reports import made as reports
from tests.validation.samples import validated
from tests.wus import agency_kit, messages
from tests.wus.agency_rig import PARCEL
from tests.wus.door_kit import QUESTIONS, delivery
from tests.wus.tls_kit import authority_in


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        name: of the target.
        seeds: makes good examples.
        run: reads some octets; gives anything, or raises one of our errors.
    """

    name: str
    seeds: Callable[[], tuple[bytes, ...]]
    run: Callable[[bytes], object]


@functools.cache
def _authority() -> Authority:
    return authority_in(Path(tempfile.mkdtemp(prefix="digipoort-sim-fuzz-")))


def _package(raw: bytes) -> object:
    content_type, _, body = raw.partition(b"\n")
    return read(content_type.decode("latin-1"), body)


def _http_seeds() -> tuple[bytes, ...]:
    body = mutations.sources()[0]
    head = b'POST /cpl/aanleverservice/1.2 HTTP/1.1\r\nHost: localhost\r\nSOAPAction: ""\r\n'
    half = len(body) // 2
    chunks = b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    package = hostile.GOOD_PACKAGE
    return (
        head + b"Content-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body),
        head + b"Content-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n",
        head
        + b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (hostile.RELATED.encode(), len(package))
        + package,
        body,
        hostile.GOOD_PACKAGE,
    )


def _addresses(raw: bytes) -> object:
    """An envelope that nobody signed, for the rules that come after the signature's."""
    found = envelope.read(document.parse(raw))
    valid_until = addressing.check_freshness(found, messages.NOW, WusSettings())
    for service in names.SERVICES.values():
        if found.body_element.tag in service.by_request_tag:
            soap_action = found.addresses.get("RelatesTo")
            return addressing.check(found, service, soap_action), valid_until
    return addressing.check(found, names.AANLEVEREN)


def _values(raw: bytes) -> object:
    """The Body of a request, without an envelope."""
    body = document.parse(raw)
    requests.check_sizes(body, 10)
    structure.check(body)
    asked = names.AANLEVEREN.by_request_tag.get(body.tag)
    return requests.delivery(body) if asked else requests.question(body)


def _bodies() -> tuple[bytes, ...]:
    inside = {name: text.format(kenmerk="k") for name, text in QUESTIONS.items()}
    inside["getNieuweBerichtenLijst"] += "<tijdstempelTot>2026-02-01T00:00:00Z</tijdstempelTot>"
    bijlage = "<bijlage><mimeType>a/b</mimeType><bestandsnaam>b</bestandsnaam><inhoud>YQ==</inhoud></bijlage>"
    inside["aanleveren"] = delivery(more=f"<berichtBijlagen>{bijlage * 2}</berichtBijlagen>")
    return tuple(
        f'<{tag} xmlns="{names.KOPPELVLAK}">{text}</{tag}>'.encode()
        for name, text in inside.items()
        for tag in [names.local_name(names.OPERATIONS[name].request_tag)]
    )


def _mandate(raw: bytes) -> object:
    kind = list(MessageKind)[len(raw) % len(MessageKind)]
    return parse_mandate_message(raw, kind)


def _mandates() -> tuple[bytes, ...]:
    return tuple(
        samples.mandate_text(form, kind).encode() for form in ("xml", "xbrl") for kind in MessageKind
    )


_RULES = (samples.OB, samples.ANY, samples.WAGES, *(samples.mandate_rules(kind) for kind in MessageKind))


def _content(raw: bytes) -> object:
    rules: ContentRules = _RULES[len(raw) % len(_RULES)]
    return validated(raw, "text/xml", "a.xml", rules, (samples.OB_NUMBER, "BTW"))


def _report(raw: bytes) -> object:
    identity_in_content(raw, reports.report_rules())
    return reports.checked(raw)


def _oin(raw: bytes) -> object:
    return Oin.parse(raw.decode("utf-8", "surrogateescape"))


def _certificate(raw: bytes) -> object:
    read_shown(raw)
    token = base64.b64encode(raw).decode()
    message = etree.tostring(forge.complete()).decode().replace(messages.signer().token, token)
    try:
        forge.processed(message.encode())
    finally:
        return _judged(raw)  # noqa: B012


def _judged(raw: bytes) -> object:
    return read_facts(raw), _trust().verify(raw, at=RealClock().now())


@functools.cache
def _trust() -> Trust:
    return Trust(_authority().ca_certificates)


def _certificates() -> tuple[bytes, ...]:
    own = messages.signer().certificate_der
    issued = _authority().issue_client(Oin.parse("00000003123456780000"), "TRIAL fuzz").certificate
    cas = [one.public_bytes(Encoding.DER) for one in _authority().ca_certificates]
    return own, issued.public_bytes(Encoding.DER), *cas


def _explain(raw: bytes) -> object:
    return _explainer().explain(read_message(raw))


@functools.cache
def _explainer() -> Explainer:
    return Explainer(
        Settings(), load_catalogue().rules, Anchors.of(_authority().ca_certificates), messages.NOW
    )


def _sealed(raw: bytes) -> bytes:
    """A message signed anew after it was changed, where it still can be: so the rules behind are reached."""
    with contextlib.suppress(etree.XMLSyntaxError, etree.C14NError, ValueError, TypeError, StopIteration):
        root = etree.fromstring(raw)
        forge.redigest(root)
        forge.seal(root)
        return etree.tostring(root)
    return raw


def _agency(raw: bytes) -> object:
    """The answer of an agency, signed anew."""
    answer = HttpAnswer(500 if raw.startswith(b"<s:") else 200, "text/xml", _sealed(raw))
    return agency_answer.read(answer, PARCEL, lambda der, now: None, messages.NOW, WusSettings())


def _agency_answers() -> tuple[bytes, ...]:
    header = (
        f"<wsa:To>{names.ANONYMOUS}</wsa:To><wsa:Action>{names.AFLEVEREN.operations['afleveren'].response_action}"
        f"</wsa:Action><wsa:MessageID>urn:uuid:1</wsa:MessageID><wsa:RelatesTo>{PARCEL.message_id}</wsa:RelatesTo>"
    )
    body = (
        f'<afleverResponse xmlns="{names.KOPPELVLAK}"><kenmerk>{PARCEL.kenmerk}</kenmerk><berichtsoort>TEST'
        f"</berichtsoort><berichtkenmerk>{PARCEL.berichtkenmerk}</berichtkenmerk>"
        "<tijdstempelAfgeleverd>2026-11-21T12:00:00Z</tijdstempelAfgeleverd>%s</afleverResponse>"
    )
    status = "<statuscode>500</statuscode><statusomschrijving>Goed</statusomschrijving>"
    signed = [messages.signed(header, body % more) for more in ("", status)]
    return (*signed, agency_kit.fault())


def _packages() -> tuple[bytes, ...]:
    return (hostile.RELATED.encode() + b"\n" + hostile.GOOD_PACKAGE,)


def _unsigned() -> tuple[bytes, ...]:
    root = messages.unsigned(forge.header())
    root[0].append(etree.fromstring(_SECURITY))
    return (*mutations.sources(), etree.tostring(root))


_SECURITY = (
    f'<s:Security xmlns:s="{names.WSSE}" xmlns:u="{names.WSU}"><u:Timestamp><u:Created>2026-11-21T12:00:00Z'
    "</u:Created><u:Expires>2026-11-21T12:05:00Z</u:Expires></u:Timestamp><s:BinarySecurityToken/>"
    f'<d:Signature xmlns:d="{names.DS}"/></s:Security>'
)

TARGETS = (
    Target("message", mutations.sources, forge.accepted),
    Target("package", _packages, _package),
    Target("http", _http_seeds, rawhttp.read),
    Target("addresses", _unsigned, _addresses),
    Target("sealed", mutations.sources, lambda raw: forge.accepted(_sealed(raw))),
    Target("agency", _agency_answers, _agency),
    Target("values", _bodies, _values),
    Target("mandate", _mandates, _mandate),
    Target("content", lambda: (samples.INSTANCE.encode(), *_mandates()), _content),
    Target("report", lambda: (reports.package(), reports.DOCUMENT.encode()), _report),
    Target("oin", lambda: (b"00000003123456780000", b"00000001002220647000"), _oin),
    Target("certificate", _certificates, _certificate),
    Target("explain", lambda: (*_http_seeds(), *mutations.sources()[:3]), _explain),
)
"""All targets."""
