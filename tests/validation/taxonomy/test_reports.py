"""Inline reports against small taxonomies: in a package at hand, and as an extension in the report."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digipoort_sim.config import ValidationSettings
from digipoort_sim.validation.findings import Finding, ValidationReport
from digipoort_sim.validation.packages.folder import PackageFolder
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from digipoort_sim.validation.taxonomy.arelle_taxonomies import ArelleTaxonomies
from tests.validation.archives.zips import zipped
from tests.validation.reports.made import (
    DOCUMENT,
    NAME,
    NUMBER,
    SCHEMA,
    TYPE_FILE,
    package,
    report_rules,
    report_type,
)

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not importlib.util.find_spec("arelle"), reason="the extra [xbrl] is not installed"),
]
OWN = "http://taxonomie.test/jr/2025/jr.xsd"
KVK = "https://www.nltaxonomie.nl/kvk/2025-12-31/kvk-annual-report-other.xsd"
XBRLI = "http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"
_SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xbrli="http://www.xbrl.org/2003/instance" targetNamespace="{namespace}">
<xs:import namespace="http://www.xbrl.org/2003/instance" schemaLocation="{xbrli}"/>{imported}{items}
</xs:schema>"""
_ITEM = (
    '<xs:element name="{0}" id="d_{0}" type="xbrli:{1}ItemType" substitutionGroup="xbrli:item" '
    'nillable="true" xbrli:periodType="instant"/>'
)
_METADATA = """<tp:taxonomyPackage xml:lang="en" xmlns:tp="http://xbrl.org/2016/taxonomy-package">
<tp:identifier>{entry}</tp:identifier><tp:name>Test</tp:name><tp:description>Test</tp:description>
<tp:version>1</tp:version><tp:publicationDate>2025-01-01</tp:publicationDate><tp:entryPoints><tp:entryPoint>
<tp:name>Test</tp:name><tp:entryPointDocument href="{entry}"/></tp:entryPoint></tp:entryPoints>
</tp:taxonomyPackage>"""
_CATALOG = """<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
<rewriteURI uriStartString="{start}" rewritePrefix="../{folder}/"/></catalog>"""

Ask = Callable[..., ValidationReport]


def schema(namespace: str, items: dict[str, str], imported: str = "") -> str:
    """A taxonomy schema with items by name and type."""
    elements = "".join(_ITEM.format(name, kind) for name, kind in items.items())
    return _SCHEMA.format(namespace=namespace, xbrli=XBRLI, items=elements, imported=imported)


