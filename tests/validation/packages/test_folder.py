"""Taxonomy packages in folders: what is in them, what is wrong with them, and when they are read again."""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from digipoort_sim.catalogue.mandate_messages import MessageKind, entrypoint
from digipoort_sim.resources import schemas
from digipoort_sim.validation.packages import reading as package_reading
from digipoort_sim.validation.packages.folder import PackageFolder, built_in, packages_at_hand
from digipoort_sim.validation.packages.package import Package
from digipoort_sim.validation.packages.zipping import zip_of
from tests.validation.archives.zips import Raw, archive
from tests.validation.packages.made import (
    START,
    catalog,
    metadata,
    package_files,
    package_zip,
    write_zip,
)

REPORT = f"{START}report.xsd"
META, CATALOG = "trial/META-INF/taxonomyPackage.xml", "trial/META-INF/catalog.xml"


def only(folder: Path) -> Package:
    """The one package of a folder."""
    (package,) = PackageFolder([folder]).packages()
    return package


def texts(package: Package) -> str:
    """Its problems in English; each has a Dutch text of its own."""
    assert all(problem.text_nl != problem.text_en for problem in package.problems)
    return "\n".join(problem.text_en for problem in package.problems)


def changed_zip(folder: Path, changed: Mapping[str, str | None]) -> Path:
    """A package of which a file of META-INF has another text, or is not there."""
    files = package_files()
    for name, text in {"metadata": META, "catalog": CATALOG}.items():
        if name in changed:
            files.pop(text)
            files.update({} if changed[name] is None else {text: str(changed[name]).encode()})
    return write_zip(folder / "p.zip", files)


def broken(folder: Path, **changed: str | None) -> str:
    """The problems of such a package."""
    changed_zip(folder, changed)
    return texts(only(folder))


WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"metadata": None}, "There is no trial/META-INF/taxonomyPackage.xml"),
    ({"metadata": "<a"}, "taxonomyPackage.xml is not well-formed XML"),
    ({"metadata": ""}, "is not well-formed XML"),
    ({"metadata": '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'}, "has a DOCTYPE"),
    ({"metadata": "<a/>"}, "the root element is a, not {http://xbrl.org/2016/taxonomy-package}"),
    (
        {"metadata": metadata().replace("org/2016/", "org/PR/2015-12-09/")},
        "Drafts from before Taxonomy Packages 1.0 are not read",
    ),
    ({"metadata": metadata().replace("<identifier>urn:trial</identifier>", "")}, "line 3: "),
    ({"metadata": metadata(more="<version>2</version>")}, "line 5: "),
    ({"metadata": metadata(date="1 May")}, "'1 May' is not a valid value"),
    ({"metadata": metadata().replace(' xml:lang="en"', "")}, "has no language"),
    ({"metadata": metadata().replace('"nl"', '"en"')}, "stands twice in the same language"),
    ({"catalog": "<catalog/>"}, "catalog.xml: the root element is catalog"),
    ({"catalog": catalog()}, "catalog.xml, line 1: "),
    ({"catalog": catalog((START, "../a/"), (START, "../b/"))}, "stands there twice"),
    ({"catalog": catalog((START, "../../../etc/"))}, "does not lead to files in the package"),
    ({"catalog": catalog((START, "/etc/"))}, "does not lead to files in the package"),
    ({"catalog": catalog((START, "file:///etc/"))}, "does not lead to files in the package"),
    ({"catalog": catalog((START, "C:\\a\\"))}, "does not lead to files in the package"),
    ({"catalog": catalog((START, "../../trial2/"))}, "does not lead to files in the package"),
    ({"catalog": catalog((START, "../a/"), base=' xml:base="/etc/"')}, "does not lead to files"),
    ({"catalog": catalog(("", "../files/"))}, "does not lead to files in the package"),
]
"""Texts of metadata and catalog that are wrong, and what is said of them."""


def test_a_package_says_what_it_is(tmp_path: Path) -> None:
    """Metadata, entry points and rewrites of a good package are known; of names in two languages, English."""
    package_zip(tmp_path / "p.zip")
    package = only(tmp_path)
    assert (package.identifier, package.name, package.version) == ("urn:trial", "Trial", "1.2")
    assert (package.publisher, package.publication_date) == ("Somebody", "2026-01-01")
    assert [(e.name, e.document, e.present) for e in package.entrypoints] == [("Report", REPORT, True)]
    assert [(r.start, r.target) for r in package.rewrites] == [(START, "trial/files/")]
    assert package.usable


