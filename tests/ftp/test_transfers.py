"""Uploads and downloads of files: whole, in part, stalled, on a full disk, and many at once."""

from __future__ import annotations

import io
import os
import random
import resource
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.ftp.road import taking
from digipoort_sim.ftp.transfers import buffers, records
from digipoort_sim.ftp.transfers.buffers import PIECE_BYTES, Buffers
from digipoort_sim.ftp.transfers.sending import Sending
from digipoort_sim.ftp.transfers.sink import Sink
from digipoort_sim.store.disk import force
from tests.ftp.conftest import LOON, Door, eventually, loon_name
from tests.ftp.test_tls import refused

CONTENT = bytes(range(251)) * 12_007  # some pieces and a bit
SMALL = b"x" * 20_000


def stored(door: Door, name: str = "x.tmp") -> bytes:
    """What lies in ``/in``."""
    return (door.folder("in") / name).read_bytes()


def offered(door: Door, content: bytes = CONTENT) -> str:
    """A file in ``/out``."""
    (door.folder("out") / "big").write_bytes(content)
    return "/out/big"


# --- what was sent is what arrives


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, len(CONTENT)])
@pytest.mark.parametrize("kind", ["I", "A"])
def test_files_come_and_go_byte_for_byte(door: Door, size: int, kind: str) -> None:
    """Empty, small or larger than a piece of memory: also in ASCII mode, whose reply says so."""
    content = (b"a\r\nb\nc\r" + CONTENT)[:size]
    client = door.open().login()
    assert ("byte for byte" in client.sendcmd(f"TYPE {kind}")) == (kind == "A")
    with client.transfercmd("STOR /in/x.tmp") as connection:
        connection.sendall(content)
        connection.unwrap()  # type: ignore[attr-defined]
    assert client.voidresp().startswith("226")
    assert stored(door) == content
    name = offered(door, content)
    with client.transfercmd(f"RETR {name}") as connection:
        assert read_all(connection) == content
    assert client.voidresp().startswith("226")
    client.quit()


def test_a_download_goes_on_where_it_was_cut_off(door: Door) -> None:
    """REST before RETR gives the rest of the file; beyond its end there is nothing."""
    client = door.open().login()
    parts: list[bytes] = []
    name = offered(door)
    client.retrbinary(f"RETR {name}", parts.append, rest=1_234_567)
    assert b"".join(parts) == CONTENT[1_234_567:]
    assert (
        refused(lambda: client.retrbinary(f"RETR {name}", parts.append, rest=len(CONTENT) + 1))[:3] == "554"
    )
    client.quit()


@pytest.mark.parametrize("hidden", ["SSL_read", "SSL_clear_mode"])
def test_a_pyopenssl_that_hides_openssl_is_only_slower(
    door: Door, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    """Where a function of OpenSSL cannot be reached, pyOpenSSL's own way does."""

    class Rest:
        def __getattr__(self, name: str) -> Any:
            if name == hidden:
                raise AttributeError(name)
            return getattr(records.SSL._lib, name)  # type: ignore[attr-defined]

    monkeypatch.setattr(records, "_lib", Rest())
    client = door.open().login()
    parts: list[bytes] = []
    client.storbinary("STOR /in/x.tmp", io.BytesIO(CONTENT))
    assert stored(door) == CONTENT
    client.retrbinary(f"RETR {offered(door)}", parts.append)
    assert b"".join(parts) == CONTENT
    client.quit()


# --- limits


def test_the_limit_of_size_is_exact(door: Door) -> None:
    """As many bytes as allowed are taken, one more gets 552, and the part goes, which is no delivery ever."""
    limit = PIECE_BYTES + 7
    client = door.open(replace(door.profile, max_file_bytes=limit)).login()
    assert client.storbinary("STOR /in/x.tmp", io.BytesIO(CONTENT[:limit])).startswith("226")
    told = refused(lambda: client.storbinary("STOR /in/x.tmp", io.BytesIO(CONTENT[: limit + 1])))
    assert told.startswith("552")
    assert "its part is removed" in told
    assert client.nlst("/in") == []
    assert client.storbinary("STOR /in/y.tmp", io.BytesIO(CONTENT[: limit - 1])).startswith("226")
    assert client.storbinary("APPE /in/y.tmp", io.BytesIO(b"x")).startswith("226")
    assert refused(lambda: client.storbinary("APPE /in/y.tmp", io.BytesIO(b"x")))[:3] == "552"
    assert client.nlst("/in") == []
    client.quit()


def test_a_file_for_which_in_has_no_room_can_be_resumed(door: Door) -> None:
    """552 as well, but the part stays, no larger than the room was; once there is room it is resumed."""
    client = door.open(replace(door.profile, max_folder_bytes=PIECE_BYTES)).login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(CONTENT[:100_000]))
    told = refused(lambda: client.storbinary("STOR /in/y.tmp", io.BytesIO(CONTENT[:PIECE_BYTES])))
    assert told.startswith("552")
    assert f"room for {PIECE_BYTES - 100_000} bytes" in told
    assert "then resume it" in told
    assert door.events("FTP-QUOTA")
    client.delete("/in/x.tmp")
    size = client.size("/in/y.tmp") or 0
    assert size <= PIECE_BYTES - 100_000
    client.storbinary("STOR /in/y.tmp", io.BytesIO(CONTENT[size:PIECE_BYTES]), rest=size)
    assert (door.folder("in") / "y.tmp").read_bytes() == CONTENT[:PIECE_BYTES]
    client.quit()


