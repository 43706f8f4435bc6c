"""Where an upload goes to: a file that is hashed while it is written. For the threads of the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

from digipoort_sim.ftp.folders import mark_part, mark_whole
from digipoort_sim.ftp.transfers.hashing import Sums, hash_on

_REHASH_BYTES = 16 * 1024 * 1024
_FLUSH_BYTES = 256 * 1024 * 1024
"""What may be written and not be on disk before the disk is told to begin."""


class TakenOver(Exception):
    """Another session writes to the file now."""


class Sink:
    """One upload to one file. Its methods are called one after the other, each from any thread.

    Args:
        descriptor: of the open file; it stays the caller's.
        position: where the upload begins, and what lies behind is thrown away; None for the file's end.

    Of several to one file the one that was made last has it, in whatever order the threads come to them.

    Attributes:
        position: where the next octets go; known once `prepare` was called.
    """

    def __init__(self, descriptor: int, position: int | None, sums: Sums) -> None:
        self._descriptor = os.dup(descriptor)
        self._sums = sums
        self._turn = sums.next_turn()
        self._start = position
        self._hasher: Any = None
        self._hashed = self._flushed = 0
        self._is_ready = False
        self.position = 0

    def prepare(self) -> bool:
        """Take the file over and hash what it has already, a part at a time; False if there is more to do.

        Raises:
            OSError: the file cannot be read or written.
            TakenOver: another session has it.
        """
        if self._hasher is None:
            self._sums.claim(self._descriptor, self, self._turn)
        with self._sums.writing(self._descriptor, self) as mine:
            self._check(mine)
            if self._hasher is None:
                self._begin()
            if self._hashed < self.position:
                end = min(self.position, self._hashed + _REHASH_BYTES)
                self._hashed = hash_on(self._descriptor, self._hasher, self._hashed, end)
                if self._hashed < end:
                    raise OSError("the file has become shorter")
            self._is_ready = self._hashed >= self.position
        return self._is_ready

    def write(self, data: memoryview) -> None:
        """Write and hash the next octets.

        Raises:
            OSError: it cannot be written, such as for want of room; the hash stays that of what was.
            TakenOver: another session has it.
        """
        with self._sums.writing(self._descriptor, self) as mine:
            self._check(mine)
            while data:
                written = os.pwrite(self._descriptor, data, self.position)
                self._hasher.update(data[:written])
                self.position += written
                data = data[written:]

    def flush(self) -> Callable[[], None] | None:
        """What has the disk begin with what was written, if that is much; it may run beside everything else.

        So there is little to wait for in the end, when the file is forced onto the disk.
        """
        start, size = self._flushed, self.position - self._flushed
        if size < _FLUSH_BYTES or not hasattr(os, "posix_fadvise"):
            return None
        self._flushed, descriptor = self.position, os.dup(self._descriptor)

        def begin() -> None:
            try:
                # For pages that are not on disk yet, this begins to write them and does not wait for it.
                os.posix_fadvise(descriptor, start, size, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)

        return begin

    def end(self, *, whole: bool) -> None:
        """Close the file; what was hashed is remembered, and whether this is the whole file.

        Raises:
            OSError: the file cannot be marked.
            TakenOver: another session has it.
        """
        try:
            with self._sums.writing(self._descriptor, self) as mine:
                self._check(mine)
                if self._is_ready:
                    self._sums.keep(self._descriptor, self._hasher)
                if whole:
                    mark_whole(self._descriptor)
        finally:
            os.close(self._descriptor)

    def _begin(self) -> None:
        size = os.fstat(self._descriptor).st_size
        self.position = size if self._start is None else min(self._start, size)
        known = self._sums.begun(self._descriptor) if self.position == size else None
        mark_part(self._descriptor)
        os.ftruncate(self._descriptor, self.position)
        self._hasher, self._hashed = (known, size) if known is not None else (hashlib.sha256(), 0)
        self._flushed = self.position

    def _check(self, mine: bool) -> None:
        if not mine:
            raise TakenOver
