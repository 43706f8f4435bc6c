"""The files that a vendor has: certificate, key and CAs, in every form in which people have them."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from digipoort_sim.client.doctor_findings import Findings
from digipoort_sim.errors import ConfigError

_MOST_BYTES = 1024 * 1024
_MOST_CERTIFICATES = 200
_USUAL_PASSWORD = "trial"  # noqa: S105 (the known default of `certs issue`)
_KEYS_OF_JAVA = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_BEGIN_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PRIVATE = b"PRIVATE KEY-----"


class UnreadableError(Exception):
    """A file is not what it should be.

    Attributes:
        found: what is wrong with it, as a sentence.
        mend: what to do.
    """

    def __init__(self, found: str, mend: str) -> None:
        super().__init__(found)
        self.found = found
        self.mend = mend


@dataclass(frozen=True)
class Places:
    """Where the files lie, as far as they are known.

    Attributes:
        key: None when it is in the certificate's file.
        ca: None for the CAs of the machine.
        password: of the key or the PKCS#12 file.
    """

    certificate: Path
    key: Path | None
    ca: Path | None
    password: str | None = None

    @classmethod
    def of(cls, certificate: Path, key: Path | None, ca: Path | None, password: str | None) -> Places:
        """The places that options name; a folder of ``certs issue`` stands for its files.

        Raises:
            ConfigError: a path cannot be looked at.
        """
        try:
            if not certificate.is_dir():
                return cls(certificate, key, ca, password)
            pem, p12, own_ca = (certificate / name for name in ("client.pem", "client.p12", "ca.pem"))
            only_p12 = p12.is_file() and not pem.exists()
            own_key = key or (None if only_p12 else certificate / "client.key")
            return cls(
                p12 if only_p12 else pem, own_key, ca or (own_ca if own_ca.exists() else None), password
            )
        except (OSError, ValueError) as error:
            raise ConfigError(f"--cert {certificate}: {error}", rule="OPTION") from None


@dataclass(frozen=True)
class Material:
    """What was read; what could not be read is missing.

    Attributes:
        certificates: the client's own first, as far as the key tells.
        key: the private key.
        cas: those that vouch for the server; empty for the machine's own.
    """

    certificates: tuple[x509.Certificate, ...] = ()
    key: Any = None
    cas: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True)
class _Content:
    certificates: tuple[x509.Certificate, ...]
    key: Any = None


def read_material(places: Places, findings: Findings) -> Material:
    """Read all files; what is wrong with them becomes findings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what `cryptography` thinks of crooked certificates in a bundle
        return _read_material(places, findings)


def _read_material(places: Places, findings: Findings) -> Material:
    content = _certificates(places, findings)
    key = _key(places, content, findings)
    cas = _cas(places, findings)
    certificates = content.certificates if content else ()
    if key is not None and certificates:
        certificates = _match(certificates, key, places, findings)
    return Material(certificates, key, cas)


def _certificates(places: Places, findings: Findings) -> _Content | None:
    file = places.certificate
    try:
        content = _parse(_read(file), file, places.password)
        if not content.certificates:
            raise _no_certificate(file, has_key=content.key is not None)
    except UnreadableError as error:
        findings.fail("certificate-file", error.found, error.mend)
        return None
    own, more = content.certificates[0], len(content.certificates) - 1
    with_more = f" and {more} more certificate{'s' if more > 1 else ''}" if more else ", alone"
    findings.ok("certificate-file", f"{file} holds {_named(own)}{with_more}")
    return content


def _key(places: Places, content: _Content | None, findings: Findings) -> Any:
    file = places.key or places.certificate
    try:
        if places.key is None:
            if content is None:
                return None
            if content.key is None:
                raise UnreadableError(f"{file} holds no private key", "give the file of the key with --key")
            key = content.key
        else:
            key = _private_key(_read(file), file, places.password)
    except UnreadableError as error:
        findings.fail("key-file", error.found, error.mend)
        return None
    if _others_may_read(file):
        findings.warn(
            "key-file", f"{file} holds the key, and others on this machine may read it", f"chmod 600 {file}"
        )
    else:
        findings.ok("key-file", f"{file} holds a private key")
    return key


