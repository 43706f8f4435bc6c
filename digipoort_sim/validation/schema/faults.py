"""What an XSD can have against a content, in words of our own; the libraries' sentences are hard to read.

Sources: the kinds of error of XML Schema 1.0, parts 1 and 2 (names of facets and of validity constraints).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.xml_content import XmlContent, place_of

_LONGEST_LIST: Final = 400

TEXTS: Final = {
    "root": (
        "Het rootelement is {element}; dat staat niet als rootelement in het schema.",
        "The root element is {element}; the schema has no such root element.",
    ),
    "unexpected": (
        "Het element {element} mag hier niet staan.",
        "The element {element} is not allowed here.",
    ),
    "expected": (
        "Het element {element} mag hier niet staan; verwacht wordt: {wanted}.",
        "The element {element} is not allowed here; expected is: {wanted}.",
    ),
    "missing": (
        "In het element {element} ontbreekt iets; verwacht wordt: {wanted}.",
        "Something is missing in the element {element}; expected is: {wanted}.",
    ),
    "missing-attribute": (
        "Het element {element} mist het attribuut {wanted}.",
        "The element {element} lacks the attribute {wanted}.",
    ),
    "unexpected-attribute": (
        "Het attribuut {attribute} mag niet op het element {element} staan.",
        "The attribute {attribute} is not allowed on the element {element}.",
    ),
    "text": (
        "In het element {element} mag geen tekst staan, alleen elementen.",
        "The element {element} may not hold text, only elements.",
    ),
    "children": (
        "In het element {element} mogen geen elementen staan, alleen tekst.",
        "The element {element} may not hold elements, only text.",
    ),
    "enumeration": (
        "De waarde '{value}' van {place} is niet toegestaan; toegestaan: {wanted}.",
        "The value '{value}' of {place} is not allowed; allowed: {wanted}.",
    ),
    "pattern": (
        "De waarde '{value}' van {place} heeft niet de juiste vorm (patroon: {wanted}).",
        "The value '{value}' of {place} does not have the right form (pattern: {wanted}).",
    ),
    "length": (
        "De waarde '{value}' van {place} heeft niet de lengte {wanted}.",
        "The value '{value}' of {place} does not have the length {wanted}.",
    ),
    "minLength": (
        "De waarde '{value}' van {place} is te kort; de lengte is ten minste {wanted}.",
        "The value '{value}' of {place} is too short; its length is at least {wanted}.",
    ),
    "maxLength": (
        "De waarde '{value}' van {place} is te lang; de lengte is ten hoogste {wanted}.",
        "The value '{value}' of {place} is too long; its length is at most {wanted}.",
    ),
    "minInclusive": (
        "De waarde '{value}' van {place} is te klein; toegestaan is ten minste {wanted}.",
        "The value '{value}' of {place} is too small; at least {wanted} is allowed.",
    ),
    "minExclusive": (
        "De waarde '{value}' van {place} is te klein; toegestaan is meer dan {wanted}.",
        "The value '{value}' of {place} is too small; more than {wanted} is allowed.",
    ),
    "maxInclusive": (
        "De waarde '{value}' van {place} is te groot; toegestaan is ten hoogste {wanted}.",
        "The value '{value}' of {place} is too large; at most {wanted} is allowed.",
    ),
    "maxExclusive": (
        "De waarde '{value}' van {place} is te groot; toegestaan is minder dan {wanted}.",
        "The value '{value}' of {place} is too large; less than {wanted} is allowed.",
    ),
    "totalDigits": (
        "De waarde '{value}' van {place} heeft meer dan {wanted} cijfers.",
        "The value '{value}' of {place} has more than {wanted} digits.",
    ),
    "fractionDigits": (
        "De waarde '{value}' van {place} heeft meer dan {wanted} decimalen.",
        "The value '{value}' of {place} has more than {wanted} decimals.",
    ),
    "type": (
        "De waarde '{value}' van {place} is geen {wanted}.",
        "The value '{value}' of {place} is not {wanted}.",
    ),
    "other": (
        "Het bericht voldoet bij het element {element} niet aan het schema: {wanted}.",
        "The message does not agree with its schema at the element {element}: {wanted}.",
    ),
}
"""By kind (a facet by its own name): the Dutch and the English text."""

_TYPES: Final = {
    "date": ("datum (jjjj-mm-dd)", "a date (yyyy-mm-dd)"),
    "dateTime": ("datum met tijd (jjjj-mm-ddTuu:mm:ss)", "a date with a time (yyyy-mm-ddThh:mm:ss)"),
    "decimal": ("getal (met een punt voor de decimalen)", "a number (with a point before the decimals)"),
    "integer": ("geheel getal", "a whole number"),
    "int": ("geheel getal", "a whole number"),
    "nonNegativeInteger": ("geheel getal van 0 of meer", "a whole number of 0 or more"),
    "positiveInteger": ("geheel getal van 1 of meer", "a whole number of 1 or more"),
    "boolean": ("ja/nee-waarde (true, false, 1 of 0)", "a boolean (true, false, 1 or 0)"),
    "gYear": ("jaar (jjjj)", "a year (yyyy)"),
    "QName": ("naam met een bekende prefix", "a name with a known prefix"),
    "NCName": (
        "naam (letters, cijfers, - . _; niet met een cijfer vooraan)",
        "a name (letters, digits, - . _; not with a digit in front)",
    ),
    "language": ("taalcode zoals nl", "a language code such as nl"),
    "anyURI": ("adres (URI)", "an address (URI)"),
    "base64Binary": ("base64", "base64"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One thing that an XSD has against a content.

    Args:
        kind: a key of `TEXTS`.
        element: where it is; None if it could not be found.
        name: the name of the element that it is about.
        wanted: what the schema asks for; for ``type`` the name of a type.
        value: the value that is wrong.
        attribute: the attribute that it is about; empty if it is the element's text.
        line: the line, where there is no element.
    """

    kind: str
    element: etree._Element | None
    name: str
    wanted: str = ""
    value: str = ""
    attribute: str = ""
    line: int = 0


