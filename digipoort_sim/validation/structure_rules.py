"""Rules of XBRL 2.1 itself that plain parsing can check: references, contexts and units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from digipoort_sim.validation.instance import (
    IDENTIFIER,
    MEASURE,
    NS_XBRLI,
    Instance,
    name_of,
    text_of,
)
from digipoort_sim.validation.rule import Hit, InstanceRule, at

_ENTITY = f"{{{NS_XBRLI}}}entity"
_PERIOD = f"{{{NS_XBRLI}}}period"


def _context_references(instance: Instance) -> Iterator[Hit]:
    known = {context.get("id") for context in instance.contexts}
    for item in instance.items:
        if item.get("contextRef") not in known or item.get("contextRef") is None:
            yield at(item, naam=name_of(item), id=item.get("contextRef", ""))


def _unit_references(instance: Instance) -> Iterator[Hit]:
    known = {unit.get("id") for unit in instance.units}
    for item in instance.items:
        unit = item.get("unitRef")
        if unit is not None and unit not in known:
            yield at(item, naam=name_of(item), id=unit)


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
    identifiers = [i for entity in context.iterchildren(_ENTITY) for i in entity.iterchildren(IDENTIFIER)]
    return len(identifiers) == 1 and bool(text_of(identifiers[0])) and bool(identifiers[0].get("scheme"))


def _has_period(context: etree._Element) -> bool:
    periods = [
        [str(part.tag).rpartition("}")[2] for part in period.iterchildren("*")]
        for period in context.iterchildren(_PERIOD)
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
    for item in instance.items:
        exact = item.get("decimals") is not None or item.get("precision") is not None
        if exact != (item.get("unitRef") is not None):
            yield at(item, naam=name_of(item))


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
)
