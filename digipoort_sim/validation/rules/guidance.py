"""Filing guidance (FG-NL-x): warnings, which leave a message valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from digipoort_sim.validation.instance import (
    CONTEXT,
    EXPLICIT_MEMBER,
    MEASURE,
    NS_ISO4217,
    NS_LINK,
    NS_XBRLDI,
    NS_XBRLI,
    NS_XLINK,
    NS_XSI,
    UNIT,
    Instance,
    name_of,
)
from digipoort_sim.validation.rules.rule import Hit, InstanceRule, at, at_attribute

_RECOMMENDED = {
    NS_XBRLI: "xbrli",
    NS_LINK: "link",
    NS_XLINK: "xlink",
    NS_XSI: "xsi",
    NS_XBRLDI: "xbrldi",
    NS_ISO4217: "iso4217",
}
_NT_DATA = re.compile(r"http://www\.nltaxonomie\.nl/nt\d+/\w+/\d{8}/dictionary/([\w-]+)-data", re.ASCII)
"""The namespaces of the NT's concepts, whose prefix is that of their file with ``-i``: ``bd-i``."""
_ORDER = {
    f"{{{NS_LINK}}}schemaRef": 0,
    f"{{{NS_LINK}}}linkbaseRef": 1,
    f"{{{NS_LINK}}}roleRef": 2,
    f"{{{NS_LINK}}}arcroleRef": 3,
    CONTEXT: 4,
    UNIT: 5,
}
_FACTS = 6
_FEW = 50
_NONE: frozenset[str] = frozenset()
_TYPE = f"{{{NS_XSI}}}type"
_QUALIFIED_NAME = re.compile(r"\s*(?:(?P<prefix>[\w.-]+):)?[\w.-]+\s*\Z")
_FOOTNOTES = f"{{{NS_LINK}}}footnoteLink"


def _prefixes(instance: Instance) -> Iterator[Hit]:
    seen: set[tuple[str, str]] = set()
    for element, prefix, namespace in _declarations(instance):
        recommended = _recommended(namespace)
        if prefix and recommended and prefix != recommended and (prefix, namespace) not in seen:
            seen.add((prefix, namespace))
            values = {"prefix": prefix, "namespace": namespace, "aanbevolen": recommended}
            yield at_attribute(element, f"xmlns:{prefix}", **values)


def _recommended(namespace: str) -> str | None:
    concepts = _NT_DATA.fullmatch(namespace)
    return f"{concepts[1]}-i" if concepts else _RECOMMENDED.get(namespace)


def _declarations(instance: Instance) -> Iterator[tuple[etree._Element, str, str]]:
    """Every namespace declaration: its element, prefix and namespace."""
    root = instance.xml.root
    if instance.declarations == len(root.nsmap):
        yield from ((root, prefix or "", uri) for prefix, uri in root.nsmap.items())
        return
    declared: list[tuple[str, str]] = []
    for event, value in etree.iterwalk(root, events=("start-ns", "start")):
        if event == "start-ns":
            declared.append(value)
        else:
            yield from ((value, prefix, uri) for prefix, uri in declared)
            declared.clear()


def _order(instance: Instance) -> Iterator[Hit]:
    highest = 0
    for child, tag in zip(instance.children, instance.child_tags, strict=True):
        place = _ORDER.get(tag, _FACTS)
        if place < highest:
            yield at(child, naam=name_of(child))
        elif place > highest and tag != _FOOTNOTES:
            highest = place


def _unused_namespaces(instance: Instance) -> Iterator[Hit]:
    """A prefix of the root is used in the name of an element or attribute, or in a name that is a value."""
    root = instance.xml.root
    declared = {prefix or "": uri for prefix, uri in root.nsmap.items()}
    unused = declared.keys() - _used(root, {p: uri for p, uri in declared.items() if _occurs(instance, p)})
    for prefix in sorted(unused):
        declaration = f"xmlns:{prefix}" if prefix else "xmlns"
        yield at_attribute(root, declaration, prefix=prefix, namespace=declared[prefix])


def _occurs(instance: Instance, prefix: str) -> bool:
    """Whether the bytes have the prefix with its colon anywhere; if not, it need not be sought."""
    return not prefix or instance.declarations > _FEW or instance.says(f"{prefix}:")


def _used(root: etree._Element, declared: dict[str, str]) -> set[str]:
    """Those of the declared prefixes that are used; the search ends when all are found."""
    prefixes_of: dict[str, set[str]] = {}
    for prefix, uri in declared.items():
        prefixes_of.setdefault(uri, set()).add(prefix)
    left = set(declared)
    for element in root.iter("*") if left else ():
        left.discard(element.prefix or "")
        for name in element.keys():  # noqa: SIM118 (no mapping; items() takes the square of their number)
            if name[0] == "{":
                left -= prefixes_of.get(str(name)[1:].partition("}")[0], _NONE)
        for value in (element.get("dimension"), element.get(_TYPE)):
            if value:
                left.discard(_prefix_of(value))
        text = element.text
        if text and (":" in text or element.tag == MEASURE or element.tag == EXPLICIT_MEMBER):
            left.discard(_prefix_of(text))
        if not left:
            break
    return declared.keys() - left


def _prefix_of(value: str) -> str | None:
    """The prefix of a qualified name; None if it is no name."""
    match = _QUALIFIED_NAME.match(value)
    return match and (match["prefix"] or "")


def _fact_ids(instance: Instance) -> Iterator[Hit]:
    for fact in instance.facts:
        if fact.get("id") is not None:
            yield at_attribute(fact, "id", naam=name_of(fact))


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
