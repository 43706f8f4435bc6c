"""Report packages: their form, and which documents are the report."""

from __future__ import annotations

import pytest

from digipoort_sim.validation.identity import identity_in_content
from digipoort_sim.validation.reports.package import read_report
from tests.validation.archives.zips import DEFLATED, Raw, archive, deflated, zipped
from tests.validation.reports.made import (
    DOCUMENT,
    NAME,
    NUMBER,
    SCHEMA,
    TYPE_FILE,
    checked,
    members,
    package,
    report_rules,
    report_type,
)


def rules(content: bytes, name: str = "jaarrekening.xbri") -> set[tuple[str, str]]:
    """Rule and severity of every finding."""
    return {(finding.rule, finding.severity) for finding in checked(content, name).findings}


def changed(**changes: bytes | None) -> bytes:
    """A good package with members put in, changed or (None) left out; ``__`` stands for a slash."""
    found = {**members(), **{name.replace("__", "/"): value for name, value in changes.items()}}
    return zipped({name: content for name, content in found.items() if content is not None})


@pytest.mark.parametrize("name", ["jaarrekening.xbri", "JAARREKENING.XBRI"])
def test_a_good_package_has_no_finding(name: str) -> None:
    """A package with one document and its type is good, and says which checks were not made."""
    report = checked(package(), name)
    assert report.findings == ()
    assert report.not_checked == ("XBRL-TAXONOMY", "XBRL-FORMULA")


def test_a_lone_document_is_good_too() -> None:
    """The mimeType application/xhtml+xml brings an inline document without a package."""
    assert checked(DOCUMENT.encode(), "jaarrekening.xhtml").findings == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PK", ("PACKAGE-ZIP", "error")),
        (package()[:-1], ("PACKAGE-ZIP", "error")),
        (zipped({}), ("PACKAGE-FOLDER", "error")),
        (changed(r2__reports__x=b""), ("PACKAGE-FOLDER", "error")),
        (changed(Other__r=b""), ("PACKAGE-FOLDER", "error")),
        (changed(readme=b""), ("PACKAGE-TOP-FILE", "warning")),
        (zipped({NAME: DOCUMENT.encode()}), ("PACKAGE-TYPE", "error")),
        (zipped({**members(), TYPE_FILE: b"{"}), ("PACKAGE-TYPE", "error")),
        (zipped({**members(), TYPE_FILE: b"[" * 200_000}), ("PACKAGE-TYPE", "error")),
        (
            zipped({**members(), TYPE_FILE: b'{"documentInfo":{},' + report_type()[1:]}),
            ("PACKAGE-TYPE", "error"),
        ),
        (zipped({**members(), TYPE_FILE: b'{"documentInfo":{"documentType":1}}'}), ("PACKAGE-TYPE", "error")),
        (zipped({**members(), TYPE_FILE: report_type("https://x/xbr")}), ("PACKAGE-TYPE", "error")),
        (
            zipped({**members(), TYPE_FILE: report_type("https://xbrl.org/report-package/2023")}),
            ("PACKAGE-EXTENSION", "warning"),
        ),
        (zipped({TYPE_FILE: report_type()}), ("PACKAGE-REPORT", "error")),
        (zipped({TYPE_FILE: report_type(), "r/reports/a/b/c.xhtml": b""}), ("PACKAGE-REPORT", "error")),
        (changed(r__reports__other=b"", **{"r__reports__a.xbrl": b""}), ("PACKAGE-REPORT", "error")),
        (changed(**{"r__reports__b.xhtml": DOCUMENT.encode()}), ("PACKAGE-REPORTS", "error")),
        (changed(**{"r__reports__old.zip": package()}), ("PACKAGE-INNER", "warning")),
        (changed(**{NAME: b"<html"}), ("XML-WELL-FORMED", "error")),
        (changed(**{NAME: b""}), ("XML-WELL-FORMED", "error")),
        (archive(Raw(name=b"r/../x")), ("PACKAGE-ZIP", "error")),
        (archive(Raw(name=b"r/x", method=DEFLATED, data=deflated(b"x"), crc=1)), ("PACKAGE-ZIP", "error")),
        (archive(Raw(unpacked=100_000_000)), ("PACKAGE-LIMIT", "error")),
    ],
)
def test_a_package_that_is_not_good(content: bytes, expected: tuple[str, str]) -> None:
    """Every broken rule about the form of a package has its finding, with texts in both languages."""
    report = checked(content)
    assert expected in {(finding.rule, finding.severity) for finding in report.findings}
    assert all(finding.text_nl and finding.text_en for finding in report.findings)


def test_a_package_for_any_report_may_be_a_zip_without_type() -> None:
    """Only .xbri packages must say what they are: packages of before 2023 do not, and are taken."""
    untyped = zipped({NAME: DOCUMENT.encode()})
    assert rules(untyped, "a.zip") == {("PACKAGE-NO-TYPE", "warning")}
    typed = zipped({**members(), TYPE_FILE: report_type("https://xbrl.org/report-package/2023")})
    assert rules(typed, "a.zip") == set()


