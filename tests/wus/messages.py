"""Requests for the tests of the SOAP door: made, signed by our own client code, or signed by xmlsec."""

from __future__ import annotations

import base64
import functools
from datetime import UTC, datetime, timedelta
from typing import Literal

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from digipoort_sim.ids import SeededIds
from digipoort_sim.wus import names
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.signing import Signer, sign_request

NOW = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)
AANLEVEREN = names.AANLEVEREN.operations["aanleveren"]
MESSAGE_ID = "urn:uuid:5a0ff9d1-0000-4000-8000-000000000001"
BODY = (
    f'<aanleverRequest xmlns="{names.KOPPELVLAK}"><berichtsoort>TEST</berichtsoort>'
    "<identiteitBelanghebbende><nummer>001000044B37</nummer><type>Fi</type></identiteitBelanghebbende>"
    "<berichtInhoud><mimeType>application/xml</mimeType><bestandsnaam>a.xml</bestandsnaam>"
    "<inhoud>PGEvPg==</inhoud></berichtInhoud></aanleverRequest>"
)


@functools.cache
def _key(name: str) -> rsa.RSAPrivateKey:
    assert name
    return rsa.generate_private_key(65537, 2048)


def key(name: str = "TRIAL client") -> rsa.RSAPrivateKey:
    """A key of the tests; the same one for the same name."""
    return _key(name)


def signer(name: str = "TRIAL client") -> Signer:
    """A signer with a certificate that it signed itself; the same one for the same name."""
    return _signer(name)


@functools.cache
def _signer(name: str) -> Signer:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(name).public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key(name), hashes.SHA256())
    )
    return Signer(key(name), certificate)


def headers(to: str = "https://localhost/cpl/aanleverservice/1.2", action: str = AANLEVEREN.action) -> str:
    """The WS-Addressing headers of a normal request."""
    return (
        f"<wsa:Action>{action}</wsa:Action><wsa:MessageID>{MESSAGE_ID}</wsa:MessageID>"
        f"<wsa:To>{to}</wsa:To><wsa:ReplyTo><wsa:Address>{names.ANONYMOUS}</wsa:Address></wsa:ReplyTo>"
    )


def unsigned(header: str | None = None, body: str = BODY) -> etree._Element:
    """A request without a Security header."""
    text = (
        f'<soap:Envelope xmlns:soap="{names.SOAP}" xmlns:wsa="{names.WSA}"><soap:Header>'
        f"{headers() if header is None else header}</soap:Header>"
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )
    return parse(text.encode())


def signed(
    header: str | None = None,
    body: str = BODY,
    sha: Literal[1, 256] = 1,
    created: datetime = NOW,
    by: str = "TRIAL client",
) -> bytes:
    """A request signed by our own client code."""
    root = unsigned(header, body)
    sign_request(root, signer(by), created=created, ids=SeededIds(7), sha=sha)
    return etree.tostring(root)


def signed_by_xmlsec(
    root: etree._Element,
    prefixes: str | None = None,
    signature_algorithm: str = names.RSA_SHA1,
    digest_algorithm: str = names.SHA1,
) -> bytes:
    """A request signed by libxmlsec1, with this PrefixList everywhere."""
    sign_request(root, signer(), created=NOW, ids=SeededIds(9))
    signature = root.find(f".//{{{names.DS}}}Signature")
    assert signature is not None
    for element in signature.iter(f"{{{names.DS}}}Transform", f"{{{names.DS}}}CanonicalizationMethod"):
        if prefixes is not None:
            inclusive = etree.SubElement(
                element,
                f"{{{names.EXCLUSIVE_C14N}}}InclusiveNamespaces",
                nsmap={"ec": names.EXCLUSIVE_C14N},
            )
            inclusive.set("PrefixList", prefixes)
    for element in signature.iter(f"{{{names.DS}}}SignatureMethod"):
        element.set("Algorithm", signature_algorithm)
    for element in signature.iter(f"{{{names.DS}}}DigestMethod"):
        element.set("Algorithm", digest_algorithm)
    for element in signature.iter(f"{{{names.DS}}}DigestValue", f"{{{names.DS}}}SignatureValue"):
        element.text = None
    root = etree.fromstring(etree.tostring(root))
    context = _context(root)
    context.key = xmlsec.Key.from_memory(
        key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        xmlsec.KeyFormat.PEM,
    )
    context.sign(root.find(f".//{{{names.DS}}}Signature"))
    return etree.tostring(root)


def xmlsec_verifies(raw: bytes, certificate_der: bytes) -> bool:
    """Whether libxmlsec1 finds the signature good with the key of this certificate."""
    root = etree.fromstring(raw, etree.XMLParser(huge_tree=True))
    context = _context(root)
    context.key = xmlsec.Key.from_memory(certificate_der, xmlsec.KeyFormat.CERT_DER)
    try:
        context.verify(root.find(f".//{{{names.DS}}}Signature"))
    except xmlsec.Error:
        return False
    return True


def xmlsec_finds_good(raw: bytes) -> bool:
    """Whether libxmlsec1 finds the signature good with the key of the token in the message; any message."""
    try:
        root = etree.fromstring(raw, etree.XMLParser(huge_tree=True))
        token = root.find(f".//{{{names.WSSE}}}BinarySecurityToken")
        signature = root.find(f".//{{{names.DS}}}Signature")
        if token is None or signature is None:
            return False
        context = _context(root)
        context.key = _xmlsec_key("".join("".join(token.itertext()).split()))
        context.verify(signature)
    except (etree.XMLSyntaxError, xmlsec.Error, AttributeError, TypeError, ValueError):
        return False
    return True


@functools.lru_cache(maxsize=64)
def _xmlsec_key(token: str) -> xmlsec.Key:
    return xmlsec.Key.from_memory(base64.b64decode(token), xmlsec.KeyFormat.CERT_DER)


def _context(root: etree._Element) -> xmlsec.SignatureContext:
    context = xmlsec.SignatureContext()
    header, body = root.find(f"{{{names.SOAP}}}Header"), root.find(f"{{{names.SOAP}}}Body")
    for element in (
        body,
        *header.iterchildren("*"),
        *header.find(f"{{{names.WSSE}}}Security").iterchildren("*"),
    ):
        if element.get(f"{{{names.WSU}}}Id"):
            context.register_id(element, "Id", names.WSU)
        if element.get("Id"):
            context.register_id(element, "Id")
    return context
