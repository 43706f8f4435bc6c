"""Requests that came in one piece are served without a task: with the same answers, in the same order."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

import pytest

from digipoort_sim.wus import names
from digipoort_sim.wus.app import WusApp
from digipoort_sim.wus.at_once import QUICK_URL
from tests.wus.door_kit import RunningDoor, delivery, path_of, running_door, signed, verify_answer

AANLEVEREN = names.OPERATIONS["aanleveren"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door with ordinary settings."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Filled with whether each request that was offered was served at once."""
    seen: list[bool] = []
    serve = WusApp.at_once

    def watching(app: WusApp, *arguments: object) -> bool:
        seen.append(serve(app, *arguments))  # type: ignore[arg-type]
        return seen[-1]

    monkeypatch.setattr(WusApp, "at_once", watching)
    return seen


def _request(door: RunningDoor, number: str, *headers: str, body: bytes | None = None) -> bytes:
    raw = (
        signed(AANLEVEREN, delivery(), door.folder, message_id=f"urn:uuid:{number}") if body is None else body
    )
    lines = [
        f"POST {QUICK_URL.decode()} HTTP/1.1",
        "Host: localhost",
        "Content-Type: text/xml; charset=utf-8",
        f"Content-Length: {len(raw)}",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + raw


def _connect(door: RunningDoor) -> ssl.SSLSocket:
    connection = door.connect()
    connection.connect()
    assert isinstance(connection.sock, ssl.SSLSocket)
    return connection.sock


def _answer(sock: ssl.SSLSocket) -> tuple[int, dict[str, str], str]:
    response = http.client.HTTPResponse(sock)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return response.status, headers, response.read().decode()


def test_in_one_piece_and_in_many(tmp_path_factory: pytest.TempPathFactory, taken: list[bool]) -> None:
    """A request in one record is served at once, one in two is not; head and answer are alike."""
    with running_door(tmp_path_factory.mktemp("state")) as door, _connect(door) as sock:
        sock.sendall(_request(door, "whole"))
        whole = _answer(sock)
        assert taken == [True]
        raw = _request(door, "halves")
        sock.sendall(raw[:2000])
        sock.sendall(raw[2000:])
        halves = _answer(sock)
        assert whole[0] == halves[0] == 200
        assert list(whole[1]) == list(halves[1])
        assert "urn:uuid:whole" in whole[2]
        assert "urn:uuid:halves" in halves[2]


def test_pipelined_requests_are_answered_in_their_order(door: RunningDoor) -> None:
    """Three requests in one piece get their three answers, the first one first."""
    with _connect(door) as sock:
        sock.sendall(b"".join(_request(door, f"pipelined-{number}") for number in range(3)))
        for number in range(3):
            status, _, text = _answer_from(sock)
            assert status == 200
            assert f"urn:uuid:pipelined-{number}" in text


def _answer_from(sock: ssl.SSLSocket) -> tuple[int, dict[str, str], str]:
    """One answer of several, so that nothing behind it is read."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    body = b""
    while len(body) < int(headers["content-length"]):
        body += sock.recv(int(headers["content-length"]) - len(body))
    return int(lines[0].split()[1]), headers, body.decode()


@pytest.mark.parametrize("header", ["Connection: close", "Expect: 100-continue"])
def test_what_is_not_ordinary_goes_the_other_way(door: RunningDoor, header: str) -> None:
    """Requests that end their connection, or that expect to be asked on, are answered as ever."""
    with _connect(door) as sock:
        sock.sendall(_request(door, header.replace(" ", ""), header))
        if header.startswith("Expect"):
            assert sock.recv(100).startswith(b"HTTP/1.1 100")
        status, headers, _ = _answer_from(sock)
        assert status == 200
        assert headers.get("connection") == ("close" if header.endswith("close") else None)


def test_refusals_and_replays(door: RunningDoor) -> None:
    """A message that is refused, before or at its commit, gets its fault and its event; then all goes on."""
    raw = signed(AANLEVEREN, delivery(), door.folder, message_id="urn:uuid:once")
    answers = [door.post(path_of(AANLEVEREN), raw) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 500]
    assert door.last_event().rule == "WSA-REPLAY"
    changed = door.post(path_of(AANLEVEREN), raw.replace(b"Happyflow", b"Sadflow"))
    assert changed.fault[0] in ("ALS100", "ALS110")
    assert door.last_event().rule == "WSS-DIGEST"
    good = door.call(AANLEVEREN, delivery())
    assert good.status == 200
    verify_answer(good, door.inner.authority.paths.service_certificate)


def test_a_client_that_leaves_before_its_answer(door: RunningDoor) -> None:
    """A message is stored although its sender has gone; others are served."""
    with _connect(door) as sock:
        sock.sendall(_request(door, "gone"))
    assert door.call(AANLEVEREN, delivery(), message_id="urn:uuid:after").status == 200
    replayed = door.call(AANLEVEREN, delivery(), message_id="urn:uuid:gone")
    assert replayed.status == 500
    assert door.last_event().rule == "WSA-REPLAY"
