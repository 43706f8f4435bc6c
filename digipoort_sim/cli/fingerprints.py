"""Fingerprints of certificates, as people compare them."""

from __future__ import annotations

import hashlib
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Fingerprints:
    """Both fingerprints, lower-case hexadecimal without colons."""

    sha1: str
    sha256: str


def fingerprints(file: Path) -> Fingerprints:
    """The fingerprints of the first certificate of a PEM file.

    Raises:
        ValueError: there is none in it.
    """
    found = _CERTIFICATE.search(file.read_text("ascii", "replace"))
    if found is None:
        raise ValueError(f"{file} holds no certificate")
    der = ssl.PEM_cert_to_DER_cert(found.group())
    sha1 = hashlib.sha1(der, usedforsecurity=False).hexdigest()
    return Fingerprints(sha1, hashlib.sha256(der).hexdigest())