def _cas(places: Places, findings: Findings) -> tuple[x509.Certificate, ...]:
    if places.ca is None:
        findings.ok("ca-file", "no --ca was given; the CAs of this machine have to vouch for the server")
        return ()
    try:
        content = _parse(_read(places.ca), places.ca, places.password)
        if not content.certificates:
            raise _no_certificate(places.ca, has_key=content.key is not None)
    except UnreadableError as error:
        findings.fail("ca-file", error.found, error.mend)
        return ()
    count = len(content.certificates)
    shown = f"{places.ca} holds {count} certificate{'s' if count > 1 else ''}"
    if not any(one.subject == one.issuer for one in content.certificates):
        findings.warn(
            "ca-file",
            f"{shown}, but no root (a certificate that is its own issuer)",
            "give the file with the root CA; most TLS libraries need it",
        )
    else:
        findings.ok("ca-file", shown)
    return content.certificates


def _match(
    certificates: tuple[x509.Certificate, ...], key: Any, places: Places, findings: Findings
) -> tuple[x509.Certificate, ...]:
    """The certificates with that of the key first."""
    wanted = _public(key.public_key())
    own = next((one for one in certificates if _public_of(one) == wanted), None)
    where = places.key or places.certificate
    if own is None:
        findings.fail(
            "key-match",
            f"the key in {where} is not that of {_named(certificates[0])}",
            "use the key with which this certificate was requested, or issue a certificate anew",
        )
        return certificates
    if own is not certificates[0]:
        findings.warn(
            "key-match",
            f"the certificate of the key, {_named(own)}, is not the first one in {places.certificate}",
            "put it first, then the CA that issued it, and so on; many TLS libraries take the first one",
        )
        return (own, *(one for one in certificates if one is not own))
    findings.ok("key-match", "the certificate and the private key belong together")
    return certificates


def _read(file: Path) -> bytes:
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableError(f"{file} is no file", "give the path of a file")
        if found.st_size > _MOST_BYTES:
            raise UnreadableError(
                f"{file} is larger than {_MOST_BYTES} octets", "give the file of a certificate or key"
            )
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadableError(
            f"{file} cannot be read: {why}",
            "look at the path; a folder with all files is made by: "
            "digipoort-sim certs issue --kvk N --out DIR",
        ) from None


def _parse(content: bytes, file: Path, password: str | None) -> _Content:
    """Certificates, and a key if there is one, in PEM, DER or PKCS#12 form."""
    _refuse_strangers(content, file)
    if b"-----BEGIN" in content:
        return _from_pem(content, file, password)
    try:
        return _Content((x509.load_der_x509_certificate(content),))
    except ValueError:
        pass
    if _looks_like_pkcs12(content):
        return _from_pkcs12(content, file, password)
    raise UnreadableError(
        f"{file} holds neither PEM nor DER nor PKCS#12",
        "export it anew from where it comes, as PEM or PKCS#12",
    )


def _refuse_strangers(content: bytes, file: Path) -> None:
    if not content.strip():
        raise UnreadableError(f"{file} is empty", "export it anew")
    if content.startswith(_KEYS_OF_JAVA):
        raise UnreadableError(
            f"{file} is a key store of Java (JKS)",
            f"keytool -importkeystore -srckeystore {file} -destkeystore client.p12 -deststoretype PKCS12",
        )
    if content.startswith(_BEGIN_OF_UTF16):
        raise UnreadableError(
            f"{file} is written as UTF-16, as PowerShell's > does",
            "write it as ASCII: Set-Content -Encoding ascii, or copy the file instead",
        )


