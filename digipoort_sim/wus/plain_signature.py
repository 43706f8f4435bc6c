"""The quick way to a good verdict: a plain SignedInfo, read from the very octets that were signed.

Many clients write the same SignedInfo: no white space, no comments, no PrefixLists, no attribute but those
that must be there. The canonical form of that is one text, which a pattern recognises in a few
microseconds, where the way over the elements takes ten times as long. What the pattern does not know is
no fault: then `verification.verify` goes over the elements, and it alone refuses.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from digipoort_sim.wus.names import DS, EXCLUSIVE_C14N

_ALGORITHM = r'Algorithm="([^"&<]*)"'
_C14N = f'Algorithm="{re.escape(EXCLUSIVE_C14N)}"'


class PlainReference(NamedTuple):
    """A Reference of a plain SignedInfo.

    Attributes:
        uri: what stands behind the ``#`` of its URI.
        digest_algorithm: URI.
        digest: the DigestValue as it is written.
    """

    uri: str
    digest_algorithm: str
    digest: str


class PlainSignedInfo(NamedTuple):
    """A SignedInfo in its plainest form; its algorithms are not judged yet."""

    signature_algorithm: str
    references: list[PlainReference]


def read(signed: bytes, prefix: str | None) -> PlainSignedInfo | None:
    """Read the canonical form of a SignedInfo; None if it is not in the plainest form.

    Args:
        signed: the octets that the signature is over: exclusive canonical XML, no PrefixList.
        prefix: the namespace prefix of SignedInfo; None if it has none.
    """
    patterns = _PATTERNS.get(prefix)
    if patterns is None:
        return None
    head, reference, end = patterns
    text = signed.decode("utf-8")
    start = head.match(text)
    if start is None:
        return None
    references = []
    at = start.end()
    while (found := reference.match(text, at)) is not None:
        references.append(PlainReference(*found.groups()))
        at = found.end()
    # Nothing may stand between or behind what was recognised.
    return PlainSignedInfo(start[1], references) if text[at:] == end else None


def _patterns_of(prefix: str | None) -> tuple[re.Pattern[str], re.Pattern[str], str]:
    """Patterns for the beginning up to the first Reference and for a Reference, and the text of the end.

    All elements have the one prefix, and none declares a namespace, so all are in that of XML signatures.
    """
    p = re.escape(f"{prefix}:" if prefix else "")
    xmlns = re.escape(f"xmlns:{prefix}" if prefix else "xmlns")
    head = re.compile(
        f'<{p}SignedInfo {xmlns}="{re.escape(DS)}">'
        f"<{p}CanonicalizationMethod {_C14N}></{p}CanonicalizationMethod>"
        f"<{p}SignatureMethod {_ALGORITHM}></{p}SignatureMethod>"
    )
    reference = re.compile(
        f'<{p}Reference URI="#([^"&<]+)">'
        f"<{p}Transforms><{p}Transform {_C14N}></{p}Transform></{p}Transforms>"
        f"<{p}DigestMethod {_ALGORITHM}></{p}DigestMethod>"
        f"<{p}DigestValue>([A-Za-z0-9+/=]+)</{p}DigestValue></{p}Reference>"
    )
    return head, reference, f"</{prefix}:SignedInfo>" if prefix else "</SignedInfo>"


_PATTERNS = {prefix: _patterns_of(prefix) for prefix in ("ds", None, "dsig")}
"""For the prefixes that clients use; made beforehand, as a pattern takes longer than a signature."""
