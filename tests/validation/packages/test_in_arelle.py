"""Packages as Arelle sees them: what we take it takes, and what it refuses we refuse."""

from __future__ import annotations

import importlib.util
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digipoort_sim.validation.packages.reading import read_package
from tests.validation.packages.made import START, catalog, metadata
from tests.validation.packages.test_folder import HOSTILE, WRONG, changed_zip

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(importlib.util.find_spec("arelle") is None, reason="the extra xbrl is not installed"),
]

GOOD: list[dict[str, str | None]] = [
    {},
    {"catalog": None},
    {"catalog": catalog((START, "http://elsewhere.example/"))},
    {"catalog": catalog((START, "files/"), base=' xml:base="../"')},
    {"metadata": metadata(more="<x xmlns='urn:x'/>")},
    {"metadata": metadata().replace("<version>1.2</version>", "")},
]
ONLY_OURS = "does not lead to files"
"""Arelle follows a catalog out of the package, to any file of the machine; we do not."""


@pytest.fixture
def arelle_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], bool]]:
    """Whether Arelle takes a package without an error."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    from arelle.Cntlr import Cntlr
    from arelle.packages._package_manager import PackageManager

    cntlr = Cntlr(disable_persistent_config=True, logFileName="logToBuffer")
    cntlr.webCache.workOffline = True

    def takes(path: Path) -> bool:
        manager, errors = PackageManager(), list[str]()
        manager.init(cntlr, loadPackagesConfig=False)
        try:
            info = manager.packageInfo(cntlr, str(path), errors=errors)
        except zipfile.BadZipFile:
            return False
        return bool(info and info["identifier"]) and not errors

    yield takes
    cntlr.close()


def test_what_we_take_arelle_takes(tmp_path: Path, arelle_takes: Callable[[Path], bool]) -> None:
    """Good packages are good to both; wrong metadata and hostile zips to neither, but for catalogs that lead
    out of the package: those only we refuse.
    """
    for changed in GOOD:
        path = changed_zip(tmp_path, changed)
        assert (read_package(path).usable, arelle_takes(path)) == (True, True), changed
    for changed, expected in WRONG:
        path = changed_zip(tmp_path, changed)
        assert not read_package(path).usable
        assert arelle_takes(path) == expected.startswith(ONLY_OURS), changed
    for name, (content, _) in HOSTILE.items():
        path.write_bytes(content)
        assert (read_package(path).usable, arelle_takes(path)) == (False, False), name
