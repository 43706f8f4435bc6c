"""SQLite's checkpoints, made beside the writers.

What is committed goes into a write-ahead log first, and from there into the database file: the checkpoint.
SQLite has it made by whoever commits when the log is long, and that one delivery waits up to a tenth of a
second for the disk. So one process makes it in a thread of its own, without holding up the writers; only
when the log is so long that it should begin anew they wait, for what came in meanwhile.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

_LOOK_SECONDS = 0.5
_RESTART_FRAMES = 16_000
"""Pages in the log from which it begins anew: 64 MiB."""

_BUSY_MILLISECONDS = 200
_FROM_BYTES = 1024 * 1024


class Checkpointer:
    """Keeps the write-ahead log of one SQLite file short.

    Args:
        database: the file of the database.
        restart_frames: length in pages from which the log begins anew.
    """

    def __init__(self, database: Path, restart_frames: int = _RESTART_FRAMES) -> None:
        self._database = database
        self._log = Path(f"{database}-wal")
        self._restart_frames = restart_frames
        self._seen = (0, 0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        """Look after the log in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; what is under way is finished."""
        self._stopping.set()
        self._thread.join()

    def look(self) -> None:
        """Make a checkpoint if the log has changed since the last look."""
        with contextlib.suppress(OSError):  # there is no log before the first write
            found = self._log.stat()
            if (found.st_mtime_ns, found.st_size) != self._seen and found.st_size >= _FROM_BYTES:
                self._seen = (found.st_mtime_ns, found.st_size)
                self._checkpoint()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            self.look()

    def _checkpoint(self) -> None:
        # A database in trouble is told of by who needs it; here nothing is lost.
        with contextlib.suppress(sqlite3.Error), contextlib.closing(self._connection()) as connection:
            _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if frames >= self._restart_frames:
                connection.execute("PRAGMA wal_checkpoint(RESTART)")

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._database, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
        # As everywhere, and so that closing this connection forces nothing more onto the disk.
        connection.execute("PRAGMA synchronous=normal")
        return connection
