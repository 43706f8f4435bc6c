"""A load of ready-made requests over keep-alive mutual TLS, from one process without threads."""

from __future__ import annotations

import json
import pickle
import selectors
import socket
import ssl
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path

_SEND_BUFFER = 4 * 1024 * 1024


@dataclass(frozen=True)
class Result:
    """What a load saw.

    Attributes:
        cpu_seconds: processor time of the load itself.
        p50, p99: milliseconds from the first byte sent to the last one received.
    """

    answers: int
    refused: int
    seconds: float
    cpu_seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


@dataclass
class _Line:
    sock: ssl.SSLSocket
    began: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    needed: int = 0


def run(port: int, context: ssl.SSLContext, requests: list[bytes], connections: int) -> Result:
    """Send all requests, each connection one at a time, and wait for all answers."""
    queue = deque(requests)
    lines = [_connect(port, context) for _ in range(connections)]
    times: list[float] = []
    refused = 0
    selector = selectors.DefaultSelector()
    cpu, start = time.process_time(), time.perf_counter()
    for line in lines:
        selector.register(line.sock, selectors.EVENT_READ, line)
        _send(line, queue)
    while len(times) < len(requests):
        for key, _ in selector.select():
            line = key.data
            if not _receive(line):
                continue
            times.append(time.perf_counter() - line.began)
            refused += not line.received.startswith(b"HTTP/1.1 200")
            if queue:
                _send(line, queue)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    for line in lines:
        line.sock.close()
    times.sort()
    return Result(
        len(times), refused, seconds, cpu, 1000 * times[len(times) // 2], 1000 * times[len(times) * 99 // 100]
    )


def _connect(port: int, context: ssl.SSLContext) -> _Line:
    raw = socket.create_connection(("127.0.0.1", port), timeout=30)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    sock = context.wrap_socket(raw, server_hostname="localhost")
    sock.setblocking(False)
    return _Line(sock)


def _send(line: _Line, queue: deque[bytes]) -> None:
    data = queue.popleft()
    line.received.clear()
    line.needed = 0
    line.began = time.perf_counter()
    # One request fits the socket's buffer; a partial write would be a benchmark of something else.
    if line.sock.send(data) != len(data):
        raise RuntimeError("a request did not fit the socket's buffer")


def _receive(line: _Line) -> bool:
    while True:
        try:
            data = line.sock.recv(65536)
        except ssl.SSLWantReadError:
            return False
        if not data:
            raise RuntimeError("the server closed a connection")
        line.received += data
        if not line.needed:
            head, found, _ = bytes(line.received).partition(b"\r\n\r\n")
            if not found:
                continue
            length = next(h for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:"))
            line.needed = len(head) + 4 + int(length.partition(b":")[2])
        if len(line.received) >= line.needed:
            return True


def main() -> None:
    """Run as a process: port, folder of the client, file of requests, connections; prints the result."""
    port, folder, file, connections = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    requests = pickle.loads(file.read_bytes())
    print(json.dumps(asdict(run(port, context, requests, connections))))


if __name__ == "__main__":
    main()
