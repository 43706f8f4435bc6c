"""What a connection of the web door puts up with."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

import pytest

from digipoort_sim.web import connection
from tests.web.conftest import House


def talk(house: House, content: bytes) -> bytes:
    """Send bytes and give everything that comes back until the door hangs up."""
    address = urlsplit(house.base)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=10) as sock:
        received = b""
        try:
            sock.sendall(content)
            while chunk := sock.recv(65536):
                received += chunk
        except ConnectionError:
            pass
        return received


def test_an_endless_head_is_cut_off(house: House) -> None:
    """A head without an end is dropped once it is too large."""
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-More: " + b"x" * 1_000_000
    assert b"200" not in talk(house, head)


@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\nHost: local"])
def test_a_slow_head_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    """A connection that says nothing, or stops in the middle of its head, is closed."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.05)
    assert talk(house, beginning) == b""


def test_silent_connections_keep_nobody_out(house: House) -> None:
    """Of very many connections that say nothing the oldest have to go; others are served."""
    address = urlsplit(house.base)
    silent = [
        socket.create_connection((str(address.hostname), address.port or 0), timeout=10) for _ in range(300)
    ]
    try:
        answer = talk(house, b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        with contextlib.suppress(ConnectionResetError):
            assert silent[0].recv(1) == b""
    finally:
        for one in silent:
            one.close()


@pytest.mark.parametrize(
    "content",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"NONSENSE\r\n\r\n",
        b"GET /%zz\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"GET /api/v1/clock HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /messages/%ff%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ],
)
def test_nonsense_gets_a_client_error(house: House, content: bytes) -> None:
    """What is no HTTP, or asks for nonsense, gets a 4xx and never a 5xx."""
    assert talk(house, content).startswith(b"HTTP/1.1 4")
