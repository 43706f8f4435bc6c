"""Bodies of requests are read within a budget of memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from digipoort_sim.wus.bodies import SMALL, BodyReader, Budget, ClientGoneError

LIMIT = 4 * SMALL


def received(*pieces: bytes) -> Any:
    """An ASGI receive that gives these pieces, and then the end of the connection."""
    messages = [
        {"type": "http.request", "body": piece, "more_body": piece is not pieces[-1]} for piece in pieces
    ]
    waiting = iter([*messages, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(waiting)

    return receive


def reader(budget: Budget, *pieces: bytes, declared: int | None = None) -> BodyReader:
    """A reader of these pieces."""
    return BodyReader(received(*pieces), budget, LIMIT, declared)


async def test_a_body_is_whole_up_to_the_limit() -> None:
    """A body of the limit is given whole, of one octet more only the beginning is."""
    budget = Budget(LIMIT)
    for pieces in ((bytes(LIMIT),), (bytes(SMALL), *[bytes(LIMIT - SMALL)], b"")):
        exact = reader(budget, *pieces)
        assert await exact.read() == (bytes(LIMIT), True)
        exact.close()
    for pieces in ((bytes(LIMIT + 1),), (bytes(LIMIT), b"x", b"y")):
        more = reader(budget, *pieces)
        body, whole = await more.read()
        assert (len(body), whole) == (SMALL, False)
        more.close()


async def test_large_bodies_wait_for_room() -> None:
    """With room for one, the second large body is read when the first is done; small ones never wait."""
    budget = Budget(LIMIT)
    first, second = (reader(budget, bytes(SMALL + 1), b"x", declared=LIMIT) for _ in range(2))
    await first.read()
    waiting = asyncio.create_task(second.read())
    await asyncio.sleep(0)
    assert await reader(budget, b"a", b"b").read() == (b"ab", True)
    assert not waiting.done()
    first.close()
    assert (await waiting)[1]


async def test_room_is_given_back_once() -> None:
    """Closing twice, or without having taken room, gives nothing away."""
    budget = Budget(LIMIT)
    one = reader(budget, bytes(SMALL + 1), b"x")
    await one.read()
    one.close()
    one.close()
    reader(budget, b"a").close()
    holder = reader(budget, bytes(SMALL + 1), b"x")
    await holder.read()
    waiting = asyncio.create_task(reader(budget, bytes(SMALL + 1), b"x").read())
    await asyncio.sleep(0)
    assert not waiting.done()
    holder.close()
    await waiting


async def test_a_client_that_goes_away() -> None:
    """The end of the connection in mid-body is told."""
    with pytest.raises(ClientGoneError):
        await BodyReader(received(), Budget(1), LIMIT, None).read()
