"""An end to waiting for a database server: connections that are busy for too long are cut.

The time-outs of PostgreSQL are kept by its server, and those of TCP by the two systems. Neither helps when
the server itself stands still while its machine goes on, so somebody on this side has to look at the clock.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator

_LOOK_SECONDS = 0.5


class Watch:
    """Cuts the sockets of connections that are overdue, from a thread that starts with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: dict[int, tuple[float, int]] = {}
        self._numbers = itertools.count()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def over(self, handle: int, seconds: float) -> Iterator[None]:
        """Cut a connection if the block takes longer than so many seconds.

        Args:
            handle: file number of its socket, which stays open for as long as the block.
        """
        number = next(self._numbers)
        with self._lock:
            self._due[number] = (time.monotonic() + seconds, handle)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="database-watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._due.pop(number, None)

    def forked(self) -> None:
        """Start anew in a child process, which has no threads of its parent."""
        self._lock = threading.Lock()
        self._due, self._thread = {}, None

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()

    def _look(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            now = time.monotonic()
            with self._lock:
                for number, (due, handle) in list(self._due.items()):
                    if due <= now:
                        del self._due[number]
                        _cut(handle)


def _cut(handle: int) -> None:
    """End both directions of a socket: who waits for it sees the end of the connection at once."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(handle)) as sock:
        sock.shutdown(socket.SHUT_RDWR)
