"""Which entry points an instance of a berichtsoort may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.packages.folder import PackageFolder
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from tests.validation.packages.made import package_zip
from tests.validation.samples import ENTRYPOINT, INSTANCE, OB

OWN = "http://taxonomy.example/2026/bd-rpt-ob-aangifte-2026.xsd"
NT = "http://www.nltaxonomie.nl/nt20/bd/20251210/entrypoints/"


def found(entrypoint: str, folder: Path | None = None, instance: str = INSTANCE) -> list[Finding]:
    """The findings about the entry point of an OB return that names this one."""
    packages = PackageFolder([folder]) if folder else None
    content = instance.replace(ENTRYPOINT, entrypoint).encode()
    report = Validator(packages=packages).check(Delivered(Part(content, "text/xml", "ob.xbrl"), OB))
    return [finding for finding in report.findings if finding.rule == "XBRL-ENTRYPOINT"]


@pytest.mark.parametrize(
    "entrypoint",
    [
        ENTRYPOINT,
        "http://www.nltaxonomie.nl/nt15/bd/20201209/entrypoints/bd-rpt-ob-aangifte-2021.xsd",
        "http://www.nltaxonomie.nl/nt12/bd/20170714.a/entrypoints/bd-rpt-ob-aangifte-2018.xsd",
    ],
)
def test_the_form_of_the_nt_is_known(entrypoint: str) -> None:
    """An entry point in the form that those of the NT have is taken, whatever its version."""
    assert found(entrypoint) == []


@pytest.mark.parametrize(
    ("entrypoint", "hint"),
    [
        (ENTRYPOINT.replace("http:", "https:"), "https is another"),
        (ENTRYPOINT.replace("www.nltaxonomie.nl", "WWW.NLTaxonomie.nl"), "capitals"),
        (ENTRYPOINT.replace("/nt20/", "/NT20/"), "capitals"),
        (ENTRYPOINT.replace("www.", ""), "Expected is http://www.nltaxonomie.nl/nt<NN>/"),
        (ENTRYPOINT.replace("/entrypoints/", "/"), "Expected is"),
        (ENTRYPOINT.replace("20251210", "2025-12-10"), "Expected is"),
        (ENTRYPOINT.replace("/bd/", "/bd/../bd/"), "Expected is"),
        (ENTRYPOINT.replace("20251210", "٢٠٢٥١٢١٠"), "Expected is"),
        ("bd-rpt-ob-aangifte-2026.xsd", "Expected is"),
        (f"{NT}other.xsd/bd-rpt-ob-aangifte-2026.xsd", "Expected is"),
        (f"file:///etc/{ENTRYPOINT.rpartition('/')[2]}", "Expected is"),
        (f"{NT}bd-rpt-icp-opgaaf-2026.xsd", "does not belong to the berichtsoort Omzetbelasting"),
        (f"{ENTRYPOINT}?x", "does not belong"),
        (f"{ENTRYPOINT}#x", "does not belong"),
        ("", "does not belong"),
    ],
)
def test_any_other_uri_is_an_error_that_helps(entrypoint: str, hint: str) -> None:
    """A wrong host, path, scheme, case or file is an error at its own place, with what is expected."""
    (finding,) = found(entrypoint)
    assert hint in finding.text_en
    assert (finding.severity, finding.provenance, finding.line) == ("error", "inferred", 5)
    assert finding.column == len('  <link:schemaRef xlink:type="simple" ') + 1


def test_an_entry_point_of_a_package_at_hand_is_known(tmp_path: Path) -> None:
    """An own URI is taken as soon as a package with its document is in the folder; the catalog decides."""
    package_zip(tmp_path / "other.zip", members={"other.xsd": b"<a/>"})
    assert len(found(OWN, tmp_path)) == 1
    package_zip(tmp_path / "own.zip", members={OWN.rpartition("/")[2]: b"<a/>"}, identifier="urn:own")
    assert found(OWN, tmp_path) == []
    assert len(found(OWN.replace("2026/", "2027/"), tmp_path)) == 1


def test_a_package_does_not_make_another_report_good(tmp_path: Path) -> None:
    """The document of another berichtsoort stays an error, though a package has it."""
    package_zip(tmp_path / "own.zip", members={"bd-rpt-icp-opgaaf-2026.xsd": b"<a/>"})
    (finding,) = found("http://taxonomy.example/2026/bd-rpt-icp-opgaaf-2026.xsd", tmp_path)
    assert "does not belong to the berichtsoort" in finding.text_en


def test_every_schema_reference_is_looked_at() -> None:
    """Of two entry points the wrong one is found, at its line."""
    good = f'<link:schemaRef xlink:type="simple" xlink:href="{ENTRYPOINT}"/>'
    both = INSTANCE.replace(good, f"{good}\n{good.replace('http:', 'https:')}")
    (finding,) = found(ENTRYPOINT, instance=both)
    assert finding.line == 6


def test_the_trial_taxonomy_is_taken_with_a_warning() -> None:
    """Its entry point is good here; a warning at its place says that the real Digipoort does not know it."""
    trial = "http://digipoort-sim.example/nt-proef/nt20/bd/20251210/entrypoints/bd-rpt-ob-aangifte-2026.xsd"
    content = INSTANCE.replace(ENTRYPOINT, trial).encode()
    report = Validator().check(Delivered(Part(content, "text/xml", "ob.xbrl"), OB))
    (finding,) = (f for f in report.findings if f.rule.startswith("XBRL-"))
    assert (finding.rule, finding.severity, finding.provenance) == ("XBRL-PROEF", "warning", "simulator")
    assert (finding.line, report.valid) == (5, True)
    assert "de echte Digipoort kent die niet" in finding.text_nl
    assert "the real Digipoort does not know" in finding.text_en
    assert found(trial.replace("2026.xsd", "1999.xsd"))[0].severity == "error"


def test_the_file_name_of_the_berichtsoort_is_told() -> None:
    """Who has taken the entry point of another report reads what the right one is called."""
    (finding,) = found(f"{NT}bd-rpt-icp-opgaaf-2026.xsd")
    assert "Expected is http://www.nltaxonomie.nl/nt<NN>/" in finding.text_en
    assert finding.text_en.endswith("/entrypoints/bd-rpt-ob-aangifte-<year>.xsd.")
    assert finding.text_nl.endswith("/entrypoints/bd-rpt-ob-aangifte-<jaar>.xsd.")