def test_the_catalog_leads_to_the_documents(tmp_path: Path) -> None:
    """Any document that the catalog leads to is in the package, listed or not; a listed one that is not in
    the zip is not.
    """
    files = package_files({"report.xsd": b"<a/>", "deep/more.xsd": b"<a/>"})
    files[META] = metadata(documents=(REPORT, f"{START}gone.xsd", "http://elsewhere.example/a.xsd")).encode()
    write_zip(tmp_path / "p.zip", files)
    folder = PackageFolder([tmp_path])
    (package,) = folder.packages()
    assert [entry.present for entry in package.entrypoints] == [True, False, False]
    assert folder.package_of(f"{START}deep/more.xsd") is package
    for absent in (
        f"{START}gone.xsd",
        f"{START}deep",
        f"{START}deep/",
        f"{START}deep/../report.xsd",
        REPORT.replace("http:", "https:"),
        REPORT.replace("taxonomy.example", "TAXONOMY.example"),
        f"{REPORT}#id",
        "report.xsd",
        "trial/files/report.xsd",
        "",
    ):
        assert folder.package_of(absent) is None, absent


def test_the_longest_start_decides_and_then_the_newer_package(tmp_path: Path) -> None:
    """Among packages the longest start wins, even where its file is absent; of equal ones the newer one."""
    write_zip(tmp_path / "a.zip", package_files(identifier="urn:a", date="2026-02-02"))
    write_zip(tmp_path / "b.zip", package_files(identifier="urn:b", date="2025-02-02", top="b"))
    folder = PackageFolder([tmp_path])
    holder = folder.package_of(REPORT)
    assert holder is not None
    assert holder.path.name == "a.zip"
    assert [package.path.name for package in folder.packages()] == ["b.zip", "a.zip"]
    longer = package_files({"x.xsd": b"<a/>"}, identifier="urn:c", date="2024-01-01", start=f"{START}report")
    write_zip(tmp_path / "c.zip", longer)
    assert folder.package_of(REPORT) is None


def test_of_two_editions_the_newer_one_is_used(tmp_path: Path) -> None:
    """Two packages with one identifier: the older one says that it is replaced, and is not used."""
    write_zip(tmp_path / "new.zip", package_files(date="2026-03-01"))
    write_zip(tmp_path / "old.zip", package_files({"old.xsd": b"<a/>"}, date="2026-02-01"))
    folder = PackageFolder([tmp_path])
    old, new = folder.packages()
    assert (old.path.name, new.usable) == ("old.zip", True)
    assert "later date: new.zip" in texts(old)
    assert folder.package_of(f"{START}old.xsd") is None


