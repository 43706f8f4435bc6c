"""Structure of XBRL without a taxonomy, and wage returns by their year."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.identity import identity_in_content
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from tests.validation.samples import INSTANCE, OB, OB_NUMBER, validated
from tests.wages import wage_return

NUMBER = "000000000L01"
WAGES = rules_of(load_catalogue().berichtsoorten["Aangifte_LH"])


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("<xbrli:xbrl ", '<xbrli:xbrl x="1" ', (2, 13)),
        ('xlink:type="simple" ', "", (5, 3)),
        ("</xbrli:entity>", "</xbrli:entity><xbrli:other/>", (9, 20)),
        ("</xbrli:entity>", "</xbrli:entity>text", (6, 3)),
        ("</xbrli:identifier>", "</xbrli:identifier><xbrli:segment/>", (8, 109)),
        ("<xbrli:unit id", '<xbrli:unit nop="1" id', (12, 15)),
        ("</xbrli:measure>", "</xbrli:measure><xbrli:divide/>", (12, 66)),
        ("<d:Name", "<xbrli:foo/><d:Name", (13, 3)),
        ("<d:Name", "<link:foo/><d:Name", (13, 3)),
        ("<d:Name", "<noNamespace/><d:Name", (13, 3)),
        ("<d:Name", "loose <d:Name", (12, 3)),
    ],
)  # fmt: skip
def test_structure_of_an_instance(old: str, new: str, place: tuple[int, int]) -> None:
    """What XBRL 2.1 does not allow is found in its place, whatever the taxonomy, and told once."""
    assert old in INSTANCE
    content = INSTANCE.replace(old, new, 1).encode()
    found = validated(content, "text/xml", "a.xbrl", OB, (OB_NUMBER, "Fi")).findings
    assert [(f.line, f.column) for f in found if f.rule == "XSD"] == [place]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("2026-01-01", "2026-01-01T00:00:00", "FR-NL-3.01"),
        ('decimals="INF"', 'precision="2"', "FR-NL-5.06"),
        (' id="EUR"', "", "XBRL-ID"),
        (' scheme="www.belastingdienst.nl/omzetbelastingnummer"', "", "XBRL-CONTEXT"),
    ],
)
def test_what_a_rule_says_the_schema_does_not_repeat(old: str, new: str, rule: str) -> None:
    """A fault that has a rule of its own is not told by the structure check as well."""
    found = validated(INSTANCE.replace(old, new, 1).encode(), "text/xml", "a.xbrl", OB).findings
    rules = [finding.rule for finding in found]
    assert rule in rules
    assert "XSD" not in rules


def wages(text: str, folder: Path | None = None, encoding: str = "utf-8") -> ValidationReport:
    """The report on a wage return."""
    part = Part(text.encode(encoding), "text/xml", "a.xml")
    return Validator((folder,) if folder else ()).check(Delivered(part, WAGES, (NUMBER, "LHnr")))


def test_a_wage_return_is_checked_by_its_outer_form() -> None:
    """A good one has no finding, and the report says that the official schema was not there."""
    report = wages(wage_return())
    assert (report.findings, report.not_checked) == ((), ("XSD-OFFICIEEL",))


def test_a_wage_return_may_be_in_iso_8859_1() -> None:
    """Where its declaration says so it is read as such, by validation and by the file door."""
    text = wage_return().replace("UTF-8", "ISO-8859-1")
    assert wages(text, encoding="latin-1").findings == ()
    assert identity_in_content(text.encode("latin-1"), WAGES) == NUMBER
    assert [f.rule for f in wages(wage_return(), encoding="latin-1").findings] == ["FR-NL-1.05"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("/2026/01", "/2026", "XML-ROOT"),
        ("Loonaangifte>", "Aangifte>", "XML-WELL-FORMED"),
        ("000000000L01", "123", "XSD"),
        ("2026-11-02T09:00:00", "vandaag", "XSD"),
        ("<IdBer>1</IdBer>", "", "XSD"),
    ],
)
def test_what_is_wrong_with_a_wage_return(old: str, new: str, rule: str) -> None:
    """Root, number, time and message number are looked at."""
    assert rule in [finding.rule for finding in wages(wage_return().replace(old, new)).findings]


def test_a_year_without_a_schema_is_not_refused() -> None:
    """A return of a year that there is no schema for is valid, and the report says so."""
    report = wages(wage_return(year=1999))
    assert (report.valid, report.not_checked) == (True, ("XSD",))


def test_the_official_schema_comes_first(tmp_path: Path) -> None:
    """The user's schema of the official name is used in place of the project's; a broken one is told."""
    schema = tmp_path / "loonaangifte" / "Loonaangifte2026v2.0.xsd"
    schema.parent.mkdir()
    schema.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'targetNamespace="http://xml.belastingdienst.nl/schemas/Loonaangifte/2026/01">'
        '<xs:element name="Loonaangifte" type="xs:date"/></xs:schema>'
    )
    report = wages(wage_return(), tmp_path)
    assert {finding.rule for finding in report.findings} == {"XSD"}
    assert report.not_checked == ()
    schema.write_text("<no-schema/>")
    with pytest.raises(ConfigError, match="no XSD"):
        wages(wage_return(), tmp_path)


@pytest.mark.parametrize(
    ("berichtsoort", "entrypoint"),
    [
        ("Omzetbelasting", "bd-rpt-ob-aangifte-2026.xsd"),
        ("OBSUP", "bd-rpt-ob-suppletie-2026.xsd"),
        ("ICP", "bd-rpt-icp-opgaaf-2026.xsd"),
    ],
)
def test_each_return_has_its_own_entry_point(berichtsoort: str, entrypoint: str) -> None:
    """By the catalogue's row: the right entry point and scheme have no finding about them, others have."""
    rules = rules_of(load_catalogue().berichtsoorten[berichtsoort])
    good = INSTANCE.replace("bd-rpt-ob-aangifte-2026.xsd", entrypoint)
    about = {"XML-ROOT", "XBRL-ENTRYPOINT", "XBRL-SCHEME", "XSD", "MIMETYPE"}

    def told(text: str) -> set[str]:
        return about & {f.rule for f in validated(text.encode(), "text/xml", "a.xbrl", rules).findings}

    assert told(good) == set()
    assert told(good.replace(entrypoint, "bd-rpt-vpb-aangifte-2026.xsd")) == {"XBRL-ENTRYPOINT"}
    assert told(good.replace("omzetbelastingnummer", "fiscaalnummer")) == {"XBRL-SCHEME"}
    assert told("<a/>") == {"XML-ROOT"}