def finding_of(xml: XmlContent, fault: SchemaFault) -> Finding:
    """A fault as a finding, with its place and texts."""
    line, column = fault.line, 0
    if fault.element is not None:
        attribute = fault.attribute if fault.kind != "missing-attribute" else ""
        line, column = place_of(xml, fault.element, attribute or None)
    nl, en = (_text(fault, language) for language in (0, 1))
    return Finding("XSD", "error", line, column, nl, en, "inferred")


def _text(fault: SchemaFault, language: int) -> str:
    wanted = _type_name(fault.wanted, language) if fault.kind == "type" else fault.wanted
    return TEXTS[fault.kind][language].format(
        element=shown(local_name(fault.name) if fault.kind != "root" else fault.name),
        attribute=shown(local_name(fault.attribute)),
        place=_place(fault, language),
        wanted=shown(wanted, _LONGEST_LIST),
        value=shown(" ".join(fault.value[:_LONGEST_LIST].split())),
    )


def _place(fault: SchemaFault, language: int) -> str:
    element, attribute = shown(local_name(fault.name)), shown(local_name(fault.attribute))
    if attribute:
        of_element = ("op het element", "on the element")[language]
        return f"{('het attribuut', 'the attribute')[language]} {attribute} {of_element} {element}"
    return f"{('het element', 'the element')[language]} {element}"


def _type_name(name: str, language: int) -> str:
    local = name.rpartition(":")[2]
    unknown = (f"geldige waarde van het type {local}", f"a valid value of the type {local}")
    return _TYPES.get(local, unknown if local else ("geldige waarde", "a valid value"))[language]


def local_name(name: str) -> str:
    """A name in Clark notation, or with a prefix, without its namespace."""
    return name.rpartition("}")[2].rpartition(":")[2]
