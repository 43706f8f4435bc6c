"""How a certificate or CRL is put together: a plan of its fields, then one signature."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.profile import CaProfile, HolderProfile, Profile

_HOST = re.compile(
    r"(?=.{1,253}\Z)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)


@dataclass(frozen=True)
class Extension:
    """One extension with its criticality."""

    value: x509.ExtensionType
    critical: bool = False


@dataclass(frozen=True)
class CertificatePlan:
    """The fields of a certificate that is still to be signed."""

    subject: x509.Name
    public_key: RSAPublicKey
    issuer: x509.Name
    serial: int
    valid_from: datetime
    valid_to: datetime
    extensions: tuple[Extension, ...]

    def signed_by(self, key: RSAPrivateKey) -> x509.Certificate:
        """The certificate, signed with RSA PKCS#1 v1.5 and SHA-256."""
        return self.builder().sign(key, hashes.SHA256())

    def builder(self) -> x509.CertificateBuilder:
        """The certificate, not signed yet."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .public_key(self.public_key)
            .issuer_name(self.issuer)
            .serial_number(self.serial)
            .not_valid_before(self.valid_from)
            .not_valid_after(self.valid_to)
        )
        for extension in self.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        return builder


def ca_name(ca: CaProfile) -> x509.Name:
    """The subject of a CA."""
    return name(
        {
            NameOID.COUNTRY_NAME: "NL",
            NameOID.ORGANIZATION_NAME: ca.organisation,
            NameOID.COMMON_NAME: ca.common_name,
        }
    )


def end_name(profile: Profile, holder: HolderProfile) -> x509.Name:
    """The subject of an end certificate: C, ST, L, O, OU, serialNumber (the OIN) and CN.

    A foreign holder has its own C and L, and no ST.
    """
    place = {
        NameOID.COUNTRY_NAME: "NL",
        NameOID.STATE_OR_PROVINCE_NAME: profile.end.state,
        NameOID.LOCALITY_NAME: profile.end.locality,
    }
    if holder.seat is not None:
        place = {NameOID.COUNTRY_NAME: holder.seat.country, NameOID.LOCALITY_NAME: holder.seat.locality}
    return name(
        {
            **place,
            NameOID.ORGANIZATION_NAME: holder.organisation,
            NameOID.ORGANIZATIONAL_UNIT_NAME: profile.end.unit,
            NameOID.SERIAL_NUMBER: holder.oin,
            NameOID.COMMON_NAME: holder.common_name,
        }
    )


def name(attributes: Mapping[x509.ObjectIdentifier, str]) -> x509.Name:
    """A name of one attribute a step."""
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes.items()])


def ca_extensions(
    profile: Profile, ca: CaProfile, key: RSAPublicKey, issuer: CaProfile, issuer_key: RSAPublicKey
) -> tuple[Extension, ...]:
    """The extensions of a CA certificate; those of a root say nothing about an issuer."""
    own = (
        Extension(x509.BasicConstraints(ca=True, path_length=ca.path_length), critical=True),
        Extension(_key_usage(ca=True), critical=True),
        Extension(x509.SubjectKeyIdentifier.from_public_key(key)),
        Extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)),
    )
    if ca is issuer:
        return own
    return *own, *_policies(profile, ca.policies), *_pointers(profile, issuer)


def end_extensions(
    profile: Profile,
    key: RSAPublicKey,
    issuer: CaProfile,
    issuer_key: RSAPublicKey,
    names: Iterable[str] = (),
) -> tuple[Extension, ...]:
    """The extensions of an end certificate; `names` are host names and addresses of a server."""
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    alternative = [general_name(text) for text in names]
    return (
        Extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
        Extension(_key_usage(ca=False), critical=True),
        Extension(x509.ExtendedKeyUsage(purposes), critical=True),
        Extension(x509.SubjectKeyIdentifier.from_public_key(key)),
        Extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)),
        *_policies(profile, profile.end.policies),
        *_pointers(profile, issuer),
        *([Extension(x509.SubjectAlternativeName(alternative))] if alternative else []),
    )


def general_name(text: str) -> x509.DNSName | x509.IPAddress:
    """A host name or address for a subjectAltName.

    Raises:
        ConfigError: it is neither.
    """
    try:
        return x509.IPAddress(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        if _HOST.fullmatch(text.lower()) is None:
            raise ConfigError(f"{text!r} is no host name and no IP address", rule="PKI-SERVER-NAME") from None
        return x509.DNSName(text.lower())


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names and addresses in the subjectAltName of a certificate."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(one.value) for one in names)


def build_crl(
    ca: x509.Certificate,
    key: RSAPrivateKey,
    this_update: datetime,
    next_update: datetime,
    revoked: Mapping[int, datetime],
) -> x509.CertificateRevocationList:
    """The CRL of one CA.

    Args:
        revoked: serial numbers with the time of their revocation.
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(this_update)
        .next_update(next_update)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(this_update.timestamp())), critical=False)
    )
    for serial, moment in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256())


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=not ca,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _policies(profile: Profile, policies: Iterable[str]) -> tuple[Extension, ...]:
    notice = x509.UserNotice(None, profile.notice)
    rows = [
        x509.PolicyInformation(x509.ObjectIdentifier(oid), [profile.urls.cps, notice]) for oid in policies
    ]
    return (Extension(x509.CertificatePolicies(rows)),) if rows else ()


def _pointers(profile: Profile, issuer: CaProfile) -> tuple[Extension, ...]:
    """Where the issuer's CRL, OCSP and certificate would be, if they were anywhere."""
    urls = profile.urls
    crl = x509.UniformResourceIdentifier(urls.crl.format(name=issuer.id))
    access = [
        (AuthorityInformationAccessOID.OCSP, urls.ocsp),
        (AuthorityInformationAccessOID.CA_ISSUERS, urls.issuer.format(name=issuer.id)),
    ]
    return (
        Extension(x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)])),
        Extension(
            x509.AuthorityInformationAccess(
                [x509.AccessDescription(oid, x509.UniformResourceIdentifier(url)) for oid, url in access]
            )
        ),
    )
