"""From bytes that anybody may have sent to an XML tree, within limits and without entities.

Only UTF-8 is read (FR-NL-1.05); of XML that is not XBRL also ISO 8859-1, which is made UTF-8 first. So the
bytes can be searched for a DOCTYPE before any parser sees them, and no entity can ever be declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final

from lxml import etree

from digipoort_sim import xml_names
from digipoort_sim.catalogue.mandate_messages import MAXIMUM_BYTES as MAXIMUM_MANDATE
from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.places import BYTE_ORDER_MARK, Lines, Place, Places
from digipoort_sim.validation.xml_faults import not_well_formed, syntax_findings

MAXIMUM_SYNTAX_ERRORS: Final = 100

LEXEMES: Final = re.compile(
    rb"<!--(?s:.*?)(?:-->|\Z)"
    rb"|<\?(?s:.*?)(?:\?>|\Z)"
    rb"|(?P<cdata><!\[CDATA\[)(?s:.*?)(?:\]\]>|\Z)"
    rb"|(?P<doctype><!DOCTYPE)"
    rb"|&\#(?P<reference>x[0-9a-fA-F]+|[0-9]+);"
    rb"|&(?P<entity>[^\s&<>;\#]{1,200});"
)
"""Comments, instructions, CDATA sections, DOCTYPEs and references, in one pass from the left."""
_PREDEFINED = frozenset({b"lt", b"gt", b"amp", b"apos", b"quot"})
_OTHER_ENTITY = re.compile(rb"&(?!\#|(?:lt|gt|amp|apos|quot);)")
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_FIRST_OCTETS = 4
_LATIN = (b"iso-8859-1", b"latin1", b"us-ascii")
_DECLARED_ENCODING = re.compile(rb"\A<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{0,60})[\"']")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much XML is read; more of it would cost memory and time that nobody's message is worth.

    Args:
        octets: size of the content.
        elements: number of elements.
        attributes: number of attributes (of equals signs, to be exact); None is as many as elements.
        latin: whether ISO 8859-1 is read too, where the declaration says so.
    """

    octets: int
    elements: int
    attributes: int | None = None
    latin: bool = False


_ROOMY: Final = 20_971_520

LIMITS: Final = {
    "xbrl": Limits(67_108_864, 600_000, 1_500_000),
    "xml": Limits(67_108_864, 2_000_000, latin=True),
    "mandate": Limits(MAXIMUM_MANDATE, 10_000),
}
"""By the form of the content.

A wage return of 20 MiB has about 900,000 elements. Of XBRL with the names of the NT, 20 MiB are 190,000
amounts with 570,000 attributes, or at most 400,000 of the shortest facts (``bd-i:ContactType``).
"""


@dataclass(frozen=True)
class XmlContent:
    """Well-formed XML without a DOCTYPE.

    Args:
        content: the bytes as they were delivered.
        root: the root element of the tree.
    """

    content: bytes
    root: etree._Element

    def lexemes(self) -> Iterator[re.Match[bytes]]:
        """What `LEXEMES` finds."""
        return LEXEMES.finditer(self.content)

    @cached_property
    def places(self) -> Places:
        """Where things stand in the bytes."""
        return Places(self.content, self.root)


def place_of(xml: XmlContent, element: etree._Element, attribute: str | None = None) -> Place:
    """Line and column of an element's start tag, or of an attribute in it; for every finding about either.

    Use it in place of ``sourceline``, which ends at 65,535 and is the line where the start tag *ends*.
    The first call for a content takes about 0.2 seconds for 20 MiB, others microseconds; so call it only
    when there is a finding.

    Args:
        element: of the tree of ``xml``, which must be as it was parsed.
        attribute: a name as lxml gives it (``unitRef``, ``{http://...}lang``), or ``xmlns:...``.

    Returns:
        both from 1; the column counts characters.
    """
    return xml.places.of_element(element, attribute)


def read_xml(content: bytes, limits: Limits) -> XmlContent | tuple[Finding, ...]:
    """Parse content, or say all that keeps it from being parsed.

    Returns:
        the tree, or at least one finding with severity ``error``.
    """
    if limits.latin:
        content = _as_utf8(content)
    findings = tuple(_before_parsing(content, limits))
    if findings:
        return findings
    return _parsed(content)


def _as_utf8(content: bytes) -> bytes:
    """A content that declares ISO 8859-1 in UTF-8; others unchanged. Wage returns may be in either."""
    declared = _DECLARED_ENCODING.match(content)
    if declared is None or declared[1].lower() not in _LATIN:
        return content
    head, rest = content[: declared.start(1)], content[declared.end(1) :]
    return head + b"utf-8" + rest.decode("latin-1").encode()


def _before_parsing(content: bytes, limits: Limits) -> Iterator[Finding]:
    yield from _too_large(content, limits)
    yield from _other_mark(content)
    if b"\0" in content[:_FIRST_OCTETS]:
        yield _utf_16()
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        yield _error(
            "FR-NL-1.05",
            f"Het bericht is geen geldige UTF-8 (octet {error.start + 1}).",
            f"The message is not valid UTF-8 (octet {error.start + 1}).",
            place=Lines(content).of_offset(error.start),
            provenance="published",
        )
        return
    yield from _declared_encoding(content)
    yield from _doctype(content)
    yield from _named_references(content)


