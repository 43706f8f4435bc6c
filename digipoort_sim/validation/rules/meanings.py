"""When two contexts or two units say the same, whatever their ids: XBRL 2.1 s-equal, and XBRL Dimensions.

What does not matter: prefixes, white space around names and identifiers, the order of dimensions, whether
they stand in the segment or the scenario, the order of the measures of a product, and whether a date is
written with the midnight that it means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date
from typing import Final, cast

from lxml import etree

from digipoort_sim.validation.instance import (
    CONTEXT,
    ENTITY,
    EXPLICIT_MEMBER,
    IDENTIFIER,
    MEASURE,
    NS_XBRLI,
    PERIOD,
    TYPED_MEMBER,
    UNIT,
    Instance,
    text_of,
    whole_text_of,
)

_SEGMENT = f"{{{NS_XBRLI}}}segment"
_SCENARIO = f"{{{NS_XBRLI}}}scenario"
_START: Final = f"{{{NS_XBRLI}}}startDate"
_ATTRIBUTES = etree.XPath("@*", smart_strings=False)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(?P<time>\d{2}:\d{2}:\d{2})(?:\.0+)?)?(?P<zone>Z|[+-]\d{2}:\d{2})?", re.ASCII
)


def first_equal_contexts(instance: Instance) -> list[etree._Element]:
    """For each context the first one that says the same; itself if there is none before it."""
    if CONTEXT not in instance.equals:
        instance.equals[CONTEXT] = _firsts(instance, instance.contexts, meaning_of_context)
    return instance.equals[CONTEXT]


def first_equal_units(instance: Instance) -> list[etree._Element]:
    """For each unit the first one that says the same; itself if there is none before it."""
    if UNIT not in instance.equals:
        instance.equals[UNIT] = _firsts(instance, instance.units, meaning_of_unit)
    return instance.equals[UNIT]


def _firsts(
    instance: Instance,
    elements: Sequence[etree._Element],
    meaning: Callable[[Instance, etree._Element], Hashable],
) -> list[etree._Element]:
    if len(elements) < 2:  # the ordinary message has one context and one unit
        return list(elements)
    first: dict[Hashable, etree._Element] = {}
    return [first.setdefault(meaning(instance, own), own) for own in elements]


def meaning_of_context(instance: Instance, context: etree._Element) -> Hashable:
    """What a context says: its entity, period and dimensions, and what else is in it."""
    dimensions: list[Hashable] = []
    others: list[Hashable] = []
    for part in context.iterchildren("*"):
        if part.tag == PERIOD:
            others.extend([(date.tag, _moment(date)) for date in part.iterchildren("*")])
        elif part.tag == _SCENARIO:
            _add(instance, part, dimensions, others)
        elif part.tag == ENTITY:
            for inner in part.iterchildren("*"):
                if inner.tag == _SEGMENT:
                    _add(instance, inner, dimensions, others)
                else:
                    others.append(_entity_part(inner))
        else:
            others.append(tuple(_nodes(part)))
    return frozenset(Counter(dimensions).items()), tuple(others)


def meaning_of_unit(instance: Instance, unit: etree._Element) -> Hashable:
    """What a unit says: its measures as a product, or the two products of a division."""
    others: list[Hashable] = []
    for part in unit.iterchildren("*"):
        if part.tag != MEASURE:
            products = [(product.tag, _product(instance, product)) for product in part.iterchildren("*")]
            others.append((part.tag, *products))
    return _product(instance, unit), tuple(others)


def _product(instance: Instance, parent: etree._Element) -> tuple[str, ...]:
    measures = parent.iterchildren(MEASURE)
    return tuple(sorted([instance.expanded(text_of(measure), measure) for measure in measures]))


def _add(
    instance: Instance, container: etree._Element, dimensions: list[Hashable], others: list[Hashable]
) -> None:
    """Sort the content of a segment or scenario; what is no dimension keeps its place and its order."""
    for part in container.iterchildren("*"):
        dimension = instance.expanded(part.get("dimension", ""), part)
        if part.tag == EXPLICIT_MEMBER:
            dimensions.append((dimension, instance.expanded(text_of(part), part)))
        elif part.tag == TYPED_MEMBER:
            dimensions.append((dimension, tuple(_nodes(part))[1:]))
        else:
            others.append((container.tag, tuple(_nodes(part))))


def _entity_part(part: etree._Element) -> Hashable:
    if part.tag == IDENTIFIER:
        return part.get("scheme"), " ".join(text_of(part).split())
    return tuple(_nodes(part))


def _moment(element: etree._Element) -> Hashable:
    """The moment that a date means: the end of its day, but at a startDate the beginning."""
    text = text_of(element)
    match = _MOMENT.fullmatch(text)
    if match is None:
        return text
    try:
        day = date.fromisoformat(match[1]).toordinal()
    except ValueError:
        return text
    time = match["time"]
    is_next_day = time == "24:00:00" or (time is None and element.tag != _START)
    return day + is_next_day, "" if time in (None, "24:00:00", "00:00:00") else time, match["zone"]


def _nodes(parent: etree._Element) -> Iterator[tuple[object, ...]]:
    """An element and what it holds, flat: names, attributes and texts, each with its depth."""
    depth = 0
    for event, element in etree.iterwalk(parent, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and isinstance(element.tag, str):
            # Not items(), which in lxml takes the square of their number.
            values = cast("list[str]", _ATTRIBUTES(element))
            attributes = frozenset(zip(element.keys(), values, strict=True))
            is_leaf = element.find("*") is None
            yield depth, element.tag, attributes, whole_text_of(element) if is_leaf else ""
