"""The errors of libxml2's XSD validation, as faults: its sentences taken apart, its paths followed.

Its sentences have had the same form for many versions; one that is not known here is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from lxml import etree

from digipoort_sim.validation.findings import shown
from digipoort_sim.validation.instance import text_of
from digipoort_sim.validation.schema.faults import SchemaFault, local_name

_LONGEST_PART: Final = 10_000
_LONGEST_VALUE: Final = 1_000
_SUBJECT: Final = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: (.*)", re.DOTALL)
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( (.*?) \)", re.DOTALL)
_FACET: Final = re.compile(r"\[facet '(\w+)'\]")
_QUOTED_AT_END: Final = re.compile(r"(?:'([^']*)'|\{(.*)\})\)?\.\Z", re.DOTALL)
_PATTERN: Final = re.compile(r"by the pattern '(.*)'\.\Z", re.DOTALL)
_TYPE: Final = re.compile(r" type '([^']*)'\.\Z")
_VALUE: Final = re.compile(r"(?:The value |\A)'([^']*)' ")
_ATTRIBUTE: Final = re.compile(r"The attribute '([^']*)'")

_KINDS: Final = {
    "SCHEMAV_CVC_ELT_1": "root",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "text",
    "SCHEMAV_CVC_TYPE_3_1_2": "children",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "children",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "missing-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "unexpected-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "unexpected-attribute",
    "SCHEMAV_ELEMENT_CONTENT": "content",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "type",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_2": "type",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_3": "type",
}


def faults_of_log(entries: Iterable[Any], root: etree._Element) -> Iterator[SchemaFault]:
    """A fault for every entry of the log of a `lxml.etree.XMLSchema`.

    Args:
        root: the element that was validated, where the paths of the entries begin.
    """
    namespaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    facets: set[tuple[str, str]] = set()
    for entry in entries:
        message = _shortened(entry.message)
        subject = _SUBJECT.match(message)
        if subject is None:
            yield SchemaFault("other", None, str(root.tag), shown(message, 400).rstrip("."), line=entry.line)
            continue
        name, attribute, rest = subject[1], subject[2] or "", subject[3]
        spot = (entry.path or "", attribute)
        kind = _kind(entry.type_name, rest)
        if kind == "type" and spot in facets:
            continue  # said before, by the facet
        if _FACET.match(rest):
            facets.add(spot)
        element = _followed(root, entry.path, namespaces, name)
        yield _fault(kind, element, name, attribute, rest, entry.line)


def _shortened(message: str) -> str:
    """A sentence on one line, without the middle of a value of megabytes in it."""
    if len(message) > 2 * _LONGEST_PART:
        message = f"{message[:_LONGEST_PART]}...{message[-_LONGEST_PART:]}"
    return " ".join(message.split())


def _kind(type_name: str, rest: str) -> str:
    facet = _FACET.match(rest)
    if facet:
        return facet[1]
    kind = _KINDS.get(type_name, "other")
    if kind != "content":
        return kind
    if rest.startswith("Missing child"):
        return "missing"
    return "expected" if _EXPECTED.search(rest) else "unexpected"


def _fault(
    kind: str, element: etree._Element | None, name: str, attribute: str, rest: str, line: int
) -> SchemaFault:
    named = _ATTRIBUTE.match(rest)
    if kind == "missing-attribute" and named:
        return SchemaFault(kind, element, name, local_name(named[1]), line=line)
    if kind == "unexpected-attribute" and named:
        return SchemaFault(kind, element, name, attribute=named[1], line=line)
    value = _quoted(rest) if element is None else _value(element, attribute)
    return SchemaFault(kind, element, name, _wanted(kind, rest), value, attribute, line)


def _wanted(kind: str, rest: str) -> str:
    if kind in ("expected", "missing"):
        expected = _EXPECTED.search(rest)
        return ", ".join(map(_short, expected[1].split(", "))) if expected else ""
    if kind == "pattern":
        pattern = _PATTERN.search(rest)
        return pattern[1] if pattern else ""
    if kind == "type":
        named = _TYPE.search(rest)
        return named[1] if named else ""
    if kind == "other":
        return rest.rstrip(".")
    last = _QUOTED_AT_END.search(rest)
    return (last[1] or last[2] or "").replace("'", "") if last else ""


def _short(expected: str) -> str:
    """A name that is expected; of a wildcard (``##other{urn:x}*``) what it stands for."""
    if expected.startswith("##") or expected.endswith("}*"):
        return "*"
    return local_name(expected)


def _quoted(rest: str) -> str:
    value = _VALUE.search(rest)
    return value[1] if value else ""


def _value(element: etree._Element, attribute: str) -> str:
    return (element.get(attribute) or "")[:_LONGEST_VALUE] if attribute else text_of(element)[:_LONGEST_VALUE]


def _followed(
    root: etree._Element, path: str | None, namespaces: dict[str, str], name: str
) -> etree._Element | None:
    """The element that a path of libxml2 leads to; None if its prefixes do not say which it is."""
    if not path:
        return None
    below = path[1:].partition("/")[2]
    try:
        found = root.xpath(below, namespaces=namespaces) if below else [root]
    except etree.XPathError:
        return None
    first = found[0] if isinstance(found, list) and found else None
    return first if isinstance(first, etree._Element) and first.tag == name else None
