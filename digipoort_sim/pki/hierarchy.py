"""The CA certificates of a hierarchy, from new keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from digipoort_sim.pki import build
from digipoort_sim.pki.profile import CaProfile, Profile

_LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def generate_keys(bits: Sequence[int]) -> list[rsa.RSAPrivateKey]:
    """New RSA keys of these lengths, made in threads at once: OpenSSL lets go of the interpreter."""
    from concurrent.futures import ThreadPoolExecutor  # not needed where the keys exist

    with ThreadPoolExecutor(len(bits)) as pool:
        return list(pool.map(lambda length: rsa.generate_private_key(65537, length), bits))


def later(moment: datetime, more: timedelta) -> datetime:
    """A later moment, at most the last one that a certificate can tell."""
    return moment + more if _LAST_MOMENT - moment > more else _LAST_MOMENT


def make_hierarchy(
    profile: Profile,
    keys: Sequence[rsa.RSAPrivateKey],
    times: tuple[datetime, datetime],
    new_serial: Callable[[], int],
) -> list[x509.Certificate]:
    """The CA certificates of a profile: root, intermediate and TSP CA.

    Args:
        keys: one for each CA.
        times: the earliest and the latest of all clocks.
        new_serial: gives a serial number.
    """
    certificates = []
    issuer, issuer_key = profile.cas[0], keys[0]
    for ca, key in zip(profile.cas, keys, strict=True):
        plan = ca_plan(
            profile, (ca, key.public_key()), (issuer, issuer_key.public_key()), times, new_serial()
        )
        certificates.append(plan.signed_by(issuer_key))
        issuer, issuer_key = ca, key
    return certificates


def ca_plan(
    profile: Profile,
    ca: tuple[CaProfile, rsa.RSAPublicKey],
    issuer: tuple[CaProfile, rsa.RSAPublicKey],
    times: tuple[datetime, datetime],
    serial: int,
) -> build.CertificatePlan:
    """The fields of a CA certificate, that of the issuer or another's."""
    earliest, latest = times
    start = datetime.combine(profile.ca_from, time(), UTC)
    row, key = ca
    return build.CertificatePlan(
        subject=build.ca_name(row),
        public_key=key,
        issuer=build.ca_name(issuer[0]),
        serial=serial,
        valid_from=min(start, earliest - profile.backdate),
        valid_to=later(latest, timedelta(days=365 * row.years)),
        extensions=build.ca_extensions(profile, row, key, *issuer),
    )
