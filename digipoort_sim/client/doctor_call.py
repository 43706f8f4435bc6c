"""The signed test call: getBerichtsoorten, which only reads, and the verdict on its answer."""

from __future__ import annotations

from typing import Literal
from xml.sax.saxutils import escape

from cryptography import x509
from lxml import etree

from digipoort_sim.client.answers import check_answer
from digipoort_sim.client.doctor_certificate import readable
from digipoort_sim.client.doctor_files import Material
from digipoort_sim.client.doctor_findings import Findings
from digipoort_sim.client.doctor_words import words_of_fault
from digipoort_sim.clock import RealClock
from digipoort_sim.errors import DigipoortSimError, Refusal
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki.trust import Trust
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.envelope import read
from digipoort_sim.wus.names import ANONYMOUS, KOPPELVLAK, SOAP, STATUSINFORMATIE, WSA
from digipoort_sim.wus.signing import Signer, sign_request
from digipoort_sim.wus.verification import verify

OPERATION = STATUSINFORMATIE.operations["getBerichtsoorten"]
_SHOWN = 300


def request(
    material: Material, url: str, nummer: str, type_: str, sha: Literal[1, 256]
) -> tuple[bytes, dict[str, str]]:
    """The signed request and its HTTP headers.

    Args:
        url: the endpoint, for wsa:To.
        nummer: of the belanghebbende.
        type_: of that number.

    Raises:
        ConfigError: key and certificate cannot sign.
    """
    ids = SystemIds()
    text = (
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsa="{WSA}"><soap:Header><wsa:To>{escape(url)}</wsa:To>'
        f"<wsa:Action>{OPERATION.action}</wsa:Action><wsa:MessageID>urn:uuid:{ids.uuid()}</wsa:MessageID>"
        f"<wsa:ReplyTo><wsa:Address>{ANONYMOUS}</wsa:Address></wsa:ReplyTo></soap:Header><soap:Body>"
        f'<getBerichtsoortenRequest xmlns="{KOPPELVLAK}"><identiteitBelanghebbende>'
        f"<nummer>{escape(nummer)}</nummer><type>{escape(type_)}</type></identiteitBelanghebbende>"
        "<autorisatieAdres>http://geenausp.nl</autorisatieAdres>"
        "</getBerichtsoortenRequest></soap:Body></soap:Envelope>"
    )
    root = parse(text.encode("utf-8"))
    signer = Signer(material.key, material.certificates[0])
    sign_request(root, signer, created=RealClock().now(), ids=ids, sha=sha)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{OPERATION.action}"'}
    return etree.tostring(root), headers


def fault_in(body: bytes) -> tuple[str, str] | None:
    """Code and text of a SOAP fault; None if this is none."""
    try:
        root = parse(body)
    except DigipoortSimError:
        return None
    fault = root.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    if fault is None:
        return None
    code = fault.findtext(f".//{{{KOPPELVLAK}}}foutcode") or fault.findtext("faultcode") or ""
    text = fault.findtext(f".//{{{KOPPELVLAK}}}foutbeschrijving") or fault.findtext("faultstring") or ""
    return code.strip()[:40], " ".join(text.split())


def judge(status: int, body: bytes, cas: tuple[x509.Certificate, ...], findings: Findings) -> None:
    """Judge what came back on the call: the findings ``call`` and ``answer``."""
    fault = fault_in(body)
    if fault is not None:
        found, mend = words_of_fault(*fault)
        findings.fail("call", found, mend, fault[0])
        return
    try:
        root = parse(body)
    except Refusal:
        shown = " ".join(body[:_SHOWN].decode("utf-8", "replace").split())
        findings.fail(
            "call",
            f"the answer is no SOAP message: HTTP {status} {shown!r}",
            "is this the address of Digipoort, without a proxy in between?",
            str(status),
        )
        return
    if status != 200 or root.find(f"{{{SOAP}}}Body/{OPERATION.response_tag}") is None:
        findings.fail(
            "call",
            f"HTTP {status} with {root.tag[:_SHOWN]}, not an answer",
            "is this Digipoort?",
            str(status),
        )
        return
    findings.ok("call", f"{OPERATION.name} was answered")
    _judge_signature(root, cas, findings)


def _judge_signature(root: etree._Element, cas: tuple[x509.Certificate, ...], findings: Findings) -> None:
    now = RealClock().now()
    try:
        known = readable(cas)
        if any(ca.is_self_issued for ca in known):
            signer = check_answer(root, Trust([ca.certificate for ca in known]), now)
            findings.ok("answer", f"signed by {signer.subject!r}, which --ca vouches for; Timestamp valid")
            return
        verified = verify(read(root))
    except DigipoortSimError as error:
        findings.fail(
            "answer",
            error.detail,
            "give the CA file of this server with --ca; if it is the right one, somebody changed the answer",
            error.rule,
        )
        return
    subject = x509.load_der_x509_certificate(verified.certificate_der).subject.rfc4514_string()
    findings.warn(
        "answer",
        f"its signature is good, but nothing tells whether {subject!r} is Digipoort",
        "give the CAs of Digipoort, the root among them, with --ca",
    )
