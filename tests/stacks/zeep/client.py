"""A vendor's client on zeep: signs by libxmlsec1 all that Digipoort wants signed, and judges answers by it.

It prints one JSON object with what it saw; contract.py says what stands in it. It uses nothing of ours.

    python client.py https://localhost:8443 kantoor folder-with-a-revoked-certificate omzetbelasting.xbrl
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import xmlsec
import zeep
import zeep.exceptions
import zeep.wsa
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from lxml import etree
from lxml.etree import QName, SubElement
from zeep.wsse.signature import BinarySignature
from zeep.wsse.utils import ensure_id, get_security_header

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DS = "http://www.w3.org/2000/09/xmldsig#"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = OASIS + "wssecurity-secext-1.0.xsd", OASIS + "wssecurity-utility-1.0.xsd"
X509 = OASIS + "x509-token-profile-1.0#X509v3"
BASE64 = OASIS + "soap-message-security-1.0#Base64Binary"
GEEN_AUSP = "http://geenausp.nl"
ALGORITHMS = {
    "sha1": (xmlsec.Transform.RSA_SHA1, xmlsec.Transform.SHA1),
    "sha256": (xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256),
}


class SignEverything:
    """zeep's hook for WS-Security; zeep's own classes sign only the Body and the Timestamp."""

    def __init__(self, folder: Path, sha: str) -> None:
        self._key = xmlsec.Key.from_file(str(folder / "client.key"), xmlsec.KeyFormat.PEM)
        self._certificate = "".join((folder / "client.pem").read_text().split("-----")[2].split())
        self._signature, self._digest = ALGORITHMS[sha]

    def apply(self, envelope: etree._Element, headers: Any) -> tuple[etree._Element, Any]:
        """Sign a request."""
        security = get_security_header(envelope)
        security.set(QName(SOAP, "mustUnderstand"), "1")
        token = SubElement(security, QName(WSSE, "BinarySecurityToken"), EncodingType=BASE64, ValueType=X509)
        token.text = self._certificate
        timestamp, now = SubElement(security, QName(WSU, "Timestamp")), datetime.now(UTC)
        for name, moment in (("Created", now), ("Expires", now + timedelta(minutes=5))):
            SubElement(timestamp, QName(WSU, name)).text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")

        signature = xmlsec.template.create(envelope, xmlsec.Transform.EXCL_C14N, self._signature)
        security.append(signature)
        key_info = xmlsec.template.ensure_key_info(signature)
        reference = SubElement(key_info, QName(WSSE, "SecurityTokenReference"))
        SubElement(reference, QName(WSSE, "Reference"), URI="#" + ensure_id(token), ValueType=X509)

        context = xmlsec.SignatureContext()
        context.key = self._key
        header, body = envelope.find(QName(SOAP, "Header")), envelope.find(QName(SOAP, "Body"))
        for part in [*(one for one in header if one is not security), timestamp, token, body]:
            uri = "#" + ensure_id(part)
            context.register_id(part, "Id", WSU)
            xmlsec.template.add_transform(
                xmlsec.template.add_reference(signature, self._digest, uri=uri), xmlsec.Transform.EXCL_C14N
            )
        context.sign(signature)
        return envelope, headers

    def verify(self, envelope: etree._Element) -> etree._Element:
        """Answers are judged by `signed`, on the bytes as they came."""
        return envelope


class Stock(BinarySignature):
    """zeep's own signature over Body and Timestamp; answers are faults here, and so not signed."""

    def apply(self, envelope: etree._Element, headers: Any) -> Any:
        """Sign a request, with the Timestamp that zeep leaves to the caller."""
        timestamp = SubElement(get_security_header(envelope), QName(WSU, "Timestamp"))
        SubElement(timestamp, QName(WSU, "Created")).text = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return super().apply(envelope, headers)

    def verify(self, envelope: etree._Element) -> etree._Element:
        """Leave it."""
        return envelope