def test_changes_of_the_folder_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that comes, changes or goes is seen at the next look; one that stays is not read again."""
    read: list[Path] = []

    def counting(path: Path) -> Package:
        read.append(path)
        return package_reading.read_package(path)

    monkeypatch.setattr("digipoort_sim.validation.packages.folder.read_package", counting)
    folder = PackageFolder([tmp_path / "later"])
    assert folder.packages() == ()
    (tmp_path / "later").mkdir()
    path = package_zip(tmp_path / "later" / "p.zip")
    assert folder.package_of(REPORT) is not None
    first = folder.packages()
    assert folder.packages() is first
    assert read == [path]
    package_zip(path, {"other.xsd": b"<longer/>"})
    assert folder.package_of(REPORT) is None
    assert folder.package_of(f"{START}other.xsd") is not None
    package_zip(path.with_name("q.zip"), identifier="urn:q")
    assert folder.package_of(REPORT) is not None
    assert read == [path, path, path.with_name("q.zip")]
    path.unlink()
    assert [package.path.name for package in folder.packages()] == ["q.zip"]


def test_many_threads_share_a_folder(tmp_path: Path) -> None:
    """Threads that ask while packages come and go get an answer each time, of one moment."""
    package_zip(tmp_path / "p.zip")
    folder, wrong = PackageFolder([tmp_path]), []

    def ask() -> None:
        for _ in range(200):
            if folder.package_of(REPORT) is None:
                wrong.append("gone")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20):
        start = f"http://{number}.example/"
        write_zip(tmp_path / ".part", package_files(identifier=f"urn:{number}", start=start))
        os.replace(tmp_path / ".part", tmp_path / f"q{number % 3}.zip")
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(("changed", "expected"), WRONG)
def test_wrong_metadata_is_told(tmp_path: Path, changed: dict[str, str | None], expected: str) -> None:
    """Metadata and catalogs that are not as Taxonomy Packages 1.0 has them make the package unusable."""
    assert expected in broken(tmp_path, **changed)


def test_a_package_without_a_catalog_has_no_documents(tmp_path: Path) -> None:
    """A package need not have a catalog; then it has copies of nothing, like one that leads to the web."""
    assert broken(tmp_path, catalog=None) == ""
    assert PackageFolder([tmp_path]).package_of(REPORT) is None
    assert broken(tmp_path, catalog=catalog((START, "http://elsewhere.example/"))) == ""
    assert PackageFolder([tmp_path]).package_of(REPORT) is None


def test_a_base_in_the_catalog_counts(tmp_path: Path) -> None:
    """xml:base of the catalog stands before the prefixes in it."""
    assert broken(tmp_path, catalog=catalog((START, "files/"), base=' xml:base="../"')) == ""
    assert PackageFolder([tmp_path]).package_of(REPORT) is not None


HOSTILE = {
    "empty": (b"", "no zip archive"),
    "text": (b"not a zip" * 100, "no zip archive"),
    "truncated": (archive(Raw(b"t/META-INF/taxonomyPackage.xml"))[:-5], "no zip archive"),
    "traversal": (archive(Raw(b"t/../../evil.xsd")), "not a relative path"),
    "absolute": (archive(Raw(b"/etc/evil.xsd")), "not a relative path"),
    "link": (archive(Raw(b"t/link", attributes=0o120777 << 16)), "no ordinary file"),
    "encrypted": (archive(Raw(b"t/a", flags=0x801)), "is encrypted"),
    "doubles": (archive(Raw(b"t/a"), Raw(b"t/a")), "more than once"),
    "bomb": (archive(Raw(b"t/a", unpacked=10**9)), "too large unpacked"),
    "ratio": (archive(Raw(b"t/a", b"x" * 100, unpacked=10**8, method=0)), "times as large"),
    "directory": (archive(Raw(b"t/a"), entries=9), "central directory"),
    "two tops": (archive(Raw(b"t/a"), Raw(b"u/a")), "one folder at its top and nothing else; found: t, u"),
    "file at top": (archive(Raw(b"t/a"), Raw(b"b.txt")), "found: b.txt, t"),
    "no META-INF": (archive(Raw(b"t/a.xsd")), "Zips inside this one are not looked into"),
    "nothing in it": (archive(), "exactly one folder"),
    "metadata wrong": (
        archive(Raw(b"t/META-INF/taxonomyPackage.xml", crc=1)),
        "checksum (CRC-32) or the size",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_unusable_and_harms_no_other(tmp_path: Path, name: str) -> None:
    """Whatever a file holds, it is a package with a reason why not, and the good one beside it works."""
    content, expected = HOSTILE[name]
    (tmp_path / "bad.zip").write_bytes(content)
    package_zip(tmp_path / "good.zip")
    folder = PackageFolder([tmp_path])
    (bad,) = (package for package in folder.packages() if not package.usable)
    assert expected in texts(bad)
    assert folder.package_of(REPORT) is not None


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    """A pipe, a folder or a link to nothing by the name of a zip is told, and nothing waits for it."""
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "link.zip").symlink_to(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("not looked at")
    found = {package.path.stem: texts(package) for package in PackageFolder([tmp_path]).packages()}
    assert found["pipe"] == "pipe.zip is no ordinary file."
    assert "There is no folder.zip/META-INF/taxonomyPackage.xml" in found["folder"]
    assert found["link"] == "link.zip cannot be read."
    assert len(found) == 3


def test_metadata_has_a_limit(tmp_path: Path) -> None:
    """A taxonomyPackage.xml that nobody could mean is not unpacked."""
    assert "is too large" in broken(tmp_path, metadata=metadata() + "<!-- as dull as can be -->\n" * 700_000)


def test_a_large_package_is_read(tmp_path: Path) -> None:
    """A package with as many files as the NT has, and more, is usable."""
    package_zip(tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip", "a") as archived:
        for number in range(25_000):
            archived.writestr(zipfile.ZipInfo(f"trial/nt20/bd/20251210/dictionary/{number}.xsd"), b"<a/>")
    package = only(tmp_path)
    assert package.usable
    assert len(package.members) == 25_003


def test_the_projects_own_packages_are_at_hand(tmp_path: Path) -> None:
    """The packages in schemas are found, usable and whole, besides those of the user."""
    package_zip(tmp_path / "p.zip")
    folder = packages_at_hand(tmp_path)
    assert schemas() / "machtiging" in built_in()
    assert len(folder.packages()) == len(built_in()) + 1
    assert all(package.usable for package in folder.packages())
    assert all(entry.present for package in folder.packages() for entry in package.entrypoints)
    for kind in MessageKind:
        package = folder.package_of(entrypoint(kind))
        assert package is not None
        assert package.path == schemas() / "machtiging"


def test_a_folder_becomes_a_zip(tmp_path: Path) -> None:
    """A package that is a folder is zipped with one folder at the top; the same files give the same bytes;
    a package that is a zip is given as it is.
    """
    (package,) = PackageFolder([schemas() / "machtiging"]).packages()
    made = zip_of(package, tmp_path)
    content = made.read_bytes()
    assert zip_of(package, tmp_path).read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["machtiging.zip"]
    zipped = only(tmp_path)
    assert zipped.usable
    assert (zipped.entrypoints, zipped.members) == (package.entrypoints, package.members)
    assert zip_of(zipped, tmp_path / "unused") == made
    with zipfile.ZipFile(made) as read:
        assert read.testzip() is None
