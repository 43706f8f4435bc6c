"""Servers that do something strange with those who connect."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

from tests.wus.door_kit import RunningDoor


@contextlib.contextmanager
def strange_server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does something strange with each connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), connection:
            serve(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def silent(connection: socket.socket) -> None:
    """Listens and says nothing."""
    while connection.recv(1000):
        pass


def plain_http(connection: socket.socket) -> None:
    """Answers in HTTP without TLS."""
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def dribbled_handshake(connection: socket.socket) -> None:
    """Begins a TLS record that never ends."""
    connection.recv(1000)
    connection.sendall(b"\x16\x03\x03\x3f\xff")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def https(
    door: RunningDoor, answer: bytes, *, ask: bool = True, dribble: bool = False
) -> Callable[..., None]:
    """A server with the door's own certificate that answers every request so."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    paths = door.inner.authority.paths
    context.load_cert_chain(paths.server_chain, paths.server_key)
    context.load_verify_locations(paths.ca_file)
    context.verify_mode = ssl.CERT_OPTIONAL if ask else ssl.CERT_NONE

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65536)
            tls.sendall(answer)
            while dribble:
                tls.sendall(b"x")
                time.sleep(0.05)

    return serve


def http_answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """An answer in HTTP with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
