"""A delivery that was taken is refused when it comes again: after a kill -9, and at another worker."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from digipoort_sim.pki import client_context
from tests.processes import endpoints, rows, run, serving
from tests.security_connections.kit import AANLEVEREN, PATH, status_of
from tests.wus.door_kit import delivery, signed

pytestmark = pytest.mark.heavy


def post(state: Path, folder: Path, body: bytes) -> bytes:
    """POST a message on a connection of its own."""
    head = b"POST " + PATH + b" HTTP/1.1\r\nHost: l\r\nContent-Type: text/xml\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", endpoints(state)["wus_port"]), timeout=30) as raw:
        sock = client_context(folder).wrap_socket(raw, server_hostname="localhost")
        sock.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = b""
        while part := sock.recv(65536):
            answer += part
        return answer


def test_a_replay_is_refused_by_every_worker_and_after_a_kill(tmp_path: Path) -> None:
    """One message, sent to two workers on ten connections and again after kill -9, is taken once."""
    state, cert, log = tmp_path / "state", tmp_path / "client", tmp_path / "log"
    with serving(state, "--workers", "2", errors=log) as process:
        run("certs", "issue", "--kvk", "30216247", "--out", str(cert), state=state)
        body = signed(AANLEVEREN, delivery(), cert)
        first, *others = [post(state, cert, body) for _ in range(10)]
        assert status_of(first) == 200
        assert all(b"ALS100" in other and b"used before" in other for other in others)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with serving(state, "--workers", "2", errors=log):
        again = [post(state, cert, body) for _ in range(4)]
        assert all(b"ALS100" in answer and b"used before" in answer for answer in again)
        assert len(rows("messages", "list", state=state)) == 1
        refused = rows("events", "list", "--kind", "wus-refused", state=state)
        assert [event["rule"] for event in refused] == ["WSA-REPLAY"] * 13
        assert status_of(post(state, cert, signed(AANLEVEREN, delivery(), cert))) == 200
    assert "Traceback" not in log.read_text()
