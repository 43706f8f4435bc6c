"""Filing guidance (FG-NL-x): warnings, which leave a message valid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from digipoort_sim.validation.instance import (
    CONTEXT,
    MEASURE,
    NS_ISO4217,
    NS_LINK,
    NS_XBRLDI,
    NS_XBRLI,
    NS_XLINK,
    NS_XML,
    NS_XSI,
    UNIT,
    Instance,
    name_of,
)
from digipoort_sim.validation.rule import Hit, InstanceRule, at

_RECOMMENDED = {
    NS_XBRLI: "xbrli",
    NS_LINK: "link",
    NS_XLINK: "xlink",
    NS_XSI: "xsi",
    NS_XBRLDI: "xbrldi",
    NS_ISO4217: "iso4217",
}
_ORDER = {
    f"{{{NS_LINK}}}schemaRef": 0,
    f"{{{NS_LINK}}}linkbaseRef": 1,
    f"{{{NS_LINK}}}roleRef": 2,
    f"{{{NS_LINK}}}arcroleRef": 3,
    CONTEXT: 4,
    UNIT: 5,
}
_FACTS = 6
_FOOTNOTES = f"{{{NS_LINK}}}footnoteLink"
_EXPLICIT_MEMBER = f"{{{NS_XBRLDI}}}explicitMember"


def _prefixes(instance: Instance) -> Iterator[Hit]:
    for prefix, uri in instance.xml.root.nsmap.items():
        recommended = _RECOMMENDED.get(uri)
        if recommended and prefix != recommended:
            yield at(instance.xml.root, prefix=prefix or "", namespace=uri, aanbevolen=recommended)


def _order(instance: Instance) -> Iterator[Hit]:
    highest = 0
    for child in instance.children:
        place = _ORDER.get(str(child.tag), _FACTS)
        if place < highest and child.tag != _FOOTNOTES:
            yield at(child, naam=name_of(child))
        highest = max(highest, place)


def _unused_namespaces(instance: Instance) -> Iterator[Hit]:
    declared = instance.xml.root.nsmap
    used = {NS_XML}
    prefixes: set[str] = set()
    for element in instance.xml.root.iter("*"):
        used.add(_namespace(str(element.tag)))
        used.update(_namespace(str(name)) for name in element.keys())  # noqa: SIM118 (no mapping)
        prefixes.update(_prefixes_in_values(element))
    for prefix, uri in declared.items():
        if uri not in used and (prefix or "") not in prefixes:
            yield at(instance.xml.root, prefix=prefix or "", namespace=uri)


def _namespace(clark: str) -> str:
    return clark[1:].partition("}")[0] if clark.startswith("{") else ""


def _prefixes_in_values(element: etree._Element) -> Iterator[str]:
    """Prefixes of the names that stand in values: measures, dimensions, members and xsi:type."""
    values = [element.get("dimension"), element.get(f"{{{NS_XSI}}}type")]
    if element.tag in (MEASURE, _EXPLICIT_MEMBER) or element.get("contextRef"):
        values.append(element.text)
    for value in values:
        if value and ":" in value:
            yield value.strip().partition(":")[0]


def _fact_ids(instance: Instance) -> Iterator[Hit]:
    return (at(item, naam=name_of(item)) for item in instance.items if item.get("id") is not None)


GUIDANCE_RULES: Final = (
    InstanceRule(
        "FG-NL-03",
        "warning",
        "Voor de namespace {namespace} is de prefix {aanbevolen} aanbevolen, niet '{prefix}'.",
        "For the namespace {namespace} the prefix {aanbevolen} is recommended, not '{prefix}'.",
        _prefixes,
    ),
    InstanceRule(
        "FG-NL-04",
        "warning",
        "Het element {naam} staat niet in de aanbevolen volgorde.",
        "The element {naam} is not in the recommended order.",
        _order,
    ),
    InstanceRule(
        "FG-NL-05",
        "warning",
        "De namespace {namespace} (prefix '{prefix}') wordt niet gebruikt.",
        "The namespace {namespace} (prefix '{prefix}') is not used.",
        _unused_namespaces,
    ),
    InstanceRule(
        "FG-NL-09",
        "warning",
        "Het attribuut id van het feit {naam} wordt afgeraden.",
        "The attribute id of the fact {naam} is discouraged.",
        _fact_ids,
    ),
)
