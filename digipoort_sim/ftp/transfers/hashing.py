"""What is known of the files in ``/in`` that came in: how long, and the state of their SHA-256.

A file is hashed while it comes. What was hashed is kept in memory, by the file itself and not by its
name, as long as nobody else changed the file. Where it is not known any more (another process, a
restart), the file is read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

_MOST_FILES = 4096
_READ_BYTES = 1024 * 1024
_Inode = tuple[int, int]


@dataclass(frozen=True)
class Sum:
    """Length and SHA-256 (lower-case hex) of a file."""

    size: int
    sha256: str


@dataclass
class _File:
    """One file: who writes it, and how far its hash is."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    writer: object | None = None
    turn: int = 0
    stamp: tuple[int, int] = (-1, -1)
    hasher: Any = None


class Sums:
    """The sums of the files that were written lately; safe for many threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[_Inode, _File] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = count(1)

    def next_turn(self) -> int:
        """A number for a writer, higher than those of all before."""
        return next(self._turns)

    def claim(self, descriptor: int, writer: object, turn: int) -> None:
        """Make somebody the only one who may write to a file; waits until another's write is over.

        Args:
            turn: the writer's number; who has a lower one than the last writer comes too late, and the
                file stays the other's.
        """
        file = self._file(os.fstat(descriptor))
        with file.lock:
            if turn > file.turn:
                file.writer, file.turn = writer, turn

    @contextlib.contextmanager
    def writing(self, descriptor: int, writer: object) -> Iterator[bool]:
        """Within this, the writer is alone with the file; False if another has claimed it meanwhile."""
        file = self._file(os.fstat(descriptor))
        with file.lock:
            yield file.writer is writer

    def keep(self, descriptor: int, hasher: Any) -> None:
        """Keep the hash of the whole file as it is now."""
        found = os.fstat(descriptor)
        file = self._file(found)
        file.stamp, file.hasher = _stamp(found), hasher.copy()

    def begun(self, descriptor: int) -> Any | None:
        """The hash of all that a file has, to go on with; None if it is not known."""
        return self._known(os.fstat(descriptor))

    def of(self, path: Path) -> Sum:
        """The sum of a file that nobody writes to; reads the file if it is not known.

        Raises:
            OSError: it cannot be read, or it is a symbolic link.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            found = os.fstat(descriptor)
            hasher = self._known(found)
            if hasher is None:
                hasher = hashlib.sha256()
                hash_on(descriptor, hasher, 0, found.st_size)
            return Sum(found.st_size, hasher.hexdigest())
        finally:
            os.close(descriptor)

    def _known(self, found: os.stat_result) -> Any | None:
        with self._lock:
            file = self._files.get((found.st_dev, found.st_ino))
        if file is None or file.hasher is None or file.stamp != _stamp(found):
            return None
        return file.hasher.copy()

    def _file(self, found: os.stat_result) -> _File:
        key = (found.st_dev, found.st_ino)
        with self._lock:
            file = self._files.setdefault(key, _File())
            self._files.move_to_end(key)
            if len(self._files) > _MOST_FILES:
                self._files.popitem(last=False)
        return file


def hash_on(descriptor: int, hasher: Any, start: int, end: int) -> int:
    """Hash a file from one place to another, or to its end; gives the place that was reached."""
    piece = memoryview(bytearray(min(_READ_BYTES, max(end - start, 1))))
    while start < end:
        got = os.preadv(descriptor, [piece[: end - start]], start)
        if not got:
            break
        hasher.update(piece[:got])
        start += got
    return start


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns
