"""Every rule about XBRL instances, each with an instance that breaks it in one place."""

from __future__ import annotations

import pytest

from digipoort_sim.validation.findings import ValidationReport
from tests.validation.samples import INSTANCE, OB, OB_NUMBER, validated

NUMBER = (OB_NUMBER, "Fi")
CONTEXT = INSTANCE[INSTANCE.index("  <xbrli:context") : INSTANCE.index("  <xbrli:unit")]
UNIT = '  <xbrli:unit id="EUR"><xbrli:measure>iso4217:EUR</xbrli:measure></xbrli:unit>\n'
SCHEMA_REF = INSTANCE[INSTANCE.index("  <link:schemaRef") : INSTANCE.index("  <xbrli:context")]
NAME = '<d:Name contextRef="Msg">Caf\u00e9</d:Name>'
OWED = '<d:Owed contextRef="Msg" unitRef="EUR" decimals="INF">12</d:Owed>'

BROKEN = {
    "FR-NL-1.01": ("<?xml", "\ufeff<?xml"),
    "FR-NL-1.02": ("Caf\u00e9", "\u0141\u00f3d\u017a"),
    "FR-NL-1.03": ("<xbrli:xbrl", "<!DOCTYPE xbrl><xbrli:xbrl"),
    "FR-NL-1.04": ("Caf\u00e9", "&#x141;"),
    "FR-NL-1.05": ('encoding="UTF-8"', 'encoding="ISO-8859-1"'),
    "FR-NL-2.03": (' xml:lang="nl"', ""),
    "FR-NL-2.04": (SCHEMA_REF, SCHEMA_REF * 2),
    "FR-NL-2.05": (CONTEXT, '<link:linkbaseRef xlink:type="simple" xlink:href="a.xml"/>' + CONTEXT),
    "FR-NL-2.06": ("Caf\u00e9", "<![CDATA[Cafe]]>"),
    "FR-NL-2.07": (
        'Msg">Caf\u00e9',
        'Msg" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="false">Cafe',
    ),
    "FR-NL-3.01": ("2026-01-01", "2026-01-01T00:00:00"),
    "FR-NL-3.02": (
        "<xbrli:startDate>2026-01-01</xbrli:startDate><xbrli:endDate>2026-03-31</xbrli:endDate>",
        "<xbrli:forever/>",
    ),
    "FR-NL-3.03": (CONTEXT, CONTEXT + CONTEXT.replace("Msg", "Other").replace("2026-03", "2026-12")),
    "FR-NL-3.04": (CONTEXT, CONTEXT + CONTEXT.replace("Msg", "Other")),
    "FR-NL-4.01": (UNIT, UNIT + UNIT.replace('"EUR"', '"E"')),
    "FR-NL-4.02": (UNIT, UNIT + UNIT.replace("EUR", "USD")),
    "FR-NL-5.01": (NAME, NAME * 2),
    "FR-NL-5.03": ("Caf\u00e9", " "),
    "FR-NL-5.06": ('decimals="INF"', 'precision="4"'),
    "FR-NL-6.01": (
        OWED,
        OWED + '<link:footnoteLink xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link"/>',
    ),
    "FG-NL-03": ("xmlns:d=", 'xmlns:lb="http://www.xbrl.org/2003/linkbase" xmlns:d='),
    "FG-NL-04": (UNIT + "  " + NAME, NAME + UNIT),
    "FG-NL-05": ("xmlns:d=", 'xmlns:unused="urn:unused" xmlns:d='),
    "FG-NL-09": ("<d:Name", '<d:Name id="f1"'),
    "XBRL-CONTEXT-REF": ('d:Name contextRef="Msg"', 'd:Name contextRef="Nowhere"'),
    "XBRL-UNIT-REF": ('unitRef="EUR"', 'unitRef="USD"'),
    "XBRL-ID": ('unit id="EUR"', 'unit id="Msg"'),
    "XBRL-CONTEXT": ("<xbrli:endDate>2026-03-31</xbrli:endDate>", ""),
    "XBRL-UNIT": ("iso4217:EUR", "unknown:EUR"),
    "XBRL-DECIMALS": (' decimals="INF"', ""),
    "XBRL-ENTRYPOINT": ("bd-rpt-ob-aangifte-2026", "bd-rpt-icp-opgaaf-2026"),
    "XBRL-SCHEME": ("/omzetbelastingnummer", "/other"),
    "XML-WELL-FORMED": ("</d:Name>", "</d:Naam>"),
    "XML-ROOT": ("xbrli:xbrl", "xbrli:report"),
    "IDENTITEIT": ("001000044B37", "001000044B38"),
}


