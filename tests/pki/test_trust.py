"""The verdict on a certificate: every fault has its rule, good ones are remembered but judged anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from digipoort_sim.clock import RealClock
from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.pki import Authority, Oin, Trust, chain
from digipoort_sim.pki.bad import BAD_KINDS, make_bad
from digipoort_sim.pki.certificate import IssuedCertificate, load_certificates

NOW = RealClock().now()


@pytest.fixture(scope="module")
def trust(authority: Authority) -> Trust:
    """Trust in the shared authority."""
    return Trust.from_authority(authority)


@pytest.fixture(scope="module")
def client(authority: Authority) -> IssuedCertificate:
    """A good client certificate."""
    return authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")


def rule_of(trust: Trust, leaf: bytes, at: datetime = NOW, above: tuple[x509.Certificate, ...] = ()) -> str:
    """The rule by which a certificate is refused."""
    with pytest.raises(AuthenticationRefusal) as refusal:
        trust.verify(leaf, above, at=at)
    assert refusal.value.number == "110"
    assert refusal.value.detail
    return refusal.value.rule


def test_a_good_certificate_is_told_apart(trust: Trust, client: IssuedCertificate) -> None:
    """OIN, name, serial number, fingerprints and key are those of the certificate, as object and as DER."""
    verified = trust.verify(client.certificate, at=NOW)
    assert verified is trust.verify(client.der, at=NOW)
    assert verified.oin == Oin.from_kvk("12345678")
    assert verified.organisation == "Testbedrijf"
    assert "serialNumber=00000003123456780000" in verified.subject
    assert (verified.serial, verified.sha1, verified.sha256) == (client.serial, client.sha1, client.sha256)
    assert verified.public_key == client.key.public_key()
    assert verified.not_after == client.certificate.not_valid_after_utc


def test_a_client_trusts_the_service_certificate_by_its_ca_file(authority: Authority) -> None:
    """What a client gets as ca.pem is enough to judge the signer of answers."""
    trust = Trust.from_pem(authority.paths.ca_file)
    assert trust.verify(authority.service_identity().der, at=NOW).oin.kind == "test"


@pytest.mark.parametrize("kind", BAD_KINDS)
def test_every_bad_kind_is_refused_by_its_rule(authority: Authority, trust: Trust, kind: str) -> None:
    """Each certificate that is bad on purpose breaks exactly the rule that it was made to break."""
    bad = make_bad(authority, kind)
    assert rule_of(trust, bad.der, above=bad.chain) == BAD_KINDS[kind].rule
    assert rule_of(trust, bad.der) in {BAD_KINDS[kind].rule, "CERT-UNKNOWN-ISSUER"}


def test_a_bad_kind_that_is_not_known_is_the_users_error(authority: Authority) -> None:
    """The error lists the kinds."""
    with pytest.raises(ConfigError, match="expired"):
        make_bad(authority, "ugly")


def test_a_revoked_certificate_is_refused_although_it_was_remembered(
    authority: Authority, trust: Trust
) -> None:
    """Revocation works at the next call, also for a certificate that was found good before."""
    client = authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")
    trust.verify(client.der, at=NOW)
    authority.revoke(client.serial)
    assert rule_of(trust, client.der) == "CERT-REVOKED"
    assert rule_of(trust, make_bad(authority, "revoked").der) == "CERT-REVOKED"


def test_time_is_judged_at_every_call(trust: Trust, client: IssuedCertificate) -> None:
    """A remembered certificate is refused before its first and after its last moment, not on them."""
    first, last = client.certificate.not_valid_before_utc, client.certificate.not_valid_after_utc
    second = timedelta(seconds=1)
    assert trust.verify(client.der, at=first).serial == trust.verify(client.der, at=last).serial
    assert rule_of(trust, client.der, first - second) == "CERT-NOT-YET-VALID"
    assert rule_of(trust, client.der, last + second) == "CERT-EXPIRED"


def test_a_remembered_certificate_costs_no_signature_check(
    authority: Authority, client: IssuedCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is built once a certificate; a thousand others push it out."""
    built: list[object] = []
    find_path = chain.find_path
    monkeypatch.setattr(
        "digipoort_sim.pki.trust.find_path", lambda *args: built.append(args[0]) or find_path(*args)
    )
    trust = Trust.from_authority(authority)
    for _ in range(3):
        trust.verify(client.der, at=NOW)
    assert len(built) == 1
    monkeypatch.setattr("digipoort_sim.pki.trust._MOST_REMEMBERED", 1)
    trust.verify(authority.service_identity().der, at=NOW)
    trust.verify(client.der, at=NOW)
    assert len(built) == 3


