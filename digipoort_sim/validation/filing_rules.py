"""Filing rules about the elements of an instance (FR-NL-2.x to 6.x): errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from digipoort_sim.validation.instance import (
    MEASURE,
    NS_LINK,
    NS_XBRLI,
    NS_XML,
    NS_XSI,
    SCHEMA_REF,
    Instance,
    name_of,
    text_of,
)
from digipoort_sim.validation.rule import Hit, InstanceRule, at

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DATES = tuple(f"{{{NS_XBRLI}}}{name}" for name in ("startDate", "endDate", "instant"))


def _language(instance: Instance) -> Iterator[Hit]:
    root = instance.xml.root
    if not root.get(f"{{{NS_XML}}}lang"):
        yield at(root)


def _schema_ref(instance: Instance) -> Iterator[Hit]:
    found = len(instance.named(SCHEMA_REF))
    if found != 1:
        yield at(instance.xml.root, aantal=str(found))


def _linkbase_ref(instance: Instance) -> Iterator[Hit]:
    return (at(element) for element in instance.named(f"{{{NS_LINK}}}linkbaseRef"))


def _nil(instance: Instance) -> Iterator[Hit]:
    return (at(e, naam=name_of(e)) for e in instance.items if e.get(f"{{{NS_XSI}}}nil") is not None)


def _period_dates(instance: Instance) -> Iterator[Hit]:
    for context in instance.contexts:
        for element in context.iter(*_DATES):
            text = text_of(element)
            if not _is_date(text):
                yield at(element, datum=text)


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _forever(instance: Instance) -> Iterator[Hit]:
    for context in instance.contexts:
        yield from (at(element) for element in context.iter(f"{{{NS_XBRLI}}}forever"))


def _unused_contexts(instance: Instance) -> Iterator[Hit]:
    used = instance.context_references
    return (at(c, id=c.get("id", "")) for c in instance.contexts if c.get("id") not in used)


def _duplicate_contexts(instance: Instance) -> Iterator[Hit]:
    return _repeated(instance, instance.contexts)


def _duplicate_units(instance: Instance) -> Iterator[Hit]:
    return _repeated(instance, instance.units)


def _repeated(instance: Instance, elements: tuple[etree._Element, ...]) -> Iterator[Hit]:
    """Elements that say the same as one before them, whatever their ids."""
    first: dict[tuple[object, ...], str] = {}
    for element in elements:
        own = element.get("id", "")
        before = first.setdefault(tuple(_meaning(instance, element)), own)
        if before != own:
            yield at(element, id=own, eerste=before)


def _meaning(instance: Instance, parent: etree._Element) -> Iterator[tuple[object, ...]]:
    """What an element holds, flat: names, attributes and texts, each with its depth."""
    depth = 0
    for event, element in etree.iterwalk(parent, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and element is not parent and isinstance(element.tag, str):
            attributes = frozenset((str(name), str(value)) for name, value in element.items())
            yield depth, element.tag, attributes, _value(instance, element)


def _value(instance: Instance, element: etree._Element) -> str:
    """Its own text; a QName in a measure with its namespace instead of its prefix."""
    text = (element.text or "").strip() if len(element) else text_of(element)
    prefix, colon, local = text.partition(":")
    if element.tag == MEASURE and colon:
        return f"{{{instance.namespaces(element).get(prefix, prefix)}}}{local}"
    return text


def _unused_units(instance: Instance) -> Iterator[Hit]:
    used = instance.unit_references
    return (at(u, id=u.get("id", "")) for u in instance.units if u.get("id") not in used)


def _duplicate_facts(instance: Instance) -> Iterator[Hit]:
    seen: set[tuple[object, ...]] = set()
    for item in instance.items:
        key = (item.tag, item.get("contextRef"), item.get("unitRef"), item.getparent())
        if key in seen:
            yield at(item, naam=name_of(item))
        seen.add(key)


def _empty_items(instance: Instance) -> Iterator[Hit]:
    for item in instance.items:
        if item.get("contextRef") is not None and not text_of(item):
            yield at(item, naam=name_of(item))


def _precision(instance: Instance) -> Iterator[Hit]:
    return (at(e, naam=name_of(e)) for e in instance.items if e.get("precision") is not None)


def _footnotes(instance: Instance) -> Iterator[Hit]:
    return (at(element) for element in instance.named(f"{{{NS_LINK}}}footnoteLink"))


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
        _period_dates,
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
        "Voetnoten (link:footnoteLink) zijn niet toegestaan.",
        "Footnotes (link:footnoteLink) are not allowed.",
        _footnotes,
    ),
)