def taxonomy_package(entry: str) -> bytes:
    """A taxonomy package with the items of the sample document."""
    start, _, name = entry.rpartition("/")
    items = {"Name": "string", "Hidden": "string", "Equity": "monetary"}
    files = {
        "META-INF/taxonomyPackage.xml": _METADATA.format(entry=entry),
        "META-INF/catalog.xml": _CATALOG.format(start=f"{start}/", folder="jr"),
        f"jr/{name}": schema("urn:test:data", items),
    }
    return zipped({f"t/{path}": text.encode() for path, text in files.items()})


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Both steps of the validation of a report; one taxonomy process for all."""
    folder = tmp_path_factory.mktemp("taxonomies")
    (folder / "own.zip").write_bytes(taxonomy_package(OWN))
    (folder / "kvk.zip").write_bytes(taxonomy_package(KVK))
    taxonomies = ArelleTaxonomies(PackageFolder((folder,)), ValidationSettings(processes=1))
    validator = Validator(taxonomies=taxonomies)

    def asked(content: bytes) -> ValidationReport:
        is_zip = content.startswith(b"PK")
        part = Part(
            content,
            "application/zip" if is_zip else "application/xhtml+xml",
            "a.xbri" if is_zip else "a.xhtml",
        )
        return validator.check_all(Delivered(part, report_rules(), (NUMBER, "KvK")))

    yield asked
    taxonomies.close()


def document(entry: str = OWN, *changes: tuple[str, str]) -> str:
    """The sample document with this entry point, changed."""
    text = DOCUMENT.replace(SCHEMA, entry)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def ids(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    """Rule and severity of each."""
    return {(finding.rule, finding.severity) for finding in findings}


@pytest.mark.parametrize("alone", [False, True])
def test_a_good_report_is_checked_whole(ask: Ask, alone: bool) -> None:
    """A package and a lone document of a taxonomy at hand have no finding, and nothing was left out."""
    text = document()
    assert ask(text.encode() if alone else package(text)) == ValidationReport(())


@pytest.mark.parametrize("alone", [False, True])
def test_what_the_taxonomy_has_against_a_report(ask: Ask, alone: bool) -> None:
    """An unknown concept and a number that cannot be read are errors, at their place in the document."""
    text = document(OWN, ('name="d:Name"', 'name="d:Nobody"'), (">1.250<", ">1x250<"))
    report = ask(text.encode() if alone else package(text))
    assert ids(report.findings) == {
        ("ix11.12.1.2:missingReferences", "error"),
        ("ix11.10.1.1:transformValueError", "error"),
    }
    for finding in report.findings:
        assert text.splitlines()[finding.line - 1][finding.column - 1 :].startswith("<ix:non")
        assert finding.text_nl.startswith(NAME) != alone


def test_documents_of_one_folder_are_one_set(ask: Ask) -> None:
    """Facts of the second document use the context of the first; findings name the right one."""
    start, end = DOCUMENT.index("<ix:resources>"), DOCUMENT.index("</ix:resources>")
    empty = (DOCUMENT[start:end], "<ix:resources>")
    other_ids = [(f'id="f{n}"', f'id="g{n}"') for n in range(3)]
    folder = "r/reports/set/90004567-2025-12-31-"
    second = document(OWN, empty, *other_ids, (">1.250<", ">1x250<"))
    files = {f"{folder}nl.xhtml": document().encode(), f"{folder}en.xhtml": second.encode()}
    report = ask(zipped({TYPE_FILE: report_type(), **files}))
    [finding] = [finding for finding in report.findings if finding.severity == "error"]
    assert finding.rule == "ix11.10.1.1:transformValueError"
    assert finding.text_nl.startswith(f"{folder}en.xhtml: ")
    assert second.splitlines()[finding.line - 1].startswith("<p><ix:nonFraction")


@pytest.mark.parametrize(
    ("kind", "expected"), [("string", set()), ("date", {("xmlSchema:valueError", "error")})]
)
def test_an_extension_taxonomy_in_the_package_is_used(
    ask: Ask, kind: str, expected: set[tuple[str, str]]
) -> None:
    """The schemaRef leads through the package's own catalog to its schema, and from there to the taxonomy."""
    base = "http://90004567.test/2025/"
    imported = f'<xs:import namespace="urn:test:data" schemaLocation="{OWN}"/>'
    files = {
        "META-INF/reportPackage.json": report_type().decode(),
        "META-INF/taxonomyPackage.xml": _METADATA.format(entry=f"{base}ext.xsd"),
        "META-INF/catalog.xml": _CATALOG.format(start=base, folder="ext"),
        "ext/ext.xsd": schema("urn:test:extension", {"Extra": kind}, imported),
        NAME.removeprefix("r/"): document(
            f"{base}ext.xsd",
            ("<html ", '<html xmlns:e="urn:test:extension" '),
            ('name="d:Name"', 'name="e:Extra"'),
        ),
    }
    report = ask(zipped({f"r/{path}": text.encode() for path, text in files.items()}))
    assert report.not_checked == ()
    assert ids(report.findings) == expected


def test_a_report_without_its_taxonomy_says_so(ask: Ask) -> None:
    """A report whose taxonomy is not at hand is good as far as it was checked, and tells what was not."""
    assert ask(package()).not_checked == ("XBRL-TAXONOMY", "XBRL-FORMULA")


def test_reports_to_the_kvk_are_checked_by_its_own_rules(ask: Ask) -> None:
    """A rule of the KvK that needs the taxonomy comes with a KvK entry point, not with others."""
    rule = ("NL-KVK.3.4.1.3.transformableElementIncludedInHiddenSection", "error")
    assert rule in ids(ask(package(document(KVK))).findings)
    assert rule not in ids(ask(package(document(OWN))).findings)


def test_nothing_outside_the_package_is_read(ask: Ask, tmp_path: Path) -> None:
    """A report with a schemaRef to a file of this machine, beside the good one, is not given to Arelle."""
    secret = tmp_path / "secret.xsd"
    secret.write_text(schema("urn:secret", {"Secret": "string"}))
    reference = '<link:schemaRef xlink:type="simple" xlink:href="{}"/>'
    good = reference.format(OWN)
    report = ask(package(document(OWN, (good, good + reference.format(secret.as_uri())))))
    assert "XBRL-TAXONOMY" in report.not_checked
