"""Group commit: deliveries that come in close together share a transaction.

A commit costs more than the rows in it. So a group waits for as long as every few turns of the event loop
bring another delivery, but never longer than some milliseconds. On SQLite a small group is written in the
loop itself, because handing it to a thread costs more than writing it. PostgreSQL, and large contents, are
written in a thread, one group at a time; what comes in meanwhile makes up the next group.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.exchange.intake import Entry

Verdict = DigipoortSimError | None
WriteGroup = Callable[[Sequence[Entry]], list[Verdict]]
"""Writes entries and commits; gives for each one None, or why it was not written. Raises nothing."""

_LARGE_BYTES = 256 * 1024
_MOST_AT_ONCE = 200
_LONGEST_WAIT_SECONDS = 0.008
_QUIET_TURNS = 3
"""A request is read in one turn of the loop and worked on in the next: after three none is on its way."""


class GroupCommit:
    """Collects the entries of one event loop.

    Args:
        threaded: whether every group is written in a thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, write: WriteGroup, *, threaded: bool) -> None:
        self._loop = loop
        self._write = write
        self._threaded = threaded
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._octets = 0
        self._busy = False
        self._thread: ThreadPoolExecutor | None = None

    def add(self, entry: Entry) -> asyncio.Future[None]:
        """Have an entry written soon; the future is done after the commit, or fails with why not."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((entry, future))
        self._octets += entry.octets
        if not self._busy:
            self._start()
        return future

    def _start(self) -> None:
        self._busy = True
        self._loop.call_soon(self._gather, len(self._waiting), 1, self._loop.time() + _LONGEST_WAIT_SECONDS)

    def _gather(self, seen: int, quiet: int, until: float) -> None:
        """Look at the group once a turn; write it when no more come, or it has waited enough."""
        now = len(self._waiting)
        quiet = quiet + 1 if now == seen else 0
        if quiet >= _QUIET_TURNS or now >= _MOST_AT_ONCE or self._loop.time() >= until:
            self._flush()
        else:
            self._loop.call_soon(self._gather, now, quiet, until)

    def _flush(self) -> None:
        group, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
        group = [(entry, future) for entry, future in group if not entry.ticket.is_withdrawn]
        in_thread = self._threaded or self._octets > _LARGE_BYTES
        self._octets = sum(entry.octets for entry, _ in self._waiting)
        entries = [entry for entry, _ in group]
        futures = [future for _, future in group]
        if not in_thread:
            self._settle(futures, self._write(entries))
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "group-commit")
        writing = self._loop.run_in_executor(self._thread, self._write, entries)
        writing.add_done_callback(lambda done: self._settle(futures, done.result()))

    def _settle(self, futures: Sequence[asyncio.Future[None]], verdicts: Sequence[Verdict]) -> None:
        for future, verdict in zip(futures, verdicts, strict=True):
            # The caller may be gone.
            if future.done():
                continue
            if verdict is None:
                future.set_result(None)
            else:
                future.set_exception(verdict)
        self._busy = False
        if self._waiting:
            self._start()
