"""Filing rules about the elements of an instance (FR-NL-2.x to 6.x): errors."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Final, cast

from lxml import etree

from digipoort_sim.validation.instance import (
    NIL,
    NS_LINK,
    NS_XBRLI,
    NS_XML,
    PERIOD,
    SCHEMA_REF,
    Instance,
    name_of,
    text_of,
)
from digipoort_sim.validation.rules.meanings import first_equal_contexts, first_equal_units
from digipoort_sim.validation.rules.rule import Hit, InstanceRule, at, at_attribute

_DATES = tuple(f"{{{NS_XBRLI}}}{name}" for name in ("startDate", "endDate", "instant"))
_FOREVER = f"{{{NS_XBRLI}}}forever"
_FOOTNOTE = f"{{{NS_LINK}}}footnote"
_WITH_NIL = etree.XPath("//*[@xsi:nil]", namespaces={"xsi": NIL[1:].partition("}")[0]})


def _language(instance: Instance) -> Iterator[Hit]:
    root = instance.xml.root
    if not root.get(f"{{{NS_XML}}}lang"):
        yield at(root)


def _schema_ref(instance: Instance) -> Iterator[Hit]:
    references = instance.named(SCHEMA_REF)
    if len(references) != 1:
        yield at(references[1] if references else instance.xml.root, aantal=str(len(references)))


def _linkbase_ref(instance: Instance) -> Iterator[Hit]:
    return (at(element) for element in instance.named(f"{{{NS_LINK}}}linkbaseRef"))


def _nil(instance: Instance) -> Iterator[Hit]:
    if instance.says(":nil"):
        for element in cast("list[etree._Element]", _WITH_NIL(instance.xml.root)):
            yield at_attribute(element, NIL, naam=name_of(element))


def _times(instance: Instance) -> Iterator[Hit]:
    for element in _in_periods(instance, *_DATES):
        text = text_of(element)
        if "T" in text:
            yield at(element, datum=text)


def _forever(instance: Instance) -> Iterator[Hit]:
    if instance.says("forever"):
        yield from (at(element) for element in _in_periods(instance, _FOREVER))


def _in_periods(instance: Instance, *tags: str) -> Iterator[etree._Element]:
    for context in instance.contexts:
        for period in context.iterchildren(PERIOD):
            yield from period.iterchildren(*tags)


def _unused_contexts(instance: Instance) -> Iterator[Hit]:
    used = set(instance.context_refs)
    return (at(c, id=c.get("id", "")) for c in instance.contexts if c.get("id") not in used)


def _duplicate_contexts(instance: Instance) -> Iterator[Hit]:
    return _repeated(instance.contexts, first_equal_contexts(instance))


def _duplicate_units(instance: Instance) -> Iterator[Hit]:
    return _repeated(instance.units, first_equal_units(instance))


def _repeated(elements: Iterable[etree._Element], firsts: Iterable[etree._Element]) -> Iterator[Hit]:
    """Elements that say the same as one before them, whatever their ids."""
    for element, first in zip(elements, firsts, strict=True):
        if element is not first:
            yield at(element, id=element.get("id", ""), eerste=first.get("id", ""))


def _unused_units(instance: Instance) -> Iterator[Hit]:
    used = set(instance.unit_refs)
    return (at(u, id=u.get("id", "")) for u in instance.units if u.get("id") not in used)


def _duplicate_facts(instance: Instance) -> Iterator[Hit]:
    """Facts with the same concept, in equal contexts and units; neither value nor language matters.

    Inside tuples only facts beside each other are compared.
    """
    tags = [item.tag for item in instance.items]
    contexts = _unified(instance.context_refs, instance.contexts, first_equal_contexts(instance))
    units = _unified(instance.unit_refs, instance.units, first_equal_units(instance))
    columns: list[Iterable[Hashable]] = [tags, contexts, units]
    if instance.has_tuples:
        columns.append([item.getparent() for item in instance.items])
    if len(set(zip(*columns, strict=True))) == len(tags):
        return
    seen: set[Hashable] = set()
    for item, key in zip(instance.items, zip(*columns, strict=True), strict=True):
        if key in seen:
            yield at(item, naam=name_of(item))
        seen.add(key)


def _unified(
    references: tuple[str | None, ...],
    elements: Iterable[etree._Element],
    firsts: Iterable[etree._Element],
) -> tuple[str | None, ...]:
    """The references, with the id of the first of equal elements in place of that of a later one."""
    pairs = zip(elements, firsts, strict=True)
    other = {own.get("id"): first.get("id") for own, first in pairs if own is not first}
    return tuple([other.get(reference, reference) for reference in references]) if other else references


def _empty_items(instance: Instance) -> Iterator[Hit]:
    texts = [item.text or "" for item in instance.items]
    if all(texts) and not any(map(str.isspace, texts)):
        return
    for item, text in zip(instance.items, texts, strict=True):
        if (not text or text.isspace()) and item.get("contextRef") is not None and not text_of(item):
            yield at(item, naam=name_of(item))


def _precision(instance: Instance) -> Iterator[Hit]:
    if instance.says("precision"):
        for item in instance.items:
            if item.get("precision") is not None:
                yield at_attribute(item, "precision", naam=name_of(item))


def _footnotes(instance: Instance) -> Iterator[Hit]:
    if instance.says("footnote"):
        yield from (at(element) for element in instance.xml.root.iter(_FOOTNOTE))


FILING_RULES: Final = (
    InstanceRule(
        "FR-NL-2.03",
        "error",
        "Het element xbrli:xbrl moet een attribuut xml:lang hebben.",
        "The element xbrli:xbrl must have an attribute xml:lang.",
        _language,
    ),
    InstanceRule(
        "FR-NL-2.04",
        "error",
        "Het bericht moet precies één link:schemaRef hebben, niet {aantal}.",
        "The message must have exactly one link:schemaRef, not {aantal}.",
        _schema_ref,
    ),
    InstanceRule(
        "FR-NL-2.05",
        "error",
        "Een link:linkbaseRef is niet toegestaan.",
        "A link:linkbaseRef is not allowed.",
        _linkbase_ref,
    ),
    InstanceRule(
        "FR-NL-2.07",
        "error",
        "Het attribuut xsi:nil van {naam} is niet toegestaan.",
        "The attribute xsi:nil of {naam} is not allowed.",
        _nil,
    ),
    InstanceRule(
        "FR-NL-3.01",
        "error",
        "De periode moet een datum zonder tijd hebben (jjjj-mm-dd), niet {datum}.",
        "The period must have a date without time (yyyy-mm-dd), not {datum}.",
        _times,
    ),
    InstanceRule(
        "FR-NL-3.02",
        "error",
        "De periode xbrli:forever is niet toegestaan.",
        "The period xbrli:forever is not allowed.",
        _forever,
    ),
    InstanceRule(
        "FR-NL-3.03",
        "error",
        "De context {id} wordt niet gebruikt.",
        "The context {id} is not used.",
        _unused_contexts,
    ),
    InstanceRule(
        "FR-NL-3.04",
        "error",
        "De context {id} is gelijk aan de context {eerste}.",
        "The context {id} is the same as the context {eerste}.",
        _duplicate_contexts,
    ),
    InstanceRule(
        "FR-NL-4.01",
        "error",
        "De eenheid {id} is gelijk aan de eenheid {eerste}.",
        "The unit {id} is the same as the unit {eerste}.",
        _duplicate_units,
    ),
    InstanceRule(
        "FR-NL-4.02",
        "error",
        "De eenheid {id} wordt niet gebruikt.",
        "The unit {id} is not used.",
        _unused_units,
    ),
    InstanceRule(
        "FR-NL-5.01",
        "error",
        "Het feit {naam} komt met dezelfde context en eenheid meer dan eens voor.",
        "The fact {naam} stands more than once with the same context and unit.",
        _duplicate_facts,
    ),
    InstanceRule(
        "FR-NL-5.03",
        "error",
        "Het feit {naam} is leeg.",
        "The fact {naam} is empty.",
        _empty_items,
    ),
    InstanceRule(
        "FR-NL-5.06",
        "error",
        "Het attribuut precision van {naam} is niet toegestaan.",
        "The attribute precision of {naam} is not allowed.",
        _precision,
    ),
    InstanceRule(
        "FR-NL-6.01",
        "error",
        "Voetnoten (link:footnote) zijn niet toegestaan.",
        "Footnotes (link:footnote) are not allowed.",
        _footnotes,
    ),
)