def test_no_upload_begins_when_the_disk_is_nearly_full(door: Door) -> None:
    """Where less than min_free_bytes is free, STOR and ALLO get 452 before anything is sent."""
    client = door.open(replace(door.profile, min_free_bytes=1 << 62)).login()
    assert refused(lambda: client.storbinary("STOR /in/x.tmp", io.BytesIO(SMALL))).startswith("452")
    assert refused(lambda: client.voidcmd("ALLO 10")).startswith("452")
    assert door.events("FTP-DISK", 2)
    assert client.nlst("/in") == []
    client.quit()


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """Lets no file of this process grow beyond a size, as a disk that gets full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_gets_full_is_told_and_the_part_stays(
    door: Door, small_disk: Callable[[int], None]
) -> None:
    """When a write fails the client gets 452, what was written can be gone on with, the session lives."""
    content = CONTENT * 4
    client = door.open().login()
    small_disk(8_000_001)
    assert refused(lambda: client.storbinary("STOR /in/x.tmp", io.BytesIO(content))).startswith("452")
    assert door.events("FTP-DISK")
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{loon_name()}")).startswith("553")
    size = client.size("/in/x.tmp") or 0
    assert 0 < size <= 8_000_001
    small_disk(resource.RLIM_INFINITY)
    client.storbinary("STOR /in/x.tmp", io.BytesIO(content[size:]), rest=size)
    assert stored(door) == content
    client.quit()


# --- clients that stop


def test_an_upload_that_stands_still_ends_and_the_session_goes_on(door: Door) -> None:
    """After idle_timeout_seconds without an octet the transfer gets 426."""
    client = door.open(replace(door.profile, idle_timeout_seconds=1)).login()
    client.voidcmd("TYPE I")
    connection = client.transfercmd("STOR /in/x.tmp")
    connection.sendall(SMALL)
    assert refused(client.voidresp).startswith("426")
    assert client.pwd() == "/"
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{loon_name()}")).startswith("553")
    connection.close()
    client.close()


def test_a_download_that_nobody_reads_ends_and_the_session_goes_on(door: Door) -> None:
    """A client that takes nothing more is not waited for either; it sees no good end of TLS."""
    client = door.open(replace(door.profile, idle_timeout_seconds=1)).login()
    client.voidcmd("TYPE I")
    connection: Any = client.transfercmd(f"RETR {offered(door, CONTENT * 8)}")
    assert refused(client.voidresp).startswith("426")
    assert client.pwd() == "/"
    connection.suppress_ragged_eofs = False
    with pytest.raises(OSError, match=r"(?i)eof|reset"):
        read_all(connection)
    client.close()


def read_all(connection: Any) -> bytes:
    """What comes, until the other side says that this is the end."""
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


@pytest.mark.parametrize("hard", [True, False])
def test_a_client_that_goes_away_in_a_download(door: Door, hard: bool) -> None:
    """It gets 426, by a reset of the connection or by a plain end of it, and nothing of it stays open."""
    client = door.open().login()
    client.voidcmd("TYPE I")
    connection = client.transfercmd(f"RETR {offered(door, CONTENT * 8)}")
    connection.recv(1000)
    if hard:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert refused(client.voidresp).startswith("426")
    assert client.pwd() == "/"
    eventually(lambda: nothing_open(door.folder("out") / "big"))
    client.quit()


def nothing_open(path: Path) -> None:
    """Fail as long as this process has the file open."""
    assert str(path) not in {os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}


def test_aborted_transfers_leave_nothing_open(door: Door) -> None:
    """ABOR ends a transfer that is under way, up or down; the part stays, the next transfer is good."""
    client = door.open().login()
    client.voidcmd("TYPE I")
    for command in (f"RETR {offered(door, CONTENT * 8)}", "STOR /in/x.tmp"):
        connection = client.transfercmd(command)
        if command.startswith("STOR"):
            connection.sendall(SMALL)
            eventually(lambda: at_least(door, len(SMALL)))
        client.putcmd("ABOR")
        assert refused(client.getresp).startswith("426")
        assert client.getresp().startswith("226")
        connection.close()
    eventually(lambda: nothing_open(door.folder("in") / "x.tmp"))
    client.storbinary("STOR /in/x.tmp", io.BytesIO(CONTENT))
    assert stored(door) == CONTENT
    client.quit()


def at_least(door: Door, size: int) -> None:
    """Fail as long as the part is smaller."""
    assert (door.folder("in") / "x.tmp").stat().st_size >= size


# --- many at once


def test_sessions_share_the_memory(door: Door) -> None:
    """With a single piece of memory for all, ten transfers at once still all come to their end."""
    client = door.open().login()
    name = offered(door)
    running = door.door._running  # type: ignore[union-attr]
    assert running is not None
    running.loop.buffers = Buffers(1)

    def both(number: int) -> bool:
        mine = door.login()
        parts: list[bytes] = []
        mine.storbinary(f"STOR /in/{number}.tmp", io.BytesIO(CONTENT))
        mine.retrbinary(f"RETR {name}", parts.append)
        mine.quit()
        return stored(door, f"{number}.tmp") == CONTENT == b"".join(parts)

    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(both, range(10)))
    client.quit()


def test_downloads_that_nobody_reads_keep_nobody_waiting(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their memory goes to others, and when their clients go on they get every octet all the same."""
    hand_back, handed = Sending.hand_back, threading.Event()

    def handing_back(channel: Sending) -> None:
        hand_back(channel)
        handed.set()

    monkeypatch.setattr(buffers, "_KEPT_SECONDS", 0.05)
    monkeypatch.setattr(Sending, "hand_back", handing_back)
    client = door.open().login()
    running = door.door._running  # type: ignore[union-attr]
    assert running is not None
    running.loop.buffers = Buffers(4)
    content = random.Random(2).randbytes(16_000_000)
    (door.folder("out") / "large").write_bytes(content)
    lazy = [door.login() for _ in range(4)]
    connections: list[Any] = []
    for number, one in enumerate(lazy):
        one.voidcmd("TYPE I")
        connections.append(one.transfercmd("RETR /out/large", rest=number))
    eventually(lambda: expect_stuck(running.loop.buffers))
    assert client.storbinary("STOR /in/x.tmp", io.BytesIO(CONTENT)).startswith("226")
    assert handed.is_set()
    for number, (one, connection) in enumerate(zip(lazy, connections, strict=True)):
        with connection:
            assert read_all(connection) == content[number:]
        assert one.voidresp().startswith("226")
        one.quit()
    client.quit()


