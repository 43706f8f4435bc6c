"""Exclusive canonical XML without comments, over lxml, with its PrefixList trap closed.

lxml passes on to libxml2 only those prefixes of an InclusiveNamespaces PrefixList that stand in the
name dictionary of the thread that parsed the document. A prefix that the document declares always
stands there; the word ``#default`` does not, unless it was put there. `teach_thread` does that, and
`digipoort_sim.wus.document.parse` calls it in every thread that parses.

A canonicalisation rearranges the tree for a moment and gives up the GIL: a tree must never be used by
two threads at once.
"""

from __future__ import annotations

import io
import threading

from lxml import etree

DEFAULT_NAMESPACE = "#default"
_taught = threading.local()


def teach_thread() -> None:
    """Make lxml in this thread honour ``#default`` in PrefixLists; cheap after the first call."""
    if not getattr(_taught, "done", False):
        list(etree.iterparse(io.BytesIO(b"<x/>"), tag=DEFAULT_NAMESPACE))
        _taught.done = True


def exclusive(element: etree._Element, prefixes: tuple[str, ...] = ()) -> bytes:
    """The exclusive canonical form of an element and all that is in it, without comments and tail.

    Args:
        element: an element of a document that `document.parse` made.
        prefixes: the InclusiveNamespaces PrefixList.

    Raises:
        lxml.etree.C14NError: the element has no canonical form (a relative namespace name).
    """
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
