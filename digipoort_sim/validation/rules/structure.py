"""Rules of XBRL 2.1 itself that plain parsing can check: references, contexts and units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from digipoort_sim.validation.instance import (
    ENTITY,
    IDENTIFIER,
    MEASURE,
    NS_XBRLI,
    PERIOD,
    Instance,
    name_of,
    text_of,
)
from digipoort_sim.validation.rules.rule import Hit, InstanceRule, at, at_attribute

_DATES = tuple(f"{{{NS_XBRLI}}}{name}" for name in ("startDate", "endDate", "instant"))
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,20})?|24:00:00(?:\.0{1,20})?))?"
    r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?",
    re.ASCII,
)


def _context_references(instance: Instance) -> Iterator[Hit]:
    unknown = set(instance.context_refs) - {context.get("id", "") for context in instance.contexts}
    if unknown:
        for item, reference in zip(instance.items, instance.context_refs, strict=True):
            if reference in unknown:
                yield at_attribute(item, "contextRef", naam=name_of(item), id=reference or "")


def _unit_references(instance: Instance) -> Iterator[Hit]:
    unknown = set(instance.unit_refs) - {None, *(unit.get("id", "") for unit in instance.units)}
    if unknown:
        for item, reference in zip(instance.items, instance.unit_refs, strict=True):
            if reference in unknown:
                yield at_attribute(item, "unitRef", naam=name_of(item), id=reference or "")


def _ids(instance: Instance) -> Iterator[Hit]:
    seen: set[str] = set()
    for element in (*instance.contexts, *instance.units):
        own = element.get("id", "")
        if not own or own in seen:
            yield at(element, naam=name_of(element), id=own)
        seen.add(own)


def _context_parts(instance: Instance) -> Iterator[Hit]:
    for context in instance.contexts:
        if not _has_identifier(context) or not _has_period(context):
            yield at(context, id=context.get("id", ""))


def _has_identifier(context: etree._Element) -> bool:
    identifiers = [i for entity in context.iterchildren(ENTITY) for i in entity.iterchildren(IDENTIFIER)]
    return len(identifiers) == 1 and bool(text_of(identifiers[0])) and bool(identifiers[0].get("scheme"))


def _has_period(context: etree._Element) -> bool:
    periods = [
        [str(part.tag).rpartition("}")[2] for part in period.iterchildren("*")]
        for period in context.iterchildren(PERIOD)
    ]
    return periods in ([["startDate", "endDate"]], [["instant"]], [["forever"]])


def _unit_parts(instance: Instance) -> Iterator[Hit]:
    for unit in instance.units:
        measures = list(unit.iter(MEASURE))
        if not measures or not all(_is_bound_name(instance, measure) for measure in measures):
            yield at(unit, id=unit.get("id", ""))


def _is_bound_name(instance: Instance, measure: etree._Element) -> bool:
    prefix, _, local = text_of(measure).rpartition(":")
    return bool(local) and (prefix or None) in instance.namespaces(measure)


def _decimals(instance: Instance) -> Iterator[Hit]:
    """Items with elements inside are left out: fractions have a unit and no decimals (4.6.3)."""
    exact = [item.get("decimals") for item in instance.items]
    if instance.says("precision"):
        exact = [item.get("decimals", item.get("precision")) for item in instance.items]
    for item, accuracy, unit in zip(instance.items, exact, instance.unit_refs, strict=True):
        if (accuracy is None) != (unit is None) and not len(item):
            yield at(item, naam=name_of(item))


def _dates(instance: Instance) -> Iterator[Hit]:
    for context in instance.contexts:
        for period in context.iterchildren(PERIOD):
            for element in period.iterchildren(*_DATES):
                text = text_of(element)
                if not _is_date(text):
                    yield at(element, datum=text)


def _order_of_dates(instance: Instance) -> Iterator[Hit]:
    """A period ends at the end of its last day: it may be that of one day, not of fewer."""
    for context in instance.contexts:
        for period in context.iterchildren(PERIOD):
            start, end = (text_of(*found) if len(found) == 1 else "" for found in _start_and_end(period))
            if _DAY.fullmatch(start) and _DAY.fullmatch(end) and end < start:
                yield at(period, begin=start, einde=end)


def _start_and_end(period: etree._Element) -> tuple[list[etree._Element], list[etree._Element]]:
    start, end, _ = (list(period.iterchildren(name)) for name in _DATES)
    return start, end


def _is_date(text: str) -> bool:
    """Whether it is an xsd:date or xsd:dateTime of the years 1 to 9999."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return False
    return True


STRUCTURE_RULES: Final = (
    InstanceRule(
        "XBRL-CONTEXT-REF",
        "error",
        "Het feit {naam} verwijst naar de context '{id}', die er niet is.",
        "The fact {naam} refers to the context '{id}', which does not exist.",
        _context_references,
    ),
    InstanceRule(
        "XBRL-UNIT-REF",
        "error",
        "Het feit {naam} verwijst naar de eenheid '{id}', die er niet is.",
        "The fact {naam} refers to the unit '{id}', which does not exist.",
        _unit_references,
    ),
    InstanceRule(
        "XBRL-ID",
        "error",
        "Het element {naam} heeft geen id, of een id dat er al is: '{id}'.",
        "The element {naam} has no id, or one that exists already: '{id}'.",
        _ids,
    ),
    InstanceRule(
        "XBRL-CONTEXT",
        "error",
        "De context {id} moet één entity met identifier en scheme hebben, en één period.",
        "The context {id} must have one entity with an identifier and its scheme, and one period.",
        _context_parts,
    ),
    InstanceRule(
        "XBRL-UNIT",
        "error",
        "De eenheid {id} moet maten hebben die een naam met een bekende prefix zijn.",
        "The unit {id} must have measures that are names with a known prefix.",
        _unit_parts,
    ),
    InstanceRule(
        "XBRL-DECIMALS",
        "error",
        "Het feit {naam} moet decimals en unitRef samen hebben, of geen van beide.",
        "The fact {naam} must have decimals and unitRef together, or neither.",
        _decimals,
    ),
    InstanceRule(
        "XBRL-DATE",
        "error",
        "De datum '{datum}' in de periode bestaat niet of is niet geschreven als jjjj-mm-dd.",
        "The date '{datum}' in the period does not exist, or is not written as yyyy-mm-dd.",
        _dates,
    ),
    InstanceRule(
        "XBRL-PERIOD",
        "error",
        "De periode eindigt ({einde}) voordat zij begint ({begin}).",
        "The period ends ({einde}) before it begins ({begin}).",
        _order_of_dates,
    ),
)
