"""The control API tells which taxonomy packages a running server has."""

from __future__ import annotations

from typing import Any

from tests.validation.packages.made import package_zip
from tests.web.conftest import House


def listed(house: House) -> dict[str, Any]:
    """The packages by their file names."""
    with house.client() as client:
        return {one["package"]: one for one in client.get("/api/v1/taxonomies").json()}


def test_packages_are_seen_when_they_come(house: House) -> None:
    """Packages built in and in the folder are listed with their entry points; what is damaged, with why."""
    built_in = listed(house)
    assert built_in["machtiging"]["usable"]
    assert len(built_in["machtiging"]["entrypoints"]) == 4
    folder = house.inner.settings.taxonomies_folder()
    folder.mkdir()
    package_zip(folder / "own.zip")
    (folder / "bad.zip").write_bytes(b"PK")
    packages = listed(house)
    assert packages.keys() - built_in.keys() == {"own.zip", "bad.zip"}
    assert (packages["own.zip"]["usable"], packages["own.zip"]["builtIn"]) == (True, False)
    assert "no zip archive" in packages["bad.zip"]["problems"][0]["text_en"]
    for path in folder.iterdir():
        path.unlink()
