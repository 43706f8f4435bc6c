"""The verdict on a client or signing certificate."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from digipoort_sim.clock import wire_time
from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.pki.certificate import load_certificates, serial_text
from digipoort_sim.pki.chain import find_path, folded, key_objection
from digipoort_sim.pki.facts import Facts, read_facts
from digipoort_sim.pki.ledger import Revocations
from digipoort_sim.pki.oin import Oin

if TYPE_CHECKING:
    from digipoort_sim.pki.authority import Authority

_MOST_REMEMBERED = 1024
_MOST_INTERMEDIATES = 8


@dataclass(frozen=True)
class VerifiedCertificate:
    """A certificate that was found good.

    Attributes:
        oin: from the serialNumber of the subject.
        der: the certificate itself.
        sha1: fingerprint, lower-case hex.
        sha256: fingerprint, lower-case hex.
        subject: the subject's name as one line.
        organisation: the O of the subject, else its CN.
        serial: the serial number in upper-case hex, as in the listing of certificates.
        serial_number: the same as a number.
        not_after: its last moment.
        public_key: its key, for signatures that it made.
    """

    oin: Oin
    der: bytes
    sha1: str
    sha256: str
    subject: str
    organisation: str
    serial: str
    serial_number: int
    not_after: datetime
    public_key: RSAPublicKey


@dataclass(frozen=True)
class _Remembered:
    """A good certificate with what must be asked anew each time: the time and its revocation."""

    verified: VerifiedCertificate
    path: tuple[Facts, ...]
    not_before: datetime
    not_after: datetime


class Trust:
    """Judges certificates by a set of trusted CAs.

    A certificate that was found good is remembered; its time and revocation are judged at every call.
    Safe for many threads.

    Args:
        certificates: CA certificates; the self-signed ones are the roots.
        revocations: what the CAs revoked; None when that is not known.

    Raises:
        ConfigError: there is no root among them, or one cannot be read.
    """

    def __init__(
        self, certificates: Iterable[x509.Certificate], revocations: Revocations | None = None
    ) -> None:
        try:
            cas = [read_facts(certificate) for certificate in certificates]
        except AuthenticationRefusal as refusal:
            raise ConfigError(f"a trusted CA is no good: {refusal.detail}", rule=refusal.rule) from None
        self._anchors = [one for one in cas if one.is_self_issued and one.is_signed_by(one)]
        if not self._anchors:
            raise ConfigError("there is no self-signed root among the trusted CAs", rule="PKI-NO-ROOT")
        self._others = [one for one in cas if one not in self._anchors]
        self._ca_names = {folded(one.name) for one in cas}
        self._revocations = revocations
        self._known: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def from_authority(cls, authority: Authority) -> Trust:
        """Trust in the authority of a state directory, its revocations included."""
        return cls(authority.ca_certificates, authority.revocations)

    @classmethod
    def from_pem(cls, path: Path) -> Trust:
        """Trust in the CAs of a PEM file, such as a client's ``ca.pem``; revocation is not known.

        Raises:
            ConfigError: the file cannot be read or holds no root.
        """
        return cls(load_certificates(path))

    def verify(
        self,
        leaf: x509.Certificate | bytes,
        intermediates: Sequence[x509.Certificate | bytes] = (),
        *,
        at: datetime,
    ) -> VerifiedCertificate:
        """Judge an end certificate for use by a client or for signing.

        Args:
            leaf: the certificate, also as DER.
            intermediates: CA certificates that came with it, beside the known ones; at most 8 count.
            at: the time of judgement: that of the security clock.

        Raises:
            AuthenticationRefusal: it is not good; ``rule`` (``CERT-...`` or ``OIN-...``) tells why.
        """
        der = leaf if isinstance(leaf, bytes) else leaf.public_bytes(serialization.Encoding.DER)
        remembered = self._recall(der)
        if remembered is None:
            remembered = self._judge(read_facts(der), intermediates)
            self._remember(der, remembered)
        if not remembered.not_before <= at <= remembered.not_after:
            raise _untimely(remembered.path, at)
        number = remembered.verified.serial_number
        if self._revocations is not None and self._revocations.is_revoked(number):
            raise AuthenticationRefusal(
                f"certificate {remembered.verified.serial} ({remembered.verified.subject}) is revoked",
                rule="CERT-REVOKED",
            )
        return remembered.verified

    def _recall(self, der: bytes) -> _Remembered | None:
        with self._lock:
            remembered = self._known.get(der)
            if remembered is not None:
                self._known.move_to_end(der)
            return remembered

    def _remember(self, der: bytes, remembered: _Remembered) -> None:
        with self._lock:
            self._known[der] = remembered
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)

    def _judge(self, leaf: Facts, intermediates: Sequence[x509.Certificate | bytes]) -> _Remembered:
        key = _check_leaf(leaf)
        if folded(leaf.name) in self._ca_names:
            raise AuthenticationRefusal(
                f"the certificate bears the name {leaf.subject!r} of a CA", rule="CERT-LOOKALIKE"
            )
        given = [read_facts(one) for one in intermediates[:_MOST_INTERMEDIATES]]
        path = find_path(leaf, self._anchors, self._others, given)
        return _Remembered(
            verified=_verified(leaf, key, _oin(leaf)),
            path=path,
            not_before=max(one.not_before for one in path),
            not_after=min(one.not_after for one in path),
        )


def _check_leaf(leaf: Facts) -> RSAPublicKey:
    """What an end certificate must have of its own; gives its key."""
    shown = f"the certificate {leaf.subject!r}"
    if leaf.is_ca:
        raise AuthenticationRefusal(f"{shown} is one of a CA (CA:TRUE)", rule="CERT-IS-A-CA")
    if leaf.public_key is None or key_objection(leaf):
        raise AuthenticationRefusal(f"{shown} {key_objection(leaf)}", rule="CERT-WEAK-KEY")
    if not leaf.good_signature_algorithm():
        oid = leaf.certificate.signature_algorithm_oid.dotted_string
        raise AuthenticationRefusal(
            f"{shown} is signed with {oid}; RSA (PKCS#1 v1.5) with SHA-256, -384 or -512 is accepted",
            rule="CERT-ALGORITHM",
        )
    if not leaf.signs:
        raise AuthenticationRefusal(f"{shown} lacks keyUsage digitalSignature", rule="CERT-KEY-USAGE")
    if not leaf.for_clients:
        raise AuthenticationRefusal(f"{shown} lacks extendedKeyUsage clientAuth", rule="CERT-PURPOSE")
    if leaf.unknown_critical:
        raise AuthenticationRefusal(
            f"{shown} has critical extensions {leaf.unknown_critical} that are not known",
            rule="CERT-CRITICAL",
        )
    return leaf.public_key


def _oin(leaf: Facts) -> Oin:
    """The OIN of a certificate: the one and only serialNumber of its subject."""
    if not leaf.serial_numbers:
        raise AuthenticationRefusal(
            f"the subject {leaf.subject!r} has no serialNumber with an OIN", rule="OIN-MISSING"
        )
    if len(leaf.serial_numbers) > 1:
        raise AuthenticationRefusal(
            f"the subject {leaf.subject!r} has more than one serialNumber", rule="OIN-AMBIGUOUS"
        )
    return Oin.parse(leaf.serial_numbers[0])


def _verified(leaf: Facts, key: RSAPublicKey, oin: Oin) -> VerifiedCertificate:
    return VerifiedCertificate(
        oin=oin,
        der=leaf.der,
        sha1=hashlib.sha1(leaf.der, usedforsecurity=False).hexdigest(),
        sha256=leaf.sha256,
        subject=leaf.subject,
        organisation=leaf.organisation,
        serial=serial_text(leaf.serial),
        serial_number=leaf.serial,
        not_after=leaf.not_after,
        public_key=key,
    )


def _untimely(path: tuple[Facts, ...], at: datetime) -> AuthenticationRefusal:
    """Which certificate of the path is not valid at this time."""
    one = next(one for one in path if not one.not_before <= at <= one.not_after)
    if at < one.not_before:
        return AuthenticationRefusal(
            f"{one.subject!r} is valid from {wire_time(one.not_before)}, it is {wire_time(at)} now",
            rule="CERT-NOT-YET-VALID",
        )
    return AuthenticationRefusal(
        f"{one.subject!r} was valid until {wire_time(one.not_after)}, it is {wire_time(at)} now",
        rule="CERT-EXPIRED",
    )
