"""A lock that is handed over in the order in which it was asked for.

SQLite has one writer at a time. Without a queue, threads of one process would spin on SQLite's busy
handler, and a busy scheduler could keep the door waiting for as long as it has work.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class FairLock:
    """First come, first served; not to be taken twice by one thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._holder: int | None = None

    def acquire(self) -> None:
        """Take the lock, after all who asked before.

        Raises:
            RuntimeError: this thread holds it already, and would wait for itself forever.
        """
        me = threading.get_ident()
        with self._guard:
            if self._holder is None:
                self._holder = me
                return
            if self._holder == me:
                raise RuntimeError("a write transaction was begun inside a write transaction")
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        gate.acquire()
        self._holder = me

    def release(self) -> None:
        """Hand the lock to who waits longest."""
        with self._guard:
            if self._waiting:
                # 0 is no thread: the lock stays taken until the next one has woken up.
                self._holder = 0
                self._waiting.popleft().release()
            else:
                self._holder = None

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
