"""What keeps a parser that sees XML in pieces from needing more and more memory.

libxml2 keeps every element that is open, every comment, instruction, CDATA section and tag whose end has not
come yet, and every name. `Markup` looks at each piece before the parser does and counts these, exactly for
XML that is well-formed; what is not ends at the parser.
"""

from __future__ import annotations

import re
from typing import Final

from digipoort_sim.xml_names import names_in

MAXIMUM_DEPTH: Final = 2048
"""Elements within each other where a piece ends; libxml2 has the same limit for contents read whole."""

MAXIMUM_LEXEME: Final = 4 * 1024 * 1024
"""Octets of one comment, instruction, CDATA section or tag."""

MAXIMUM_NAMES: Final = 20_000
"""Different names in the pieces whose names are looked at."""

_BEGUN = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_INSIDE = rb"[^<>\"']*+(?:\"[^\"<]*+\"[^<>\"']*+|'[^'<]*+'[^<>\"']*+)*+"
_TAG = re.compile(rb"<" + _INSIDE + rb">")
_EMPTY = re.compile(rb"<" + _INSIDE + rb"(?<=/)>")
_NAMESPACE = re.compile(rb"\sxmlns(?::[^\s=]*)?\s*=\s*[\"']([^\"'<]{0,200})")
_SAMPLE = 16


class Markup:
    """Follows the markup of a document, piece by piece.

    Attributes:
        depth: how many elements are open.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._rest = b""
        self._end = b""
        self._begun = 0
        self._names: set[bytes] = set()

    def take(self, piece: bytes) -> tuple[str, str] | None:
        """Take the next piece; gives what there is too much of, in Dutch and English."""
        if hash(piece) % _SAMPLE == 0:  # at random, so that nobody can know which
            self._names |= names_in(piece)
            self._names.update(_NAMESPACE.findall(piece))
        self._take(self._rest + piece, len(piece))
        return self._too_much()

    def _too_much(self) -> tuple[str, str] | None:
        if self.depth > MAXIMUM_DEPTH:
            return (
                f"meer dan {MAXIMUM_DEPTH} elementen in elkaar",
                f"more than {MAXIMUM_DEPTH} elements within each other",
            )
        if max(self._begun, len(self._rest)) > MAXIMUM_LEXEME:
            return (
                f"een tag, commentaar, instructie of CDATA-sectie van meer dan {MAXIMUM_LEXEME} octetten",
                f"a tag, comment, instruction or CDATA section of more than {MAXIMUM_LEXEME} octets",
            )
        if len(self._names) > MAXIMUM_NAMES:
            return "te veel verschillende namen", "too many different names"
        return None

    def _take(self, data: bytes, new: int) -> None:
        """Go through what is left of the pieces before together with the `new` octets."""
        start = 0
        if self._end:
            found = data.find(self._end)
            if found < 0:
                self._begun += new
                self._rest = data[1 - len(self._end) :]
                return
            start = found + len(self._end)
            self._end, self._begun = b"", 0
        self._rest = b""
        while begun := _BEGUN.search(data, start):
            self._count(data[start : begun.start()])
            end = _ENDS[begun[0]]
            found = data.find(end, begun.end())
            if found < 0:
                self._end, self._begun = end, len(data) - begun.start()
                self._rest = data[begun.end() :][1 - len(end) :]
                return
            start = found + len(end)
        last = data.rfind(b"<", start)
        if last >= 0 and not _TAG.match(data, last):
            self._rest = data[last:]
            self._count(data[start:last])
        else:
            self._count(data[start:])

    def _count(self, data: bytes) -> None:
        """Count tags that are whole, in a part without anything but tags and text."""
        self.depth += data.count(b"<") - 2 * data.count(b"</")
        if b"/>" in data:
            self.depth -= sum(1 for _ in _EMPTY.finditer(data))
