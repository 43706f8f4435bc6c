"""Revocation at the SOAP door: at once, on open connections, in resumed TLS sessions, in every process."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digipoort_sim.pki import Authority, client_context
from digipoort_sim.wus import names
from tests.processes import endpoints, serving
from tests.wus.door_kit import RunningDoor, delivery, path_of, running_door, signed
from tests.wus.tls_kit import authority_in, client_folder

AANLEVEREN = names.OPERATIONS["aanleveren"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


def request(folder: Path, more: str = "", *, stub: bool = False) -> bytes:
    """A whole delivery, HTTP and all."""
    raw = signed(AANLEVEREN, delivery(), folder, stub=stub)
    head = f"POST {path_of(AANLEVEREN, stub)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n{more}"
    return f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw


def until_the_end(tls: ssl.SSLSocket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := tls.recv(65536):
            received += part
    return received


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_does_not_outlive_its_certificate(
    door: RunningDoor, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    """A TLS session that was begun with a good certificate gets x110 once that is revoked, or no session."""
    folder = client_folder(door.inner.authority, tmp_path)
    context = client_context(folder)
    context.minimum_version = context.maximum_version = version
    address, sessions = ("127.0.0.1", door.port), []
    for _ in range(2):
        with context.wrap_socket(socket.create_connection(address), server_hostname="localhost") as tls:
            tls.sendall(request(folder, "Connection: close\r\n"))
            assert b"aanleverResponse" in until_the_end(tls)
            sessions.append(tls.session)
    good, held = sessions
    with context.wrap_socket(
        socket.create_connection(address), server_hostname="localhost", session=good
    ) as tls:
        tls.sendall(request(folder, "Connection: close\r\n"))
        assert tls.session_reused
        assert b"aanleverResponse" in until_the_end(tls)
    door.inner.authority.revoke(folder / "client.pem")
    with context.wrap_socket(
        socket.create_connection(address), server_hostname="localhost", session=held
    ) as tls:
        tls.sendall(request(folder))
        assert tls.session_reused
        received = until_the_end(tls)
    assert b"ALS110" in received
    assert b"aanleverResponse" not in received


@pytest.mark.parametrize("stub", [False, True])
def test_open_connections_get_nothing_more(door: RunningDoor, tmp_path: Path, stub: bool) -> None:
    """A request on an open connection gets x110, also when half of it was sent before the revocation."""
    folder = client_folder(door.inner.authority, tmp_path)
    context = client_context(folder)
    idle, busy = (
        context.wrap_socket(socket.create_connection(("127.0.0.1", door.port)), server_hostname="localhost")
        for _ in range(2)
    )
    raw = request(folder, stub=stub)
    with idle, busy:
        busy.sendall(raw[:-100])
        idle.sendall(request(folder, stub=stub))
        first = idle.recv(65536)
        while b"Envelope>" not in first:
            first += idle.recv(65536)
        assert first.startswith(b"HTTP/1.1 200")
        door.inner.authority.revoke(folder / "client.pem")
        busy.sendall(raw[-100:])
        busy.sendall(request(folder, stub=stub))
        idle.sendall(request(folder, stub=stub))
        for connection in (idle, busy):
            received = until_the_end(connection)
            assert b"ALS110" in received
            assert b"aanleverResponse" not in received


@pytest.mark.heavy
def test_every_process_knows_at_once(tmp_path: Path) -> None:
    """With several workers, no connection of any of them is served after `certs revoke` has ended."""
    state = tmp_path / "state"
    with serving(state, "--workers", "3"):
        authority: Authority = authority_in(state)
        folder = client_folder(authority, tmp_path / "client")
        address = urlsplit(endpoints(state)["wus"])
        connections = [
            http.client.HTTPSConnection(
                "localhost", address.port or 0, context=client_context(folder), timeout=20
            )
            for _ in range(12)
        ]
        assert {_status(one, folder) for one in connections} == {200}
        command = [sys.executable, "-m", "digipoort_sim", "certs", "revoke", str(folder / "client.pem")]
        subprocess.run([*command, "--state", str(state)], check=True, timeout=60, capture_output=True)
        assert {_status(one, folder) for one in connections} == {500}
        for one in connections:
            one.close()
            with pytest.raises(OSError, match=r"(?i)alert.certificate.revoked"):
                _status(one, folder)


def _status(connection: http.client.HTTPSConnection, folder: Path) -> int:
    """The HTTP status of a delivery on a connection."""
    raw = signed(AANLEVEREN, delivery(), folder, stub=True)
    connection.request("POST", path_of(AANLEVEREN, True), raw, {"Content-Type": "text/xml"})
    response = connection.getresponse()
    body = response.read()
    assert (b"ALS110" in body) == (response.status == 500)
    return response.status
