"""Rules about inline XBRL that plain parsing can check: its links, its outside world, the form of the KvK.

Source: Inline XBRL 1.1, XBRL 2.1, and the filing rules of the KvK for inline XBRL (NL-KVK), whose ids are
used where the rule is the same. Others of the NL-KVK need the taxonomy: the second step has them.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import unquote

from lxml import etree

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.validation.findings import Finding, Severity, shown
from digipoort_sim.validation.instance import SCHEMA_REF, name_of
from digipoort_sim.validation.reports.inline_document import (
    HTML,
    NON_FRACTION,
    NS_XHTML,
    REFERENCES,
    InlineDocument,
    found_by,
)
from digipoort_sim.validation.reports.package import Report, in_document
from digipoort_sim.validation.rules.rule import MAXIMUM_PER_RULE, Hit, at, at_attribute

NS_IX_OLD: Final = "http://www.xbrl.org/2008/inlineXBRL"
_LINK = f"{{{NS_XHTML}}}link"
_FETCHED = (
    _LINK,
    *(f"{{{NS_XHTML}}}{name}" for name in ("img", "embed", "iframe", "audio", "video", "source")),
)
_ELSEWHERE = re.compile(r"(?:https?|ftp):|//", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
_CSS_URL = re.compile(r"url\(\s{0,9}[\"']?((?:https?:)?//[^\s\"')]{0,300})", re.IGNORECASE)
_STYLED = etree.XPath("//*[contains(@style, 'url(')]")

InlineHits = Iterator[tuple[InlineDocument, Hit]]


@dataclass(frozen=True, slots=True)
class InlineRule:
    """One rule about the documents of a report.

    Args:
        rule: its id.
        text_nl: Dutch text with the names of `Hit.values` in braces.
        text_en: the same in English.
        find: gives every place where the rule is broken, with the document that it is in.
    """

    rule: str
    severity: Severity
    text_nl: str
    text_en: str
    find: Callable[[Report], InlineHits]
    provenance: Provenance = "published"

    def findings(self, report: Report) -> Iterator[Finding]:
        """A finding for every hit, up to `MAXIMUM_PER_RULE`."""
        for document, hit in islice(self.find(report), MAXIMUM_PER_RULE):
            values = {name: shown(value) for name, value in hit.values.items()}
            nl, en = self.text_nl.format(**values), self.text_en.format(**values)
            line, column = hit.line_and_column(document.xml)
            finding = Finding(self.rule, self.severity, line, column, nl, en, self.provenance)
            yield in_document(document.name, finding)


def in_each(find: Callable[[InlineDocument], Iterator[Hit]]) -> Callable[[Report], InlineHits]:
    """What is looked for in each document by itself."""

    def in_all(report: Report) -> InlineHits:
        for document in report.documents:
            yield from ((document, hit) for hit in find(document))

    return in_all


def _root(document: InlineDocument) -> Iterator[Hit]:
    if document.xml.root.tag != HTML:
        yield at(document.xml.root, naam=name_of(document.xml.root))


def _no_facts(report: Report) -> InlineHits:
    documents = report.documents
    if documents and not any(document.facts for document in documents):
        yield documents[0], Hit()


def _schema_ref_missing(report: Report) -> InlineHits:
    """Targets that facts have, but no ix:references with a schemaRef."""
    known = {target for document in report.documents for target, _ in document.schema_refs()}
    for document in report.documents:
        for fact in document.facts:
            target = fact.get("target")
            if target not in known:
                known.add(target)
                yield document, at(fact, doel=target or "-")


def _schema_ref_more(report: Report) -> InlineHits:
    references_of = {pair for document in report.documents for pair in document.schema_refs()}
    found = Counter(target for target, _ in references_of)
    for document in report.documents:
        for references in document.references:
            number = found.pop(references.get("target"), 0)
            if number > 1:
                yield document, at(references, aantal=str(number))


def _outside_references(document: InlineDocument) -> Iterator[Hit]:
    for element in document.xml.root.iter(SCHEMA_REF):
        parent = element.getparent()
        if parent is None or parent.tag != REFERENCES:
            yield at(element)


def _no_context(document: InlineDocument) -> Iterator[Hit]:
    return (at(fact, naam=_fact(fact)) for fact in document.facts if not fact.get("contextRef"))


def _no_unit(document: InlineDocument) -> Iterator[Hit]:
    numbers = (fact for fact in document.facts if fact.tag == NON_FRACTION)
    return (at(fact, naam=_fact(fact)) for fact in numbers if not fact.get("unitRef"))


def _contexts(report: Report) -> InlineHits:
    known = {context.get("id") for document in report.documents for context in document.contexts}
    return _unknown(report, "contextRef", known)


def _units(report: Report) -> InlineHits:
    known = {unit.get("id") for document in report.documents for unit in document.units}
    return _unknown(report, "unitRef", known)


def _unknown(report: Report, attribute: str, known: set[str | None]) -> InlineHits:
    """Facts that refer to what no document of the report has."""
    for document in report.documents:
        for fact in document.facts:
            reference = fact.get(attribute)
            if reference and reference not in known:
                yield document, at_attribute(fact, attribute, naam=_fact(fact), id=reference)


def _fact(fact: etree._Element) -> str:
    return fact.get("name", "-")


def _repeated_ids(report: Report) -> InlineHits:
    seen: set[str] = set()
    for document in report.documents:
        for element in (*document.contexts, *document.units):
            own = element.get("id", "")
            if own in seen:
                yield document, at_attribute(element, "id", id=own)
            seen.add(own)


def _old_namespace(document: InlineDocument) -> Iterator[Hit]:
    found = next(document.xml.root.iter(f"{{{NS_IX_OLD}}}*"), None)
    if found is not None:
        yield at(found)


def _outside_sources(document: InlineDocument) -> Iterator[Hit]:
    """What a browser would fetch from elsewhere to show the document."""
    for element in document.xml.root.iter(*_FETCHED):
        for attribute in ("src", "data", "href") if element.tag == _LINK else ("src", "data"):
            address = element.get(attribute, "").strip()
            if _ELSEWHERE.match(address):
                yield at_attribute(element, attribute, adres=address)
    for element in document.xml.root.iter(f"{{{NS_XHTML}}}style"):
        yield from (at(element, adres=found[1]) for found in _CSS_URL.finditer(element.text or ""))
    for element in found_by(_STYLED, document.xml.root):
        yield from (
            at_attribute(element, "style", adres=m[1]) for m in _CSS_URL.finditer(element.get("style", ""))
        )


def _missing_files(report: Report) -> InlineHits:
    """Images and stylesheets beside the document that the package does not have."""
    for document in report.documents:
        for element in document.xml.root.iter(*_FETCHED) if document.name else ():
            attribute = "href" if element.tag == _LINK else "src"
            address = element.get(attribute, "").strip().partition("#")[0].partition("?")[0]
            if not address or _SCHEME.match(address) or address.startswith("//"):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(document.name), unquote(address)))
            if path not in report.files:
                yield document, at_attribute(element, attribute, adres=address)


INLINE_RULES: Final = (
    InlineRule(
        "INLINE-ROOT",
        "error",
        "Het rootelement is {naam}, niet html in de namespace van XHTML.",
        "The root element is {naam}, not html in the namespace of XHTML.",
        in_each(_root),
    ),
    InlineRule(
        "INLINE-NAMESPACE",
        "error",
        "Het document gebruikt inline XBRL 1.0; gelezen wordt 1.1 (http://www.xbrl.org/2013/inlineXBRL).",
        "The document uses inline XBRL 1.0; only 1.1 (http://www.xbrl.org/2013/inlineXBRL) is read.",
        in_each(_old_namespace),
    ),
    InlineRule(
        "NL-KVK.RTS_Art_6_a",
        "error",
        "Het rapport bevat geen enkel feit in inline XBRL (ix:nonFraction of ix:nonNumeric).",
        "The report has no fact in inline XBRL at all (ix:nonFraction or ix:nonNumeric).",
        _no_facts,
    ),
    InlineRule(
        "INLINE-SCHEMA-REF",
        "error",
        "Er is geen ix:references met een link:schemaRef voor de feiten met target {doel}.",
        "There is no ix:references with a link:schemaRef for the facts with target {doel}.",
        _schema_ref_missing,
    ),
    InlineRule(
        "INLINE-SCHEMA-REFS",
        "warning",
        "Er zijn {aantal} verschillende link:schemaRef voor een target; verwacht wordt er een.",
        "There are {aantal} different link:schemaRef for one target; one is expected.",
        _schema_ref_more,
        "inferred",
    ),
    InlineRule(
        "INLINE-REFERENCES",
        "error",
        "Een link:schemaRef moet direct in ix:references staan.",
        "A link:schemaRef must be directly in ix:references.",
        in_each(_outside_references),
    ),
    InlineRule(
        "INLINE-CONTEXT",
        "error",
        "Het feit {naam} verwijst naar de context {id}, die er niet is.",
        "The fact {naam} refers to the context {id}, which does not exist.",
        _contexts,
    ),
    InlineRule(
        "INLINE-CONTEXT",
        "error",
        "Het feit {naam} heeft geen contextRef.",
        "The fact {naam} has no contextRef.",
        in_each(_no_context),
    ),
    InlineRule(
        "INLINE-UNIT",
        "error",
        "Het feit {naam} verwijst naar de eenheid {id}, die er niet is.",
        "The fact {naam} refers to the unit {id}, which does not exist.",
        _units,
    ),
    InlineRule(
        "INLINE-UNIT",
        "error",
        "Het feit {naam} is een getal en heeft geen unitRef.",
        "The fact {naam} is a number and has no unitRef.",
        in_each(_no_unit),
    ),
    InlineRule(
        "INLINE-ID",
        "error",
        "Het id {id} hoort bij meer dan een context of eenheid.",
        "The id {id} belongs to more than one context or unit.",
        _repeated_ids,
    ),
    InlineRule(
        "INLINE-EXTERNAL",
        "warning",
        "Het document haalt {adres} van elders; een rapport hoort alles zelf te bevatten.",
        "The document fetches {adres} from elsewhere; a report should have all in itself.",
        in_each(_outside_sources),
        "inferred",
    ),
    InlineRule(
        "INLINE-FILE",
        "warning",
        "Het document verwijst naar {adres}, dat niet in het pakket zit.",
        "The document refers to {adres}, which is not in the package.",
        _missing_files,
        "inferred",
    ),
)
