"""Requests captured from real client stacks get the right verdicts, at the clock of their Timestamp."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from digipoort_sim.config import WusSettings
from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.wus import addressing, envelope, multipart, names, rawhttp
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.verification import VerificationOptions, verify

WIRE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "wire"
pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="the wire samples are not beside this checkout")
SAMPLES = sorted(path.stem for path in WIRE.glob("*.http"))
GOOD = [name for name in SAMPLES if "stock" not in name]


def _request(name: str) -> rawhttp.RawRequest:
    return rawhttp.read((WIRE / f"{name}.http").read_bytes())


def _envelope(request: rawhttp.RawRequest) -> envelope.Envelope:
    content_type = request.header("Content-Type") or ""
    if multipart.is_multipart(content_type):
        return envelope.read(multipart.parse_inlined(content_type, request.body, 10))
    return envelope.read(parse(request.body))


def test_all_samples_are_here() -> None:
    """The samples are the fourteen that are known, two of which are to be refused."""
    assert len(SAMPLES) == 14
    assert len(GOOD) == 12


@pytest.mark.parametrize("name", GOOD)
def test_accepted(name: str) -> None:
    """Signature, coverage, addressing and freshness are all good; the certificate is the samples' CA's."""
    request = _request(name)
    service, _ = names.PATHS[request.path]
    read = _envelope(request)
    verified = verify(read)
    operation = addressing.check(read, service, request.header("SOAPAction"))
    assert operation.name == name.rpartition("-")[2] or "aanleveren" in name or "xop" in name
    assert addressing.check_freshness(read, read.created, WusSettings()) > read.created
    certificate = x509.load_der_x509_certificate(verified.certificate_der)
    authority = x509.load_pem_x509_certificate((WIRE / "ca.pem").read_bytes())
    assert certificate.signature_hash_algorithm is not None
    authority.public_key().verify(  # type: ignore[union-attr, call-arg]
        certificate.signature,
        certificate.tbs_certificate_bytes,
        PKCS1v15(),
        certificate.signature_hash_algorithm,
    )


@pytest.mark.parametrize(
    ("name", "uncovered"),
    [
        ("zeep-stock-only-body-and-timestamp-signed", "wsa:Action, wsa:MessageID, wsa:To"),
        ("node-soap-stock-sha256-no-wsa-signed", "wsa:Action, wsa:MessageID, wsa:ReplyTo, wsa:To"),
    ],
)
def test_stock_clients_are_refused(name: str, uncovered: str) -> None:
    """What libraries sign out of the box is not enough; the refusal names exactly what is not covered."""
    with pytest.raises(AuthenticationRefusal) as caught:
        verify(_envelope(_request(name)))
    assert caught.value.rule == "WSS-COVERAGE"
    assert f"does not cover {uncovered}." in caught.value.detail


def test_unqualified_ids_can_be_switched_off() -> None:
    """The sample with unqualified Ids is refused when the switch is off."""
    read = _envelope(_request("node-soap-unqualified-Id-aanleveren"))
    with pytest.raises(AuthenticationRefusal, match="use wsu:Id on soap:Body, wsu:Timestamp, wsa:Action"):
        verify(read, VerificationOptions(accept_unqualified_id=False))
