"""The file door under attack: bounces, slow logins, offsets, floods of commands, resets."""

from __future__ import annotations

import contextlib
import ftplib
import io
import logging
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.ftp.conftest import LOON, Door, loon_name

pytestmark = pytest.mark.heavy


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client does may show in the log."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


def delivers(door: Door, aanleverkenmerk: str) -> None:
    """A good client delivers a file and gets its receipt."""
    client = door.login()
    door.upload(client, loon_name(aanleverkenmerk))
    door.wait_for(f"{loon_name(aanleverkenmerk)}.status.xml")
    client.quit()


def refused(client: ftplib.FTP, command: str) -> str:
    """The refusing reply to a command."""
    with pytest.raises(ftplib.error_perm) as raised:
        client.sendcmd(command)
    return str(raised.value)


def test_no_connection_is_ever_made_to_where_a_client_points(door: Door) -> None:
    """PORT and EPRT, to this machine or another, before and after the login, connect to nothing."""
    with socket.create_server(("127.0.0.1", 0)) as target:
        target.settimeout(0.3)
        port = target.getsockname()[1]
        high, low = divmod(port, 256)
        door.open()
        for client in (door.connect(), door.login()):
            for command in (
                f"PORT 127,0,0,1,{high},{low}",
                "PORT 10,0,0,1,0,22",
                "PORT 256,1,1,1,1,1",
                "PORT 1,2,3",
                f"EPRT |1|127.0.0.1|{port}|",
                f"EPRT |2|::1|{port}|",
                "EPRT |1|169.254.169.254|80|",
                "EPRT |1|localhost|99999|",
            ):
                assert refused(client, command).startswith("5")
            client.close()
        with pytest.raises(TimeoutError):
            target.accept()


@pytest.mark.parametrize("beginning", [b"", b"USER ", b"AUTH TLS\r\n", b"AUTH TLS\r\n\x16\x03\x01"])
def test_slow_logins_end(door: Door, beginning: bytes) -> None:
    """Who does not log in within the time for it is sent away, wherever he stopped; others are served."""
    door.open(replace(door.profile, login_timeout_seconds=1, handshake_seconds=1.0))
    with contextlib.ExitStack() as stack:
        held = [
            stack.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=10))
            for _ in range(5)
        ]
        for sock in held:
            sock.sendall(beginning)
        delivers(door, "ref-slow")
        started = time.monotonic()
        for sock in held:
            with contextlib.suppress(ConnectionError):
                while sock.recv(4096):
                    pass
        assert time.monotonic() - started < 8


@pytest.mark.parametrize("offset", ["-1", "99999999999999999999", "1e3", "0x10", "1 2", "", "a"])
def test_offsets_that_are_none(door: Door, offset: str) -> None:
    """An offset that is no number, or far behind the end of a file, writes nothing there."""
    client = door.open().login()
    name = f"/in/{loon_name()}.tmp"
    client.storbinary(f"STOR {name}", io.BytesIO(LOON))
    with contextlib.suppress(ftplib.error_perm, ftplib.error_temp):
        client.sendcmd(f"REST {offset}")
        client.storbinary(f"STOR {name}", io.BytesIO(LOON))
    client.close()
    for file in door.folder("in").iterdir():
        assert file.stat().st_size <= 2 * len(LOON)
    delivers(door, "ref-2")


@pytest.mark.parametrize("command", [b"NOOP\r\n", b"PASV\r\n", b"LIST\r\n", b"X\r\n", b"\r\n", b"A" * 1000])
def test_floods_of_commands(door: Door, command: bytes) -> None:
    """A client that sends commands without end and reads no reply keeps nobody out."""
    client = door.open().login()
    assert client.sock is not None
    client.sock.settimeout(0.5)
    with contextlib.suppress(OSError):
        for _ in range(200):
            client.sock.sendall(command * 100)
    delivers(door, "ref-flood")
    client.close()


def test_resets_at_every_stage(door: Door) -> None:
    """Clients that reset their connection in the greeting, handshake or upload leave nothing behind."""
    door.open()
    for beginning in (b"", b"AUTH TLS\r\n", b"AUTH TLS\r\n\x16\x03\x01\x02\x00"):
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", door.port), timeout=10) as sock:
                sock.sendall(beginning)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for _ in range(3):
        client = door.login()
        data = client.transfercmd(f"STOR /in/{loon_name()}.tmp")
        data.sendall(LOON[:20])
        for sock in (data, client.sock):
            assert sock is not None
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
    delivers(door, "ref-after")
    assert len(door.rooms.office.messages()) == 1
