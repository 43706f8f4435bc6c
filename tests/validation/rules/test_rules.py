"""Every rule about XBRL instances, each with an instance that breaks it in one place."""

from __future__ import annotations

import re

import pytest

from tests.validation.rules.broken import RULES, broken, replaced
from tests.validation.samples import INSTANCE, check_instance, rules_of_findings

SAY_TOO = {
    "XBRL-CONTEXT": {"XSD"},
    "XBRL-DATE": {"XSD"},
    "XBRL-DECIMALS": set[str](),
    "XBRL-ID": {"FR-NL-4.02", "XBRL-UNIT-REF"},
    "XBRL-UNIT": {"FG-NL-05"},
    "XBRL-UNIT-REF": {"FR-NL-4.02"},
}
"""Rules of XBRL itself whose fault is one of other rules, too; filing rules have none."""


def test_a_good_instance_has_no_finding() -> None:
    """The instance that the other tests break is valid, without warnings."""
    report = check_instance(INSTANCE)
    assert report.findings == ()
    assert report.valid
    assert report.not_checked == ("XBRL-TAXONOMY", "XBRL-FORMULA")


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_its_fault_and_no_other(rule: str) -> None:
    """One fault in a good instance gives one finding of the rule that forbids it, with texts and a place."""
    report = check_instance(broken(rule))
    found = [finding for finding in report.findings if finding.rule == rule]
    assert {f.rule for f in report.findings} - SAY_TOO.get(rule, set()) == {rule}
    assert len(found) == 1
    assert found[0].text_nl != found[0].text_en
    assert not re.search(r"\{[a-z]*\}", found[0].text_nl + found[0].text_en)
    assert found[0].line > 0
    assert found[0].column > 0
    assert found[0].severity == ("warning" if rule.startswith("FG") else "error")
    assert report.valid == rule.startswith("FG")


def test_all_faults_are_listed_at_once() -> None:
    """A second fault is not hidden by the first."""
    faults = ("FR-NL-2.03", "FR-NL-3.01", "FR-NL-5.06", "FG-NL-09", "FR-NL-1.04")
    text = INSTANCE
    for fault in faults:
        text = broken(fault, text)
    assert rules_of_findings(text) == set(faults)


@pytest.mark.parametrize(
    ("pairs", "place"),
    [
        (("Caf\u00e9", "\u00e9\u0141"), (13, 29)),
        (("Caf\u00e9", ""), (13, 3)),
        (('d:Name contextRef="Msg"', 'd:Name\n contextRef="Msg"\tid="a"'), (14, 19)),
        (("INF", "INF\" precision=\"4"), (14, 57)),
        (("urn:test:data\"", "urn:test:data\" xmlns:x='urn:x'"), (2, 51)),
        (("Caf\u00e9", "<!--\u0141--> &#955;"), (13, 32)),
        (("<xbrli:identifier scheme=\"www", "<xbrli:identifier scheme=\"x.www"), (8, 25)),
        (("2026-03-31", "2026-03-31T24:00:00"), (10, 64)),
    ],
)  # fmt: skip
def test_a_finding_says_where(pairs: tuple[str, ...], place: tuple[int, int]) -> None:
    """Line and column are those of the first character of what is wrong."""
    first = check_instance(replaced(*pairs)).findings[0]
    assert (first.line, first.column) == place


def test_a_file_name_has_no_place() -> None:
    """What is not about a place in the content has line and column 0."""
    (finding,) = check_instance(INSTANCE, "a b.xbrl").findings
    assert (finding.rule, finding.line, finding.column) == ("FR-NL-1.06", 0, 0)


def test_so_many_findings_of_one_rule_are_listed() -> None:
    """The two hundred first; more would help nobody."""
    report = check_instance(replaced("Caf\u00e9", "\u0141" * 1_000))
    assert [f.rule for f in report.findings] == ["FR-NL-1.02"] * 200
    assert report.findings[-1].column == 28 + 199
