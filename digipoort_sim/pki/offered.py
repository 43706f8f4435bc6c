"""The certificates that somebody showed in a TLS handshake, good or bad, in words for a person."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from digipoort_sim.clock import wire_time
from digipoort_sim.pki.certificate import serial_text
from digipoort_sim.pki.facts import MOST_BYTES, shown_name

_MESSAGE_HEAD = 4
_MOST_CERTIFICATES = 10
_LONGEST_NAME = 400
_MOST_KEPT = 64 * 1024
_CERTIFICATE_REQUIRED = 116  # the one that ssl.AlertDescription does not know


@dataclass(frozen=True)
class Shown:
    """One certificate that was shown; what cannot be read is empty.

    Attributes:
        subject: as one line.
        issuer: as one line.
        serial: upper-case hex.
        oin: the serialNumbers of the subject, which nobody has checked.
    """

    certificate: x509.Certificate | None
    subject: str = ""
    issuer: str = ""
    serial: str = ""
    oin: str = ""


def certificates_in(message: bytes, *, is_tls13: bool) -> tuple[bytes, ...]:
    """The certificates in a handshake message of type Certificate, as DER; at most ten."""
    at = _MESSAGE_HEAD
    if is_tls13:
        at += 1 + (message[at] if len(message) > at else 0)
    at += 3
    found: list[bytes] = []
    while at + 3 <= len(message) and len(found) < _MOST_CERTIFICATES:
        size = int.from_bytes(message[at : at + 3])
        der = message[at + 3 : at + 3 + size]
        if not 0 < len(der) == size <= MOST_BYTES:
            break
        found.append(der)
        at += 3 + size
        if is_tls13:
            at += 2 + int.from_bytes(message[at : at + 2])
    return tuple(found)


def alert_name(code: int) -> str:
    """The name of an alert as RFC 8446 writes it, such as ``unknown_ca``."""
    if code == _CERTIFICATE_REQUIRED:
        return "certificate_required"
    try:
        return ssl.AlertDescription(code).name.removeprefix("ALERT_DESCRIPTION_").lower()
    except ValueError:
        return str(code)


def read_shown(der: bytes) -> Shown:
    """What a certificate says of itself; never fails."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        numbers = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        return Shown(
            certificate,
            shown_name(certificate.subject)[:_LONGEST_NAME],
            shown_name(certificate.issuer)[:_LONGEST_NAME],
            serial_text(certificate.serial_number),
            ", ".join(str(number.value)[:40] for number in numbers[:3]),
        )
    except (ValueError, x509.InvalidVersion):
        return Shown(None)


def describe(chain: Sequence[bytes]) -> str:
    """A chain in lines: subject, issuer, serial number, validity and OIN of each certificate."""
    if not chain:
        return "No certificate was offered, or none could be seen."
    lines = [f"Offered: {len(chain)} certificate{'s' if len(chain) > 1 else ''}."]
    lines += [f"{number}. {_line(der)}" for number, der in enumerate(chain, 1)]
    return "\n".join(lines)


def pem(chain: Iterable[bytes]) -> bytes:
    """A chain as PEM, unreadable certificates included, as far as it fits in 64 KiB.

    Anybody may offer anything, and it is kept.
    """
    kept = b""
    for der in chain:
        longer = kept + ssl.DER_cert_to_PEM_cert(der).encode("ascii")
        if len(longer) > _MOST_KEPT:
            break
        kept = longer
    return kept


def claimed_oin(chain: Sequence[bytes]) -> str:
    """The OIN that the first certificate claims to have; empty if it has none."""
    return read_shown(chain[0]).oin[:40] if chain else ""


def fingerprint_of(chain: Sequence[bytes]) -> str:
    """The SHA-256 fingerprint of the first certificate in lower-case hex; empty if there is none."""
    return hashlib.sha256(chain[0]).hexdigest() if chain else ""


def _line(der: bytes) -> str:
    shown = read_shown(der)
    if shown.certificate is None:
        return f"{len(der)} octets that are no readable certificate"
    return "; ".join(
        (
            f"subject {shown.subject or '(empty)'}",
            f"issuer {shown.issuer or '(empty)'}",
            f"serial number {shown.serial}",
            f"valid from {wire_time(shown.certificate.not_valid_before_utc)} "
            f"to {wire_time(shown.certificate.not_valid_after_utc)}",
            f"OIN {shown.oin or 'none'}",
        )
    )
