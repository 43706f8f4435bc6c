"""The file with the CRLs of all CAs: when it is due, when the next one starts, and what to revoke."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from digipoort_sim.errors import ConfigError, NotFoundError
from digipoort_sim.pki.certificate import load_certificates
from digipoort_sim.pki.folder import PkiPaths
from digipoort_sim.pki.profile import Profile

_MARK = b"-----BEGIN X509 CRL-----"


def pem(lists: Iterable[x509.CertificateRevocationList]) -> bytes:
    """CRLs as PEM, one after the other."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in lists)


def load(path: Path) -> list[x509.CertificateRevocationList]:
    """The CRLs of a PEM file; none when the file is missing or damaged, so that it is made anew."""
    try:
        parts = path.read_bytes().split(_MARK)[1:]
        return [x509.load_pem_x509_crl(_MARK + part) for part in parts]
    except (OSError, ValueError):
        return []


def is_due(paths: PkiPaths, profile: Profile, latest: datetime, revoked: int) -> bool:
    """Whether the CRLs must be made anew: missing, a day old, or without the last revocation.

    Args:
        revoked: how many certificates are revoked.
        latest: the latest of all clocks.
    """
    lists = load(paths.crl_file)
    if len(lists) != len(profile.cas):
        return True
    ends = [one.next_update_utc for one in lists if one.next_update_utc is not None]
    if not ends or min(ends) - latest < profile.crl_valid - profile.crl_renew:
        return True
    return len(lists[-1]) != revoked


def next_start(paths: PkiPaths, wanted: datetime) -> datetime:
    """The thisUpdate of the next CRLs: as wanted, but later than that of the present ones.

    OpenSSL, given two CRLs of one CA in a running context, takes the one with the later thisUpdate.
    """
    starts = [one.last_update_utc for one in load(paths.crl_file)]
    return max([wanted, *(start + timedelta(seconds=1) for start in starts)])


def serial_of(serial_or_file: str | Path) -> int:
    """The serial number that a user means by a number in hex or by a certificate file.

    Raises:
        NotFoundError: it is neither.
    """
    path = Path(serial_or_file)
    try:
        if path.is_file():
            return load_certificates(path)[0].serial_number
        return int(str(serial_or_file).replace(":", ""), 16)
    except (ConfigError, ValueError, OSError):
        raise NotFoundError(
            f"{str(serial_or_file)[:200]!r} is neither a serial number in hex nor a certificate file",
            rule="PKI-UNKNOWN-SERIAL",
        ) from None
