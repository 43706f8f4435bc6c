"""Inline XBRL documents as the rules look at them: their parts by kind, without their taxonomy.

Source: Inline XBRL 1.1 (XBRL International, 2013-11-18).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from lxml import etree

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.instance import CONTEXT, HREF, IDENTIFIER, NS_XBRLI, SCHEMA_REF, UNIT
from digipoort_sim.validation.xml_content import Limits, XmlContent, read_xml

NS_XHTML: Final = "http://www.w3.org/1999/xhtml"
NS_IX: Final = "http://www.xbrl.org/2013/inlineXBRL"

HTML: Final = f"{{{NS_XHTML}}}html"
NON_FRACTION: Final = f"{{{NS_IX}}}nonFraction"
FRACTION: Final = f"{{{NS_IX}}}fraction"
FACTS: Final = (NON_FRACTION, f"{{{NS_IX}}}nonNumeric", FRACTION)
REFERENCES: Final = f"{{{NS_IX}}}references"

_DATES = tuple(f"{{{NS_XBRLI}}}{name}" for name in ("startDate", "endDate", "instant"))

DOCUMENT_TYPE: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:\s++|(?><\?(?s:.{0,500}?)\?>)|(?><!--(?s:.{0,5000}?)-->)){0,50}+"
    rb"(?P<doctype><!DOCTYPE\s[^>\[\]]{0,500}+>)"
)
"""A DOCTYPE without declarations of its own, before the root element."""


def found_by(path: etree.XPath, root: etree._Element) -> list[etree._Element]:
    """The elements that an XPath finds."""
    found = path(root)
    return [e for e in found if isinstance(e, etree._Element)] if isinstance(found, list) else []


@dataclass(frozen=True)
class InlineDocument:
    """One XHTML document of a report.

    Args:
        name: its path in the report package; empty if it was delivered alone.
        xml: its tree; the root is html in the XHTML namespace.
        doctype: its DOCTYPE, which no parser saw; None if it has none.
    """

    name: str
    xml: XmlContent
    doctype: str | None

    @cached_property
    def facts(self) -> tuple[etree._Element, ...]:
        """All elements that hold a fact."""
        return self._all(*FACTS)

    @cached_property
    def contexts(self) -> tuple[etree._Element, ...]:
        """All contexts."""
        return self._all(CONTEXT)

    @cached_property
    def units(self) -> tuple[etree._Element, ...]:
        """All units."""
        return self._all(UNIT)

    @cached_property
    def identifiers(self) -> tuple[etree._Element, ...]:
        """The entity identifiers of all contexts."""
        return self._all(IDENTIFIER)

    @cached_property
    def dates(self) -> tuple[etree._Element, ...]:
        """The dates in the periods of all contexts."""
        return self._all(*_DATES)

    @cached_property
    def references(self) -> tuple[etree._Element, ...]:
        """All ix:references; each says which taxonomy a target has."""
        return self._all(REFERENCES)

    def schema_refs(self) -> Iterator[tuple[str | None, str]]:
        """Target and address of every link:schemaRef, in their order."""
        for references in self.references:
            for reference in references.iterchildren(SCHEMA_REF):
                yield references.get("target"), reference.get(HREF, "").strip()

    def _all(self, *names: str) -> tuple[etree._Element, ...]:
        return tuple(self.xml.root.iter(*names))


def read_inline(name: str, content: bytes, limits: Limits) -> InlineDocument | tuple[Finding, ...]:
    """An inline document, or all that keeps it from being read as one.

    A DOCTYPE of XHTML declares nothing here: it is taken away before any parser sees it, places stay.
    """
    found = DOCUMENT_TYPE.match(content)
    doctype = found["doctype"] if found else None
    if found:
        blank = re.sub(rb"[^\r\n]", b" ", found["doctype"])
        content = content[: found.start("doctype")] + blank + content[found.end("doctype") :]
    read = read_xml(content, limits)
    if not isinstance(read, XmlContent):
        return read
    return InlineDocument(name, read, doctype.decode("utf-8", "replace") if doctype else None)
