"""Large contents, lifted out of the tree before it is canonicalised, validated and read.

A content of 20 MiB is 28 MB of base64. libxml2 would copy it three times to make it canonical, and decode it
once more to validate it, which takes half a second and 150 MB. But base64 is its own canonical form. So it is
decoded once, strictly, and a short mark that is base64 too takes its place in the tree; the digest of the
Body is made over the canonical form with the text in the place of the mark. What is not strict base64
stays where it is, and is judged as any text.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

LARGE = 64 * 1024
"""Characters from which a content is worth lifting."""

_MARK_BYTES = 24
_LAST = 4
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Lifted:
    """A content that was lifted out.

    Attributes:
        element: where it was.
        mark: what stands there now: chance, and the last characters of the text, which alone tell whether
            base64 is well padded. So it is valid by the XSD if, but for its length, the text is.
        text: the base64.
        octets: what it says.
    """

    element: etree._Element
    mark: str
    text: str = field(repr=False)
    octets: bytes = field(repr=False)


def lift(elements: Iterable[etree._Element], chance: Callable[[int], bytes]) -> tuple[Lifted, ...]:
    """Lift the large contents out of elements, in their order.

    Args:
        chance: gives so many random octets, so that nobody can write a mark beforehand.
    """
    return tuple([one for one in (_lift_one(element, chance) for element in elements) if one is not None])


def digest(function: Callable[[], Any], canonical: bytes, lifted: Iterable[Lifted]) -> bytes:
    """The digest of a canonical form with its contents back in their places.

    Args:
        function: a constructor of hashlib.
        canonical: the form with the marks, each of which stands in it once, in this order.
    """
    hashing = function()
    rest = canonical
    for one in lifted:
        before, _, rest = rest.partition(one.mark.encode("ascii"))
        hashing.update(before)
        for at in range(0, len(one.text), _PIECE):  # in pieces, as a copy of it all is 28 MB more
            hashing.update(one.text[at : at + _PIECE].encode("ascii"))
    hashing.update(rest)
    value: bytes = hashing.digest()
    return value


def _lift_one(element: etree._Element, chance: Callable[[int], bytes]) -> Lifted | None:
    text = element.text or ""
    if len(text) < LARGE or len(element) or not text.isascii():
        return None
    mark = binascii.b2a_base64(chance(_MARK_BYTES), newline=False).decode("ascii") + text[-_LAST:]
    element.text = mark  # before the octets come, so that the tree's copy of the text has gone by then
    try:
        return Lifted(element, mark, text, binascii.a2b_base64(text, strict_mode=True))
    except ValueError:
        element.text = text
        return None
