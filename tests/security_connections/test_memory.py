"""Bounded memory and time: what is too large, at a real server process."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from digipoort_sim.pki import client_context
from tests.processes import endpoints, rows, run, serving
from tests.security_connections.kit import AANLEVEREN, PATH, status_of
from tests.wus.door_kit import delivery, signed

pytestmark = pytest.mark.heavy
MIB = 1024 * 1024
HEAD = b"POST " + PATH + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nConnection: close\r\n"


@dataclass(frozen=True)
class Server:
    """A server in a process of its own, and a good client."""

    process: int
    state: Path
    folder: Path
    log: Path

    def memory(self) -> int:
        """The most memory that it ever had, in MiB."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.process}/status").read_text())
        assert found is not None
        return int(found[1]) // 1024

    def send(self, head: bytes, pieces: Iterator[bytes]) -> tuple[bytes, int]:
        """Send a request piece by piece until the door answers; gives the answer and how much was sent."""
        sent = 0
        context = client_context(self.folder)
        port = endpoints(self.state)["wus_port"]
        with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
            sock = context.wrap_socket(raw, server_hostname="localhost")
            with contextlib.suppress(OSError):
                sock.sendall(head + b"\r\n")
                for piece in pieces:
                    sock.sendall(piece)
                    sent += len(piece)
            answer = b""
            with contextlib.suppress(OSError):
                while part := sock.recv(65536):
                    answer += part
            return answer, sent

    def post(self, body: bytes) -> bytes:
        """POST a message."""
        view = (body[at : at + MIB] for at in range(0, len(body), MIB))
        return self.send(HEAD + b"Content-Length: %d\r\n" % len(body), view)[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with ordinary settings; it must write nothing to its log."""
    folder = tmp_path_factory.mktemp("server")
    state, cert, log = folder / "state", folder / "client", folder / "log"
    with serving(state, errors=log) as process:
        run("certs", "issue", "--kvk", "30216247", "--out", str(cert), state=state)
        yield Server(process.pid, state, cert, log)
        assert rows("events", "list", "--kind", "job-failed", state=state) == []
    assert log.read_text() == ""


def content(octets: int) -> str:
    """A content of so many octets, as base64."""
    return base64.b64encode(bytes(octets)).decode()


def test_one_octet_too_much(server: Server) -> None:
    """A content of 20 MiB is taken, one of an octet more is ALS160; a request beyond 64 MiB too."""
    taken = server.post(signed(AANLEVEREN, delivery(inhoud=content(20 * MIB)), server.folder))
    assert status_of(taken) == 200, taken[:2000]
    refused = server.post(signed(AANLEVEREN, delivery(inhoud=content(20 * MIB + 1)), server.folder))
    assert b"ALS160" in refused, refused[:2000]
    assert b"ALS160" in server.post(b" " * (64 * MIB + 1))
    assert server.memory() < 400


def test_an_endless_stream(server: Server) -> None:
    """Of 500 MB in chunks, or announced, only a part is read, and none of it stays in memory."""
    piece = b"100000\r\n" + bytes(MIB) + b"\r\n"
    for head, part in (
        (b"Transfer-Encoding: chunked\r\n", piece),
        (b"Content-Length: 500000000\r\n", bytes(MIB)),
    ):
        answer, sent = server.send(HEAD + head, (part for _ in range(476)))
        assert b"ALS160" in answer or status_of(answer) == 413 or not answer
        assert sent > 64 * MIB
    assert server.memory() < 400


def test_many_large_requests_at_once(server: Server) -> None:
    """Nine requests of 60 MB at once all get their answer, and a good client among them hardly waits."""
    insides = (b"x", b"<b/>", b"<b c='d'>") * 3
    answers: list[bytes] = []

    def post(inside: bytes) -> None:
        answers.append(server.post(b"<a>" + inside * (60_000_000 // len(inside))))

    threads = [threading.Thread(target=post, args=(inside,)) for inside in insides]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    started = time.monotonic()
    good = server.post(signed(AANLEVEREN, delivery(), server.folder))
    waited = time.monotonic() - started
    for thread in threads:
        thread.join(60)
    assert status_of(good) == 200
    assert waited < 15
    assert len(answers) == len(insides)
    assert all(b"ALS1" in answer for answer in answers), [answer[:200] for answer in answers]
    assert server.memory() < 900


def test_the_server_is_well_after_it_all(server: Server) -> None:
    """A good client is served as before."""
    with (
        pytest.raises(ssl.SSLError),
        socket.create_connection(("127.0.0.1", endpoints(server.state)["wus_port"]), timeout=10) as raw,
    ):
        ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
    assert status_of(server.post(signed(AANLEVEREN, delivery(), server.folder))) == 200