def test_the_documents_of_one_folder_are_one_report() -> None:
    """A context in one document may be used in another of the same report."""
    start, end = DOCUMENT.index("<ix:resources>"), DOCUMENT.index("</ix:resources>")
    without = DOCUMENT[:start] + "<ix:resources>" + DOCUMENT[end:]
    folder = "r/reports/set/90004567-2025-12-31-"
    both = {f"{folder}nl.xhtml": DOCUMENT.encode(), f"{folder}en.xhtml": without.encode()}
    assert checked(zipped({TYPE_FILE: report_type(), **both})).findings == ()
    assert rules(package(without)) == {("INLINE-CONTEXT", "error"), ("INLINE-UNIT", "error")}


def test_findings_name_the_document() -> None:
    """The texts about a document in a package begin with its name; a lone document has none."""
    broken = DOCUMENT.replace(' unitRef="EUR"', ' unitRef="USD"')
    [finding] = checked(package(broken)).findings
    assert finding.text_nl == f"{NAME}: Het feit d:Equity verwijst naar de eenheid USD, die er niet is."
    assert finding.text_en == f"{NAME}: The fact d:Equity refers to the unit USD, which does not exist."
    assert DOCUMENT.splitlines()[finding.line - 1][finding.column - 1 :].startswith('unitRef="EUR"')
    [alone] = checked(broken.encode()).findings
    assert (alone.line, alone.column, alone.text_nl) == (
        finding.line,
        finding.column,
        finding.text_nl.removeprefix(f"{NAME}: "),
    )


def test_the_number_in_a_package_is_that_of_the_party() -> None:
    """The KvK number of the documents is compared with identiteitBelanghebbende."""
    [finding] = checked(package(), identity=("12345678", "KvK")).findings
    assert (finding.rule, finding.severity) == ("IDENTITEIT", "error")
    assert finding.text_nl.startswith(f"{NAME}: Het meegegeven bedrijfsnummer")
    assert "IDENTITEIT" in checked(package(), identity=None).not_checked
    lei = DOCUMENT.replace("http://www.kvk.nl/kvk-id", "http://standards.iso.org/iso/17442")
    report = checked(package(lei))
    assert report.valid
    assert "IDENTITEIT" in report.not_checked


def test_deliveries_without_identity_take_it_from_the_package() -> None:
    """FTP has no identiteitBelanghebbende: the number is that in the documents, if there is one."""
    assert identity_in_content(package(), report_rules()) == NUMBER
    assert identity_in_content(DOCUMENT.encode(), report_rules()) == NUMBER
    assert identity_in_content(b"PK", report_rules()) is None
    assert identity_in_content(b"<html/>", report_rules()) is None


def test_documents_in_folders_are_no_report_beside_one_above_them() -> None:
    """Where reports/ has a document itself, those in its folders are not read."""
    content = changed(**{"r__reports__parts__a.html": b"<p"})
    assert checked(content).findings == ()


def test_a_doctype_moves_nothing() -> None:
    """A document with a DOCTYPE over several lines has its findings where they are."""
    doctype = '<!DOCTYPE html PUBLIC\n "-//W3C//DTD XHTML 1.0 Strict//EN"\n "http://x.test/x.dtd">\n<html'
    broken = DOCUMENT.replace("<html", doctype, 1).replace(' unitRef="EUR"', ' unitRef="USD"')
    [finding] = [finding for finding in checked(package(broken)).findings if finding.rule == "INLINE-UNIT"]
    assert broken.splitlines()[finding.line - 1][finding.column - 1 :].startswith('unitRef="USD"')


@pytest.mark.parametrize("href", ["../e/a.xsd", "http://own.test/2025/a.xsd"])
def test_entry_points_are_found_through_the_extension_taxonomy(href: str) -> None:
    """A schemaRef into the package, by its path or by the catalog, leads to what its schemas import."""
    schema = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:{0} schemaLocation="{1}"/></xs:schema>'
    )
    catalog = (
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        '<rewriteURI uriStartString="http://own.test/2025/" rewritePrefix="../e/"/></catalog>'
    )
    files = {
        "r/META-INF/catalog.xml": catalog,
        "r/e/a.xsd": schema.format("include", "b.xsd"),
        "r/e/b.xsd": schema.format("import", "http://nt.test/entry.xsd"),
        NAME: DOCUMENT.replace(SCHEMA, href),
    }
    content = zipped({**members(), **{name: text.encode() for name, text in files.items()}})
    assert read_report(content, "a.xbri").entry_points == ("http://nt.test/entry.xsd",)
    assert read_report(package(), "a.xbri").entry_points == (SCHEMA,)


def test_a_package_with_errors_is_opened_by_nobody_else() -> None:
    """A document that cannot be read keeps the whole package from the second step."""
    content = changed(**{"r__reports__b.xhtml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"})
    report = read_report(content, "a.xbri")
    assert len(report.documents) == 1
    assert report.entry_points == ()
