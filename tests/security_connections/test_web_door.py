"""The web door under attack: framing tricks, bodies that are large or slow, connections that are held."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from digipoort_sim.web import application
from tests.security_connections.framings import REFUSED
from tests.security_connections.kit import PATH, XSD, count_of, status_of
from tests.web.conftest import House, house, inner

__all__ = ["house", "inner"]
SERVED = b"GET /api/v1/clock HTTP/1.1"
BY_THE_GUARD = ("head second host", "head second content-type", "head second soapaction", "head no host")
"""Framed in one way only: refused by the guard or for their content, as what stands behind them is."""

MANY = {name: raw for name, raw in REFUSED.items() if len(raw) < 60_000}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing in the log, whatever comes."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


def talk(house: House, raw: bytes, seconds: float = 3) -> bytes:
    """What comes back for some octets until the door hangs up or says nothing more."""
    address = urlsplit(house.base)
    answer = b""
    where = (str(address.hostname), address.port or 0)
    with contextlib.suppress(OSError), socket.create_connection(where, timeout=seconds) as sock:
        sock.sendall(raw)
        sock.shutdown(socket.SHUT_WR)
        while part := sock.recv(65536):
            answer += part
    return answer


def serves(house: House) -> bool:
    """Whether a good client is served."""
    with house.client() as client:
        return client.get("/api/v1/clock").status_code == 200


def test_crooked_requests_do_nothing(house: House) -> None:
    """No crooked request is served, and none of those behind them; none of them is a 500."""
    wrong = {}
    for name, raw in MANY.items():
        aimed = raw.replace(XSD, b"/api/v1/clock").replace(PATH, b"/api/v1/clock")
        answer = talk(house, aimed)
        if (
            b" 200 OK" in answer
            or b" 500 " in answer
            or count_of(answer) > (2 if name in BY_THE_GUARD else 1)
        ):
            wrong[name] = answer[:120]
    assert wrong == {}
    assert serves(house)


def test_large_bodies_are_refused(house: House) -> None:
    """A body of more than 64 KiB is refused, announced or in chunks, and not read to its end."""
    with house.client() as client:
        headers = {"Content-Type": "application/json"}
        large = client.post("/api/v1/clock", content=b" " * 70_000, headers=headers)
        assert (large.status_code, large.json()["rule"]) == (413, "BODY-SIZE")
    head = SERVED.replace(b"GET", b"POST") + b"\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = talk(house, head + (b"10000\r\n" + bytes(65536) + b"\r\n") * 100)
    assert status_of(answer) in (0, 413)
    assert serves(house)


def test_slow_bodies_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not arrive in time is refused; meanwhile others are served."""
    monkeypatch.setattr(application, "_BODY_SECONDS", 0.3)
    address = urlsplit(house.base)
    head = SERVED.replace(b"GET", b"POST") + b"\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"
    held = [
        socket.create_connection((str(address.hostname), address.port or 0), timeout=10) for _ in range(60)
    ]
    for sock in held:
        sock.sendall(head)
    assert serves(house)
    for sock in held:
        assert status_of(sock.recv(65536)) == 400
        sock.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost@evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_elsewhere_changes_nothing(house: House, headers: dict[str, str]) -> None:
    """Under a rebound name, or from another page, the clock cannot be moved and nothing is shown."""
    with house.client() as client:
        before = client.get("/api/v1/clock").json()["now"]
        answer = client.post("/api/v1/clock", json={"advance": "400d"}, headers=headers)
        assert answer.status_code == 403
        assert "now" not in answer.text
        after = client.get("/api/v1/clock").json()["now"]
    assert after[:7] == before[:7]
