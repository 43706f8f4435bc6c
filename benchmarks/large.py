"""One large message at a time, over one connection: how long its answer takes and what memory it needs."""

from __future__ import annotations

import socket
import ssl
import statistics
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Large:
    """What large messages cost.

    Attributes:
        seconds: median, from the first byte sent to the last one received.
        peak: MB that the process held at most (RSS), its own weight included.
    """

    seconds: float
    peak: float


def measure(port: int, pid: int, client: Path, requests: list[bytes]) -> Large:
    """Send some large requests, each when the one before it was answered."""
    context = ssl.create_default_context(cafile=str(client / "ca.pem"))
    context.load_cert_chain(client / "client.pem", client / "client.key")
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak counts from now on
    times = []
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as sock,
    ):
        for request in requests:
            began = time.perf_counter()
            sock.sendall(request)
            answer = _answer(sock)
            times.append(time.perf_counter() - began)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(answer[:2000].decode("utf-8", "replace"))
    return Large(statistics.median(times), _peak(pid))


def _answer(sock: ssl.SSLSocket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(sock)
    head = received.partition(b"\r\n\r\n")[0]
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(received) < len(head) + 4 + int(length.partition(b":")[2]):
        received += _some(sock)
    return received


def _some(sock: ssl.SSLSocket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise RuntimeError("the server closed the connection")
    return data


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) / 1024