def _from_pem(content: bytes, file: Path, password: str | None) -> _Content:
    certificates: tuple[x509.Certificate, ...] = ()
    if b"-----BEGIN CERTIFICATE-----" in content or b"-----BEGIN X509 CERTIFICATE-----" in content:
        try:
            certificates = tuple(x509.load_pem_x509_certificates(content))[:_MOST_CERTIFICATES]
        except ValueError:
            raise UnreadableError(
                f"{file} holds a damaged certificate", "a line may have been lost in copying: export it anew"
            ) from None
    elif b"CERTIFICATE REQUEST-----" in content:
        raise UnreadableError(
            f"{file} holds a certificate request", "give the certificate that the CA made from it"
        )
    key = _private_key(content, file, password) if _PRIVATE in content else None
    return _Content(certificates, key)


def _looks_like_pkcs12(content: bytes) -> bool:
    """Whether it begins as a PFX does: a sequence whose first part is the number 3."""
    return content[:1] == b"\x30" and b"\x02\x01\x03" in content[2:12]


def _from_pkcs12(content: bytes, file: Path, password: str | None) -> _Content:
    tries: Iterable[bytes | None] = (None, b"", _USUAL_PASSWORD.encode())
    if password is not None:
        tries = (password.encode(),)
    for one in tries:
        try:
            key, own, more = pkcs12.load_key_and_certificates(content, one)
        except ValueError:
            continue
        except (TypeError, UnsupportedAlgorithm) as error:
            raise UnreadableError(
                f"{file} is a PKCS#12 file of a kind that cannot be read: {error}",
                f"openssl pkcs12 -legacy -in {file} -out client.pem",
            ) from None
        return _Content((*((own,) if own else ()), *more)[:_MOST_CERTIFICATES], key)
    found = "another password" if password is not None else "a password"
    raise UnreadableError(f"{file} is a PKCS#12 file with {found}", "give its password with --password")


def _private_key(content: bytes, file: Path, password: str | None) -> Any:
    if b"-----BEGIN" not in content:
        return _private_key_without_pem(content, file, password)
    _refuse_no_key(content, file)
    is_encrypted = b"ENCRYPTED" in content
    if is_encrypted and password is None:
        raise UnreadableError(f"{file} is encrypted", "give its password with --password")
    try:
        return serialization.load_pem_private_key(
            content, password.encode() if is_encrypted and password else None
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        what = "another password, or it is damaged" if is_encrypted else "no readable private key"
        raise UnreadableError(
            f"{file} has {what}",
            "give the right --password" if is_encrypted else "export the key anew, as PEM",
        ) from None


def _private_key_without_pem(content: bytes, file: Path, password: str | None) -> Any:
    _refuse_strangers(content, file)
    if _looks_like_pkcs12(content):
        found = _from_pkcs12(content, file, password)
        if found.key is not None:
            return found.key
    try:
        return serialization.load_der_private_key(content, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnreadableError(
            f"{file} holds no readable private key",
            "give a key in PEM or DER form; encrypted: with --password",
        ) from None


def _refuse_no_key(content: bytes, file: Path) -> None:
    if _PRIVATE in content and b"OPENSSH" not in content:
        return
    if b"OPENSSH" in content:
        found, mend = "holds a key in the form of OpenSSH", f"ssh-keygen -p -m PEM -f {file}"
    elif b"CERTIFICATE" in content:
        found, mend = "holds a certificate and no key", "are --cert and --key swapped?"
    elif b"PUBLIC KEY" in content:
        found, mend = "holds a public key", "give the private key that belongs to it"
    else:
        found, mend = "holds no private key", "give the file of the private key with --key"
    raise UnreadableError(f"{file} {found}", mend)


def _no_certificate(file: Path, *, has_key: bool) -> UnreadableError:
    if has_key:
        return UnreadableError(f"{file} holds a key and no certificate", "are --cert and --key swapped?")
    return UnreadableError(f"{file} holds no certificate", "give the certificate, as PEM, DER or PKCS#12")


def _others_may_read(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _named(certificate: x509.Certificate) -> str:
    from digipoort_sim.pki.facts import shown_name

    try:
        return f"'{shown_name(certificate.subject)}'"
    except ValueError:
        return "a certificate whose subject cannot be read"


def _public_of(certificate: x509.Certificate) -> bytes:
    try:
        return _public(certificate.public_key())
    except Exception:  # a key that the library does not know is not the one looked for
        return b""


def _public(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded
