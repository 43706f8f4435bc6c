"""Every rule of the signer's certificate by itself, and what is unusual about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, cast

from cryptography import x509

from digipoort_sim.clock import wire_time
from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.pki import Revocations, Trust, VerifiedCertificate
from digipoort_sim.pki.certificate import load_certificates, serial_text
from digipoort_sim.pki.chain import find_path, folded, key_objection
from digipoort_sim.pki.facts import Facts, read_facts
from digipoort_sim.pki.folder import PkiPaths
from digipoort_sim.pki.oin import Oin
from digipoort_sim.wus.explaining.profile import judge_profile
from digipoort_sim.wus.explaining.tally import Tally

_OIN_RULES = ("OIN-MISSING", "OIN-AMBIGUOUS", "OIN-LENGTH", "OIN-PREFIX", "OIN-MAIN", "OIN-SUFFIX")
_OWN_RULES = (
    "CERT-IS-A-CA",
    "CERT-WEAK-KEY",
    "CERT-ALGORITHM",
    "CERT-KEY-USAGE",
    "CERT-PURPOSE",
    "CERT-CRITICAL",
)
_PATH_RULES = (
    "CERT-LOOKALIKE",
    "CERT-UNKNOWN-ISSUER",
    "CERT-SIGNATURE",
    "CERT-NOT-A-CA",
    "CERT-PATH-LENGTH",
)
_TIME_RULES = ("CERT-NOT-YET-VALID", "CERT-EXPIRED")
_REVOKED = "CERT-REVOKED"
CERTIFICATE_RULES = ("CERT-MALFORMED", *_OWN_RULES, *_PATH_RULES, *_OIN_RULES, *_TIME_RULES)
"""The rules of a certificate that always apply."""

_NO_TRUST = "no CA is trusted: neither --trust was given nor does the state directory hold a TRIAL authority"
_PEM_CRL = b"-----BEGIN X509 CRL-----"
_MOST_CRL_BYTES = 64 * 1024 * 1024


class Verdicts(Protocol):
    """The part of `pki.Trust` that the door's judge uses."""

    def verify(
        self,
        leaf: x509.Certificate | bytes,
        intermediates: Sequence[x509.Certificate | bytes] = (),
        *,
        at: datetime,
    ) -> VerifiedCertificate:
        """Judge a certificate; see `Trust.verify`."""
        ...


class _Nobody:
    """Trust without any CA."""

    def verify(
        self,
        leaf: x509.Certificate | bytes,
        intermediates: Sequence[x509.Certificate | bytes] = (),
        *,
        at: datetime,
    ) -> VerifiedCertificate:
        raise AuthenticationRefusal(_NO_TRUST, rule="CERT-UNKNOWN-ISSUER")


@dataclass(frozen=True)
class CrlSet:
    """Revocation by CRL files, in the form that `Trust` asks."""

    serials: frozenset[int]

    def is_revoked(self, serial: int) -> bool:
        """Whether a certificate stands on one of the CRLs."""
        return serial in self.serials


@dataclass(frozen=True)
class Anchors:
    """What certificates are judged by.

    Attributes:
        certificates: the CA certificates that are trusted; none if there is no trust.
        crls: what was revoked; None if no CRL was given.
        trust: judges as the door does.
    """

    certificates: tuple[x509.Certificate, ...]
    crls: CrlSet | None
    trust: Verdicts

    @classmethod
    def of(cls, certificates: tuple[x509.Certificate, ...], crls: CrlSet | None = None) -> Anchors:
        """Trust in these CAs; nobody is trusted if there are none.

        Raises:
            ConfigError: there is no self-signed root among them.
        """
        if not certificates:
            return cls((), crls, _Nobody())
        return cls(certificates, crls, Trust(certificates, cast("Revocations | None", crls)))

    @classmethod
    def read(cls, trust: Sequence[Path], crls: Sequence[Path], state: Path) -> Anchors:
        """Trust in the CAs of files, else in the authority of a state directory if it has one.

        Raises:
            ConfigError: a file cannot be read, or a CRL is not of one of the CAs.
        """
        files = list(trust)
        authority = PkiPaths(state / "pki").ca_file
        if not files and authority.is_file():
            files = [authority]
        certificates = tuple(one for file in files for one in load_certificates(file))
        return cls.of(certificates, _read_crls(crls, certificates) if crls else None)


def _read_crls(files: Sequence[Path], cas: Sequence[x509.Certificate]) -> CrlSet:
    serials: set[int] = set()
    for file in files:
        for crl in _crls_of(file):
            if not any(_is_of(crl, ca) for ca in cas):
                issuer = crl.issuer.rfc4514_string()
                raise ConfigError(f"{file}: no trusted CA made the CRL of {issuer}", rule="EXPLAIN-CRL")
            serials.update(one.serial_number for one in crl)
    return CrlSet(frozenset(serials))


def _crls_of(file: Path) -> list[x509.CertificateRevocationList]:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_CRL_BYTES)
        if _PEM_CRL in content:
            return [x509.load_pem_x509_crl(_PEM_CRL + part) for part in content.split(_PEM_CRL)[1:]]
        return [x509.load_der_x509_crl(content)]
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}", rule="EXPLAIN-CRL") from None
    except ValueError:
        raise ConfigError(f"{file} holds no CRL that can be read", rule="EXPLAIN-CRL") from None


