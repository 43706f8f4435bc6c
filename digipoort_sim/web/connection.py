"""One connection of the web door: uvicorn's, with a limit on the size and the time of a request's head.

uvicorn itself waits for ever for the end of a head. Bodies have their limits in `application`. When there
are too many connections, the one that waits the longest for a request has to go, so that who only holds
connections keeps nobody out.
"""

from __future__ import annotations

import asyncio
import logging

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
HEAD_SECONDS = 10.0
MOST_CONNECTIONS = 100
"""Well below the `limit_concurrency` of uvicorn, beyond which everybody gets 503."""

_LOG = logging.getLogger("digipoort_sim.web.http")
_LOG.setLevel(logging.ERROR)  # uvicorn warns of every request that is no HTTP; anybody can send thousands


class UnacceptableError(Exception):
    """A request whose framing is refused; httptools passes it on as its own error, and it becomes 400."""


class WebConnection(HttpToolsProtocol):
    """HTTP/1 on one connection; a head must be small and arrive in time.

    Attributes:
        since: when the connection was made, by the loop's time.
    """

    since = 0.0

    _deadline: asyncio.TimerHandle | None = None
    _head_octets = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first head."""
        super().connection_made(transport)
        self.logger = _LOG
        self.since = self.loop.time()
        self._expect_head()
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

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

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has come; after the body it would be a trailer, and count as a header all the same."""
        if self._deadline is None:
            raise UnacceptableError("trailers are not accepted")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._head_is_here()
        if self.parser.get_http_version() not in ("1.0", "1.1"):
            raise UnacceptableError("the only versions that are spoken are HTTP/1.0 and HTTP/1.1")
        codings = [value.strip().lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings and codings != [b"chunked"]:
            raise UnacceptableError("the only Transfer-Encoding that is accepted is chunked")
        super().on_headers_complete()

    def waits_for_request(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        present = [
            one
            for one in self.connections
            if isinstance(one, WebConnection) and not one.transport.is_closing()
        ]
        waiting = [one for one in present if one is not self and one.waits_for_request()]
        if waiting and len(present) > MOST_CONNECTIONS:
            min(waiting, key=lambda one: one.since).transport.abort()

    def _expect_head(self) -> None:
        self._head_is_here()
        self._head_octets = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_is_here(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
