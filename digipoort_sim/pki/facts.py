"""What a certificate says, read once and read to the end, so that a crooked one fails here."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID, SignatureAlgorithmOID

from digipoort_sim.errors import AuthenticationRefusal

# What a strange certificate makes `cryptography` warn of is refused here or does no harm; strangers must not
# be able to write on the server's standard error.
warnings.filterwarnings("ignore", category=UserWarning, module=r"digipoort_sim\.pki\.facts")

MOST_BYTES = 32 * 1024
SHORTEST_KEY = 2048
LONGEST_KEY = 8192

_GOOD_SIGNATURES = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
    }
)
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)
_CLIENT_PURPOSES = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


@dataclass(frozen=True)
class Facts:
    """A certificate with what the verdict on it needs.

    Attributes:
        certificate: the object, whose fields are parsed only when they are asked for.
        der: the certificate itself.
        name: the subject.
        issuer: the issuer's name.
        serial: the serial number.
        public_key: None when it is no RSA key.
        is_ca: basicConstraints says CA:TRUE.
        path_length: how many CAs may follow; None for no limit.
        signs_certificates: keyUsage is absent or allows keyCertSign.
        signs: keyUsage is absent or allows digitalSignature.
        for_clients: extendedKeyUsage is absent or allows clientAuth.
        unknown_critical: the OIDs of critical extensions that are not understood here.
        key_id: the subjectKeyIdentifier.
        issuer_key_id: the authorityKeyIdentifier.
        serial_numbers: every serialNumber in the subject; one of them should be an OIN.
        organisation: the first O of the subject, else its CN, else empty.
    """

    certificate: x509.Certificate
    der: bytes
    name: x509.Name
    issuer: x509.Name
    serial: int
    public_key: RSAPublicKey | None
    is_ca: bool
    path_length: int | None
    signs_certificates: bool
    signs: bool
    for_clients: bool
    unknown_critical: tuple[str, ...]
    key_id: bytes | None
    issuer_key_id: bytes | None
    serial_numbers: tuple[str, ...]
    organisation: str
    not_before: datetime
    not_after: datetime

    @property
    def subject(self) -> str:
        """The subject's name as one line."""
        return shown_name(self.name)

    @property
    def sha256(self) -> str:
        """The SHA-256 fingerprint, lower-case hex."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def is_self_issued(self) -> bool:
        """Whether its issuer's name is its own."""
        return self.issuer == self.name

    def good_signature_algorithm(self) -> bool:
        """Whether it is signed with RSA PKCS#1 v1.5 and SHA-2."""
        return self.certificate.signature_algorithm_oid in _GOOD_SIGNATURES

    def is_signed_by(self, issuer: Facts) -> bool:
        """Whether the issuer's key made its signature; names are not compared."""
        if issuer.public_key is None or not self.good_signature_algorithm():
            return False
        algorithm = self.certificate.signature_hash_algorithm
        if algorithm is None:
            return False
        try:
            issuer.public_key.verify(
                self.certificate.signature,
                self.certificate.tbs_certificate_bytes,
                padding.PKCS1v15(),
                algorithm,
            )
        except InvalidSignature:
            return False
        return True


def shown_name(name: x509.Name) -> str:
    """A name as one line, the most particular part first (RFC 4514)."""
    return name.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})


def read_facts(certificate: x509.Certificate | bytes) -> Facts:
    """Read a certificate, given as an object or as DER.

    Raises:
        AuthenticationRefusal: it is no certificate, too large, or malformed anywhere (CERT-MALFORMED).
    """
    try:
        if isinstance(certificate, bytes):
            if len(certificate) > MOST_BYTES:
                raise ValueError(f"larger than {MOST_BYTES} bytes")
            return _facts(x509.load_der_x509_certificate(certificate), certificate)
        return _facts(certificate, certificate.public_bytes(serialization.Encoding.DER))
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        x509.InvalidVersion,
    ) as error:
        raise AuthenticationRefusal(
            f"the certificate cannot be read: {str(error)[:200]}", rule="CERT-MALFORMED"
        ) from None


def _check_form(certificate: x509.Certificate, der: bytes) -> None:
    """Refuse what the parser lets through: no positive serial number, a signature that is not whole bytes.

    The count of unused bits before the signature is not signed; left alone, one certificate could be
    written in several ways, each with its own fingerprint.

    Raises:
        ValueError: the certificate is malformed.
    """
    if certificate.serial_number <= 0:
        raise ValueError("its serial number is not positive")
    if der[-len(certificate.signature) - 1] != 0:
        raise ValueError("its signature is not a whole number of bytes")


def _facts(certificate: x509.Certificate, der: bytes) -> Facts:
    _check_form(certificate, der)
    extensions = certificate.extensions
    key = certificate.public_key() if _is_rsa(certificate) else None
    basic = _value(extensions, x509.BasicConstraints)
    usage = _value(extensions, x509.KeyUsage)
    purposes = _value(extensions, x509.ExtendedKeyUsage)
    key_id = _value(extensions, x509.SubjectKeyIdentifier)
    issuer_key_id = _value(extensions, x509.AuthorityKeyIdentifier)
    names = [*_texts(certificate, NameOID.ORGANIZATION_NAME), *_texts(certificate, NameOID.COMMON_NAME), ""]
    return Facts(
        certificate=certificate,
        der=der,
        name=certificate.subject,
        issuer=certificate.issuer,
        serial=certificate.serial_number,
        public_key=key if isinstance(key, RSAPublicKey) else None,
        is_ca=basic is not None and basic.ca,
        path_length=basic.path_length if basic else None,
        signs_certificates=usage is None or usage.key_cert_sign,
        signs=usage is None or usage.digital_signature,
        for_clients=purposes is None or bool(_CLIENT_PURPOSES & set(purposes)),
        unknown_critical=tuple(
            one.oid.dotted_string for one in extensions if one.critical and one.oid not in _UNDERSTOOD
        ),
        key_id=key_id.digest if key_id else None,
        issuer_key_id=issuer_key_id.key_identifier if issuer_key_id else None,
        serial_numbers=tuple(_texts(certificate, NameOID.SERIAL_NUMBER)),
        organisation=names[0],
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _is_rsa(certificate: x509.Certificate) -> bool:
    return certificate.public_key_algorithm_oid == x509.PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5


def _value(extensions: x509.Extensions, kind: type[_Kind]) -> _Kind | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _texts(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    values = (attribute.value for attribute in certificate.subject.get_attributes_for_oid(oid))
    return [value if isinstance(value, str) else value.hex() for value in values]