def _is_of(crl: x509.CertificateRevocationList, ca: x509.Certificate) -> bool:
    try:
        return crl.issuer == ca.subject and crl.is_signature_valid(ca.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def judge_certificate(der: bytes | None, anchors: Anchors, at: datetime, tally: Tally) -> None:
    """Judge the certificate of a token by every rule of its own."""
    revocation = () if anchors.crls is None else (_REVOKED,)
    tally.apply(*CERTIFICATE_RULES, *revocation)
    if der is None:
        tally.blocked((*CERTIFICATE_RULES, *revocation), "there is no certificate that can be read")
        return
    leaf = tally.attempt(lambda: read_facts(der))
    if leaf is None:
        tally.blocked((*CERTIFICATE_RULES, *revocation), "the certificate cannot be read")
        return
    tally.good("CERT-MALFORMED", f"{leaf.subject}, issued by {leaf.certificate.issuer.rfc4514_string()}")
    _judge_own(leaf, tally)
    _judge_oin(leaf, tally)
    _judge_time(_judge_path(leaf, anchors, tally), at, tally)
    _judge_revocation(leaf, anchors, tally)
    judge_profile(leaf, tally)


def _judge_own(leaf: Facts, tally: Tally) -> None:
    oid = leaf.certificate.signature_algorithm_oid.dotted_string
    objection = key_objection(leaf)
    objections = {
        "CERT-IS-A-CA": "It is the certificate of a CA (CA:TRUE)." if leaf.is_ca else "",
        "CERT-WEAK-KEY": f"It {objection}." if objection else "",
        "CERT-ALGORITHM": "" if leaf.good_signature_algorithm() else f"It is signed with {oid}.",
        "CERT-KEY-USAGE": "" if leaf.signs else "Its keyUsage lacks digitalSignature.",
        "CERT-PURPOSE": "" if leaf.for_clients else "Its extendedKeyUsage lacks clientAuth.",
        "CERT-CRITICAL": f"It has critical extensions {leaf.unknown_critical} that are not known."
        if leaf.unknown_critical
        else "",
    }
    for rule, text in objections.items():
        if text:
            tally.bad(rule, text)
        tally.good(rule)


def _judge_oin(leaf: Facts, tally: Tally) -> None:
    numbers = leaf.serial_numbers
    if not numbers:
        tally.bad("OIN-MISSING", f"The subject {leaf.subject!r} has no serialNumber.")
        tally.blocked(_OIN_RULES, "there is no serialNumber in the subject")
        return
    tally.good("OIN-MISSING", numbers[0][:60])
    if len(numbers) > 1:
        tally.bad("OIN-AMBIGUOUS", f"The subject {leaf.subject!r} has {len(numbers)} serialNumbers.")
        tally.blocked(_OIN_RULES, "the subject has more than one serialNumber")
        return
    if tally.attempt(lambda: Oin.parse(numbers[0])) is None:
        tally.good("OIN-AMBIGUOUS")
        tally.blocked(_OIN_RULES, "another rule of the OIN is broken")
        return
    for rule in _OIN_RULES:
        tally.good(rule, numbers[0])


def _judge_path(leaf: Facts, anchors: Anchors, tally: Tally) -> tuple[Facts, ...]:
    """Judge the way up to a root; gives it, or the certificate alone if there is none."""
    if not anchors.certificates:
        tally.bad("CERT-UNKNOWN-ISSUER", f"{_NO_TRUST[0].upper()}{_NO_TRUST[1:]}.", "a trusted CA")
        tally.blocked(_PATH_RULES, "no CA is trusted")
        return (leaf,)
    cas = [read_facts(one) for one in anchors.certificates]
    if folded(leaf.name) in {folded(one.name) for one in cas}:
        tally.bad("CERT-LOOKALIKE", f"The certificate bears the name {leaf.subject!r} of a CA.")
    roots = [one for one in cas if one.is_self_issued and one.is_signed_by(one)]
    path = tally.attempt(lambda: find_path(leaf, roots, [one for one in cas if one not in roots]))
    if path is None:
        tally.blocked(_PATH_RULES, "there is no path to a trusted root")
        return (leaf,)
    for rule in _PATH_RULES:
        tally.good(rule, " < ".join(one.subject for one in path))
    return path


def _judge_time(path: tuple[Facts, ...], at: datetime, tally: Tally) -> None:
    for one in path:
        if at < one.not_before:
            tally.bad(
                "CERT-NOT-YET-VALID",
                f"{one.subject!r} is valid from {wire_time(one.not_before)}; judged at {wire_time(at)}.",
            )
        if at > one.not_after:
            tally.bad(
                "CERT-EXPIRED",
                f"{one.subject!r} was valid until {wire_time(one.not_after)}; judged at {wire_time(at)}.",
            )
    for rule in _TIME_RULES:
        tally.good(rule, f"valid from {wire_time(path[0].not_before)} until {wire_time(path[0].not_after)}")


def _judge_revocation(leaf: Facts, anchors: Anchors, tally: Tally) -> None:
    if anchors.crls is None:
        return
    if anchors.crls.is_revoked(leaf.serial):
        tally.bad(_REVOKED, f"The certificate {serial_text(leaf.serial)} stands on the CRL.")
    tally.good(_REVOKED, f"{serial_text(leaf.serial)} stands on no CRL that was given")
