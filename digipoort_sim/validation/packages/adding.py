"""Putting a taxonomy package into the folder where it is found."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from digipoort_sim.errors import ConfigError, ConflictError
from digipoort_sim.validation.packages.folder import packages_at_hand
from digipoort_sim.validation.packages.package import Package
from digipoort_sim.validation.packages.reading import METADATA, read_package
from digipoort_sim.validation.packages.zipping import zip_folder


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of adding a package.

    Args:
        package: as it is in the folder now; one that is not `usable` has not been put there, but where its
            only problem is another edition of it.
        new: entry points that were not at hand before.
    """

    package: Package
    new: tuple[str, ...] = ()


def add_package(source: Path, folder: Path, *, replace_it: bool = False) -> Addition:
    """Copy a package into the folder, in one step, if it is good.

    Args:
        source: a zip, or a folder with META-INF in it, which is zipped.
        replace_it: whether a package of the same file name may be replaced.

    Raises:
        ConfigError: the source cannot be read, or the folder not be written.
        ConflictError: the folder has a package of this file name.
    """
    if not source.exists():
        raise ConfigError(f"{source}: there is no such file", rule="TAXONOMY-FILE")
    target = folder / _name(source)
    if target.exists() and not replace_it:
        raise ConflictError(f"{target} exists; --force replaces it", rule="TAXONOMY-FILE")
    try:
        return _added(source, target)
    except OSError as error:
        where, why = error.filename or target, error.strerror or error
        raise ConfigError(f"{where}: {why}", rule="TAXONOMY-FILE") from error


def _name(source: Path) -> str:
    name = source.resolve().name.lstrip(".")
    return name if name.lower().endswith(".zip") else f"{name}.zip"


def _added(source: Path, target: Path) -> Addition:
    """The copy is looked at, not the source: nobody can change it in between."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        _copy(source, part)
        package = replace(read_package(part), path=target)
        if not package.usable:
            return Addition(package)
        before = packages_at_hand(target.parent)
        new = [e.document for e in package.entrypoints if e.present and not before.package_of(e.document)]
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    after = (package for package in before.packages() if package.path == target)
    return Addition(next(after, package), tuple(dict.fromkeys(new)))


def _copy(source: Path, target: Path) -> None:
    if (source / METADATA).is_file():
        zip_folder(source.resolve(), target)
    elif source.is_dir():
        raise ConfigError(f"{source} has no {METADATA}: it is no taxonomy package", rule="TAXONOMY-FILE")
    elif not source.is_file():
        raise ConfigError(f"{source} is no ordinary file", rule="TAXONOMY-FILE")
    else:
        shutil.copyfile(source, target)
