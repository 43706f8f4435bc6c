"""Keys and certificates in a signature that are odd or forged: exponents, padding, other kinds, HMAC."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from digipoort_sim.wus import names
from tests.security import forge
from tests.security.test_signature_tricks import MORE, TOKEN, changed, refusal, the
from tests.wus import messages


def _certificate(public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TRIAL odd key")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public_key)
        .serial_number(3)
        .not_valid_before(messages.NOW - timedelta(days=1))
        .not_valid_after(messages.NOW + timedelta(days=1))
        .sign(messages.key(), hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def _with_certificate(der: bytes, signature: Callable[[bytes], bytes]) -> bytes:
    """The message with another certificate, its digests made anew, and a signature made in some way."""
    root = etree.fromstring(changed(TOKEN, base64.b64encode(der).decode()))
    forge.redigest(root)
    value = signature(forge.canonical(the(root, "SignedInfo")))
    the(root, "SignatureValue").text = base64.b64encode(value).decode()
    return etree.tostring(root)


_SHA1_PREFIX = bytes.fromhex("3021300906052b0e03021a05000414")


def _cube_root(number: int) -> int:
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < number else (low, middle)
    return low


def _forged_padding(signed: bytes, start: bytes, prefix: bytes = _SHA1_PREFIX) -> bytes:
    """Bleichenbacher's forgery of 2006: a perfect cube that begins as a padded digest should."""
    head = start + prefix + hashlib.sha1(signed).digest()
    number = int.from_bytes(head + b"\0" * (256 - len(head)), "big")
    return _cube_root(number).to_bytes(256, "big")


@pytest.mark.parametrize(
    ("start", "prefix"),
    [
        (b"\0\1" + b"\xff" * 8 + b"\0", _SHA1_PREFIX),
        (b"\0\1\0", _SHA1_PREFIX),
        (b"\0\1\xff\0", bytes.fromhex("301f300706052b0e03021a0414")),
        (b"\0\1" + b"\xff" * 8 + b"\0", b""),
    ],
)
def test_forged_padding_with_exponent_3(start: bytes, prefix: bytes) -> None:
    """With a key of exponent 3, a signature forged without the private key is refused."""
    der = _certificate(_small_exponent().public_key())
    raw = _with_certificate(der, lambda signed: _forged_padding(signed, start, prefix))
    assert refusal(raw).rule in ("WSS-SIGNATURE", "WSS-TOKEN")


@functools.cache
def _small_exponent() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(3, 2048)


def test_exponent_1() -> None:
    """A certificate with exponent 1, for which everybody can sign, is refused."""
    der = bytearray(_certificate(messages.key("TRIAL one").public_key()))
    modulus = messages.key("TRIAL one").public_key().public_numbers().n.to_bytes(256, "big")
    at = der.index(modulus)
    assert der[at + 256 : at + 261] == b"\2\3\1\0\1"
    der[at + 256 : at + 261] = b"\2\1\1"
    # Five enclosing lengths of two octets each become two less.
    for offset in _enclosing(bytes(der), at):
        length = int.from_bytes(der[offset : offset + 2], "big") - 2
        der[offset : offset + 2] = length.to_bytes(2, "big")
    raw = _with_certificate(bytes(der), _padded)
    assert refusal(raw).rule in ("WSS-SIGNATURE", "WSS-TOKEN")


def _padded(signed: bytes) -> bytes:
    tail = _SHA1_PREFIX + hashlib.sha1(signed).digest()
    return b"\0\1" + b"\xff" * (253 - len(tail)) + b"\0" + tail


def _enclosing(der: bytes, modulus_at: int) -> list[int]:
    spki = der.rindex(b"\x30\x82", 0, der.rindex(bytes.fromhex("06092a864886f70d010101"), 0, modulus_at) - 1)
    bits = der.rindex(b"\x03\x82", 0, modulus_at)
    key = der.rindex(b"\x30\x82", bits, modulus_at)
    return [2, der.index(b"\x30\x82", 4) + 2, spki + 2, bits + 2, key + 2]


def test_keys_of_other_kinds() -> None:
    """A token with an EC or DSA key, or a key that is far too large, is refused before it costs anything."""
    huge = rsa.RSAPublicNumbers(65537, (1 << 16_383) + 1).public_key()
    keys = [ec.generate_private_key(ec.SECP256R1()).public_key(), dsa.generate_private_key(2048).public_key()]
    for key in (*keys, huge):
        raw = _with_certificate(_certificate(key), lambda signed: b"\1" * 256)
        assert refusal(raw).rule == "WSS-TOKEN"


def test_the_slowest_key_that_is_accepted() -> None:
    """An RSA key of the largest size and exponent that we would use costs little."""
    numbers = rsa.RSAPublicNumbers((1 << 3000) + 1, (1 << 3071) + 5)
    der = _certificate(numbers.public_key())
    raw = _with_certificate(der, lambda signed: b"\1" * 384)
    start = time.process_time()
    assert refusal(raw).rule in ("WSS-SIGNATURE", "WSS-TOKEN")
    print(f"slowest key: {1000 * (time.process_time() - start):.1f} ms")


def test_hmac_with_the_public_key() -> None:
    """An HMAC whose key is something public (the certificate, its key, the token) is never tried."""
    for algorithm in (names.DS + "hmac-sha1", MORE + "hmac-sha256"):
        root = forge.complete()
        the(root, "SignatureMethod").set("Algorithm", algorithm)
        signed = forge.canonical(the(root, "SignedInfo"))
        for secret in (messages.signer().certificate_der, TOKEN.encode()):
            mac = hmac.digest(secret, signed, "sha1" if "sha1" in algorithm else "sha256")
            the(root, "SignatureValue").text = base64.b64encode(mac).decode()
            assert refusal(etree.tostring(root)).rule == "WSS-ALGORITHM"