def check(text: str, bestandsnaam: str = "ob.xbrl") -> ValidationReport:
    """Validate as Omzetbelasting of the number in the good instance."""
    return validated(text.encode(), "text/xml; charset=utf-8", bestandsnaam, OB, NUMBER)


def test_a_good_instance_has_no_finding() -> None:
    """The instance that the other tests break is valid, without warnings."""
    report = check(INSTANCE)
    assert report.findings == ()
    assert report.valid
    assert report.not_checked == ("XBRL-TAXONOMY", "XBRL-FORMULA")


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_finds_its_fault(rule: str) -> None:
    """One fault in a good instance gives a finding of the rule that forbids it, in both languages."""
    old, new = BROKEN[rule]
    assert old in INSTANCE
    report = check(INSTANCE.replace(old, new))
    found = [finding for finding in report.findings if finding.rule == rule]
    assert len(found) == 1 or (rule in {"FR-NL-1.02", "FR-NL-2.04"} and found)
    assert found[0].text_nl
    assert found[0].text_en
    assert report.valid == (rule.startswith("FG") and len(report.findings) == len(found))


@pytest.mark.parametrize("rule", sorted(rule for rule in BROKEN if rule.startswith("F")))
def test_a_filing_fault_gives_no_finding_of_another_filing_rule(rule: str) -> None:
    """A rule does not speak where another one is broken (but one that names the same thing may)."""
    related = {"FR-NL-3.04": {"FR-NL-3.03"}, "FR-NL-4.01": {"FR-NL-4.02"}}
    report = check(INSTANCE.replace(*BROKEN[rule]))
    rules = {finding.rule for finding in report.findings if finding.rule.startswith("F")}
    assert rules == {rule} | related.get(rule, set())


def test_the_file_name_may_have_few_characters() -> None:
    """FR-NL-1.06 looks at the file name without its extension."""
    assert check(INSTANCE, "Aangifte_2026-Q1.xbrl").valid
    assert [f.rule for f in check(INSTANCE, "aangifte 2026.xbrl").findings] == ["FR-NL-1.06"]


def test_all_faults_are_listed_at_once() -> None:
    """A second fault is not hidden by the first."""
    text = INSTANCE.replace(' xml:lang="nl"', "").replace("2026-01-01", "1 januari").replace("B37<", "B99<")
    assert {f.rule for f in check(text).findings} == {"FR-NL-2.03", "FR-NL-3.01", "IDENTITEIT"}


def test_a_finding_says_where() -> None:
    """Rules about the text give line and column, rules about elements the line."""
    (character,) = check(INSTANCE.replace("Caf\u00e9", "\u0141")).findings
    assert (character.line, character.column) == (13, 28)
    (empty,) = check(INSTANCE.replace("Caf\u00e9", "")).findings
    assert empty.line == 13


def test_a_measure_is_compared_by_namespace() -> None:
    """Two units are duplicates although they write the currency with another prefix."""
    other = '<xbrli:unit id="E" xmlns:c="http://www.xbrl.org/2003/iso4217"><xbrli:measure>c:EUR</xbrli:measure></xbrli:unit>'
    assert "FR-NL-4.01" in {f.rule for f in check(INSTANCE.replace(UNIT, UNIT + other)).findings}


def test_references_and_sections_inside_comments_are_text() -> None:
    """A DOCTYPE, a CDATA section or a reference that stands in a comment is none."""
    comment = "<!-- <!DOCTYPE x> <![CDATA[ &#x141; --><d:Name"
    assert check(INSTANCE.replace("<d:Name", comment)).findings == ()
