"""``taxonomy list|add|check``: packages from the command line, without a server."""

from __future__ import annotations

import importlib.util
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.catalogue.mandate_messages import MessageKind, entrypoint
from digipoort_sim.cli.main import main
from digipoort_sim.resources import schemas
from digipoort_sim.validation.packages.folder import packages_at_hand
from tests.validation.packages.made import START, package_files, package_zip, write_zip

Output = pytest.CaptureFixture[str]
REPORT = f"{START}report.xsd"
SCHEMA = (
    b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:report">'
    b'<xs:import namespace="http://www.xbrl.org/2003/instance"'
    b' schemaLocation="http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"/>%s</xs:schema>'
)
with_arelle = pytest.mark.skipif(
    importlib.util.find_spec("arelle") is None, reason="the extra xbrl is not installed"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of packages, not made yet; no settings of this machine count."""
    for name in [name for name in os.environ if name.startswith("DIGIPOORT_SIM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DIGIPOORT_SIM_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "state" / "taxonomies"


def taxonomy(capsys: Output, *arguments: str | Path) -> tuple[int, Any, str]:
    """Exit code, the JSON that was printed and what stood on standard error."""
    capsys.readouterr()
    code = main(["taxonomy", *map(str, arguments), "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else None, printed.err


def test_the_projects_own_packages_are_listed(capsys: Output, folder: Path) -> None:
    """Without any folder of packages the built-in ones are listed, and their entry points."""
    code, packages, _ = taxonomy(capsys, "list")
    assert (code, folder.exists()) == (0, False)
    machtiging = next(one for one in packages if one["package"] == "machtiging")
    assert (machtiging["builtIn"], machtiging["usable"], machtiging["problems"]) == (True, True, [])
    _, rows, _ = taxonomy(capsys, "list", "--entrypoints")
    assert {entrypoint(kind) for kind in MessageKind} <= {row["entrypoint"] for row in rows if row["present"]}
    assert main(["taxonomy", "list"]) == 0
    assert "Mandate messages of digipoort-sim  2026" in capsys.readouterr().out


def test_a_package_is_added_once(capsys: Output, folder: Path, tmp_path: Path) -> None:
    """A good package is copied, its new entry points told; again is refused, unless it may be replaced."""
    package_zip(tmp_path / "own.zip")
    code, added, _ = taxonomy(capsys, "add", "own.zip")
    assert (code, added["usable"], added["new"], added["path"]) == (
        0,
        True,
        [REPORT],
        str(folder / "own.zip"),
    )
    assert (folder / "own.zip").read_bytes() == (tmp_path / "own.zip").read_bytes()
    assert oct((folder / "own.zip").stat().st_mode)[-3:] == "644"
    code, _, error = taxonomy(capsys, "add", "own.zip")
    assert (code, "--force" in error) == (3, True)
    more = {"report.xsd": b"<a/>", "more.xsd": b"<a/>"}
    package_zip(tmp_path / "own.zip", more)
    code, added, _ = taxonomy(capsys, "add", "own.zip", "--force")
    assert (code, added["new"]) == (0, [f"{START}more.xsd"])
    assert [path.name for path in folder.iterdir()] == ["own.zip"]


def test_an_older_edition_is_added_and_says_so(capsys: Output, folder: Path, tmp_path: Path) -> None:
    """An edition that is older than the one at hand is kept beside it, and is said not to be used."""
    write_zip(tmp_path / "new.zip", package_files(date="2026-02-01"))
    write_zip(tmp_path / "old.zip", package_files(date="2025-02-01"))
    assert taxonomy(capsys, "add", "new.zip")[0] == 0
    code, added, _ = taxonomy(capsys, "add", "old.zip")
    assert (code, added["usable"]) == (1, False)
    assert "later date: new.zip" in added["problems"][0]["text_en"]
    assert sorted(path.name for path in folder.iterdir()) == ["new.zip", "old.zip"]


def test_what_is_no_package_is_not_added(capsys: Output, folder: Path, tmp_path: Path) -> None:
    """A damaged zip stays out, with its reason in two languages; a file that is not there is exit code 2."""
    (tmp_path / "bad.zip").write_bytes(b"PK")
    code, added, _ = taxonomy(capsys, "add", "bad.zip")
    assert (code, list(folder.iterdir())) == (1, [])
    assert "no zip archive" in added["problems"][0]["text_en"]
    assert main(["taxonomy", "add", "bad.zip", "--lang", "nl"]) == 1
    assert "geen zip-bestand" in capsys.readouterr().out
    assert taxonomy(capsys, "add", "nowhere.zip")[0] == 2
    assert taxonomy(capsys, "add", tmp_path)[0] == 2
    assert list(folder.iterdir()) == []


def test_a_damaged_package_in_the_folder_is_listed_with_its_reason(capsys: Output, folder: Path) -> None:
    """What lies in the folder and cannot be used is listed, with why not."""
    folder.mkdir(parents=True)
    (folder / "bad.zip").write_bytes(b"PK")
    _, packages, _ = taxonomy(capsys, "list")
    assert next(one["usable"] for one in packages if one["package"] == "bad.zip") is False
    assert main(["taxonomy", "list"]) == 0
    assert "bad.zip: The content is no zip archive" in capsys.readouterr().out


def test_nobody_ever_sees_half_a_package(capsys: Output, folder: Path, tmp_path: Path) -> None:
    """While a package is replaced again and again, who looks into the folder always finds a whole one."""
    write_zip(tmp_path / "own.zip", package_files({"report.xsd": os.urandom(300_000)}))
    assert taxonomy(capsys, "add", "own.zip")[0] == 0
    found, done = set(), threading.Event()

    def look() -> None:
        while not done.is_set():
            found.add(packages_at_hand(folder).package_of(REPORT) is not None)

    thread = threading.Thread(target=look)
    thread.start()
    for _ in range(3):
        assert taxonomy(capsys, "add", "own.zip", "--force")[0] == 0
    done.set()
    thread.join()
    assert found == {True}


def test_without_arelle_check_says_what_to_install(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking needs the extra, and names it; listing and adding do not."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, _, error = taxonomy(capsys, "check")
    assert (code, "pip install 'digipoort-sim[xbrl]'" in error) == (2, True)
    assert taxonomy(capsys, "list")[0] == 0


@pytest.mark.heavy
@with_arelle
def test_the_mandate_taxonomy_as_a_zip_is_good(capsys: Output, folder: Path) -> None:
    """The folder of the mandate taxonomy, added as a package, loads in Arelle without error or warning."""
    assert taxonomy(capsys, "add", schemas() / "machtiging")[0] == 0
    code, told, _ = taxonomy(capsys, "check", "machtiging.zip")
    assert (code, told["valid"]) == (0, True)
    (package,) = told["packages"]
    assert package["path"] == str(folder / "machtiging.zip")
    assert {one["entrypoint"]: one["problems"] for one in package["entrypoints"]} == {
        entrypoint(kind): [] for kind in MessageKind
    }


@pytest.mark.heavy
@with_arelle
def test_what_is_wrong_with_a_taxonomy_is_told(capsys: Output, tmp_path: Path) -> None:
    """A package anywhere is checked: errors are exit code 1, each at its entry point; one can be chosen."""
    members = {
        "good.xsd": SCHEMA % b"",
        "type.xsd": SCHEMA % b'<xs:element name="a" type="nowhere"/>',
        "import.xsd": SCHEMA % b'<xs:include schemaLocation="nowhere.xsd"/>',
        "syntax.xsd": b"<xs:schema",
    }
    package_zip(tmp_path / "own.zip", members)
    code, told, _ = taxonomy(capsys, "check", "own.zip")
    assert (code, told["valid"]) == (1, False)
    (package,) = told["packages"]
    found = {one["entrypoint"].rpartition("/")[2]: one["problems"] for one in package["entrypoints"]}
    assert [name for name, problems in found.items() if not problems] == ["good.xsd"]
    assert all(one["severity"] == "error" for problems in found.values() for one in problems)
    assert "nowhere.xsd" in found["import.xsd"][0]["text"]
    assert main(["taxonomy", "check", "own.zip", "--entrypoint", f"{START}good.xsd"]) == 0
    assert capsys.readouterr().out == f"own.zip  good  {START}good.xsd\n"
    assert main(["taxonomy", "check", "own.zip", "--entrypoint", f"{START}type.xsd"]) == 1
    assert capsys.readouterr().out.startswith(f"own.zip  error  {START}type.xsd\n    [")
    assert taxonomy(capsys, "check", "own.zip", "--entrypoint", f"{START}none.xsd")[0] == 2
    assert taxonomy(capsys, "check", "nowhere.zip")[0] == 2
    (tmp_path / "bad.zip").write_bytes(b"PK")
    code, told, _ = taxonomy(capsys, "check", "bad.zip")
    assert (code, told["packages"][0]["entrypoints"]) == (1, [])
