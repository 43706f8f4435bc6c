"""Where something stands in a content: line and column, for bytes and for elements.

lxml knows no columns, and of an element only the line where its start tag ends, up to 65,535. So the n-th
start tag of the bytes is laid beside the n-th element of the tree. All of it is made when the first place
is asked for, and holds little, whatever the content is: a number for each block of octets and each start
tag, an element for every `_STEP`.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from lxml import etree

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_BLOCK = 16_384
_STEP = 256
_CONTINUATION = bytes(range(0x80, 0xC0))
_START_TAG = re.compile(rb"<[^!?/]")
_MARKED = re.compile(
    rb"<!--(?s:.*?)(?:-->|\Z)|<\?(?s:.*?)(?:\?>|\Z)|<!\[CDATA\[(?s:.*?)(?:\]\]>|\Z)|(?P<tag><[^!?/])"
)
_ATTRIBUTE = re.compile(rb"\s+(?P<name>[^\s=]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_TAG_NAME = re.compile(rb"<[^\s/>]+")

Place = tuple[int, int]
"""Line and column, both from 1; columns count characters."""


class Lines:
    """Finds lines and columns in bytes.

    Args:
        content: UTF-8; where it is not, columns count the octets that can begin a character.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def of_offset(self, offset: int) -> Place:
        """The place of an offset into the bytes; a byte order mark takes no column."""
        block = offset // _BLOCK
        begin = block * _BLOCK
        lines, line_start = self._blocks[block]
        lines += self._line_ends(begin, offset)
        line_start = max(line_start, self._line_start(begin, offset))
        return lines + 1, max(self._characters(offset) - self._characters(line_start), 0) + 1

    @cached_property
    def _blocks(self) -> list[tuple[int, int]]:
        """For each block, the line ends before it and where its first line begins."""
        lines = 0
        start = len(BYTE_ORDER_MARK) if self._content.startswith(BYTE_ORDER_MARK) else 0
        blocks = []
        for begin in range(0, len(self._content) + 1, _BLOCK):
            blocks.append((lines, start))
            end = min(begin + _BLOCK, len(self._content))
            lines += self._line_ends(begin, end)
            start = max(start, self._line_start(begin, end))
        return blocks

    def _line_ends(self, begin: int, end: int) -> int:
        """How many line ends there are: LF, CR and, as one, CR with LF, which counts at its LF."""
        feeds = self._content.count(b"\n", begin, end)
        if not self._has_returns:
            return feeds
        returns = self._content.count(b"\r", begin, end)
        return feeds + returns - self._content.count(b"\r\n", begin, end + 1)

    def _line_start(self, begin: int, end: int) -> int:
        feed = self._content.rfind(b"\n", begin, end)
        return max(feed, self._content.rfind(b"\r", begin, end) if self._has_returns else -1) + 1

    @cached_property
    def _has_returns(self) -> bool:
        return b"\r" in self._content

    @cached_property
    def _is_ascii(self) -> bool:
        return self._content.isascii()

    @cached_property
    def _characters_before(self) -> list[int]:
        """For each block, the characters that begin before it."""
        before, blocks = 0, []
        for begin in range(0, len(self._content) + 1, _BLOCK):
            blocks.append(before)
            before += _character_count(self._content[begin : begin + _BLOCK])
        return blocks

    def _characters(self, offset: int) -> int:
        if self._is_ascii:
            return offset
        block = offset // _BLOCK
        return self._characters_before[block] + _character_count(self._content[block * _BLOCK : offset])


class Places(Lines):
    """Finds lines and columns of elements and attributes, too.

    Args:
        content: well-formed UTF-8 XML, as it was delivered.
        root: its tree.
    """

    def __init__(self, content: bytes, root: etree._Element) -> None:
        super().__init__(content)
        self._root = root
        self._read_tag: tuple[int, dict[str, int]] = (-1, {})

    def of_element(self, element: etree._Element, attribute: str | None = None) -> Place:
        """The place of an element's start tag, or of an attribute in it.

        Args:
            attribute: a name as lxml gives it, or ``xmlns:...`` for a declaration; the place is that of the
                element if it has no such attribute.
        """
        offset = self._start_tags[self._number_of(element)]
        return self.of_offset(self._attribute(element, offset, attribute) if attribute else offset)

    @cached_property
    def _start_tags(self) -> array[int]:
        content = self._content
        if content.rfind(b"<!") < 0 and content.rfind(b"<?") <= len(BYTE_ORDER_MARK):
            return array("L", (match.start() for match in _START_TAG.finditer(content)))
        return array("L", (match.start() for match in _MARKED.finditer(content) if match["tag"]))

    @cached_property
    def _known(self) -> dict[etree._Element, int]:
        """The number of every `_STEP`-th element; holding them makes lxml give the same objects again."""
        elements = islice(self._root.iter("*"), 0, None, _STEP)
        return {element: number * _STEP for number, element in enumerate(elements)}

    def _number_of(self, element: etree._Element) -> int:
        """How many elements begin before this one: it is counted on until one with a known number."""
        for steps, later in enumerate(_from(element)):
            if later in self._known:
                return self._known[later] - steps
        return len(self._start_tags) - sum(1 for _ in _from(element))

    def _attribute(self, element: etree._Element, tag: int, name: str) -> int:
        """Where an attribute begins; its start tag if it has no such attribute."""
        if self._read_tag[0] != tag:
            self._read_tag = tag, dict(_attributes(self._content, tag))
        written = self._read_tag[1]
        if not name.startswith("{"):
            return written.get(name, tag)
        namespace, _, local = name[1:].partition("}")
        found = [full for full in written if full.partition(":")[2] == local]
        if len(found) > 1:
            namespaces = element.nsmap
            found = [full for full in found if namespaces.get(full.partition(":")[0]) == namespace]
        return written[found[0]] if found else tag


def _attributes(content: bytes, tag: int) -> Iterator[tuple[str, int]]:
    """The attributes of a start tag: each name as it is written, and where it begins."""
    position = _TAG_NAME.match(content, tag)
    while position is not None:
        position = _ATTRIBUTE.match(content, position.end())
        if position is not None:
            yield position["name"].decode(), position.start("name")


def _from(element: etree._Element) -> Iterator[etree._Element]:
    """An element and all that begin after it, in their order."""
    yield from element.iter("*")
    current: etree._Element | None = element
    while current is not None:
        for sibling in current.itersiblings("*"):
            yield from sibling.iter("*")
        current = current.getparent()


def _character_count(part: bytes) -> int:
    return len(part.translate(None, _CONTINUATION))
