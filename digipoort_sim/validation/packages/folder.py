"""The taxonomy packages that are at hand: those in the user's folder, and the project's own.

A folder is looked at whenever it is asked for, and a package is read again when its file has changed; so a
package that is put into the folder is used at once, by a server that runs too.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from digipoort_sim.resources import schemas
from digipoort_sim.validation.packages.package import EntryPoint, Package, PackageProblem, holder_of
from digipoort_sim.validation.packages.reading import METADATA, read_package

__all__ = ["EntryPoint", "Package", "PackageFolder", "PackageProblem", "built_in", "packages_at_hand"]

MAXIMUM_PACKAGES: Final = 500

_Print = tuple[Path, tuple[int, ...]]


def built_in() -> tuple[Path, ...]:
    """The packages that come with the program; they are folders, not zips."""
    return tuple(file.parents[1] for file in sorted(schemas().glob(f"*/{METADATA}")))


def packages_at_hand(taxonomies: Path) -> PackageFolder:
    """The packages that come with the program, and those in the user's folder."""
    return PackageFolder((*built_in(), taxonomies))


class PackageFolder:
    """Packages in folders; safe to share between threads.

    Args:
        folders: each holds packages (``*.zip``), or is itself one that is not zipped. One that is not
            there holds none.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple((folder, os.path.join(folder, METADATA)) for folder in folders)
        self._lock = threading.Lock()
        self._read: dict[_Print, Package] = {}
        self._packages: tuple[Package, ...] = ()

    def packages(self) -> tuple[Package, ...]:
        """All packages, also those that cannot be used; the oldest publication first.

        Those of them that are `usable` are to be given to Arelle together and in this order.
        """
        prints = tuple(dict.fromkeys(self._prints()))  # a folder may be named twice
        with self._lock:
            if prints != tuple(self._read):
                self._read = {found: self._read.get(found) or read_package(found[0]) for found in prints}
                self._packages = _without_doubles(sorted(self._read.values(), key=_age))
            return self._packages

    def package_of(self, entrypoint: str) -> Package | None:
        """The usable package that holds the document of this URI; None if there is none.

        Takes some microseconds for every package, if none of them has changed.
        """
        return holder_of(entrypoint, (package for package in self.packages() if package.usable))

    def _prints(self) -> Iterator[_Print]:
        """Every package file with what changes when it does."""
        for folder, metadata in self._folders:
            own = _print(metadata)
            if own and stat.S_ISREG(own[-1]):
                yield folder, own
            else:
                for path in _zips(folder):
                    yield path, _print(path)


def _zips(folder: Path) -> list[Path]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    zips = (name for name in names if name.lower().endswith(".zip") and not name.startswith("."))
    return [folder / name for name in sorted(zips)[:MAXIMUM_PACKAGES]]


def _print(path: Path | str) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size, found.st_ino, stat.S_IFMT(found.st_mode))


def _age(package: Package) -> tuple[str, str]:
    return package.publication_date, package.path.name


def _without_doubles(packages: Sequence[Package]) -> tuple[Package, ...]:
    """The packages, where one that comes again, later, is marked: only the last one is used."""
    last = {package.identifier: package for package in packages if package.usable}
    return tuple(
        package if not package.usable or last[package.identifier] is package
        else replace(package, problems=(_replaced_by(last[package.identifier]),))
        for package in packages
    )  # fmt: skip


def _replaced_by(package: Package) -> PackageProblem:
    return PackageProblem(
        "Het wordt bewaard maar niet gebruikt: een ander pakket met dezelfde identifier is van dezelfde of "
        f"latere datum: {package.path.name}.",
        "It is kept but not used: another package with the same identifier is of the same or a later date: "
        f"{package.path.name}.",
    )
