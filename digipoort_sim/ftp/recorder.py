"""Keeps events without making the loop wait for the store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from digipoort_sim.exchange.values import Event

_MOST_WAITING = 1000


class Recorder:
    """Hands events to the post office in a thread of its own, in order.

    A thousand may wait; what comes then is dropped, so that a flood costs no memory.
    """

    def __init__(self, record: Callable[[Event], int]) -> None:
        self._record = record
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ftp-events")
        self._room = threading.BoundedSemaphore(_MOST_WAITING)

    def add(self, event: Event) -> None:
        """Keep an event, soon; does not block."""
        if self._room.acquire(blocking=False):
            self._pool.submit(self._keep, event)

    def stop(self) -> None:
        """Keep what waits, then end."""
        self._pool.shutdown(wait=True)

    def _keep(self, event: Event) -> None:
        try:
            self._record(event)
        finally:
            self._room.release()
