"""The packages that the tests run with: the trial taxonomy, and real ones where somebody has them.

A real Nederlandse Taxonomie cannot come with the project. Who has it as taxonomy packages names their folder
in ``NT_PACKAGES``; the instances get the namespaces of its entry points then.
"""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from digipoort_sim.validation.packages.folder import PackageFolder
from digipoort_sim.validation.packages.package import Package
from tests.taxonomies.generator import BASE, PACKAGE

REAL_PACKAGES: Final = os.environ.get("NT_PACKAGES", "")
KINDS: Final = ("trial", "real") if REAL_PACKAGES else ("trial",)

_OURS = re.compile(rf"{re.escape(BASE)}([\w/.-]+)")
_YEAR = re.compile(r"-\d{4}(?=\.xsd$)")


def sample(name: str) -> str:
    """A good instance of the trial taxonomy."""
    return (PACKAGE / "voorbeelden" / f"{name}.xbrl").read_text("utf-8")


@dataclass(frozen=True)
class Packages:
    """A folder of taxonomy packages for which there are instances."""

    kind: str
    folder: Path

    def adapted(self, text: str) -> str | None:
        """An instance of the trial taxonomy for the packages; None if they lack what it needs."""
        if self.kind == "trial":
            return text
        entrypoint = _OURS.search(text[text.index("schemaRef") :])
        assert entrypoint
        found = self._entrypoint(entrypoint[1])
        if found is None:
            return None
        package, uri = found
        names = {tail: _namespace(package, uri, tail) for tail in set(_OURS.findall(text))}
        names[entrypoint[1]] = uri
        if None in names.values():
            return None
        years = [year[0].lstrip("-") for year in map(_YEAR.search, (entrypoint[1], uri)) if year]
        return _OURS.sub(lambda m: str(names[m[1]]), text).replace(f">{years[0]}-", f">{years[-1]}-")

    def _entrypoint(self, tail: str) -> tuple[Package, str] | None:
        """The entry point of the same report, that of the last year if there are several."""
        wanted = _YEAR.sub("", tail.rpartition("/")[2])
        fitting = [
            (package, point.document)
            for package in PackageFolder((self.folder,)).packages()
            if package.usable
            for point in package.entrypoints
            if point.present and _YEAR.sub("", point.document.rpartition("/")[2]) == wanted
        ]
        return max(fitting, key=lambda one: one[1], default=None)


def _namespace(package: Package, entrypoint: str, tail: str) -> str | None:
    """The namespace that ends like ours, as the entry point imports it, or of the schema beside it."""
    imports = etree.fromstring(_document(package, entrypoint) or b"<none/>").iter("{*}import")
    found = (schema.get("namespace", "") for schema in imports)
    imported = next((name for name in found if name.endswith(f"/{tail}")), None)
    if imported is not None or tail.startswith("entrypoints/"):
        return imported
    beside = _document(package, f"{entrypoint.rpartition('/entrypoints/')[0]}/{tail}.xsd")
    return None if beside is None else etree.fromstring(beside).get("targetNamespace")


def _document(package: Package, uri: str) -> bytes | None:
    fitting = [line for line in package.rewrites if uri.startswith(line.start) and line.target is not None]
    if not fitting:
        return None
    line = max(fitting, key=lambda one: len(one.start))
    member = f"{line.target}{uri[len(line.start) :]}"
    if member not in package.members:
        return None
    if package.path.is_dir():
        return (package.path.parent / member).read_bytes()
    with zipfile.ZipFile(package.path) as archive:
        return archive.read(member)


def packages_of(kind: str, nothing: Path) -> Packages:
    """The packages of a kind; the trial one comes with the program.

    Args:
        nothing: an empty folder.
    """
    return Packages(kind, Path(REAL_PACKAGES) if kind == "real" else nothing)
