"""The filing rules of the KvK for inline XBRL (NL-KVK) that need no taxonomy.

Source: the KvK's rules, as Arelle's plugin for NL-INLINE-2024 and 2025 names them; ids and severities are
the published ones. The rules about facts and extension taxonomies are the second step's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from digipoort_sim.validation.instance import NS_XBRLDI, NS_XBRLI, NS_XML, name_of, text_of
from digipoort_sim.validation.reports.inline_document import (
    FRACTION,
    NS_IX,
    NS_XHTML,
    InlineDocument,
    found_by,
)
from digipoort_sim.validation.reports.inline_rules import InlineHits, InlineRule, in_each
from digipoort_sim.validation.reports.package import Report
from digipoort_sim.validation.rules.rule import Hit, at, at_attribute

SCHEME: Final = "http://www.kvk.nl/kvk-id"
SCHEME_LEI: Final = "http://standards.iso.org/iso/17442"

_NUMBER = re.compile(r"(?!00)[0-9]{8}\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SCRIPTS = tuple(f"{{{NS_XHTML}}}{name}" for name in ("script", "object"))
_EVENTS = etree.XPath("//*[@*[starts-with(name(), 'on')]]")
_EVENT = re.compile(r"on[a-z]+\Z")
_LINKS = (f"{{{NS_XHTML}}}a", f"{{{NS_XHTML}}}img")
_BASES = etree.XPath("//*[@xml:base]")
_BASE = f"{{{NS_XML}}}base"
_OLD_TRANSFORMATIONS = frozenset(
    {
        "http://www.xbrl.org/inlineXBRL/transformation/2010-04-20",
        "http://www.xbrl.org/inlineXBRL/transformation/2011-07-31",
        "http://www.xbrl.org/inlineXBRL/transformation/2015-02-26",
    }
)
_FILE_CHARACTERS = re.compile(r"[0-9A-Za-z_.-]*\Z")
_FILE_NAME = re.compile(
    r"(?P<base>[^-]*)-\d{4}-(?:0[1-9]|1[012])-(?:0?[1-9]|[12][0-9]|3[01])-[^-]*\.(?:html|htm|xhtml)\Z",
    re.ASCII,
)
_LONGEST_BASE = 20


def _doctype_html(document: InlineDocument) -> Iterator[Hit]:
    if document.doctype and "XHTML" not in document.doctype.upper():
        yield Hit(values={"doctype": document.doctype})


def _doctype_xhtml(document: InlineDocument) -> Iterator[Hit]:
    if document.doctype and "XHTML" in document.doctype.upper():
        yield Hit(values={"doctype": document.doctype})


def _number(document: InlineDocument) -> Iterator[Hit]:
    for element in document.identifiers:
        text = text_of(element)
        if element.get("scheme") == SCHEME and not _NUMBER.match(text):
            yield at(element, nummer=text)


def _scheme(document: InlineDocument) -> Iterator[Hit]:
    for element in document.identifiers:
        if element.get("scheme") not in (SCHEME, SCHEME_LEI):
            yield at_attribute(element, "scheme", scheme=element.get("scheme", ""))


def _scheme_lei(document: InlineDocument) -> Iterator[Hit]:
    found = (element for element in document.identifiers if element.get("scheme") == SCHEME_LEI)
    yield from (at_attribute(element, "scheme") for element in list(found)[:1])


def _other_identifier(report: Report) -> InlineHits:
    first: tuple[str | None, str] | None = None
    for document in report.documents:
        for element in document.identifiers:
            found = (element.get("scheme"), text_of(element))
            first = first or found
            if found != first:
                yield document, at(element, nummer=found[1], eerste=first[1])


def _with_time(document: InlineDocument) -> Iterator[Hit]:
    return (at(e, datum=text_of(e)) for e in document.dates if "T" in text_of(e))


def _no_date(document: InlineDocument) -> Iterator[Hit]:
    for element in document.dates:
        text = text_of(element)
        if "T" not in text and not _is_date(text):
            yield at(element, datum=text)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _segment(document: InlineDocument) -> Iterator[Hit]:
    return (at(element) for element in document.xml.root.iter(f"{{{NS_XBRLI}}}segment"))


def _scenario(document: InlineDocument) -> Iterator[Hit]:
    for scenario in document.xml.root.iter(f"{{{NS_XBRLI}}}scenario"):
        for child in scenario.iterchildren("*"):
            if not str(child.tag).startswith(f"{{{NS_XBRLDI}}}"):
                yield at(child, naam=name_of(child))


def _precision(document: InlineDocument) -> Iterator[Hit]:
    return (
        at_attribute(fact, "precision", naam=fact.get("name", "-"))
        for fact in document.facts
        if fact.get("precision") is not None
    )


def _transformation(document: InlineDocument) -> Iterator[Hit]:
    if not any(namespace.encode() in document.xml.content for namespace in _OLD_TRANSFORMATIONS):
        return
    for fact in document.facts:
        prefix, colon, _ = fact.get("format", "").partition(":")
        if colon and fact.nsmap.get(prefix) in _OLD_TRANSFORMATIONS:
            yield at_attribute(fact, "format", naam=fact.get("name", "-"), format=fact.get("format", ""))


def _no_id(document: InlineDocument) -> Iterator[Hit]:
    return (at(fact, naam=fact.get("name", "-")) for fact in document.facts if not fact.get("id"))


def _tuples(document: InlineDocument) -> Iterator[Hit]:
    return (at(element) for element in document.xml.root.iter(f"{{{NS_IX}}}tuple"))


def _fractions(document: InlineDocument) -> Iterator[Hit]:
    return (at(element) for element in document.xml.root.iter(FRACTION))


def _base(document: InlineDocument) -> Iterator[Hit]:
    yield from (at(element) for element in document.xml.root.iter(f"{{{NS_XHTML}}}base"))
    yield from (at_attribute(element, _BASE) for element in found_by(_BASES, document.xml.root))


def _executable(document: InlineDocument) -> Iterator[Hit]:
    root = document.xml.root
    yield from (at(element, wat=name_of(element)) for element in root.iter(*_SCRIPTS))
    for element in root.iter(*_LINKS):
        for attribute in ("href", "src"):
            if "javascript:" in element.get(attribute, "").casefold():
                yield at_attribute(element, attribute, wat=f"{attribute}=javascript:")
    for element in found_by(_EVENTS, root):
        for attribute in map(str, element.attrib):
            if _EVENT.match(attribute):
                yield at_attribute(element, attribute, wat=attribute)


def _file_characters(document: InlineDocument) -> Iterator[Hit]:
    if not _FILE_CHARACTERS.match(_base_name(document)):
        yield Hit()


def _file_name(document: InlineDocument) -> Iterator[Hit]:
    if document.name and not _FILE_NAME.match(_base_name(document)):
        yield Hit()


def _file_base(document: InlineDocument) -> Iterator[Hit]:
    match = _FILE_NAME.match(_base_name(document))
    if match and len(match["base"]) > _LONGEST_BASE:
        yield Hit(values={"naam": match["base"]})


def _base_name(document: InlineDocument) -> str:
    return document.name.rpartition("/")[2]


KVK_RULES: Final = (
    InlineRule(
        "NL-KVK.RTS_Art_3",
        "error",
        "De DOCTYPE {doctype} is niet die van XHTML; laat hem weg.",
        "The DOCTYPE {doctype} is not that of XHTML; leave it out.",
        in_each(_doctype_html),
    ),
    InlineRule(
        "NL-KVK.RTS_Art_3",
        "warning",
        "De DOCTYPE {doctype} vraagt om een DTD; inline XBRL 1.1 heeft een schema. Laat hem weg.",
        "The DOCTYPE {doctype} asks for a DTD; inline XBRL 1.1 has a schema. Leave it out.",
        in_each(_doctype_xhtml),
    ),
    InlineRule(
        "NL-KVK.3.1.1.1",
        "error",
        "De identifier {nummer} is geen KvK-nummer: acht cijfers, niet beginnend met 00.",
        "The identifier {nummer} is no KvK number: eight digits, not beginning with 00.",
        in_each(_number),
    ),
    InlineRule(
        "NL-KVK.3.1.1.2",
        "error",
        "Het scheme van de identifier moet http://www.kvk.nl/kvk-id zijn, niet {scheme}.",
        "The scheme of the identifier must be http://www.kvk.nl/kvk-id, not {scheme}.",
        in_each(_scheme),
    ),
    InlineRule(
        "INLINE-LEI",
        "warning",
        "De identifier is een LEI; de KvK verwacht het scheme http://www.kvk.nl/kvk-id.",
        "The identifier is an LEI; the KvK expects the scheme http://www.kvk.nl/kvk-id.",
        in_each(_scheme_lei),
        "simulator",
    ),
    InlineRule(
        "NL-KVK.3.1.4.1",
        "error",
        "De identifier {nummer} is een andere dan de eerste van het rapport ({eerste}).",
        "The identifier {nummer} is another than the first of the report ({eerste}).",
        _other_identifier,
    ),
    InlineRule(
        "NL-KVK.3.1.2.1",
        "error",
        "De periode moet een datum zonder tijd hebben (jjjj-mm-dd), niet {datum}.",
        "The period must have a date without time (yyyy-mm-dd), not {datum}.",
        in_each(_with_time),
    ),
    InlineRule(
        "NL-KVK.3.1.2.2",
        "error",
        "De periode moet een datum zijn, zonder tijdzone (jjjj-mm-dd), niet {datum}.",
        "The period must be a date, without time zone (yyyy-mm-dd), not {datum}.",
        in_each(_no_date),
    ),
    InlineRule(
        "NL-KVK.3.1.3.1",
        "error",
        "Het element xbrli:segment is niet toegestaan; dimensies horen in xbrli:scenario.",
        "The element xbrli:segment is not allowed; dimensions belong in xbrli:scenario.",
        in_each(_segment),
    ),
    InlineRule(
        "NL-KVK.3.1.3.2",
        "error",
        "In xbrli:scenario mogen alleen dimensies staan, niet {naam}.",
        "In xbrli:scenario only dimensions are allowed, not {naam}.",
        in_each(_scenario),
    ),
    InlineRule(
        "NL-KVK.3.2.1.1",
        "error",
        "Het attribuut precision van {naam} is niet toegestaan; gebruik decimals.",
        "The attribute precision of {naam} is not allowed; use decimals.",
        in_each(_precision),
    ),
    InlineRule(
        "NL-KVK.3.2.3.1",
        "error",
        "De transformatie {format} van {naam} is van een oud register; gebruik versie 4 of nieuwer.",
        "The transformation {format} of {naam} is of an old registry; use version 4 or newer.",
        in_each(_transformation),
    ),
    InlineRule(
        "NL-KVK.3.2.8.1",
        "warning",
        "Het feit {naam} heeft geen id.",
        "The fact {naam} has no id.",
        in_each(_no_id),
    ),
    InlineRule(
        "NL-KVK.3.4.1.1",
        "error",
        "Het element ix:tuple is niet toegestaan.",
        "The element ix:tuple is not allowed.",
        in_each(_tuples),
    ),
    InlineRule(
        "NL-KVK.3.4.1.2",
        "error",
        "Het element ix:fraction is niet toegestaan.",
        "The element ix:fraction is not allowed.",
        in_each(_fractions),
    ),
    InlineRule(
        "NL-KVK.3.4.2.1",
        "error",
        "Het element base en het attribuut xml:base zijn niet toegestaan.",
        "The element base and the attribute xml:base are not allowed.",
        in_each(_base),
    ),
    InlineRule(
        "NL-KVK.3.5.1.1",
        "error",
        "Uitvoerbare code is niet toegestaan: {wat}.",
        "Executable code is not allowed: {wat}.",
        in_each(_executable),
    ),
    InlineRule(
        "NL-KVK.3.6.3.1",
        "warning",
        "Het eerste deel van de bestandsnaam ({naam}) is langer dan twintig tekens.",
        "The first part of the file name ({naam}) is longer than twenty characters.",
        in_each(_file_base),
    ),
    InlineRule(
        "NL-KVK.3.6.3.2",
        "warning",
        "De bestandsnaam heeft niet de vorm naam-jjjj-mm-dd-taal.xhtml (of .html, .htm).",
        "The file name has not the form name-yyyy-mm-dd-language.xhtml (or .html, .htm).",
        in_each(_file_name),
    ),
    InlineRule(
        "NL-KVK.3.6.3.3",
        "error",
        "De bestandsnaam mag alleen uit 0-9, a-z, A-Z, _, . en - bestaan.",
        "The file name must consist of 0-9, a-z, A-Z, _, . and - only.",
        in_each(_file_characters),
    ),
)
