"""A package that is a folder as the zip that Arelle wants: it takes a folder, but calls that an error."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from digipoort_sim.validation.packages.package import Package
from digipoort_sim.validation.packages.reading import files_of

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_ORDINARY_FILE = 0o100644


def zip_of(package: Package, scratch: Path) -> Path:
    """The zip of a package: its own, or one that is made of its folder.

    Args:
        scratch: folder to put that into; one that is there already is replaced, in one step.

    Raises:
        OSError: it cannot be written.
    """
    if not package.path.is_dir():
        return package.path
    target = scratch / f"{package.path.name}.zip"
    zip_folder(package.path, target)
    return target


def zip_folder(folder: Path, target: Path) -> None:
    """Make a taxonomy package of a folder that has META-INF in it; the same files give the same bytes.

    Raises:
        OSError: it cannot be read or written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for path in files_of(folder):
                archive.writestr(_member(path, folder), path.read_bytes(), zipfile.ZIP_DEFLATED)
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _member(path: Path, folder: Path) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), _EARLIEST)
    member.external_attr = _ORDINARY_FILE << 16
    return member
