"""The structure that every XBRL 2.1 instance has, whatever its taxonomy: its root, links, contexts and units.

The contexts, units and links are checked one by one against XSDs of our own, and facts not at all: so the
cost grows with the former, and a place is found at once. Facts are for the rules and the taxonomy.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from lxml import etree

from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.instance import (
    CONTEXT,
    NS_LINK,
    NS_XBRLI,
    NS_XML,
    NS_XSI,
    SCHEMA_REF,
    UNIT,
    name_of,
    namespace_of,
)
from digipoort_sim.validation.schema.check import MAXIMUM_FINDINGS
from digipoort_sim.validation.subject import Subject
from digipoort_sim.validation.xml_content import XmlContent, place_of

_SCHEMA: Final = "xbrl/instance.xsd"
_LINKS: Final = tuple(f"{{{NS_LINK}}}{name}" for name in ("linkbaseRef", "roleRef", "arcroleRef"))
_FOOTNOTES: Final = f"{{{NS_LINK}}}footnoteLink"
_REFERENCES: Final = frozenset({SCHEMA_REF, *_LINKS})
_CHECKED: Final = _REFERENCES | {CONTEXT, UNIT}
_KNOWN: Final = _CHECKED | {_FOOTNOTES}
_LOOKED_AT: Final = (f"{{{NS_XBRLI}}}*", f"{{{NS_LINK}}}*", "{}*")
_LOOSE_TEXTS: Final = etree.XPath("text()[normalize-space()]")
_MAXIMUM_COST: Final = 200_000_000
"""Of the parts that are checked: each costs the square of the number of namespaces, some 3 ns for each."""
_ROOT_SPACES: Final = (f"{{{NS_XML}}}", f"{{{NS_XSI}}}")


def instance_schema_findings(subject: Subject) -> Iterator[Finding]:
    """All that XBRL 2.1 has against the structure of an instance, up to a limit."""
    if subject.instance is not None:
        yield from islice(_findings(subject, subject.instance.xml), MAXIMUM_FINDINGS)


def _findings(subject: Subject, xml: XmlContent) -> Iterator[Finding]:
    yield from _of_root(xml)
    left = _MAXIMUM_COST // (1 + xml.content.count(b"xmlns") ** 2)
    for child in xml.root.iterchildren(*_LOOKED_AT):
        tag = str(child.tag)
        if tag in _REFERENCES and _is_late(child):
            yield _late(xml, child)
        if tag in _CHECKED and left > 0:
            left -= 1
            yield from subject.schemas.findings_of_part(_SCHEMA, xml, child)
        elif tag not in _KNOWN:
            yield _unknown(xml, child)


def _is_late(reference: etree._Element) -> bool:
    before = next(reference.itersiblings("*", preceding=True), None)
    return before is not None and namespace_of(before) != NS_LINK


def _of_root(xml: XmlContent) -> Iterator[Finding]:
    for name in map(str, xml.root.keys()):
        if name != "id" and not name.startswith(_ROOT_SPACES):
            yield _error(
                place_of(xml, xml.root, name),
                f"Het attribuut {shown(name)} mag niet op het element xbrl staan.",
                f"The attribute {shown(name)} is not allowed on the element xbrl.",
            )
    texts: Any = _LOOSE_TEXTS(xml.root)
    for text in texts[:MAXIMUM_FINDINGS]:
        near = text.getparent()
        short = shown(" ".join(text[:400].split()), 40)
        yield _error(
            place_of(xml, near if isinstance(near.tag, str) else xml.root),
            f"Rechtstreeks in het element xbrl mag geen tekst staan: '{short}'.",
            f"The element xbrl may not hold text itself: '{short}'.",
        )


def _late(xml: XmlContent, child: etree._Element) -> Finding:
    name = shown(name_of(child))
    return _error(
        place_of(xml, child),
        f"Het element {name} moet voor de contexten, eenheden en feiten staan.",
        f"The element {name} must stand before the contexts, units and facts.",
    )


def _unknown(xml: XmlContent, child: etree._Element) -> Finding:
    name = shown(name_of(child))
    return _error(
        place_of(xml, child),
        f"XBRL kent hier geen element {name}.",
        f"XBRL has no element {name} here.",
    )


def _error(place: tuple[int, int], nl: str, en: str) -> Finding:
    return Finding("XSD", "error", *place, nl, en, "inferred")
