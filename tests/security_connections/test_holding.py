"""Who holds connections, or breaks them off: others stay served, nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import socket
import ssl
import struct
import subprocess
import time
import warnings
from collections.abc import AsyncIterator, Iterator

import pytest

from digipoort_sim.pki import client_context
from tests.security_connections.kit import (
    DEADLINE,
    PATH,
    XSD,
    answer_to,
    attack,
    connected,
    post,
    serves,
    status_of,
)
from tests.wus.door_kit import RunningDoor, running_door
from tests.wus.tls_kit import with_files

pytestmark = pytest.mark.heavy
GET = b"GET " + XSD + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A door with room for few connections, which waits only shortly."""
    state = tmp_path_factory.mktemp("state")
    with running_door(
        state,
        handshake_timeout_seconds=2,
        request_timeout_seconds=2,
        idle_timeout_seconds=3,
        max_connections=150,
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client does may show in the log."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


@contextlib.asynccontextmanager
async def silent(port: int, count: int) -> AsyncIterator[None]:
    """Connections that never say a word."""
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield
    finally:
        for _, writer in held:
            writer.transport.abort()


@contextlib.asynccontextmanager
async def dripping(port: int, context: ssl.SSLContext, raw: bytes, count: int) -> AsyncIterator[None]:
    """Connections that send a request octet by octet."""

    async def drip() -> None:
        with contextlib.suppress(OSError):
            _, writer = await connected(port, context)
            for octet in raw:
                writer.write(bytes([octet]))
                await asyncio.sleep(0.1)
            await asyncio.sleep(60)

    tasks = [asyncio.create_task(drip()) for _ in range(count)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def latencies(port: int, context: ssl.SSLContext, count: int) -> list[float]:
    """How long a good client waits for each of its answers, each on a connection of its own."""
    waited = []
    for _ in range(count):
        started = time.monotonic()
        assert status_of(await answer_to(port, context, GET)) == 200
        waited.append(time.monotonic() - started)
    return waited


async def test_a_good_client_is_served_among_hundreds_that_hold_connections(door: RunningDoor) -> None:
    """Amid 400 silent connections, 20 slow heads and 20 slow bodies a good client hardly waits."""
    context = client_context(door.folder)
    slow_body = post(b"Content-Length: 500", body=b"x" * 500)
    async with (
        silent(door.port, 400),
        dripping(door.port, context, post(), 20),
        dripping(door.port, context, slow_body, 20),
    ):
        waited = await latencies(door.port, context, 20)
    assert sorted(waited)[10] < 1
    assert max(waited) < 5


async def test_a_flood_beyond_the_limit_keeps_nobody_out(door: RunningDoor) -> None:
    """Of 300 TLS connections at a door for 150 some have to go, and a new client is served."""
    context = client_context(door.folder)
    tries = [connected(door.port, context) for _ in range(300)]
    held = [one for one in await asyncio.gather(*tries, return_exceptions=True) if isinstance(one, tuple)]
    assert len(held) >= 100
    assert max(await latencies(door.port, context, 3)) < 5
    for _, writer in held:
        writer.transport.abort()
    details = {record.event.detail.split(";")[0] for record in door.inner.office.events(kind="tls-refused")}
    assert any(detail.startswith("there are more") for detail in details)


@pytest.mark.parametrize(
    "raw",
    [b"", b"POST /", post(b"Content-Length: 9", body=b"123"), GET.replace(b"close", b"keep-alive")],
    ids=["nothing", "head", "body", "answer"],
)
async def test_resets_at_every_stage(door: RunningDoor, raw: bytes) -> None:
    """A hundred clients that reset their connection in the middle of something leave nothing behind."""
    context = client_context(door.folder)

    async def reset() -> None:
        with contextlib.suppress(OSError):
            _, writer = await connected(door.port, context)
            writer.write(raw)
            await asyncio.sleep(0)
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    for _ in range(4):
        await asyncio.gather(*(reset() for _ in range(25)))
    assert max(await latencies(door.port, context, 1)) < 5
    assert await eventually_empty(door)


@pytest.mark.parametrize("count", [1, 5, 100, 400])
def test_handshakes_that_are_broken_off(door: RunningDoor, count: int) -> None:
    """A client that goes away after some octets of its ClientHello, or sends junk, leaves nothing behind."""
    hello = client_hello()[:count]
    for octets in (hello, hello + b"\xff" * 400, b"\x16\x03\x01\xff\xff" + bytes(count)):
        with socket.create_connection(("127.0.0.1", door.port), timeout=DEADLINE) as sock:
            sock.sendall(octets)
    assert serves(door) < 5


def client_hello() -> bytes:
    """The first flight of a TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    return outgoing.read()


def test_half_closed_connections_get_their_answer_and_end(door: RunningDoor) -> None:
    """A client that says that it will send no more is not waited for, in TLS and in TCP."""
    context = client_context(door.folder)
    for raw in (GET, b"", post(b"Content-Length: 9", body=b"123")):
        with socket.create_connection(("127.0.0.1", door.port), timeout=DEADLINE) as sock:
            held = context.wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=True)
            held.sendall(raw)
            socket.socket.shutdown(held, socket.SHUT_WR)
            started = time.monotonic()
            with contextlib.suppress(OSError):
                while held.recv(65536):
                    pass
            assert time.monotonic() - started < 5
    assert serves(door) < 5


def test_renegotiation_is_refused(door: RunningDoor) -> None:
    """A client that renegotiates its TLS 1.2 session is not served again and again for one handshake."""
    command = [
        "openssl",
        "s_client",
        "-connect",
        f"127.0.0.1:{door.port}",
        "-tls1_2",
        *with_files(door.folder),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        time.sleep(0.5)
        process.stdin.write(b"R\n")
        process.stdin.flush()
        printed = process.communicate(timeout=DEADLINE)[0]
    assert b"RENEGOTIATING" in printed
    assert b"no renegotiation" in printed
    assert serves(door) < 5


def test_tls_is_not_compressed_and_not_old(door: RunningDoor) -> None:
    """No compression (CRIME) is negotiated, and nothing before TLS 1.2."""
    with socket.create_connection(("127.0.0.1", door.port), timeout=DEADLINE) as sock:
        held = client_context(door.folder).wrap_socket(sock, server_hostname="localhost")
        assert held.compression() is None
        held.close()
    old = client_context(door.folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", door.port), timeout=DEADLINE) as sock, pytest.raises(OSError):  # noqa: PT011
        old.wrap_socket(sock, server_hostname="localhost")


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "x-gzip", "identity, gzip"]
)
def test_compressed_bodies_are_refused_unread(door: RunningDoor, coding: str) -> None:
    """A body with a Content-Encoding is refused as it is: no bomb is ever unpacked."""
    bomb = gzip.compress(bytes(10_000_000))
    raw = post(
        b"Content-Type: text/xml",
        b"Content-Encoding: " + coding.encode(),
        b"Connection: close",
        b"Content-Length: %d" % len(bomb),
        body=bomb,
    )
    answer = attack(door, {coding: raw})[coding]
    assert status_of(answer) == 500
    assert b"ALS100" in answer
    assert door.last_event().rule == "HTTP-CONTENT-ENCODING"


def test_compressed_transfers_are_refused(door: RunningDoor) -> None:
    """A compressed Transfer-Encoding is refused with the head already."""
    raw = post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n", path=PATH)
    assert status_of(attack(door, {"x": raw})["x"]) == 400


async def eventually_empty(door: RunningDoor) -> bool:
    """Whether all connections but the kept one are gone soon."""
    connections = door._door._listener._connections
    until = time.monotonic() + DEADLINE
    while len(connections) > 1 and time.monotonic() < until:
        await asyncio.sleep(0.05)
    return len(connections) <= 1