def encoding_of(head: bytes, limits: Limits) -> str | tuple[Finding, ...]:
    """What content is to be parsed in, by its beginning; findings if it is nothing that is read."""
    declared = _DECLARED_ENCODING.match(head)
    if limits.latin and declared and declared[1].lower() in _LATIN:
        return "iso-8859-1"
    utf_16 = (_utf_16(),) if b"\0" in head[:_FIRST_OCTETS] else ()
    return (*_other_mark(head), *utf_16, *_declared_encoding(head)) or "utf-8"


def _utf_16() -> Finding:
    return _error(
        "FR-NL-1.05",
        "Het bericht is geen UTF-8 maar, zo te zien, UTF-16 of UTF-32.",
        "The message is not UTF-8 but, by its looks, UTF-16 or UTF-32.",
        place=(1, 1),
        provenance="published",
    )


def is_crowded(content: bytes, limits: Limits) -> bool:
    """Whether a content of a size that is read whole has more elements or attributes than are.

    Only of what is too large for WUS: the limits leave room for any smaller content that means something.
    """
    return _ROOMY < len(content) <= limits.octets and any(_too_large(content, limits))


def _counted(content: bytes, limits: Limits) -> Iterator[tuple[int, int, str, str]]:
    yield len(content), limits.octets, "octetten", "octets"
    if len(content) > limits.elements:  # else there is no room for so many
        elements = content.count(b"<") - content.count(b"</")
        yield elements, limits.elements, "elementen", "elements"
        yield content.count(b"="), limits.attributes or limits.elements, "attributen", "attributes"


def _too_large(content: bytes, limits: Limits) -> Iterator[Finding]:
    for found, limit, nl, en in _counted(content, limits):
        if found > limit:
            yield _error(
                "XML-SIZE",
                f"Het bericht is te groot: {found} {nl}, hoogstens {limit}.",
                f"The message is too large: {found} {en}, at most {limit}.",
            )


def _other_mark(content: bytes) -> Iterator[Finding]:
    """A byte order mark of UTF-16 or UTF-32; that of UTF-8 is read, see `text_rules`."""
    if content.startswith(_OTHER_MARKS):
        yield _error(
            "FR-NL-1.01",
            "Het bericht mag niet met een byte order mark beginnen.",
            "The message must not begin with a byte order mark.",
            place=(1, 1),
            provenance="published",
        )


def _declared_encoding(content: bytes) -> Iterator[Finding]:
    declared = _DECLARED_ENCODING.match(content.removeprefix(BYTE_ORDER_MARK))
    if declared and declared[1].lower() != b"utf-8":
        name = shown(declared[1].decode("utf-8", "replace"))
        yield _error(
            "FR-NL-1.05",
            f"De tekencodering moet UTF-8 zijn, niet {name}.",
            f"The encoding must be UTF-8, not {name}.",
            place=Lines(content.removeprefix(BYTE_ORDER_MARK)).of_offset(declared.start(1)),
            provenance="published",
        )


def _doctype(content: bytes) -> Iterator[Finding]:
    if b"<!DOCTYPE" not in content:
        return
    first = next((match for match in LEXEMES.finditer(content) if match["doctype"]), None)
    if first:
        yield _error(
            "FR-NL-1.03",
            "Een DOCTYPE is niet toegestaan.",
            "A DOCTYPE is not allowed.",
            place=Lines(content).of_offset(first.start()),
            provenance="published",
        )


def _named_references(content: bytes) -> Iterator[Finding]:
    """References to entities, of which a content without a DOCTYPE has five; the parser would stop at it."""
    if not _OTHER_ENTITY.search(content):
        return
    lines = Lines(content)
    matches = (match for match in LEXEMES.finditer(content) if match["entity"])
    for match in islice((m for m in matches if m["entity"] not in _PREDEFINED), MAXIMUM_SYNTAX_ERRORS):
        name = shown(match[0].decode())
        yield _error(
            "FR-NL-1.04",
            f"De tekenverwijzing {name} is niet toegestaan.",
            f"The character reference {name} is not allowed.",
            place=lines.of_offset(match.start()),
            provenance="published",
        )


def _parsed(content: bytes) -> XmlContent | tuple[Finding, ...]:
    return xml_names.parsed(content, _parsed_here)


def _parsed_here(content: bytes) -> XmlContent | tuple[Finding, ...]:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, encoding="utf-8"
    )
    try:
        return XmlContent(content, etree.fromstring(content.removeprefix(BYTE_ORDER_MARK), parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        log: Any = parser.error_log  # that of the exception also holds those of earlier parses
        entries = islice(log, MAXIMUM_SYNTAX_ERRORS)
        found = tuple(syntax_findings(entries, content))
        return found or (not_well_formed((1, 1), shown(str(error)), shown(str(error))),)


def _error(
    rule: str, nl: str, en: str, *, place: Place = (0, 0), provenance: Provenance = "simulator"
) -> Finding:
    return Finding(rule, "error", *place, nl, en, provenance)
