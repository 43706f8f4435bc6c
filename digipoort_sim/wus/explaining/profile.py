"""What differs in a certificate from the profile of PKIoverheid G1 private; each is a warning only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from digipoort_sim.pki.facts import Facts
from digipoort_sim.wus.explaining.tally import Tally

POLICY = "2.16.528.1.1003.1.2.8.6"
"""The policy of organisations' certificates in PKIoverheid G1 private."""

PROFILE_RULES = (
    "PROFILE-POLICY",
    "PROFILE-CPS",
    "PROFILE-BASIC-CONSTRAINTS",
    "PROFILE-KEY-USAGE",
    "PROFILE-PURPOSE",
    "PROFILE-REVOCATION",
    "PROFILE-VALIDITY",
    "PROFILE-SUBJECT",
    "PROFILE-SAN",
)
_LONGEST = timedelta(days=3 * 366)
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


def judge_profile(leaf: Facts, tally: Tally) -> None:
    """Compare a certificate with the profile."""
    tally.apply(*PROFILE_RULES)
    for rule, warning in warnings(leaf.certificate):
        tally.warn(rule, warning)
    for rule in PROFILE_RULES:
        tally.good(rule)


def warnings(certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    """The profile's rules that a certificate does not keep, each with what was found."""
    yield from _policies(certificate)
    yield from _usages(certificate)
    if _found(certificate, x509.CRLDistributionPoints) is None and not _has_ocsp(certificate):
        yield "PROFILE-REVOCATION", "it names neither a CRL distribution point nor an OCSP responder"
    valid = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    if valid > _LONGEST:
        yield "PROFILE-VALIDITY", f"it is valid for {valid.days} days, more than three years"
    names = {attribute.oid for attribute in certificate.subject}
    wanted = {"C": NameOID.COUNTRY_NAME, "O": NameOID.ORGANIZATION_NAME, "CN": NameOID.COMMON_NAME}
    missing = [name for name, oid in wanted.items() if oid not in names]
    if missing:
        yield "PROFILE-SUBJECT", f"its subject has no {', '.join(missing)}"
    if _is_for_a_host(certificate) and _no_names(certificate):
        yield "PROFILE-SAN", "it is that of a host (its CN), but has no subjectAltName with a DNS name"


def _policies(certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    extension = _found(certificate, x509.CertificatePolicies)
    policies = list(extension.value) if extension else []
    shown = ", ".join(one.policy_identifier.dotted_string for one in policies[:10]) or "none"
    if all(one.policy_identifier.dotted_string != POLICY for one in policies):
        yield "PROFILE-POLICY", f"its certificate policies are: {shown}"
    if not any(isinstance(text, str) for one in policies for text in one.policy_qualifiers or ()):
        yield "PROFILE-CPS", "its certificate policies name no CPS"


def _usages(certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    basic = _found(certificate, x509.BasicConstraints)
    if basic is None or not basic.critical:
        yield "PROFILE-BASIC-CONSTRAINTS", "basicConstraints is " + ("not critical" if basic else "missing")
    usage = _found(certificate, x509.KeyUsage)
    if usage is None or not usage.critical or not usage.value.key_encipherment:
        what = "missing" if usage is None else "not critical, or lacks keyEncipherment"
        yield "PROFILE-KEY-USAGE", f"keyUsage is {what}"
    purposes = _found(certificate, x509.ExtendedKeyUsage)
    if purposes is None or not purposes.critical:
        yield "PROFILE-PURPOSE", "extendedKeyUsage is " + ("not critical" if purposes else "missing")


def _has_ocsp(certificate: x509.Certificate) -> bool:
    access = _found(certificate, x509.AuthorityInformationAccess)
    return access is not None and any(
        one.access_method == AuthorityInformationAccessOID.OCSP for one in access.value
    )


def _is_for_a_host(certificate: x509.Certificate) -> bool:
    """Whether it is for servers and named after one; an organisation's SBR certificate is not."""
    purposes = _found(certificate, x509.ExtendedKeyUsage)
    names = (str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    return (
        purposes is not None
        and ExtendedKeyUsageOID.SERVER_AUTH in purposes.value
        and any("." in name and " " not in name for name in names)
    )


def _no_names(certificate: x509.Certificate) -> bool:
    names = _found(certificate, x509.SubjectAlternativeName)
    return names is None or not names.value.get_values_for_type(x509.DNSName)


def _found(certificate: x509.Certificate, kind: type[_Kind]) -> x509.Extension[_Kind] | None:
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
