"""An XBRL instance as the rules look at it: its parts by kind, without its taxonomy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from lxml import etree

from digipoort_sim.validation.xml_content import XmlContent

NS_XBRLI: Final = "http://www.xbrl.org/2003/instance"
NS_LINK: Final = "http://www.xbrl.org/2003/linkbase"
NS_XLINK: Final = "http://www.w3.org/1999/xlink"
NS_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
NS_XBRLDI: Final = "http://xbrl.org/2006/xbrldi"
NS_ISO4217: Final = "http://www.xbrl.org/2003/iso4217"
NS_XML: Final = "http://www.w3.org/XML/1998/namespace"

XBRL: Final = f"{{{NS_XBRLI}}}xbrl"
CONTEXT: Final = f"{{{NS_XBRLI}}}context"
UNIT: Final = f"{{{NS_XBRLI}}}unit"
MEASURE: Final = f"{{{NS_XBRLI}}}measure"
IDENTIFIER: Final = f"{{{NS_XBRLI}}}identifier"
SCHEMA_REF: Final = f"{{{NS_LINK}}}schemaRef"
HREF: Final = f"{{{NS_XLINK}}}href"

_MAXIMUM_LOOK_UPS = 2_000_000
_STRING = etree.XPath("string()", smart_strings=False)


@dataclass(frozen=True)
class Instance:
    """An XBRL instance.

    Args:
        xml: its tree; the root is xbrli:xbrl.
        bestandsnaam: the file name that it was delivered with.
    """

    xml: XmlContent
    bestandsnaam: str

    @cached_property
    def children(self) -> tuple[etree._Element, ...]:
        """The child elements of the root, in their order."""
        return tuple(self.xml.root.iterchildren("*"))

    def named(self, tag: str) -> tuple[etree._Element, ...]:
        """The children of the root with this name."""
        return tuple(child for child in self.children if child.tag == tag)

    @cached_property
    def contexts(self) -> tuple[etree._Element, ...]:
        """All contexts."""
        return self.named(CONTEXT)

    @cached_property
    def units(self) -> tuple[etree._Element, ...]:
        """All units."""
        return self.named(UNIT)

    @cached_property
    def items(self) -> tuple[etree._Element, ...]:
        """All facts that hold a value, also those inside tuples."""
        return tuple(self._items())

    def _items(self) -> Iterator[etree._Element]:
        for child in self.children:
            if namespace_of(child) in (NS_XBRLI, NS_LINK):
                continue
            for element in child.iter("*"):
                if element.get("contextRef") is not None or len(element) == 0:
                    yield element

    def namespaces(self, element: etree._Element) -> dict[str | None, str]:
        """The prefixes that hold at an element of a unit, with their namespaces."""
        return element.nsmap if self._few_namespaces else self._root_namespaces

    @cached_property
    def _root_namespaces(self) -> dict[str | None, str]:
        return self.xml.root.nsmap

    @cached_property
    def _few_namespaces(self) -> bool:
        """Collecting the prefixes costs time by their number, for every measure that asks."""
        measures = sum(1 for unit in self.units for _ in unit.iter(MEASURE))
        return self.xml.content.count(b"xmlns") * measures <= _MAXIMUM_LOOK_UPS

    @cached_property
    def context_references(self) -> Counter[str | None]:
        """How many items refer to each context."""
        return Counter(item.get("contextRef") for item in self.items)

    @cached_property
    def unit_references(self) -> Counter[str | None]:
        """How many items refer to each unit."""
        return Counter(item.get("unitRef") for item in self.items)


def namespace_of(element: etree._Element) -> str:
    """The namespace of an element's name; empty if it has none."""
    tag = str(element.tag)
    return tag[1 : tag.index("}")] if tag.startswith("{") else ""


def name_of(element: etree._Element) -> str:
    """An element's name as it is written, with its prefix."""
    local = str(element.tag).rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def text_of(element: etree._Element) -> str:
    """The text inside an element without white space around it; comments inside do not cut it."""
    text = _STRING(element) if len(element) else element.text or ""
    return str(text).strip()
