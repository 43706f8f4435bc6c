"""The errors of the package xmlschema, as faults: it lists all of a small content, where libxml2 goes on
after the first error in an element with its next sibling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from lxml import etree

from digipoort_sim.validation.findings import shown
from digipoort_sim.validation.instance import text_of
from digipoort_sim.validation.schema.faults import SchemaFault, local_name

_FACETS: Final = {
    "XsdPatternFacets": "pattern",
    "XsdEnumerationFacets": "enumeration",
    "XsdLengthFacet": "length",
    "XsdMinLengthFacet": "minLength",
    "XsdMaxLengthFacet": "maxLength",
    "XsdMinInclusiveFacet": "minInclusive",
    "XsdMinExclusiveFacet": "minExclusive",
    "XsdMaxInclusiveFacet": "maxInclusive",
    "XsdMaxExclusiveFacet": "maxExclusive",
    "XsdTotalDigitsFacet": "totalDigits",
    "XsdFractionDigitsFacet": "fractionDigits",
}
_REASONS: Final = {
    "character data between child elements not allowed": "text",
    "a simple content element can't have child elements": "children",
}


def faults_of_errors(errors: Iterable[Any]) -> Iterator[SchemaFault]:
    """A fault for every error of `xmlschema.XMLSchema.iter_errors` over a tree of lxml."""
    for error in errors:
        element: etree._Element = error.elem
        children = hasattr(error, "expected")
        yield _of_children(error, element) if children else _of_other(error, element, str(element.tag))


def _of_children(error: Any, element: etree._Element) -> SchemaFault:
    expected = ", ".join(dict.fromkeys(map(_expected_name, error.expected or ())))
    if error.invalid_tag is None:
        return SchemaFault("missing", element, str(element.tag), expected or "*")
    kind = "expected" if expected else "unexpected"
    return SchemaFault(kind, element[error.index], str(error.invalid_tag), expected)


def _expected_name(particle: Any) -> str:
    name = getattr(particle, "name", None)
    return local_name(name) if name else "*"


def _of_other(error: Any, element: etree._Element, name: str) -> SchemaFault:
    validator, reason = type(error.validator).__name__, str(error.reason or error.message)
    attribute = _attribute_named(element, reason)
    if validator in _FACETS:
        wanted = _wanted(error.validator, _FACETS[validator])
        return SchemaFault(_FACETS[validator], element, name, wanted, _value(element, attribute), attribute)
    if validator == "XsdAttributeGroup":
        return _of_attributes(element, name, reason)
    if type(error).__name__ == "XMLSchemaDecodeError":
        wanted = local_name(getattr(error.validator, "name", None) or "")
        return SchemaFault("type", element, name, wanted, _value(element, attribute), attribute)
    if reason.endswith("is not an element of the schema"):
        return SchemaFault("root", element, name)
    text = shown(" ".join(reason.split()), 400).rstrip(".")
    return SchemaFault(_REASONS.get(reason, "other"), element, name, text)


def _attribute_named(element: etree._Element, reason: str) -> str:
    """The attribute that a reason begins with: ``attribute k='x': ...``."""
    written = reason.removeprefix("attribute ").partition("=")[0] if reason.startswith("attribute ") else ""
    return next((name for name in map(str, element.keys()) if written and name == written), "")


def _of_attributes(element: etree._Element, name: str, reason: str) -> SchemaFault:
    quoted = reason.partition("'")[2].partition("'")[0]
    if reason.startswith("missing required attribute"):
        return SchemaFault("missing-attribute", element, name, local_name(quoted))
    if "not allowed" in reason:
        return SchemaFault("unexpected-attribute", element, name, attribute=quoted)
    return SchemaFault("other", element, name, shown(reason, 400))


def _wanted(facet: Any, kind: str) -> str:
    if kind == "pattern":
        return " | ".join(facet.regexps)
    if kind == "enumeration":
        return ", ".join(map(str, facet.enumeration))
    return str(facet.value)


def _value(element: etree._Element, attribute: str) -> str:
    return str(element.get(attribute) or "")[:1_000] if attribute else text_of(element)[:1_000]
