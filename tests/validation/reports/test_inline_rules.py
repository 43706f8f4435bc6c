"""Rules about inline documents: each is broken by one change in an otherwise good document."""

from __future__ import annotations

import pytest

from digipoort_sim.validation.reports.inline_rules import INLINE_RULES
from digipoort_sim.validation.reports.kvk_rules import KVK_RULES
from tests.validation.archives.zips import zipped
from tests.validation.reports.made import DOCUMENT, NAME, checked, package, report_type

Change = tuple[str, str]
BODY = "<p><ix:nonNumeric"
INSTANT = "<xbrli:instant>2025-12-31</xbrli:instant>"
ENTITY_END = "</xbrli:entity>"
CONTEXT = DOCUMENT[DOCUMENT.index("<xbrli:context") : DOCUMENT.index("<xbrli:unit")]
REFERENCE = DOCUMENT[DOCUMENT.index("<link:schemaRef") : DOCUMENT.index("</ix:references>")]


def put(text: str) -> Change:
    """A change that puts markup into the body."""
    return BODY, text + BODY


BROKEN: list[tuple[str, str, Change]] = [
    ("INLINE-ROOT", "error", ("http://www.w3.org/1999/xhtml", "urn:other")),
    ("INLINE-NAMESPACE", "error", put('<i xmlns="http://www.xbrl.org/2008/inlineXBRL"/>')),
    ("NL-KVK.RTS_Art_6_a", "error", ("inlineXBRL", "inlineABCD")),
    ("INLINE-SCHEMA-REF", "error", (REFERENCE, "")),
    ("INLINE-SCHEMA-REF", "error", (' id="f1"', ' id="f1" target="other"')),
    ("INLINE-SCHEMA-REFS", "warning", (REFERENCE, REFERENCE + REFERENCE.replace("urn:", "urn:x"))),
    ("INLINE-REFERENCES", "error", put(REFERENCE)),
    ("INLINE-CONTEXT", "error", ('contextRef="c" id="f1"', 'contextRef="d" id="f1"')),
    ("INLINE-CONTEXT", "error", ('contextRef="c" id="f1"', 'id="f1"')),
    ("INLINE-UNIT", "error", (' unitRef="EUR"', "")),
    ("INLINE-UNIT", "error", (' unitRef="EUR"', ' unitRef="USD"')),
    ("INLINE-ID", "error", (CONTEXT, CONTEXT * 2)),
    ("INLINE-EXTERNAL", "warning", put('<img src="https://example.org/a.png"/>')),
    ("INLINE-EXTERNAL", "warning", put("<p style=\"background: url( '//example.org/a.png' )\"/>")),
    (
        "INLINE-EXTERNAL",
        "warning",
        ("</head>", "<style>@import url(http://example.org/a.css)</style></head>"),
    ),
    (
        "INLINE-EXTERNAL",
        "warning",
        ("</head>", '<link rel="stylesheet" href="http://example.org/a"/></head>'),
    ),
    ("INLINE-FILE", "warning", put('<img src="image.png"/>')),
    ("NL-KVK.RTS_Art_3", "error", ("<html", "<!DOCTYPE html>\n<html")),
    (
        "NL-KVK.RTS_Art_3",
        "warning",
        (
            "<html",
            '<!-- x --><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://x/x.dtd"><html',
        ),
    ),
    ("FR-NL-1.03", "error", ("<html", "<!DOCTYPE html [<!ENTITY a 'b'>]><html")),
    ("NL-KVK.3.1.1.1", "error", ("90004567", "00004567")),
    ("NL-KVK.3.1.1.1", "error", (">90004567<", ">9000456<")),
    ("NL-KVK.3.1.1.2", "error", ("http://www.kvk.nl/kvk-id", "http://www.kvk.nl/rsin")),
    ("INLINE-LEI", "warning", ("http://www.kvk.nl/kvk-id", "http://standards.iso.org/iso/17442")),
    ("NL-KVK.3.1.4.1", "error", (CONTEXT, CONTEXT + CONTEXT.replace("9000", "9001").replace('"c"', '"x"'))),
    ("NL-KVK.3.1.2.1", "error", ("2025-12-31<", "2025-12-31T00:00:00<")),
    ("NL-KVK.3.1.2.2", "error", ("2025-12-31<", "2025-12-31Z<")),
    ("NL-KVK.3.1.2.2", "error", ("2025-12-31<", "2025-02-30<")),
    ("NL-KVK.3.1.3.1", "error", (ENTITY_END, "<xbrli:segment/>" + ENTITY_END)),
    (
        "NL-KVK.3.1.3.2",
        "error",
        ("</xbrli:context>", "<xbrli:scenario><d:x/></xbrli:scenario></xbrli:context>"),
    ),
    ("NL-KVK.3.2.1.1", "error", ('decimals="INF"', 'precision="INF"')),
    ("NL-KVK.3.2.3.1", "error", ("transformation/2020-02-12", "transformation/2015-02-26")),
    ("NL-KVK.3.2.8.1", "warning", (' id="f1"', "")),
    ("NL-KVK.3.4.1.1", "error", put('<ix:tuple name="d:T"/>')),
    ("NL-KVK.3.4.1.2", "error", put('<ix:fraction name="d:F" contextRef="c" unitRef="EUR" id="x"/>')),
    ("NL-KVK.3.4.2.1", "error", ("</head>", '<base href="http://example.org"/></head>')),
    ("NL-KVK.3.4.2.1", "error", put('<p xml:base="x"/>')),
    ("NL-KVK.3.5.1.1", "error", put("<script>alert(1)</script>")),
    ("NL-KVK.3.5.1.1", "error", put('<a href="JavaScript:alert(1)">x</a>')),
    ("NL-KVK.3.5.1.1", "error", put('<p onclick="alert(1)"/>')),
]


