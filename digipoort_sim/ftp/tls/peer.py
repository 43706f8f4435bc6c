"""Who is at the other end of a session: the client certificate that TLS let through."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from digipoort_sim.exchange.values import Event
from digipoort_sim.pki import offered


@dataclass(frozen=True)
class Peer:
    """The certificate of a session's client.

    Attributes:
        serial: its serial number, by which it may be revoked.
        sha256: its fingerprint, lower-case hex.
        claimed_oin: the first serialNumber of its subject, checked by nobody; for events.
    """

    certificate: x509.Certificate
    der: bytes
    serial: int
    sha256: str
    claimed_oin: str


def peer_of(connection: SSL.Connection) -> Peer | None:
    """The peer of an established connection; None if it showed no certificate, or no readable one."""
    try:
        certificate = connection.get_peer_certificate(as_cryptography=True)
        if certificate is None:
            return None
        der = certificate.public_bytes(Encoding.DER)
        serial = certificate.serial_number
        return Peer(certificate, der, serial, hashlib.sha256(der).hexdigest(), _claimed_oin(certificate))
    except ValueError:
        return None


def chain_of(connection: SSL.Connection, peer: Peer) -> tuple[bytes, ...]:
    """All certificates that the client of an established connection offered, as DER, its own first.

    In a resumed session that is its own one alone.
    """
    try:
        above = connection.get_peer_cert_chain(as_cryptography=True) or []
        chain = tuple(one.public_bytes(Encoding.DER) for one in above)
    except ValueError:
        chain = ()
    return (peer.der, *(der for der in chain if der != peer.der))


def offering(event: Event, chain: Sequence[bytes]) -> Event:
    """An event with the certificates that the client offered, as DER."""
    return replace(
        event,
        oin=offered.claimed_oin(chain) or event.oin,
        certificate=offered.fingerprint_of(chain) or event.certificate,
        raw=offered.pem(chain) or None,
    )


def _claimed_oin(certificate: x509.Certificate) -> str:
    values = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(values[0].value)[:40] if values else ""
