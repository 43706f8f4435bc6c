"""One connection of the web door: uvicorn's, with a limit on the size and the time of a request's head.

uvicorn itself waits for ever for the end of a head. Bodies have their limits in `application`.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
HEAD_SECONDS = 10.0


class WebConnection(HttpToolsProtocol):
    """HTTP/1 on one connection; a head must be small and arrive in time."""

    _deadline: asyncio.TimerHandle | None = None
    _head_octets = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._head_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; too many before the head is complete end the connection."""
        self._head_octets += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head_octets > LARGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """The first byte of a request has come: the rest of its head has to follow."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._head_is_here()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        self._head_is_here()
        self._head_octets = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_is_here(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
