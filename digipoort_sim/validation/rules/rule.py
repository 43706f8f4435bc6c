"""The shape of a rule about an XBRL instance: a row with its texts, and a small function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from lxml import etree

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.validation.findings import Finding, Severity, shown
from digipoort_sim.validation.instance import Instance
from digipoort_sim.validation.places import Place
from digipoort_sim.validation.xml_content import XmlContent, place_of

MAXIMUM_PER_RULE: Final = 200
"""So many findings of one rule are listed; a content that has more of them is not helped by more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule is broken.

    Args:
        place: an offset into the bytes, or an element, or an attribute of one; None for the whole message.
        values: what goes into the texts of the rule.
    """

    place: int | etree._Element | tuple[etree._Element, str] | None = None
    values: dict[str, str] = field(default_factory=dict)

    def line_and_column(self, xml: XmlContent) -> Place:
        """Both from 1; both 0 for the whole message."""
        match self.place:
            case None:
                return 0, 0
            case int(offset):
                return xml.places.of_offset(offset)
            case (element, attribute):
                return place_of(xml, element, attribute)
            case element:
                return place_of(xml, element)


@dataclass(frozen=True, slots=True)
class InstanceRule:
    """One rule.

    Args:
        rule: its id, such as ``FR-NL-3.03``.
        text_nl: Dutch text with the names of `Hit.values` in braces.
        text_en: the same in English.
        find: gives every place where the rule is broken.
    """

    rule: str
    severity: Severity
    text_nl: str
    text_en: str
    find: Callable[[Instance], Iterator[Hit]]
    provenance: Provenance = "published"

    def findings(self, instance: Instance) -> Iterator[Finding]:
        """A finding for every hit, up to `MAXIMUM_PER_RULE`."""
        for hit in islice(self.find(instance), MAXIMUM_PER_RULE):
            values = {name: shown(value) for name, value in hit.values.items()}
            nl, en = self.text_nl.format(**values), self.text_en.format(**values)
            line, column = hit.line_and_column(instance.xml)
            yield Finding(self.rule, self.severity, line, column, nl, en, self.provenance)


def at(element: etree._Element, **values: str) -> Hit:
    """A hit on an element."""
    return Hit(element, values)


def at_attribute(element: etree._Element, attribute: str, **values: str) -> Hit:
    """A hit on an attribute, by its name as lxml gives it, or on a declaration (``xmlns:...``)."""
    return Hit((element, attribute), values)
