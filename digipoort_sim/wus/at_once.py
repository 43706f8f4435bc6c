"""Requests that came in one piece, served without a task and without ASGI messages.

A delivery of some kilobytes comes in one TLS record and is judged in a third of a millisecond. uvicorn's
way of serving it (a task, a cycle with an event, three messages with their headers checked) costs nearly
half as much again. So the connection holds such a request back until it is complete, and hands it over by
one call; whatever is not complete, or not ordinary, goes uvicorn's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from digipoort_sim.wus.names import AANLEVEREN

QUICK_URL = AANLEVEREN.paths["preproduction"].encode("ascii")
"""The only URL whose requests are served at once, exactly as it must stand in the request line."""

_XML = b"text/xml; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer.

    Attributes:
        close: whether the connection is closed after it.
    """

    status: int
    body: bytes
    content_type: bytes = _XML
    headers: tuple[tuple[bytes, bytes], ...] = ()
    close: bool = False

    def header_lines(self) -> list[tuple[bytes, bytes]]:
        """All headers of the answer but those that the server adds to each."""
        lines = [
            (b"content-type", self.content_type),
            (b"content-length", str(len(self.body)).encode("ascii")),
            *self.headers,
        ]
        if self.close:
            lines.append((b"connection", b"close"))
        return lines


AtOnce = Callable[[dict[str, Any], bytes, Callable[[Reply], None]], bool]
"""Serves a request, given its ASGI scope, its body and what takes the answer; False: not this one."""


class HeldRequest:
    """A request that is served at once, in the place of uvicorn's cycle for it.

    It has what uvicorn's protocol asks of the cycle that it keeps.

    Attributes:
        pieces: what came of the body.
        keep_alive: whether the connection stays open after the answer.
        disconnected: set when the client has gone.
    """

    message_event = asyncio.Event()  # only ever set, by uvicorn, and never waited for

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.keep_alive = True
        self.disconnected = False
        self.response_started = False
        self.response_complete = False


def on_the_wire(reply: Reply, server_headers: Iterable[tuple[bytes, bytes]], keep_alive: bool) -> bytes:
    """An answer as it goes out, head and body together.

    Args:
        server_headers: those that the server adds to each answer.
    """
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n".encode("ascii")]
    for name, value in (*server_headers, *reply.header_lines()):
        lines += (name, b": ", value, b"\r\n")
    if not keep_alive and not reply.close:
        lines.append(b"connection: close\r\n")
    return b"".join((*lines, b"\r\n", reply.body))
