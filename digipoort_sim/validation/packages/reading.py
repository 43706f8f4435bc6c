"""From a file that is meant to be a taxonomy package to what is in it, or to all that is wrong with it.

Only the directory of the zip and the two files in META-INF are read; the taxonomy itself is for Arelle.
Source of the rules: Taxonomy Packages 1.0 (XBRL International, 2016-04-19).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from digipoort_sim.validation.archives.reading import ArchiveLimits, open_archive
from digipoort_sim.validation.findings import shown
from digipoort_sim.validation.packages.metadata import read_catalog, read_metadata
from digipoort_sim.validation.packages.package import Package, PackageProblem

METADATA: Final = "META-INF/taxonomyPackage.xml"
CATALOG: Final = "META-INF/catalog.xml"

MAXIMUM_MEMBERS: Final = 200_000
_MAXIMUM_METADATA = 16 * 1024**2
_LIMITS = ArchiveLimits(
    octets=4 * 1024**3,
    members=MAXIMUM_MEMBERS,
    directory_octets=64 * 1024**2,
    member_octets=256 * 1024**2,
    total_octets=16 * 1024**3,
    ratio=1000,
    name_characters=1000,
    depth=50,
)
"""The Nederlandse Taxonomie has some 20,000 files and more than 1 GiB of them unpacked."""

_TOP_LEVEL = (
    "Bovenin het zip-bestand hoort precies een map te staan en verder niets; gevonden: {found}.",
    "The zip must have exactly one folder at its top and nothing else; found: {found}.",
)
_NO_METADATA = (
    "{member} ontbreekt: dit is geen taxonomiepakket. (In zip-bestanden binnen dit bestand wordt niet "
    "gezocht.)",
    "There is no {member}: this is no taxonomy package. (Zips inside this one are not looked into.)",
)
_TOO_LARGE = ("{member} is te groot.", "{member} is too large.")
_UNREADABLE = ("{member} kan niet worden gelezen.", "{member} cannot be read.")
_NO_FILE = ("{member} is geen gewoon bestand.", "{member} is no ordinary file.")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A package whose files can be read.

    Args:
        top: the folder at the top of the zip.
        members: all files, by their path from the top of the zip.
        read: the content of a member.
    """

    path: Path
    top: str
    members: frozenset[str]
    read: Callable[[str], bytes | PackageProblem]


def read_package(path: Path) -> Package:
    """Read a package; whatever the file is, the answer is a `Package`, with problems where it has any.

    Args:
        path: a zip, or a folder that has META-INF in it.
    """
    try:
        opened = _open_folder(path) if path.is_dir() else _open_zip(path)
    except OSError:
        opened = (_problem(_UNREADABLE, member=path.name),)
    if isinstance(opened, tuple):
        return Package(path, problems=opened)
    return _package(opened)


def _open_zip(path: Path) -> _Opened | tuple[PackageProblem, ...]:
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep the reader waiting for ever
        return (_problem(_NO_FILE, member=path.name),)
    archive = open_archive(path, _LIMITS)
    if isinstance(archive, tuple):
        return tuple(PackageProblem(problem.text_nl, problem.text_en) for problem in archive)
    tops = {name.partition("/")[0] for name in archive.members}
    beside = [name for name in archive.names if "/" not in name]
    if len(tops) != 1 or beside:
        return (_problem(_TOP_LEVEL, found=_listed(tops)),)

    def read(member: str) -> bytes | PackageProblem:
        if archive.members[member].entry.unpacked > _MAXIMUM_METADATA:
            return _problem(_TOO_LARGE, member=member)
        content = archive.read(member)
        return content if isinstance(content, bytes) else PackageProblem(content.text_nl, content.text_en)

    return _Opened(path, tops.pop(), frozenset(archive.names), read)


def _open_folder(path: Path) -> _Opened:
    def read(member: str) -> bytes | PackageProblem:
        file = path.parent / member
        if file.stat().st_size > _MAXIMUM_METADATA:
            return _problem(_TOO_LARGE, member=member)
        return file.read_bytes()

    files = (file.relative_to(path.parent).as_posix() for file in files_of(path))
    return _Opened(path, path.name, frozenset(files), read)


def files_of(folder: Path) -> Iterator[Path]:
    """The files of a package that is a folder, in a fixed order; links are not followed."""
    for here, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(here) / name for name in sorted(names) if not (Path(here) / name).is_symlink())


def _package(opened: _Opened) -> Package:
    metadata = _content(opened, METADATA)
    if isinstance(metadata, PackageProblem):
        return Package(opened.path, problems=(metadata,))
    catalog = _content(opened, CATALOG) if f"{opened.top}/{CATALOG}" in opened.members else None
    if isinstance(catalog, PackageProblem):
        return Package(opened.path, problems=(catalog,))
    rewrites, problems = read_catalog(catalog, f"{opened.top}/{CATALOG}")
    package = Package(opened.path, rewrites=rewrites, problems=problems, members=opened.members)
    package = read_metadata(metadata, f"{opened.top}/{METADATA}", package)
    return replace(package, entrypoints=(), members=frozenset()) if package.problems else package


def _content(opened: _Opened, name: str) -> bytes | PackageProblem:
    member = f"{opened.top}/{name}"
    if member not in opened.members:
        return _problem(_NO_METADATA, member=member)
    try:
        return opened.read(member)
    except OSError:
        return _problem(_UNREADABLE, member=member)


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    return (", ".join(found[:5]) + (", ..." if len(found) > 5 else "")) or "-"


def _problem(texts: tuple[str, str], **values: str) -> PackageProblem:
    shown_values = {name: shown(value) for name, value in values.items()}
    return PackageProblem(*(text.format(**shown_values) for text in texts))
