"""Attackers: raw octets over real TLS, and what must hold after each attack."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from pathlib import Path

from digipoort_sim.pki import client_context
from digipoort_sim.wus.names import OPERATIONS
from tests.wus.door_kit import RunningDoor, path_of

AANLEVEREN = OPERATIONS["aanleveren"]
PATH = path_of(AANLEVEREN).encode()
XSD = b"/cpl/digipoort-koppelvlak-1.2.xsd"
SMUGGLED = b"GET " + XSD + b" HTTP/1.1\r\nHost: smuggled\r\n\r\n"
"""Would be answered with 200 if it were taken for a request of its own."""

DEADLINE = 10.0
"""Seconds after which an attack counts as a hang."""


async def connected(port: int, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TLS connection that presents a good certificate."""
    return await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")


async def answer_to(port: int, context: ssl.SSLContext, raw: bytes) -> bytes:
    """All that comes back for some octets until the door hangs up; TimeoutError if it never does."""
    async with asyncio.timeout(DEADLINE):
        reader, writer = await connected(port, context)
        answer = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            writer.write(raw)
            while part := await reader.read(65536):
                answer += part
        writer.close()
        return answer


async def answers_to(port: int, folder: Path, attacks: dict[str, bytes]) -> dict[str, bytes]:
    """The answers to many attacks at once, each on its own connection."""
    context = client_context(folder)
    room = asyncio.Semaphore(40)

    async def one(raw: bytes) -> bytes:
        async with room:
            return await answer_to(port, context, raw)

    found = await asyncio.gather(*(one(raw) for raw in attacks.values()))
    return dict(zip(attacks, found, strict=True))


def attack(door: RunningDoor, attacks: dict[str, bytes]) -> dict[str, bytes]:
    """`answers_to` for a door in this process."""
    return asyncio.run(answers_to(door.port, door.folder, attacks))


def status_of(answer: bytes) -> int:
    """The HTTP status of the first answer; 0 if there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def serves(door: RunningDoor) -> float:
    """Have a good client ask something on a new connection; gives how many seconds that took."""
    started = time.monotonic()
    connection = door.connect()
    try:
        connection.request("GET", XSD.decode())
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
    finally:
        connection.close()
    return time.monotonic() - started


def post(*headers: bytes, body: bytes = b"", path: bytes = PATH, line: bytes = b"") -> bytes:
    """A POST with exactly these header lines besides Host."""
    start = line or b"POST " + path + b" HTTP/1.1"
    return b"\r\n".join((start, b"Host: localhost", *headers, b"", b"")) + body


def count_of(answer: bytes) -> int:
    """How many answers there are."""
    return len(re.findall(rb"HTTP/1\.1 \d{3} ", answer))
