"""Business rules: what the catalogue's table ``bedrijfsregels`` asks of the values of a message."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from digipoort_sim.catalogue.business_rules import PLACES, BusinessRule
from digipoort_sim.validation.business.facts import Figures
from digipoort_sim.validation.business.kinds import KINDS
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.rules.rule import MAXIMUM_PER_RULE, Hit
from digipoort_sim.validation.subject import Subject
from digipoort_sim.validation.xml_content import XmlContent


def business_findings(subject: Subject) -> Iterator[Finding]:
    """All that the business rules of the berichtsoort have against a content."""
    xml, berichtsoort = subject.xml, subject.rules.berichtsoort
    rules = [rule for rule in subject.business.values() if rule.applies_to(berichtsoort)]
    if xml is None:
        return
    names = frozenset(name for rule in rules for name in (rule.field, *rule.fields, *rule.minus) if name)
    figures = Figures(subject, xml, names)
    for rule in rules:
        for hit in islice(KINDS[rule.kind](rule, figures), MAXIMUM_PER_RULE):
            yield _finding(rule, hit, xml)


def _finding(rule: BusinessRule, hit: Hit, xml: XmlContent) -> Finding:
    values = {place: shown(hit.values.get(place, "")) for place in PLACES}
    return Finding(
        rule.id,
        rule.severity,
        *hit.line_and_column(xml),
        rule.text.format(**values),
        rule.text_en.format(**values),
        rule.provenance,
    )
