"""The bodies of requests, read within a budget of memory that all requests share.

A client may send 64 MiB, and a thousand clients may do so at once. So a large body is read on only when
there is room for all of it; until then its sender has to wait, as TCP makes it.
"""

from __future__ import annotations

import asyncio
import io
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]

SMALL = 256 * 1024
"""Octets up to which a body needs no room of the budget."""

_DISCARDED = 3


class ClientGoneError(Exception):
    """The client went away before its request was complete."""


class Budget:
    """Room for large bodies, given out in the order in which it was asked for; for one event loop.

    Args:
        octets: all there is; nobody may ask for more.
    """

    def __init__(self, octets: int) -> None:
        self._free = octets
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, octets: int) -> None:
        """Wait for room and take it."""
        if self._waiting or octets > self._free:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append((octets, turn))
            await turn
        else:
            self._free -= octets

    def give_back(self, octets: int) -> None:
        """Give room back; who waits longest gets it as soon as it is enough."""
        self._free += octets
        while self._waiting and self._waiting[0][0] <= self._free:
            wanted, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._free -= wanted
                turn.set_result(None)


class BodyReader:
    """Reads the body of one request.

    Args:
        limit: octets that a body may have.
        declared: the Content-Length; None if the request has none.
    """

    def __init__(self, receive: Receive, budget: Budget, limit: int, declared: int | None) -> None:
        self._receive = receive
        self._budget = budget
        self._limit = limit
        self._room = min(limit, declared) if declared is not None else limit
        self._taken = 0

    async def read(self) -> tuple[bytes, bool]:
        """The body; or only the beginning, and False, of a body that has more than `limit` octets.

        What is too much is read and thrown away for a while, because a client that is still sending would
        see a reset instead of the answer.

        Raises:
            ClientGoneError: the client went away.
        """
        message = await self._next()
        if not message.get("more_body") and len(message["body"]) <= self._limit:
            return message["body"], True
        # Not a bytearray: what comes out of it would be a copy.
        body = io.BytesIO()
        octets = body.write(message["body"])
        while message.get("more_body") and octets <= self._limit:
            await self._make_room(octets)
            message = await self._next()
            octets += body.write(message["body"])
        if octets <= self._limit:
            return body.getvalue(), True
        body.truncate(SMALL)
        if message.get("more_body"):
            await self.discard()
        return body.getvalue(), False

    async def discard(self) -> None:
        """Read on and keep nothing, until the end or until it was far too much.

        Raises:
            ClientGoneError: the client went away.
        """
        discarded, more = 0, True
        while more and discarded < _DISCARDED * self._limit:
            message = await self._next()
            discarded += len(message["body"])
            more = message.get("more_body", False)

    def close(self) -> None:
        """The body is not needed any more."""
        taken, self._taken = self._taken, 0
        self._budget.give_back(taken)

    async def _make_room(self, present: int) -> None:
        if present > SMALL and not self._taken:
            await self._budget.take(self._room)
            self._taken = self._room

    async def _next(self) -> dict[str, Any]:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        return message
