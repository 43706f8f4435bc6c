"""The digest of each Reference: what was stated, what it is, and what may have been digested instead."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from digipoort_sim.wus import canonical
from digipoort_sim.wus.envelope import PLAIN_ID, WSU_ID
from digipoort_sim.wus.names import SHA1, SHA256, local_name

ALGORITHMS = {SHA1: "sha1", SHA256: "sha256"}
"""The digest algorithms that the door takes, by URI."""

_MOST_TRIED = _MOST_KEPT = 1024 * 1024


@dataclass(frozen=True)
class ReferenceVerdict:
    """One Reference of a signature beside the element that it points to.

    Attributes:
        uri: the Reference's URI.
        element: the element that it points to, such as ``soap:Body``.
        algorithm: ``sha1`` or ``sha256``.
        expected: the DigestValue in the message, in base64.
        found: the digest of `canonical`, in base64.
        agrees: whether they are the same.
        canonical: the octets that were digested, at most the first MiB of them; empty if `agrees`.
        size: how many octets were digested.
        hint: what the sender seems to have digested; empty if that is not known.
    """

    uri: str
    element: str
    algorithm: str
    expected: str
    found: str
    agrees: bool
    size: int
    canonical: bytes = field(default=b"", repr=False)
    hint: str = ""


def compare(
    uri: str, name: str, target: etree._Element, prefixes: tuple[str, ...], algorithm: str, stated: bytes
) -> ReferenceVerdict:
    """Digest an element as its Reference says.

    Raises:
        lxml.etree.C14NError: it has no canonical form.
    """
    octets = canonical.exclusive(target, prefixes)
    word = ALGORITHMS[algorithm]
    digest = hashlib.new(word, octets, usedforsecurity=False).digest()
    agrees = digest == stated
    return ReferenceVerdict(
        uri=uri,
        element=name,
        algorithm=word,
        expected=_base64(stated),
        found=_base64(digest),
        agrees=agrees,
        size=len(octets),
        canonical=b"" if agrees else octets[:_MOST_KEPT],
        hint="" if agrees else hint(target, octets, prefixes, stated),
    )


def hint(target: etree._Element, octets: bytes, prefixes: tuple[str, ...], stated: bytes) -> str:
    """What a wrong digest was made over, if it is one of the usual mistakes; else empty."""
    if len(octets) > _MOST_TRIED:
        return ""
    for name in ALGORITHMS.values():
        if _digests(name, octets, stated):
            return f"it is the {name} of these very octets; DigestMethod names another algorithm"
    for words, candidate in _candidates(target, prefixes):
        if any(_digests(name, candidate, stated) for name in ALGORITHMS.values()):
            return words
    return ""


def _digests(name: str, octets: bytes, stated: bytes) -> bool:
    digest = hashlib.new(name, octets, usedforsecurity=False)
    return stated in (digest.digest(), digest.hexdigest().encode("ascii"))


def _candidates(target: etree._Element, prefixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Octets that senders digest by mistake, with the mistake in words."""
    yield "it is the digest of nothing: the sender's library did not find the element by its Id", b""
    if prefixes:
        yield "it is the digest without the PrefixList of the Transform", canonical.exclusive(target)
    for words, make in _OTHER_FORMS:
        made = _made(make, target)
        if made is not None:
            yield words, made


def _made(make: Callable[[etree._Element], bytes], target: etree._Element) -> bytes | None:
    try:
        return make(target)
    except etree.C14NError:
        return None


def _inclusive(target: etree._Element) -> bytes:
    return etree.tostring(target, method="c14n", exclusive=False, with_comments=False, with_tail=False)


def _plain(target: etree._Element) -> bytes:
    return etree.tostring(target, with_tail=False)


def _without_blanks(target: etree._Element) -> bytes:
    twin = copy.deepcopy(target)
    for element in twin.iter():
        if len(element) and not (element.text or "").strip():
            element.text = None
        if element is not twin and not (element.tail or "").strip():
            element.tail = None
    return canonical.exclusive(twin)


def _without_id(target: etree._Element) -> bytes:
    twin = copy.deepcopy(target)
    for name in (WSU_ID, PLAIN_ID):
        twin.attrib.pop(name, "")
    return canonical.exclusive(twin)


def _only_inside(target: etree._Element) -> bytes:
    return b"".join(canonical.exclusive(child) for child in target) or (target.text or "").encode()


_OTHER_FORMS: tuple[tuple[str, Callable[[etree._Element], bytes]], ...] = (
    ("it is the digest of the inclusive canonical form (the Transform says exclusive)", _inclusive),
    ("it is the digest of the element as it is written, not made canonical", _plain),
    ("the message was indented after it was signed: without the white space it agrees", _without_blanks),
    ("it is the digest of the element before its Id was added", _without_id),
    ("it is the digest of what is inside the element, without the element itself", _only_inside),
)


def element_name(element: etree._Element) -> str:
    """The local name of an element, for people."""
    return local_name(element.tag)[:100]


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
