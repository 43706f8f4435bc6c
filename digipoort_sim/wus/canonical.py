"""Exclusive canonical XML without comments, over lxml, with its PrefixList trap closed.

lxml passes on to libxml2 only those prefixes of an InclusiveNamespaces PrefixList that stand in the
name dictionary of the present thread, and drops the others without a word. The word ``#default``
stands in none; a prefix that the document declares stands only in that of the thread that parsed it.
So each prefix is put there first, by asking for a tag of that name. It stays there for ever; so after
some thousands of them a thread learns no more, and knows only those of the documents that it parses itself.

A canonicalisation rearranges the tree for a moment and gives up the GIL: a tree must never be used by
two threads at once.
"""

from __future__ import annotations

import io
import threading

from lxml import etree

_MOST_REMEMBERED = 4096
_LONGEST = 200
_NOT_IN_A_PREFIX = frozenset("{}*")


class _Taught(threading.local):
    """The prefixes that stand in the name dictionary of a thread."""

    def __init__(self) -> None:
        self.prefixes: set[str] = set()


_taught = _Taught()


def _teach(prefixes: tuple[str, ...]) -> None:
    known = _taught.prefixes
    if known.issuperset(prefixes):
        return
    wanted = dict.fromkeys(("#default", *prefixes))
    new = [prefix for prefix in wanted if prefix not in known and _can_be_one(prefix)]
    new = new[: max(_MOST_REMEMBERED - len(known), 0)]
    if new:
        list(etree.iterparse(io.BytesIO(b"<x/>"), tag=new))
        known.update(new)


def _can_be_one(prefix: str) -> bool:
    return len(prefix) <= _LONGEST and _NOT_IN_A_PREFIX.isdisjoint(prefix)


def exclusive(element: etree._Element, prefixes: tuple[str, ...] = ()) -> bytes:
    """The exclusive canonical form of an element and all that is in it, without comments and tail.

    Args:
        element: an element of any document.
        prefixes: the InclusiveNamespaces PrefixList.

    Raises:
        lxml.etree.C14NError: the element has no canonical form (a relative namespace name).
    """
    if prefixes:
        _teach(prefixes)
    return etree.tostring(
        element,
        method="c14n",
        exclusive=True,
        with_comments=False,
        with_tail=False,
        inclusive_ns_prefixes=prefixes or None,
    )


def escape(text: str) -> str:
    """Text as canonical XML writes it inside an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def on_the_wire(octets: bytes) -> bytes:
    """Canonical octets in the form in which Digipoort sends them: a ``>`` in text stays bare (recorded).

    Only the one of ``]]>`` does not, since XML forbids that. The canonical form is the same, so what is
    signed stays as it was.
    """
    if b"&gt;" not in octets:
        return octets
    return octets.replace(b"&gt;", b">").replace(b"]]>", b"]]&gt;")