@pytest.mark.parametrize(("rule", "severity", "change"), BROKEN)
def test_one_change_breaks_one_rule(rule: str, severity: str, change: Change) -> None:
    """The broken document has findings of that rule, all with a place inside it, and no others of weight."""
    assert change[0] in DOCUMENT
    report = checked(package(DOCUMENT.replace(*change, 1)))
    found = [finding for finding in report.findings if finding.rule == rule and finding.severity == severity]
    assert found
    assert report.valid == (severity == "warning")
    lines = DOCUMENT.count("\n") + 3
    assert all(0 <= finding.line <= lines and finding.text_nl.startswith(NAME) for finding in found)


@pytest.mark.parametrize(
    ("name", "rule", "severity"),
    [
        ("Een-te-lange-naam.xhtml", "NL-KVK.3.6.3.2", "warning"),
        ("eenentwintigletterslang-2025-12-31-nl.xhtml", "NL-KVK.3.6.3.1", "warning"),
        ("caf\u00e9-2025-12-31-nl.html", "NL-KVK.3.6.3.3", "error"),
    ],
)
def test_names_of_documents(name: str, rule: str, severity: str) -> None:
    """The name of a document follows the KvK's pattern; only other characters are an error."""
    content = zipped({"r/META-INF/reportPackage.json": report_type(), f"r/reports/{name}": DOCUMENT.encode()})
    found = {(finding.rule, finding.severity) for finding in checked(content).findings}
    assert found == {(rule, severity)}


def test_every_rule_is_broken_above() -> None:
    """No rule is without a test that breaks it."""
    tested = {(rule, severity) for rule, severity, _ in BROKEN}
    names = {f"NL-KVK.3.6.3.{number}" for number in (1, 2, 3)}
    assert {(r.rule, r.severity) for r in (*INLINE_RULES, *KVK_RULES) if r.rule not in names} <= tested


def test_images_in_the_package_and_in_the_document_are_good() -> None:
    """A file of the package, a data URL and a link to elsewhere are no findings."""
    markup = '<img src="../images/a%20b.png"/><img src="data:image/png;base64,AAAA"/><a href="https://kvk.nl">x</a>'
    content = {
        "r/META-INF/reportPackage.json": report_type(),
        NAME: DOCUMENT.replace(*put(markup)).encode(),
        "r/images/a b.png": b"\x89PNG",
    }
    assert checked(zipped(content)).findings == ()
