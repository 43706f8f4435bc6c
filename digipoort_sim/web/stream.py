"""Server-sent events: what happens, as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor

from digipoort_sim.web.operations import Asked
from digipoort_sim.web.watching import News, Watcher

MOST_STREAMS = 16
_POLL_SECONDS = 0.25
_COMMENT_SECONDS = 15.0


class NewsStream:
    """Serves the stream to several readers.

    Args:
        threads: where the database is asked.
        stopping: set when the door closes.
    """

    def __init__(self, threads: Executor, stopping: asyncio.Event) -> None:
        self._threads = threads
        self._stopping = stopping
        self._readers = 0

    @property
    def full(self) -> bool:
        """Whether no more readers are taken."""
        return self._readers >= MOST_STREAMS

    async def serve(self, asked: Asked, last_event: int | None = None) -> AsyncIterator[bytes]:
        """The stream for one reader, until it goes away or the door closes.

        Args:
            last_event: id of the last event that the reader has (``Last-Event-ID``).
        """
        loop = asyncio.get_running_loop()
        self._readers += 1
        try:
            watcher = await loop.run_in_executor(self._threads, Watcher, asked.rooms, last_event)
            yield b": SIMULATOR\n\n"
            spoken = time.monotonic()
            while not self._stopping.is_set():
                news = await loop.run_in_executor(self._threads, watcher.news)
                text = b"".join(map(as_event, news))
                if not text and time.monotonic() - spoken > _COMMENT_SECONDS:
                    text = b": still here\n\n"
                if text:
                    spoken = time.monotonic()
                    yield text
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _POLL_SECONDS)
        finally:
            self._readers -= 1


def as_event(news: News) -> bytes:
    """News in the form of a server-sent event."""
    key = "" if news.id is None else f"id: {news.id}\n"
    data = json.dumps(news.fields, ensure_ascii=False, separators=(",", ":"))
    return f"{key}event: {news.kind}\ndata: {data}\n\n".encode()
