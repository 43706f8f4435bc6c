"""XSD errors in words of our own, in place and in bounded time; schemas that cannot be used."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.schema import check as schema_check
from digipoort_sim.validation.schema.check import SchemaStore
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml

XS = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
SCHEMA = f"""{XS} targetNamespace="urn:a" xmlns="urn:a" elementFormDefault="qualified">
<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="h"/>
<xs:element name="a" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="x" type="p"/><xs:element name="y" type="xs:date" minOccurs="0"/>
<xs:element name="z" type="e" minOccurs="0"/></xs:sequence>
<xs:attribute name="k" use="required" type="xs:int"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
<xs:simpleType name="p"><xs:restriction base="xs:string">
<xs:pattern value="[0-9]{{3}}"/></xs:restriction></xs:simpleType>
<xs:simpleType name="e"><xs:restriction base="xs:string">
<xs:enumeration value="A"/><xs:enumeration value="B"/></xs:restriction></xs:simpleType>
</xs:schema>"""
GOOD = '\n<p:a k="1"><p:x>123</p:x></p:a>'
BAD = '\n<p:a k="1"><p:x>12</p:x></p:a>'


def found(store: SchemaStore, content: str) -> list[Finding]:
    """The findings against the schema above."""
    xml = read_xml(content.encode(), LIMITS["xml"])
    assert isinstance(xml, XmlContent)
    return list(store.findings("s.xsd", xml))


def root(inside: str) -> str:
    """A content with something in its root."""
    return f'<p:r xmlns:p="urn:a"><p:h/>{inside}</p:r>'


@pytest.fixture
def store(tmp_path: Path) -> SchemaStore:
    """A store with the schema above."""
    (tmp_path / "s.xsd").write_text(SCHEMA)
    return SchemaStore((tmp_path,))


@pytest.mark.parametrize("readable", [True, False], ids=["xmlschema", "libxml2"])
@pytest.mark.parametrize(
    ("inside", "place", "nl", "en"),
    [
        (BAD, (2, 12), "van het element x heeft niet de juiste vorm (patroon: [0-9]{3})", "the right form"),
        (GOOD.replace('k="1"', 'k="x"'), (2, 6), "attribuut k op het element a is geen geheel", "whole"),
        (GOOD.replace(' k="1"', ""), (2, 1), "Het element a mist het attribuut k", "lacks the attribute k"),
        (GOOD.replace("k=", 'l="" k='), (2, 6), "Het attribuut l mag niet op het", "l is not allowed"),
        (GOOD.replace("</p:a>", "<p:y>x</p:y></p:a>"), (2, 26), "'x' van het element y is geen", "a date"),
        (GOOD.replace("</p:a>", "<p:z>C</p:z></p:a>"), (2, 26), "toegestaan: A, B", "allowed: A, B"),
        (GOOD.replace("</p:a>", "text</p:a>"), (2, 1), "mag geen tekst staan", "may not hold text"),
        (GOOD.replace("</p:x>", "<p:y/></p:x>"), (2, 12), "geen elementen staan", "hold elements"),
        (GOOD.replace("</p:a>", "<p:q/></p:a>"), (2, 26), "element q mag hier niet", "not allowed here"),
        ('\n<p:a k="1"/>', (2, 1), "ontbreekt iets; verwacht wordt: x", "expected is: x"),
    ],
)  # fmt: skip
def test_errors_are_told_in_words(
    store: SchemaStore, monkeypatch: pytest.MonkeyPatch, readable: bool,
    inside: str, place: tuple[int, int], nl: str, en: str,
) -> None:  # fmt: skip
    """Each usual kind of error has its line and column, and its text in both languages, by either library."""
    if not readable:
        monkeypatch.setattr(schema_check, "_READABLE_DEPTH", 0)
    [finding] = found(store, root(inside))
    assert (finding.rule, finding.line, finding.column) == ("XSD", *place)
    assert nl in finding.text_nl
    assert en in finding.text_en


def test_a_large_content_is_told_where_it_is_wrong(store: SchemaStore) -> None:
    """A few errors behind a hundred thousand good elements have their places beyond line 65,535."""
    findings = found(store, root(GOOD * 100_000 + BAD * 3))
    assert [(f.line, f.column) for f in findings] == [(100_002, 12), (100_003, 12), (100_004, 12)]


@pytest.mark.parametrize("before", [0, 5_000])
def test_very_many_errors_take_bounded_time(store: SchemaStore, before: int) -> None:
    """300,000 errors, which lxml alone would take minutes for, are told of up to the limit."""
    start = time.process_time()
    findings = found(store, root(GOOD * before + BAD * 300_000))
    assert time.process_time() - start < 10
    assert 100 <= len(findings) <= schema_check.MAXIMUM_FINDINGS
    assert "'12' van het element x" in findings[0].text_nl


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (
            '><xs:import namespace="urn:b" schemaLocation="http://127.0.0.1:9/b.xsd"/></xs:schema>',
            "from a network",
        ),
        ('><xs:include schemaLocation="../b.xsd"/></xs:schema>', "outside of the folder"),
        ('><xs:include schemaLocation="b.xsd"/></xs:schema>', "which is not there"),
        ("><xs:element/></xs:schema>", "cannot be used"),
        (">", "no well-formed XML"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(tmp_path: Path, schema: str, reason: str) -> None:
    """Imports from a network or elsewhere, missing files and broken schemas are told of with a reason."""
    (tmp_path / "s.xsd").write_text(XS + schema)
    with pytest.raises(ConfigError, match=reason):
        found(SchemaStore((tmp_path,)), "<a/>")
    with pytest.raises(ConfigError, match=r"There is no schema s\.xsd"):
        found(SchemaStore(()), "<a/>")
