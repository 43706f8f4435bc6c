"""The token of a signature: KeyInfo points to it, and it holds the certificate whose key signed."""

from __future__ import annotations

import binascii
import functools
from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.wus.names import BASE64_BINARY, WSSE, X509V3

_TOKEN_REFERENCE = f"{{{WSSE}}}SecurityTokenReference"
_DIRECT_REFERENCE = f"{{{WSSE}}}Reference"
_MAX_TOKEN = 32_768
_MAX_KEY_BITS = 8192
_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_WHITE_SPACE = str.maketrans("", "", " \t\r\n")


def check_key_info(
    key_info: etree._Element, token: etree._Element, targets: Mapping[str, etree._Element]
) -> None:
    """Check that a KeyInfo points to the token.

    Args:
        targets: the elements that may be pointed to, by their Ids.

    Raises:
        AuthenticationRefusal: WSS-KEYINFO.
    """
    holder = list(key_info)
    reference = list(holder[0]) if len(holder) == 1 and holder[0].tag == _TOKEN_REFERENCE else []
    if len(reference) != 1 or reference[0].tag != _DIRECT_REFERENCE or len(reference[0]):
        raise _refuse(
            "KeyInfo must hold one SecurityTokenReference with one Reference, itself empty, "
            "to the BinarySecurityToken.",
            "WSS-KEYINFO",
        )
    uri = reference[0].get("URI", "")
    if uri[:1] != "#" or targets.get(uri[1:]) is not token:
        raise _refuse(
            f"KeyInfo points to {uri[:100]!r}, which is not the BinarySecurityToken of this message.",
            "WSS-KEYINFO",
        )
    if reference[0].get("ValueType", X509V3) != X509V3:
        raise _refuse(f"The ValueType of the Reference in KeyInfo must be {X509V3}.", "WSS-KEYINFO")


def text_of_token(token: etree._Element) -> str:
    """The base64 text of a BinarySecurityToken.

    Raises:
        AuthenticationRefusal: WSS-TOKEN, it is of another kind or too long.
    """
    if token.get("ValueType") != X509V3:
        raise _refuse(f"The ValueType of the BinarySecurityToken must be {X509V3}.", "WSS-TOKEN")
    if token.get("EncodingType", BASE64_BINARY) != BASE64_BINARY:
        raise _refuse(f"The EncodingType of the BinarySecurityToken must be {BASE64_BINARY}.", "WSS-TOKEN")
    text = token.text or ""
    if len(token) or len(text) > _MAX_TOKEN:
        raise _refuse(
            f"The BinarySecurityToken must hold base64 text of at most {_MAX_TOKEN} characters.", "WSS-TOKEN"
        )
    return text


@functools.lru_cache(maxsize=256)
def key_of(token: str) -> tuple[bytes, RSAPublicKey]:
    """The certificate in a token, as DER and not yet trusted, and its key; the last 256 are remembered.

    Raises:
        AuthenticationRefusal: WSS-TOKEN, it holds no certificate that can be read, or no RSA key.
    """
    try:
        der = _decode(token)
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        _ = (certificate.subject, certificate.issuer, certificate.extensions)  # read late, so read now
    except _UNREADABLE as error:
        raise _refuse(
            f"The BinarySecurityToken holds no X.509 certificate that can be read ({str(error)[:100]}).",
            "WSS-TOKEN",
        ) from None
    if not isinstance(key, RSAPublicKey) or key.key_size > _MAX_KEY_BITS:
        raise _refuse(
            f"The certificate in the token must have an RSA key of at most {_MAX_KEY_BITS} bits.",
            "WSS-TOKEN",
        )
    return der, key


def octets_of(name: str, element: etree._Element) -> bytes:
    """The octets that stand in an element in base64.

    Raises:
        AuthenticationRefusal: WSS-VALUE, naming the element as `name`.
    """
    try:
        if len(element):
            raise ValueError
        return _decode(element.text or "")
    except ValueError:
        raise _refuse(f"{name} is not base64.", "WSS-VALUE") from None


def _decode(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return binascii.a2b_base64(text.translate(_WHITE_SPACE), strict_mode=True)


def _refuse(detail: str, rule: str) -> AuthenticationRefusal:
    return AuthenticationRefusal(detail, rule=rule)
