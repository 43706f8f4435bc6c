"""The values of a message as business rules look at them, alike for XBRL and other XML."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from lxml import etree

from digipoort_sim.validation.identity import identity_elements
from digipoort_sim.validation.instance import HREF, NS_XBRLI, SCHEMA_REF, Instance, text_of
from digipoort_sim.validation.subject import Subject
from digipoort_sim.validation.xml_content import XmlContent

_NUMBER = re.compile(r"[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})\Z", re.ASCII)
_START, _END = f"{{{NS_XBRLI}}}startDate", f"{{{NS_XBRLI}}}endDate"

Values = Mapping[str, tuple[etree._Element, ...]]


@dataclass(frozen=True)
class Period:
    """The start and end of a context, where both are dates.

    Args:
        element: its startDate, for the place of findings.
    """

    element: etree._Element
    start: date
    end: date

    def __str__(self) -> str:
        return f"{self.start} - {self.end}"


@dataclass(frozen=True)
class Figures:
    """What the rules ask of a message.

    Args:
        subject: the content under validation.
        xml: its tree.
        names: local names of all fields that will be asked for; found in one pass.
    """

    subject: Subject
    xml: XmlContent
    names: frozenset[str]

    @property
    def instance(self) -> Instance | None:
        """The message as an XBRL instance, if it is one."""
        return self.subject.instance

    @cached_property
    def _values(self) -> Values:
        """The values that are not empty, by their local names."""
        found: dict[str, list[etree._Element]] = defaultdict(list)
        if self.names:
            for element in self.xml.root.iter(*(f"{{*}}{name}" for name in sorted(self.names))):
                if self._is_value(element) and text_of(element):
                    found[str(element.tag).rpartition("}")[2]].append(element)
        return {name: tuple(elements) for name, elements in found.items()}

    def _is_value(self, element: etree._Element) -> bool:
        if self.instance is not None:
            return element.get("contextRef") is not None
        return len(element) == 0

    def named(self, *names: str) -> Iterator[etree._Element]:
        """The values with these local names that are not empty, by name and then in their order."""
        for name in names:
            yield from self._values.get(name, ())

    def identities(self) -> Iterator[etree._Element]:
        """The elements that hold the identity of the party that the message is about."""
        return identity_elements(self.xml, self.subject.rules)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The periods of all contexts; dates that are none are FR-NL-3.01's."""
        contexts = () if self.instance is None else self.instance.contexts
        return tuple(period for context in contexts for period in _periods(context))

    @cached_property
    def year(self) -> int | None:
        """The year that the entry point names, where its pattern has one."""
        pattern = self.subject.rules.entrypoint_pattern
        if self.instance is None or not pattern:
            return None
        for reference in self.instance.named(SCHEMA_REF):
            found = re.fullmatch(pattern, reference.get(HREF, "").strip().rpartition("/")[2])
            if found and found.groups() and (found[1] or "").isdecimal():
                return int(found[1])
        return None


def _periods(context: etree._Element) -> Iterator[Period]:
    starts, ends = list(context.iter(_START)), list(context.iter(_END))
    for start, end in zip(starts, ends, strict=False):
        first, last = date_of(start), date_of(end)
        if first and last:
            yield Period(start, first, last)


def date_of(element: etree._Element) -> date | None:
    """The date in an element; None if it is none."""
    text = text_of(element)
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def number_of(element: etree._Element) -> Decimal | None:
    """The number in an element; None if it is none, or longer than any amount."""
    text = text_of(element)
    return Decimal(text) if _NUMBER.match(text) else None


def sum_of(elements: Iterable[etree._Element]) -> Decimal:
    """The sum of what is a number among the values of some elements."""
    return sum((number_of(element) or Decimal() for element in elements), Decimal())


def short(number: Decimal) -> str:
    """A number as a person writes it: no exponent, no zeros behind the point."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
