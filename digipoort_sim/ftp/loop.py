"""The thread in which pyftpdlib's loop runs, and how other threads hand it something to do."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, TypeVar

from pyftpdlib.ioloop import AsyncChat, IOLoop

from digipoort_sim.ftp.transfers.buffers import Buffers

T = TypeVar("T")
Threads = Literal["short", "disk", "long"]
_POLL_SECONDS = 1.0
_THREADS: dict[Threads, int] = {"short": 2, "disk": 4, "long": 4}
"""For what takes milliseconds; for the pieces of transfers; for what may wait seconds for the disk."""
_log = logging.getLogger(__name__)

# Without a handler of its own, pyftpdlib's loop sets up logging to the terminal by itself.
logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())


class _Bell(AsyncChat):  # type: ignore[misc]
    """Wakes the loop when another thread has put something in the box."""

    def __init__(self, ioloop: Any, box: deque[Callable[[], None]]) -> None:
        heard, self._rope = socket.socketpair()
        self._rope.setblocking(False)
        self._box = box
        super().__init__(heard, ioloop=ioloop)

    def ring(self) -> None:
        # A full buffer means that the loop is going to wake up anyway.
        with contextlib.suppress(BlockingIOError, OSError):
            self._rope.send(b"!")

    def handle_read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.socket.recv(4096)
        while self._box:
            _guarded(self._box.popleft())

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self._rope.close()
        super().close()


class LoopThread:
    """One loop in one thread, with a few more threads for what takes time.

    Attributes:
        ioloop: pyftpdlib's loop; to be touched only from its own thread once `start` was called.
        buffers: the memory of all transfers; likewise.
    """

    def __init__(self) -> None:
        self.ioloop: Any = IOLoop()
        self.buffers = Buffers()
        self._box: deque[Callable[[], None]] = deque()
        self._bell = _Bell(self.ioloop, self._box)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ftp-loop", daemon=True)
        self._pools = {
            threads: ThreadPoolExecutor(number, thread_name_prefix=f"ftp-{threads}")
            for threads, number in _THREADS.items()
        }

    def start(self) -> None:
        """Let the loop run in its thread."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and end all threads; what was begun in them is finished first."""
        self._stopping.set()
        self._bell.ring()
        if self._thread.is_alive():
            self._thread.join()
        self.ioloop.close()
        for pool in self._pools.values():
            pool.shutdown(wait=True)

    def post(self, call: Callable[[], None]) -> None:
        """Have a call made in the loop's thread, soon; for other threads."""
        self._box.append(call)
        self._bell.ring()

    def run(
        self, work: Callable[[], T], then: Callable[[Future[T]], None], threads: Threads = "short"
    ) -> None:
        """Do work in another thread, and then go on with its outcome in the loop's thread."""
        future = self._pools[threads].submit(work)
        future.add_done_callback(lambda done: self.post(lambda: then(done)))

    def _run(self) -> None:
        while not self._stopping.is_set():
            _guarded(lambda: self.ioloop.poll(self._next_timeout()))
            _guarded(self.buffers.take_back)

    def _next_timeout(self) -> float:
        soonest = self.ioloop.sched.poll()
        return _POLL_SECONDS if soonest is None else min(soonest, _POLL_SECONDS)


def _guarded(call: Callable[[], None]) -> None:
    """Make a call; a fault in one session must not end the loop of all."""
    try:
        call()
    except Exception:
        _log.exception("the file door goes on after a fault")
