"""The kinds of business rule: for each a small function that gives every place where a rule is broken."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from lxml import etree

from digipoort_sim.catalogue.business_rules import BusinessKind, BusinessRule
from digipoort_sim.pki.numbers import is_number
from digipoort_sim.validation.business.facts import Figures, Period, date_of, number_of, short, sum_of
from digipoort_sim.validation.instance import MEASURE, name_of, text_of
from digipoort_sim.validation.rules.rule import Hit, at

_Group = tuple[object, ...]
_Find = Callable[[BusinessRule, Figures], Iterator[Hit]]
_XBRL_NUMBER = re.compile(r"([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN)\Z", re.ASCII)
_LONGEST_VALUE = 1_000
_QUARTER = 3
_NAMES_OF_LENGTHS = {1: "maand", 2: "2 maanden", 3: "kwartaal", 12: "jaar"}


def _value(element: etree._Element, expected: str = "") -> Hit:
    return at(element, naam=name_of(element), waarde=text_of(element), verwacht=expected)


def _required(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    for name in rule.fields:
        if next(figures.named(name), None) is None:
            yield Hit(values={"naam": name})


def _condition(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """Where the field is there and not zero, the others must stand beside it."""
    beside = {name: {_group(element) for element in figures.named(name)} for name in rule.fields}
    for element in figures.named(rule.field):
        if number_of(element) == 0:
            continue
        for name in rule.fields:
            if _group(element) not in beside[name]:
                yield _value(element, name)


def _group(element: etree._Element) -> _Group:
    """What values belong together: those of one context and one tuple, or of one XML element."""
    return element.get("contextRef"), element.getparent()


def _sum(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """The field is the sum of those beside it, in the same unit; one that is missing counts as zero."""
    return _added(rule, figures, lambda element: (*_group(element), element.get("unitRef")))


def _total(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """The field is the sum of all inside the element `within` that it stands in too, in the same unit."""

    def group(element: etree._Element) -> _Group:
        ancestors = element.iterancestors(f"{{*}}{rule.within}") if rule.within else iter(())
        return next(ancestors, None), element.get("unitRef")

    return _added(rule, figures, group)


def _added(rule: BusinessRule, figures: Figures, group: Callable[[etree._Element], _Group]) -> Iterator[Hit]:
    plus, minus = _sums(group, figures.named(*rule.fields)), _sums(group, figures.named(*rule.minus))
    for element in figures.named(rule.field):
        found, key = number_of(element), group(element)
        expected = plus.get(key, Decimal()) - minus.get(key, Decimal())
        if found is not None and abs(found - expected) > Decimal(str(rule.tolerance)):
            yield _value(element, short(expected))


def _sums(
    group: Callable[[etree._Element], _Group], elements: Iterable[etree._Element]
) -> Mapping[_Group, Decimal]:
    """Each sum is made once: a hostile content may hold as many totals as amounts."""
    return {key: sum_of(members) for key, members in _by(group, elements).items()}


def _by(
    group: Callable[[etree._Element], _Group], elements: Iterable[etree._Element]
) -> Mapping[_Group, list[etree._Element]]:
    grouped: dict[_Group, list[etree._Element]] = defaultdict(list)
    for element in elements:
        grouped[group(element)].append(element)
    return grouped


def _numeric(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """Of the fields, or of all facts with a unit; others judge what is empty, nil or a fraction."""
    if rule.fields:
        elements = figures.named(*rule.fields)
    else:
        items = () if figures.instance is None else figures.instance.items
        elements = (item for item in items if item.get("unitRef") is not None and not len(item))
    for element in elements:
        if text_of(element) and not _XBRL_NUMBER.match(text_of(element)):
            yield _value(element)


def _not_negative(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    return (_value(e) for e in figures.named(*rule.fields) if (number_of(e) or 0) < 0)


def _whole(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """Numbers with a fraction; a remainder would be an error of Decimal for those of many digits."""
    for element in figures.named(*rule.fields):
        number = number_of(element)
        if number is not None and number != number.to_integral_value():
            yield _value(element)


def _values(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    listed = ", ".join(rule.values)
    return (_value(e, listed) for e in figures.named(*rule.fields) if text_of(e) not in rule.values)


def _pattern(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    wanted = re.compile(rule.pattern)
    for element in figures.named(*rule.fields):
        text = text_of(element)
        if len(text) > _LONGEST_VALUE or not wanted.fullmatch(text):
            yield _value(element, rule.pattern)


def _check_digits(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """Of the fields, or of the identity; one number is told of once."""
    elements = figures.named(*rule.fields) if rule.fields else figures.identities()
    numbers = {text_of(element): element for element in reversed(list(elements))}
    for number, element in reversed(numbers.items()):
        if number and not is_number(rule.check, number):
            yield _value(element)


def _unit(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    for unit in () if figures.instance is None else figures.instance.units:
        for measure in unit.iter(MEASURE):
            found = text_of(measure).rpartition(":")[2]
            if found not in rule.values:
                yield at(unit, naam=unit.get("id", ""), waarde=found, verwacht=", ".join(rule.values))


def _date_order(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """The date of the field is not after those of the fields beside it."""
    later = _by(_group, figures.named(*rule.fields))
    for element in figures.named(rule.field):
        first = date_of(element)
        for other in later.get(_group(element), ()):
            last = date_of(other)
            if first and last and first > last:
                yield _value(element, text_of(other))


def _period(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    """Whole months, as many as are allowed, from a month where such a period begins."""
    names = ", ".join(_NAMES_OF_LENGTHS.get(months, f"{months} maanden") for months in rule.months)
    for period in figures.periods:
        if _length(period) not in rule.months or not _begins_in_step(period):
            yield at(period.element, waarde=str(period), verwacht=names)


def _length(period: Period) -> int:
    """The number of its months; 0 if they are not whole."""
    after = period.end + timedelta(days=1) if period.end.year < 9999 else period.end
    if period.start.day != 1 or after.day != 1:
        return 0
    return (after.year - period.start.year) * 12 + after.month - period.start.month


def _begins_in_step(period: Period) -> bool:
    """A quarter begins in January, April, July or October; so do the first two months of one."""
    length = _length(period)
    return (period.start.month - 1) % (_QUARTER if length == _QUARTER - 1 else length) == 0


def _period_year(rule: BusinessRule, figures: Figures) -> Iterator[Hit]:
    for period in figures.periods:
        if figures.year is not None and {period.start.year, period.end.year} != {figures.year}:
            yield at(period.element, waarde=str(period), verwacht=str(figures.year))


KINDS: Final[Mapping[BusinessKind, _Find]] = {
    "required": _required,
    "condition": _condition,
    "sum": _sum,
    "total": _total,
    "numeric": _numeric,
    "not-negative": _not_negative,
    "whole": _whole,
    "values": _values,
    "pattern": _pattern,
    "check-digits": _check_digits,
    "unit": _unit,
    "date-order": _date_order,
    "period": _period,
    "period-year": _period_year,
}
"""By the name in the catalogue: what gives the places where a rule of the kind is broken."""