def expect_stuck(memory: Buffers) -> None:
    """Fail as long as one of four pieces is not held, or moves."""
    assert [time.monotonic() - since > 0.2 for since in memory._held.values()] == [True] * 4


def test_a_slow_disk_holds_up_nobody_else(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk takes its time for one upload, and for forcing another one out, a third is delivered."""
    free = threading.Event()
    write = Sink.write

    def slow_write(sink: Sink, data: memoryview) -> None:
        if bytes(data[:4]) == b"slow":
            free.wait(20)
        write(sink, data)

    def slow_force(path: Path) -> None:
        if path.name.startswith("late"):
            free.wait(20)
        force(path)

    monkeypatch.setattr(Sink, "write", slow_write)
    monkeypatch.setattr(taking, "force", slow_force)
    clients = [door.open().login(), door.login(), door.login()]
    clients[1].storbinary("STOR /in/late.tmp", io.BytesIO(LOON))
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(clients[0].storbinary, "STOR /in/x.tmp", io.BytesIO(b"slow" + CONTENT))
        late = pool.submit(clients[1].rename, "/in/late.tmp", f"/in/{loon_name('late')}")
        assert door.upload(clients[2], loon_name("quick")).startswith("250")
        assert door.wait_for(f"{loon_name('quick')}.ontvangst.xml")
        assert not slow.done()
        assert not late.done()
        free.set()
        assert slow.result().startswith("226")
        assert late.result().startswith("250")
    for client in clients:
        client.quit()
