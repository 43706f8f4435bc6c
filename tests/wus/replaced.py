"""Which parts of an answer differ from one call to the next; all others are fixed to the octet."""

from __future__ import annotations

import re

_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

REPLACED: tuple[tuple[str, bytes], ...] = (
    ("Id of the token", rb"(?<=SecurityToken-)" + _UUID),
    ("token", rb"(?<=>)[A-Za-z0-9+/=]{300,}(?=</wsse:BinarySecurityToken>)"),
    ("digest", rb"(?<=<DigestValue>)[A-Za-z0-9+/=]+(?=</DigestValue>)"),
    ("signature", rb"(?<=<SignatureValue>)[A-Za-z0-9+/=\s]+(?=</SignatureValue>)"),
    ("id of a message", rb"(?<=>)(?:urn:)?uuid:" + _UUID + rb"(?=</wsa:(?:MessageID|RelatesTo)>)"),
    ("id of a message", rb"(?<=<berichtkenmerk>)uuid:" + _UUID + rb"(?=</berichtkenmerk>)"),
    ("kenmerk", rb"(?<=<kenmerk>)" + _UUID + rb"(?=</kenmerk>)"),
    (
        "time",
        rb"(?<=>)" + _TIME + rb"(?=</(?:u:Created|u:Expires|tijdstempelAangeleverd|tijdstempelStatus)>)",
    ),
)
"""What is replaced: ids, times, digests, signatures and the token; each with the form that it must have."""


def without_what_differs(raw: bytes) -> bytes:
    """The answer with a name in the place of each part that differs."""
    for name, pattern in REPLACED:
        raw = re.sub(pattern, b"[" + name.encode() + b"]", raw)
    return raw
