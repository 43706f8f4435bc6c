"""An issued certificate with its key and chain, and the forms in which it is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from digipoort_sim.errors import ConfigError

_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate, its private key and the CA certificates above it.

    Attributes:
        chain: the CA certificates from the issuer up, without the root.
    """

    certificate: x509.Certificate
    key: RSAPrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(_DER)

    @property
    def serial(self) -> str:
        """The serial number as certificates' listings show it."""
        return serial_text(self.certificate.serial_number)

    @property
    def sha1(self) -> str:
        """The SHA-1 fingerprint."""
        return fingerprint(self.certificate, "sha1")

    @property
    def sha256(self) -> str:
        """The SHA-256 fingerprint."""
        return fingerprint(self.certificate, "sha256")

    def certificate_pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(_PEM)

    def chain_pem(self) -> bytes:
        """The certificate, then the CA certificates above it, without the root."""
        return pem_bundle(self.certificate, *self.chain)

    def key_pem(self) -> bytes:
        """The private key as unencrypted PKCS#8."""
        return key_pem(self.key)


def fingerprint(certificate: x509.Certificate, algorithm: str = "sha256") -> str:
    """The fingerprint of a certificate: lower-case hex without colons; `algorithm` sha1 or sha256."""
    return hashlib.new(algorithm, certificate.public_bytes(_DER)).hexdigest()


def serial_text(serial: int) -> str:
    """A serial number as OpenSSL prints it: upper-case hex, an even number of digits."""
    digits = f"{serial:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def pem_bundle(*certificates: x509.Certificate) -> bytes:
    """Certificates as PEM, one after the other."""
    return b"".join(certificate.public_bytes(_PEM) for certificate in certificates)


def key_pem(key: RSAPrivateKey) -> bytes:
    """A private key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def load_key(path: Path) -> RSAPrivateKey:
    """Read an RSA key of our own, without the slow checks that a strange key would need.

    Raises:
        ConfigError: the file holds no unencrypted RSA key.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", rule="PKI-KEY-FILE") from None
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{path} holds no readable private key: {error}", rule="PKI-KEY-FILE") from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"{path} holds no RSA key", rule="PKI-KEY-FILE")
    return key


def load_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Read all certificates of a PEM file, or the one of a DER file.

    Raises:
        ConfigError: the file cannot be read or holds no certificate.
    """
    try:
        content = path.read_bytes()
        if b"-----BEGIN" in content:
            return tuple(x509.load_pem_x509_certificates(content))
        return (x509.load_der_x509_certificate(content),)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", rule="PKI-CERTIFICATE-FILE") from None
    except ValueError:
        raise ConfigError(f"{path} holds no readable certificate", rule="PKI-CERTIFICATE-FILE") from None
