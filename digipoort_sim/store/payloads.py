"""Contents that are too large for a column of the database: files in a folder, each known to a row.

A file is there, whole and safe on its disk, before the row that names it is committed; a file without a row
is an orphan of a process that was killed, and `Payloads.sweep` removes it. Nothing else ever removes one: it
lasts as long as the message that it belongs to.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Connection, select

from digipoort_sim.errors import TechnicalError
from digipoort_sim.store.disk import force
from digipoort_sim.store.exchange_tables import payloads

SLICE: Final = 262_144
"""Octets that are read of a file at a time."""

ORPHAN_AGE: Final = timedelta(days=1)
"""How old a file without a row is before it counts as an orphan, where processes share the folder."""

_PART_PREFIX = ".part-"


@dataclass(frozen=True, slots=True)
class Payload:
    """A content that lies in a file.

    Attributes:
        file: its name in the folder of payloads.
        size: in octets.
        sha256: of the octets, in lower-case hexadecimal.
    """

    file: str
    path: Path = field(repr=False)
    size: int
    sha256: str

    def open(self) -> BinaryIO:
        """The octets, to be read in pieces.

        Raises:
            TechnicalError: the file is not there (rule ``PAYLOAD``); it may be on a disk that is away.
        """
        try:
            return self.path.open("rb", buffering=0)
        except OSError as error:
            raise missing(self.file, error) from error


class Writing:
    """A payload that is being written; see `Payloads.writing`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of what was written so far."""
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """Add octets.

        Raises:
            OSError: the disk is full or fails.
        """
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)


class Payloads:
    """The folder of payloads.

    Args:
        folder: made when it is first needed; replicas share one.
        larger_than: contents of more octets belong there.
        shared: whether other processes put files there too.
    """

    def __init__(self, folder: Path, larger_than: int, *, shared: bool = False) -> None:
        self._folder = folder
        self.larger_than = larger_than
        self._shared = shared

    def at(self, file: str, size: int, sha256: str) -> Payload:
        """The payload that a row names."""
        return Payload(file, self._folder / file, size, sha256)

    def adopt(self, source: Path, file: str, size: int, sha256: str) -> Payload:
        """Take a file in under a name; may be repeated, and leaves the source where it is.

        On one file system it is the same file under a second name, so nothing is copied.

        Raises:
            OSError: it cannot be; no half file has the name.
        """
        self._prepare()
        target = self._folder / file
        if not target.exists():
            part = self._folder / f"{_PART_PREFIX}{file}"
            part.unlink(missing_ok=True)
            try:
                _link_or_copy(source, part)
                part.chmod(0o600)
                force(part)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            force(self._folder)
        return self.at(file, size, sha256)

    @contextmanager
    def writing(self, file: str, expected: int = 0) -> Iterator[Writing]:
        """Write a payload; at the end of the block it has its name, or is gone if anything was raised.

        Args:
            expected: octets for which there must be room from the start.

        Raises:
            OSError: the disk is full or fails.
        """
        self._prepare()
        if shutil.disk_usage(self._folder).free < expected:
            raise OSError(errno.ENOSPC, "there is not enough room on the disk of the payloads")
        part = self._folder / f"{_PART_PREFIX}{file}"
        try:
            with open(part, "wb", opener=_open_private) as opened:
                yield Writing(opened)
                opened.flush()
                os.fsync(opened.fileno())
            part.replace(self._folder / file)
            force(self._folder)
        finally:
            part.unlink(missing_ok=True)

    def has(self, file: str) -> bool:
        """Whether there is a file of this name."""
        return (self._folder / file).exists()

    def discard(self, tx: Connection, file: str) -> None:
        """Remove a file that was made for nothing; one that a row names stays."""
        if not _known(tx, (file,)):
            (self._folder / file).unlink(missing_ok=True)

    def sweep(self, tx: Connection, now: datetime) -> int:
        """Remove orphans; gives how many there were.

        Args:
            now: by the real clock; where others share the folder, only files older than `ORPHAN_AGE` go.
        """
        oldest = (now - ORPHAN_AGE).timestamp() if self._shared else float("inf")
        found = [path for path in self._files() if _changed_at(path) < oldest]
        known = _known(tx, [path.name for path in found])
        orphans = [path for path in found if path.name not in known]
        for path in orphans:
            with contextlib.suppress(OSError):
                path.unlink()
        return len(orphans)

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return [
            Path(entry.path) for entry in os.scandir(self._folder) if entry.is_file(follow_symlinks=False)
        ]

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def missing(file: str, error: OSError) -> TechnicalError:
    """The trouble of a payload that cannot be read."""
    return TechnicalError(
        f"a large content cannot be read now: {file}, {error.strerror or error}", rule="PAYLOAD"
    )


def digest_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file, read in pieces.

    Raises:
        OSError: it cannot be read.
    """
    size, digest = 0, hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(SLICE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _known(tx: Connection, names: Iterable[str]) -> set[str]:
    wanted = set(names)
    if not wanted:
        return set()
    return wanted & set(tx.execute(select(payloads.c.file)).scalars())


def _changed_at(path: Path) -> float:
    """When the file came under its name; a link changes that time, and not the time of the octets."""
    try:
        return path.stat(follow_symlinks=False).st_ctime
    except FileNotFoundError:
        return float("inf")


def _link_or_copy(source: Path, target: Path) -> None:
    """Link a file, unless that cannot be or somebody else has it under another name and may change it."""
    try:
        if source.stat(follow_symlinks=False).st_nlink > 1:
            raise OSError(errno.EMLINK, "the file has other names")
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        with source.open("rb") as read, open(target, "wb", opener=_open_private) as written:
            shutil.copyfileobj(read, written, SLICE)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
