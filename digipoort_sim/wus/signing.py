"""Signing: the key of a signer, and the signature that a client puts in its request."""

from __future__ import annotations

import binascii
import hashlib
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from digipoort_sim.clock import wire_time
from digipoort_sim.errors import ConfigError
from digipoort_sim.ids import IdSource
from digipoort_sim.wus import canonical
from digipoort_sim.wus.document import parse
from digipoort_sim.wus.envelope import WSU_ID
from digipoort_sim.wus.names import (
    BASE64_BINARY,
    DS,
    EXCLUSIVE_C14N,
    RSA_SHA1,
    RSA_SHA256,
    SHA1,
    SHA256,
    SOAP,
    WSA,
    WSSE,
    WSU,
    X509V3,
)

_PADDING = PKCS1v15()
_HASHES = {RSA_SHA1: hashes.SHA1(), RSA_SHA256: hashes.SHA256()}  # noqa: S303 (what the WSDL states)
_ALGORITHMS = {1: (RSA_SHA1, SHA1), 256: (RSA_SHA256, SHA256)}
_REQUEST_VALIDITY = timedelta(minutes=5)

_SECURITY = """\
<wsse:Security xmlns:wsse="{wsse}" xmlns:wsu="{wsu}" xmlns:soap="{soap}" soap:mustUnderstand="1">\
<wsu:Timestamp wsu:Id="TS-{uuid}"><wsu:Created>{created}</wsu:Created>\
<wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>\
<wsse:BinarySecurityToken EncodingType="{encoding}" ValueType="{x509}" wsu:Id="X509-{uuid}">{token}\
</wsse:BinarySecurityToken>\
<ds:Signature xmlns:ds="{ds}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{c14n}"/>\
<ds:SignatureMethod Algorithm="{algorithm}"/></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>\
<wsse:SecurityTokenReference><wsse:Reference URI="#X509-{uuid}" ValueType="{x509}"/>\
</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security>"""

_REFERENCE = """\
<ds:Reference xmlns:ds="{ds}" URI="#{uri}"><ds:Transforms><ds:Transform Algorithm="{c14n}"/>\
</ds:Transforms><ds:DigestMethod Algorithm="{algorithm}"/><ds:DigestValue>{value}</ds:DigestValue>\
</ds:Reference>"""


class Signer:
    """A private RSA key with its certificate.

    Args:
        key: the private key.
        certificate: the certificate of its public key.

    Raises:
        ConfigError: SIGNER, the key is not the certificate's.
    """

    def __init__(self, key: RSAPrivateKey, certificate: x509.Certificate) -> None:
        if key.public_key() != certificate.public_key():
            raise ConfigError("The signing key is not that of the signing certificate.", rule="SIGNER")
        self._key = key
        self.certificate = certificate
        self.certificate_der = certificate.public_bytes(serialization.Encoding.DER)
        self.token = _text(self.certificate_der)

    @classmethod
    def from_pem(cls, key_pem: bytes, certificate_pem: bytes) -> Signer:
        """Make a signer of an unencrypted PEM key and a PEM certificate (the first one, of a chain).

        Raises:
            ConfigError: SIGNER, they cannot be read, are no RSA pair, or do not belong together.
        """
        try:
            key = serialization.load_pem_private_key(key_pem, None)
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except (ValueError, TypeError) as error:
            raise ConfigError(
                f"The signing key or certificate cannot be read: {error}", rule="SIGNER"
            ) from None
        if not isinstance(key, RSAPrivateKey):
            raise ConfigError("The signing key must be an RSA key.", rule="SIGNER")
        return cls(key, certificate)

    def sign(self, data: bytes, algorithm: str) -> str:
        """The signature over some octets, in base64.

        Args:
            data: what is signed.
            algorithm: URI, `names.RSA_SHA1` or `names.RSA_SHA256`.
        """
        return _text(self._key.sign(data, _PADDING, _HASHES[algorithm]))


def digest(data: bytes, algorithm: str) -> str:
    """The digest of some octets, in base64; `algorithm` is the URI of sha1 or sha256."""
    function = hashlib.sha1 if algorithm == SHA1 else hashlib.sha256  # the WSDL states sha1
    return _text(function(data).digest())


def sign_request(
    root: etree._Element,
    signer: Signer,
    *,
    created: datetime,
    ids: IdSource,
    sha: Literal[1, 256] = 1,
    validity: timedelta = _REQUEST_VALIDITY,
) -> None:
    """Sign the Body, the Timestamp and every WS-Addressing header of a SOAP envelope, in place.

    A wsse:Security header with Timestamp, BinarySecurityToken and Signature is put first in the
    Header. Elements that have no wsu:Id get one.

    Args:
        root: the envelope, with a Header and a Body.
        signer: who signs.
        created: real time now.
        ids: where new Ids come from.
        sha: 1 for rsa-sha1 with sha1 digests (what the WSDL states), 256 for rsa-sha256 with sha256.
        validity: how long the message is valid.
    """
    algorithm, digest_algorithm = _ALGORITHMS[sha]
    header, body = root[0], root[1]
    security = _security(signer, created, validity, algorithm, ids.uuid())
    header.insert(0, security)
    timestamp, _, signature = security
    signed_info, value, _ = signature
    addressing = [child for child in header if child.tag.startswith(f"{{{WSA}}}")]
    for element in (*addressing, timestamp, body):
        if element.get(WSU_ID) is None:
            element.set(WSU_ID, f"id-{ids.uuid()}")
        signed_info.append(_reference(element, digest_algorithm))
    value.text = signer.sign(canonical.exclusive(signed_info), algorithm)


def _text(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _security(
    signer: Signer, created: datetime, validity: timedelta, algorithm: str, uuid: str
) -> etree._Element:
    text = _SECURITY.format(
        wsse=WSSE,
        wsu=WSU,
        soap=SOAP,
        ds=DS,
        c14n=EXCLUSIVE_C14N,
        encoding=BASE64_BINARY,
        x509=X509V3,
        uuid=uuid,
        created=wire_time(created),
        expires=wire_time(created + validity),
        token=signer.token,
        algorithm=algorithm,
    )
    return parse(text.encode("ascii"))


def _reference(element: etree._Element, algorithm: str) -> etree._Element:
    text = _REFERENCE.format(
        ds=DS,
        uri=element.get(WSU_ID),
        c14n=EXCLUSIVE_C14N,
        algorithm=algorithm,
        value=digest(canonical.exclusive(element), algorithm),
    )
    return parse(text.encode("utf-8"))
