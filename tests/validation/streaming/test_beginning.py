"""The beginning of large contents: encodings, roots, and the identity that is named first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.store.payloads import digest_of
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.streaming.beginning import first_identity, identity_in_file
from digipoort_sim.validation.streaming.check import LargeContent
from tests.validation.business.returns import good
from tests.validation.reports.made import NUMBER, package

ROWS = load_catalogue().berichtsoorten
LOON = rules_of(ROWS["Aangifte_LH"])
OB = rules_of(ROWS["Omzetbelasting"])
SPACE = b" " * 65_536


def _pieces(head: bytes, spaces: int, tail: bytes) -> Iterator[bytes]:
    yield head
    for _ in range(spaces):
        yield SPACE
    yield tail


@pytest.mark.parametrize("spaces", [0, 20, 200])
def test_the_identity_is_found_where_it_is(spaces: int) -> None:
    """By local names, and by the scheme of an XBRL identifier, in the first MiB or behind it."""
    assert first_identity(_pieces(b"<a>", spaces, b"<LhNr> 1L01 </LhNr><LhNr>2</LhNr></a>"), LOON) == "1L01"
    ob = good("Omzetbelasting").encode()
    head, begin, tail = ob.partition(b"<xbrli:context")
    assert first_identity(_pieces(head, spaces, begin + tail), OB) == "001000044B37"
    other = tail.replace(b"http://www.belastingdienst.nl", b"http://elsewhere")
    if other != tail:
        assert first_identity(_pieces(head, spaces, begin + other), OB) is None


def test_the_search_has_an_end() -> None:
    """Behind 64 MiB nothing is looked for; nor in what is not XML, nor behind a DOCTYPE."""
    assert first_identity(_pieces(b"<a>", 1100, b"<LhNr>1L01</LhNr></a>"), LOON) is None
    for octets in (b"", b"no xml", b"<!DOCTYPE a><a><LhNr>1</LhNr></a>", b"<a>" * 5000 + b"<LhNr>1</LhNr>"):
        assert first_identity(iter([octets]), LOON) is None
    assert first_identity(iter(["<a><LhNr>1</LhNr></a>".encode("utf-16")]), LOON) is None


def test_the_identity_of_a_report_package_is_in_one_of_its_documents(tmp_path: Path) -> None:
    """The zip is looked through, document by document; what is no package has none."""
    (tmp_path / "a.xbri").write_bytes(package())
    rules = rules_of(ROWS["jaarrekening_ixbrl_esd"])
    assert identity_in_file(tmp_path / "a.xbri", rules) == NUMBER
    (tmp_path / "b.xbri").write_bytes(package()[:-10])
    assert identity_in_file(tmp_path / "b.xbri", rules) is None


def _report(folder: Path, content: bytes, berichtsoort: str = "Aangifte_LH") -> ValidationReport:
    file = folder / "content"
    file.write_bytes(content)
    large = LargeContent(lambda: file.open("rb"), file, *digest_of(file), "text/xml", "a.xml")
    return Validator().check_large(large, rules_of(ROWS[berichtsoort]))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("<a/>".encode("utf-16"), "FR-NL-1.05"),
        ("<a/>".encode("utf-32"), "FR-NL-1.05"),
        (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "FR-NL-1.05"),
        (b"PK\x03\x04 no xml", "MIMETYPE"),
        (b"", "XML-WELL-FORMED"),
    ],
)
def test_other_encodings_and_other_kinds_are_refused(tmp_path: Path, content: bytes, rule: str) -> None:
    """UTF-16 and UTF-32 are named as what they are; what is no XML at all too."""
    report = _report(tmp_path, content)
    assert rule in [finding.rule for finding in report.findings if finding.severity == "error"]


def test_a_wage_return_may_be_in_iso_8859_1(tmp_path: Path) -> None:
    """Where the declaration says so, as with contents that are read whole; XBRL may not."""
    good_root = b"<Loonaangifte xmlns='http://xml.belastingdienst.nl/schemas/Loonaangifte/2026/01'>\xe9</Loonaangifte>"
    declared = b"<?xml version='1.0' encoding='ISO-8859-1'?>"
    assert _report(tmp_path, declared + good_root).valid
    assert not _report(tmp_path, good_root).valid
    assert not _report(tmp_path, declared + good("Omzetbelasting").encode(), "Omzetbelasting").valid


def test_the_report_says_what_was_not_checked(tmp_path: Path) -> None:
    """XBRL that is large is checked against no schema, no rules, no taxonomy and no identity."""
    report = _report(tmp_path, good("Omzetbelasting").encode(), "Omzetbelasting")
    assert report.valid
    assert report.not_checked == (
        *("GROOT", "GROOT-XSD", "GROOT-REGELS", "XBRL-TAXONOMY-SIZE", "XBRL-FORMULA", "IDENTITEIT"),
    )
