"""Files that cannot be gone on with at the moment: each is tried again later, and holds up no other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

from digipoort_sim.ftp.ledger import Entry

_FIRST_SECONDS = 2.0
_LONGEST_SECONDS = 60.0
_MOST = 500
_log = logging.getLogger(__name__)


class Aside:
    """The files that wait; safe for many threads, as large files are read beside the courier's."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._pause: dict[str, float] = {}
        self._held: set[str] = set()
        self._is_due = False
        self._lock = threading.Lock()

    def put(self, entry: Entry, error: BaseException) -> None:
        """Let a file wait, twice as long as the last time; one line tells why."""
        with self._lock:
            pause = min(2 * self._pause.get(entry.work, _FIRST_SECONDS / 2), _LONGEST_SECONDS)
            self._pause[entry.work] = pause
            self._until[entry.work] = time.monotonic() + pause
        _log.warning("%s waits %g s: %s", entry.reference, pause, error)

    def hold(self, entry: Entry) -> None:
        """Let a file wait that is being worked on elsewhere, until it is released."""
        with self._lock:
            self._held.add(entry.work)

    def release(self, work: str) -> None:
        """A file that was held may go on."""
        with self._lock:
            self._held.discard(work)

    def take(self, entry: Entry) -> None:
        """The file goes on."""
        with self._lock:
            self._pause.pop(entry.work, None)

    def waiting(self) -> Collection[str]:
        """The work names of those whose time has not come."""
        now = time.monotonic()
        with self._lock:
            still = {work: until for work, until in self._until.items() if until > now}
            self._is_due |= len(still) < len(self._until)
            self._until = still
            return still.keys() | self._held

    @property
    def is_full(self) -> bool:
        """Whether so many wait that there is no use in trying others."""
        return len(self.waiting()) >= _MOST

    def is_due(self) -> bool:
        """Whether the time of one has come since this was asked the last time."""
        self.waiting()
        due, self._is_due = self._is_due, False
        return due