def test_intermediates_that_come_along_are_used(authority: Authority, client: IssuedCertificate) -> None:
    """With only the root trusted, the chain in the message completes the path, in any order."""
    trust = Trust(authority.ca_certificates[:1])
    assert rule_of(trust, client.der) == "CERT-UNKNOWN-ISSUER"
    assert trust.verify(client.der, client.chain[::-1], at=NOW).oin.core == "12345678"


def test_a_forged_ca_of_the_same_name_does_not_stop_a_good_one(
    authority: Authority, client: IssuedCertificate
) -> None:
    """A look-alike among the certificates that came along is passed over."""
    forged = make_bad(authority, "same-names").chain
    trust = Trust(authority.ca_certificates[:1])
    assert trust.verify(client.der, (*forged, *client.chain), at=NOW).oin.core == "12345678"


def test_a_key_that_is_not_rsa_is_refused(
    authority: Authority, client: IssuedCertificate, trust: Trust
) -> None:
    """PKIoverheid G1 has RSA keys; another key cannot make the signatures that Digipoort checks."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(client.certificate.subject)
        .issuer_name(client.certificate.issuer)
        .public_key(ec.generate_private_key(ec.SECP256R1()).public_key())
        .serial_number(5)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    certificate = builder.sign(authority.ca_key("tsp"), hashes.SHA256())
    with pytest.raises(AuthenticationRefusal) as refusal:
        trust.verify(certificate, at=NOW)
    assert refusal.value.rule == "CERT-WEAK-KEY"


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_mangled_certificate_is_refused_and_nothing_else(
    trust: Trust, client: IssuedCertificate, data: st.DataObject
) -> None:
    """A byte changed, cut off or added anywhere gives a refusal, never another error."""
    der = client.der
    at = data.draw(st.integers(0, len(der) - 1))
    byte = bytes([der[at] ^ data.draw(st.integers(1, 255))])
    for mangled in (der[:at] + byte + der[at + 1 :], der[:at], der + byte):
        assert rule_of(trust, mangled)


def test_one_certificate_has_one_encoding(trust: Trust, authority: Authority) -> None:
    """The unsigned count of unused bits before the signature must be zero, whatever bits end it."""
    for _ in range(20):
        issued = authority.issue_client(Oin.from_test("1"), "Testbedrijf")
        if issued.certificate.signature[-1] % 2 == 0:
            break
    at = len(issued.der) - len(issued.certificate.signature) - 1
    assert rule_of(trust, issued.der[:at] + b"\x01" + issued.der[at + 1 :]) == "CERT-MALFORMED"


@pytest.mark.parametrize("der", [b"", b"\x30\x80", b"no certificate", b"\x30" * 40_000])
def test_what_is_no_certificate_is_refused(trust: Trust, der: bytes) -> None:
    """Bytes that are no certificate, or too many, are malformed."""
    assert rule_of(trust, der) == "CERT-MALFORMED"


def test_trust_needs_a_root(authority: Authority, tmp_path: Path) -> None:
    """A file without a self-signed CA, without certificates or that is not there is the user's error."""
    (tmp_path / "none.pem").write_text("nothing")
    for path in (authority.paths.ca_certificate("tsp"), tmp_path / "none.pem", tmp_path / "away.pem"):
        with pytest.raises(ConfigError):
            Trust.from_pem(path)


def test_the_root_and_other_cas_are_no_clients(authority: Authority, trust: Trust) -> None:
    """A CA certificate is refused as an end certificate."""
    for certificate in load_certificates(authority.paths.ca_file):
        with pytest.raises(AuthenticationRefusal) as refusal:
            trust.verify(certificate, at=datetime.now(UTC))
        assert refusal.value.rule == "CERT-IS-A-CA"