class Vendor:
    """One party with its certificate folder."""

    def __init__(self, base: str, folder: Path) -> None:
        self._base, self._folder = base, folder
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cert = (str(folder / "client.pem"), str(folder / "client.key"))
        self._session.verify = str(folder / "ca.pem")
        self._session.hooks["response"].append(self._keep)
        self._authorities = x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())
        self.last = b""

    def _keep(self, response: requests.Response, **_: Any) -> None:
        self.last = response.content

    def service(self, path: str, security: Any) -> Any:
        """zeep's service behind a path, on the WSDL that is served there."""
        client = zeep.Client(
            f"{self._base}{path}?wsdl",
            transport=zeep.Transport(session=self._session),
            wsse=security,
            plugins=[zeep.wsa.WsAddressingPlugin()],
        )
        (binding,) = client.wsdl.bindings
        return client.create_service(binding, self._base + path)

    def signing(self, path: str, sha: str) -> Any:
        """The same, with everything signed."""
        return self.service(path, SignEverything(self._folder, sha))

    def stock(self, path: str) -> Any:
        """The same, with zeep's own signature."""
        key, certificate = str(self._folder / "client.key"), str(self._folder / "client.pem")
        return self.service(path, Stock(key, certificate, signature_method=xmlsec.Transform.RSA_SHA256))

    def signed(self, raw: bytes) -> dict[str, Any]:
        """What of an answer is signed by a certificate of the simulator's authority; raises if nothing is."""
        root = etree.fromstring(raw)
        header, body = root.find(QName(SOAP, "Header")), root.find(QName(SOAP, "Body"))
        security = header.find(QName(WSSE, "Security"))
        token = base64.b64decode(security.findtext(QName(WSSE, "BinarySecurityToken")))
        self._trust(x509.load_der_x509_certificate(token))

        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(token, xmlsec.KeyFormat.CERT_DER)
        parts = {}
        for part in (*header, security.find(QName(WSU, "Timestamp")), body):
            if part is not security:
                context.register_id(part, "Id", WSU)
                parts["#" + part.get(QName(WSU, "Id"))] = QName(part).localname
        signature = security.find(QName(DS, "Signature"))
        context.verify(signature)
        return {
            "covered": [parts[one.get("URI")] for one in signature.iter(QName(DS, "Reference"))],
            "algorithms": {
                "signature": next(signature.iter(QName(DS, "SignatureMethod"))).get("Algorithm"),
                "digests": sorted(
                    {one.get("Algorithm") for one in signature.iter(QName(DS, "DigestMethod"))}
                ),
            },
        }

    def tampered(self, raw: bytes) -> str:
        """xmlsec's word on an answer with one attribute too many."""
        try:
            self.signed(raw.replace(b"<wsa:RelatesTo", b'<wsa:RelatesTo a="b"'))
        except xmlsec.Error as error:
            return str(error)
        return ""

    def _trust(self, certificate: x509.Certificate) -> None:
        if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
            raise ValueError(f"{certificate.subject} is not valid now")
        issuer = next(self._issuers(certificate), None)
        if issuer is None:
            raise ValueError(f"{certificate.subject} comes from an authority that is not known")
        if issuer != certificate:
            self._trust(issuer)

    def _issuers(self, certificate: x509.Certificate) -> Iterator[x509.Certificate]:
        for authority in self._authorities:
            try:
                certificate.verify_directly_issued_by(authority)
            except (ValueError, InvalidSignature):
                continue
            yield authority


def delivery(content: bytes, berichtsoort: str, aanleverkenmerk: str) -> dict[str, Any]:
    """The fields of an aanleverRequest."""
    return {
        "berichtsoort": berichtsoort,
        "aanleverkenmerk": aanleverkenmerk,
        "identiteitBelanghebbende": {"nummer": "001000044B37", "type": "Fi"},
        "rolBelanghebbende": "Intermediair",
        "berichtInhoud": {"mimeType": "text/xml", "bestandsnaam": "ob.xbrl", "inhoud": content},
        "autorisatieAdres": GEEN_AUSP,
    }


def fault(service: Any, content: bytes, berichtsoort: str) -> dict[str, str]:
    """The typed detail of the fault that this delivery gets."""
    try:
        service.aanleveren(**delivery(content, berichtsoort, "fault"))
    except zeep.exceptions.Fault as error:
        return {QName(one).localname: one.text for one in error.detail[0]}
    return {}


def statuses(service: Any, operation: str, kenmerk: str) -> list[str]:
    """The status codes of a process."""
    rows = service[operation](kenmerk=kenmerk, autorisatieAdres=GEEN_AUSP)
    return [row.statuscode for row in rows or ()]


def final_statuses(service: Any, kenmerk: str) -> list[str]:
    """The status codes of a process when it has come to its end."""
    until = time.monotonic() + 20
    while "500" not in (codes := statuses(service, "getStatussenProces", kenmerk)):
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    return codes


def run(vendor: Vendor, sha: str, content: bytes) -> dict[str, Any]:
    """The vendor's day, with these algorithms."""
    aanleveren = vendor.signing("/wus/2.0/aanleverservice/1.2", sha)
    kenmerk = aanleveren.aanleveren(**delivery(content, "Omzetbelasting", f"zeep-{sha}")).kenmerk
    answer = vendor.last
    stub = vendor.signing("/cpl/aanleverservice/1.2", sha)
    status = vendor.signing("/wus/2.0/statusinformatieservice/1.2", sha)
    return {
        "kenmerk": kenmerk,
        "stubKenmerk": stub.aanleveren(**delivery(content, "Omzetbelasting", "Happyflow")).kenmerk,
        **vendor.signed(answer),
        "tampered": vendor.tampered(answer),
        "statuses": final_statuses(status, kenmerk),
        "new": statuses(status, "getNieuweStatussenProces", kenmerk),
        "newAgain": statuses(status, "getNieuweStatussenProces", kenmerk),
        "statusCovered": vendor.signed(vendor.last)["covered"],
        "fault": fault(aanleveren, content, "Onbestaand"),
    }


def refusal(base: str, folder: Path) -> str:
    """What the TLS library says."""
    try:
        Vendor(base, folder).signing("/wus/2.0/aanleverservice/1.2", "sha1")
    except requests.exceptions.RequestException as error:
        return str(error)
    return ""


def main(base: str, folder: str, revoked: str, file: str) -> None:
    """Print the report."""
    vendor, content = Vendor(base, Path(folder)), Path(file).read_bytes()
    report: dict[str, Any] = {sha: run(vendor, sha, content) for sha in ALGORITHMS}
    report["stock"] = fault(vendor.stock("/wus/2.0/aanleverservice/1.2"), content, "Omzetbelasting")
    report["refused"] = refusal(base, Path(revoked))
    print(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
