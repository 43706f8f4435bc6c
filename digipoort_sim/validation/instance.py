"""An XBRL instance as the rules look at it: its parts by kind, without its taxonomy.

What every rule needs of every fact is made once, as lists that run beside each other: an instance may have
some hundred thousand facts, and one more Python call for each of them costs more than parsing it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
PERIOD: Final = f"{{{NS_XBRLI}}}period"
UNIT: Final = f"{{{NS_XBRLI}}}unit"
MEASURE: Final = f"{{{NS_XBRLI}}}measure"
ENTITY: Final = f"{{{NS_XBRLI}}}entity"
IDENTIFIER: Final = f"{{{NS_XBRLI}}}identifier"
EXPLICIT_MEMBER: Final = f"{{{NS_XBRLDI}}}explicitMember"
TYPED_MEMBER: Final = f"{{{NS_XBRLDI}}}typedMember"
SCHEMA_REF: Final = f"{{{NS_LINK}}}schemaRef"
HREF: Final = f"{{{NS_XLINK}}}href"
NIL: Final = f"{{{NS_XSI}}}nil"

WHITE_SPACE: Final = " \t\r\n"
"""What XML calls white space; Python's own idea of it has more, such as the no-break space."""
_NOT_FACTS = (f"{{{NS_XBRLI}}}", f"{{{NS_LINK}}}")
_OF_FRACTIONS = frozenset({f"{{{NS_XBRLI}}}numerator", f"{{{NS_XBRLI}}}denominator"})
"""The parts of the one kind of item that has elements inside."""
_MAXIMUM_LOOK_UPS = 2_000_000
_STRING = etree.XPath("string()", smart_strings=False)


@dataclass(frozen=True)
class Instance:
    """An XBRL instance.

    Args:
        xml: its tree; the root is xbrli:xbrl.
        bestandsnaam: the file name that it was delivered with.
        equals: of contexts and of units, the first that says the same; kept by who finds it out.
    """

    xml: XmlContent
    bestandsnaam: str
    equals: dict[str, list[etree._Element]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def children(self) -> tuple[etree._Element, ...]:
        """The child elements of the root, in their order."""
        return tuple(self.xml.root.iterchildren("*"))

    @cached_property
    def child_tags(self) -> tuple[str, ...]:
        """The names of the children of the root, in the same order."""
        return tuple([child.tag for child in self.children])

    def named(self, tag: str) -> tuple[etree._Element, ...]:
        """The children of the root with this name, which is one of XBRL itself."""
        return tuple(self._parted[1].get(tag, ()))

    @cached_property
    def _parted(self) -> tuple[list[etree._Element], dict[str, list[etree._Element]]]:
        """The facts beside the contexts, and what is no fact by its name."""
        facts: list[etree._Element] = []
        others: dict[str, list[etree._Element]] = {}
        for child, tag in zip(self.children, self.child_tags, strict=True):
            if tag.startswith(_NOT_FACTS):
                others.setdefault(tag, []).append(child)
            else:
                facts.append(child)
        return facts, others

    @cached_property
    def contexts(self) -> tuple[etree._Element, ...]:
        """All contexts."""
        return self.named(CONTEXT)

    @cached_property
    def units(self) -> tuple[etree._Element, ...]:
        """All units."""
        return self.named(UNIT)

    @cached_property
    def has_tuples(self) -> bool:
        """Whether any fact has elements inside."""
        return any(map(len, self._parted[0]))

    @cached_property
    def facts(self) -> tuple[etree._Element, ...]:
        """All facts in the order of the document: items and tuples, also those inside tuples."""
        if not self.has_tuples:
            return tuple(self._parted[0])
        inside = (element for outer in self._parted[0] for element in outer.iter("*"))
        return tuple([fact for fact in inside if fact.tag not in _OF_FRACTIONS])

    @cached_property
    def items(self) -> tuple[etree._Element, ...]:
        """The facts that hold a value: those that refer to a context, or have no elements inside."""
        if not self.has_tuples:
            return self.facts
        return tuple([e for e in self.facts if e.get("contextRef") is not None or not len(e)])

    @cached_property
    def context_refs(self) -> tuple[str | None, ...]:
        """The contextRef of each item."""
        return _collapsed([item.get("contextRef") for item in self.items])

    @cached_property
    def unit_refs(self) -> tuple[str | None, ...]:
        """The unitRef of each item."""
        return _collapsed([item.get("unitRef") for item in self.items])

    def says(self, name: str) -> bool:
        """Whether a local name may stand anywhere: the bytes are asked, which takes no time."""
        return name.encode() in self.xml.content

    def expanded(self, name: str, element: etree._Element) -> str:
        """A qualified name out of the content of an element, with its namespace in place of its prefix."""
        prefix, colon, local = name.strip(WHITE_SPACE).rpartition(":")
        namespace = self.namespaces(element).get(prefix if colon else None)
        if namespace is None:
            return f"{prefix}:{local}" if colon else local
        return f"{{{namespace}}}{local}"

    def namespaces(self, element: etree._Element) -> dict[str | None, str]:
        """The prefixes that hold at an element of a unit or context, with their namespaces."""
        return element.nsmap if self._declares_inside else self._root_namespaces

    @cached_property
    def _root_namespaces(self) -> dict[str | None, str]:
        return self.xml.root.nsmap

    @cached_property
    def declarations(self) -> int:
        """How many namespace declarations there are, or a few more."""
        return self.xml.content.count(b"xmlns")

    @cached_property
    def _declares_inside(self) -> bool:
        """Whether prefixes are looked up at each element; for too many that would take too long."""
        names = sum(1 for _ in self.xml.root.iter(MEASURE, EXPLICIT_MEMBER, TYPED_MEMBER))
        inside = self.declarations > len(self._root_namespaces)
        return inside and self.declarations * names <= _MAXIMUM_LOOK_UPS


def _collapsed(references: list[str | None]) -> tuple[str | None, ...]:
    """References (xsd:IDREF) without white space around them, which says nothing; few of them differ."""
    shorter = {one: one.strip(WHITE_SPACE) for one in set(references) if one}
    if all(one == short for one, short in shorter.items()):
        return tuple(references)
    return tuple([shorter.get(one, one) if one else one for one in references])


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
    return whole_text_of(element).strip(WHITE_SPACE)


def whole_text_of(element: etree._Element) -> str:
    """The text inside an element with its white space; comments inside do not cut it."""
    return str(_STRING(element) if len(element) else element.text or "")
