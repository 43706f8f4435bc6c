"""Who only holds: slow, silent, guessing or greedy clients of the file door keep nobody out."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.ftp.desk import Desk
from tests.ftp.conftest import OIN, Door, eventually, loon_name
from tests.security_connections.file_kit import Raw, delivers, explained, quiet

__all__ = ["explained", "quiet"]
pytestmark = pytest.mark.heavy


@contextlib.contextmanager
def held(port: int, count: int, beginning: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connections that say a little and then nothing."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            with contextlib.suppress(OSError):
                sock.sendall(beginning)
            found.append(sock)
        yield found


@pytest.mark.parametrize("beginning", [b"", b"AUTH TLS\r\n", b"AUTH TLS\r\n\x16\x03\x01\x02\x00", b"USER x"])
def test_silent_connections_at_one_interface_leave_room_at_both(door: Door, beginning: bytes) -> None:
    """All places of the house held at one interface: the oldest who have not logged in make way at both."""
    of_address = 30 if beginning else 1000
    door.open(replace(door.profile, max_connections=40, max_connections_per_address=of_address))
    with held(door.ports["ftp_gb"], 60, beginning), held(door.port, 60, beginning):
        delivers(door, "ref-1")
    rules = {one.event.rule for one in door.rooms.office.events()}
    assert rules & {"FTP-CROWD", "FTP-AUTH-PIPELINED"}


def test_sessions_of_one_account(door: Door) -> None:
    """Beyond max_sessions_per_account a login gets 421; another account of the same address gets in."""
    door.open(replace(door.profile, max_sessions_per_account=2))
    mine = [Raw(door).login() for _ in range(2)]
    late = Raw(door)
    late.say(f"USER {door.user}")
    assert late.say(f"PASS {door.password}").startswith("421 the account has 2 sessions")
    assert late.is_over()
    user, password = Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks).add(OIN)
    other = Raw(door)
    other.say(f"USER {user}")
    assert other.say(f"PASS {password}").startswith("230")
    mine.pop().close()
    eventually(lambda: Raw(door).login().close())
    for one in (*mine, other):
        one.close()


def test_sessions_of_one_address(door: Door) -> None:
    """Beyond max_connections_per_address of logged in sessions, a new connection gets 421 at once."""
    door.open(replace(door.profile, max_connections_per_address=3))
    mine = [Raw(door).login() for _ in range(3)]
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as sock:
        assert sock.recv(200).startswith(b"421 ")
    for one in mine:
        assert one.say("PWD").startswith("257")
        one.close()


def test_guessing_passwords_is_slow_and_tells_nothing(door: Door) -> None:
    """Three guesses a session, each after the delay, whether there is such an account or not."""
    door.open(replace(door.profile, failed_login_delay_seconds=0.3, max_failed_logins=0))
    replies: dict[str, list[str]] = {}
    times: dict[str, float] = {}
    for user in (door.user, "ftp-0000000000"):
        raw = Raw(door)
        started = time.monotonic()
        replies[user] = []
        for _ in range(3):
            replies[user] += [raw.say(f"USER {user}"), raw.say("PASS wrong")]
        times[user] = time.monotonic() - started
        assert raw.is_over()
    first, second = replies.values()
    assert first == second
    assert all(0.9 <= one < 5 for one in times.values()), times


def test_a_flood_of_logins(door: Door) -> None:
    """Fifty sessions that guess at once do not keep the right password out."""
    door.open(replace(door.profile, failed_login_delay_seconds=1.0, max_failed_logins=0))
    guessing = [Raw(door) for _ in range(50)]
    for one in guessing:
        one.send(b"USER ftp-0000000000\r\nPASS a\r\nUSER x\r\nPASS b\r\nUSER y\r\nPASS c\r\n")
    started = time.monotonic()
    delivers(door, "ref-1")
    assert time.monotonic() - started < 15
    for one in guessing:
        one.close()


def test_replies_that_nobody_reads_are_not_kept(door: Door) -> None:
    """Small commands with large replies, never read, end the session: its memory stays bounded."""
    raw = Raw(door.open()).login()
    raw.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.sock.settimeout(5)
    with contextlib.suppress(OSError):
        for _ in range(2000):
            raw.send(b"HELP\r\n" * 50)
    assert door.events("FTP-COMMAND-FLOOD")
    assert door.door is not None
    running = door.door._running
    assert running is not None
    eventually(lambda: nobody(running.desks[0]), 15)
    raw.close()
    delivers(door, "ref-1")


def nobody(desk: Desk) -> None:
    """Fail as long as an interface has a session."""
    assert not desk.sessions


def test_state_that_commands_leave_does_not_grow(door: Door) -> None:
    """A session keeps one REST, one RNFR and one port, however many it asks for; no descriptor is lost."""
    raw = Raw(door.open(replace(door.profile, max_refusals=10_000))).login()
    client = door.login()
    door.folder("in").joinpath("x.tmp").write_bytes(b"x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(200):
        assert raw.say(f"REST {number}").startswith("350")
        assert raw.say("RNFR /in/x.tmp").startswith("350")
        assert raw.say("EPSV").startswith("229")
        assert raw.say("RETR /in/x.tmp").startswith("550") or number == 0
    assert raw.say("ABOR")[:3] in ("225", "226")
    assert len(list(Path(f"/proc/{os.getpid()}/fd").iterdir())) <= before + 3
    client.quit()
    raw.close()


def test_slow_handshakes_on_data_channels(door: Door) -> None:
    """A data channel that begins TLS and never goes on ends with 522; the session goes on."""
    door.open(replace(door.profile, handshake_seconds=0.5))
    raw = Raw(door).login()
    with socket.create_connection(raw.passive(), timeout=10) as channel:
        channel.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert raw.say("STOR /in/x.tmp")[:3] in ("125", "150")
        assert raw.reply().startswith("522")
    assert raw.say("PWD").startswith("257")
    raw.close()


def test_half_uploads_are_no_deliveries(door: Door) -> None:
    """Uploads that were cut off at any point are never delivered, under whatever name they are renamed."""
    door.open()
    for size in (0, 1, 5000):
        raw = Raw(door).login()
        channel = raw.data(raw.passive())
        assert raw.say("STOR /in/half.tmp")[:3] in ("125", "150")
        channel.sendall(b"x" * size)
        channel.close()
        assert raw.reply().startswith("426")
        assert raw.say("RNFR /in/half.tmp").startswith("350")
        assert raw.say(f"RNTO /in/{loon_name('ref-half')}").startswith("553")
        raw.close()
    assert not door.rooms.office.messages()
