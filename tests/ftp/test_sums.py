"""The sum in the receipt is that of what was sent, however it came."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.ftp.folders import is_whole
from digipoort_sim.ftp.transfers import sink
from digipoort_sim.ftp.transfers.hashing import Sums
from digipoort_sim.ftp.transfers.sink import Sink, TakenOver
from tests.ftp.conftest import LOON, Door, ReusingFtp, eventually, loon_name
from tests.ftp.test_uploads import cut_off, expect_size

CONTENT = LOON + b"<!--" + bytes(range(48, 58)) * 250_007 + b"-->"
NAME = loon_name()
PART = f"/in/{NAME}.tmp"

Road = Callable[[Door, ReusingFtp], ReusingFtp]


def resumed_at_odd_places(door: Door, client: ReusingFtp) -> ReusingFtp:
    """Cut off three times in one session, and gone on with."""
    cut_off(door, client, PART, CONTENT[:70_001])
    for place in (512 * 1024 + 1, 2_000_003):
        size = client.size(PART) or 0
        cut_off(door, client, PART, CONTENT[size:place], rest=size)
    size = client.size(PART) or 0
    client.storbinary(f"STOR {PART}", io.BytesIO(CONTENT[size:]), rest=size)
    return client


def sent_anew(door: Door, client: ReusingFtp) -> ReusingFtp:
    """Something longer was there before."""
    client.storbinary(f"STOR {PART}", io.BytesIO(b"x" * (len(CONTENT) + 100)))
    client.storbinary(f"STOR {PART}", io.BytesIO(CONTENT))
    return client


def appended_to_a_whole_file(door: Door, client: ReusingFtp) -> ReusingFtp:
    """The first half was complete by itself."""
    client.storbinary(f"STOR {PART}", io.BytesIO(CONTENT[:1_000_001]))
    client.storbinary(f"APPE {PART}", io.BytesIO(CONTENT[1_000_001:]))
    return client


def cut_back(door: Door, client: ReusingFtp) -> ReusingFtp:
    """What lies behind the mark of REST is sent again."""
    client.storbinary(f"STOR {PART}", io.BytesIO(CONTENT[:2_000_000] + b"rubbish"))
    client.storbinary(f"STOR {PART}", io.BytesIO(CONTENT[1_234_567:]), rest=1_234_567)
    return client


def by_two_sessions(door: Door, client: ReusingFtp) -> ReusingFtp:
    """Another session goes on while the first one still sends."""
    client.voidcmd("TYPE I")
    connection = client.transfercmd(f"STOR {PART}")
    connection.sendall(CONTENT[:1_500_000])
    eventually(lambda: expect_size(door, PART, 1_500_000))
    other = door.login()
    other.storbinary(f"STOR {PART}", io.BytesIO(CONTENT[100_001:]), rest=100_001)
    connection.close()
    return other


def through_a_restart(door: Door, client: ReusingFtp) -> ReusingFtp:
    """The server that has the second half never saw the first."""
    cut_off(door, client, PART, CONTENT[:1_100_000])
    door.shut()
    other = door.open().login()
    other.voidcmd("TYPE I")
    size = other.size(PART) or 0
    other.storbinary(f"APPE {PART}", io.BytesIO(CONTENT[size:]))
    return other


def changed_behind_our_back(door: Door, client: ReusingFtp) -> ReusingFtp:
    """Somebody wrote to the file on the server itself."""
    client.storbinary(f"STOR {PART}", io.BytesIO(b"y" * len(CONTENT)))
    (door.folder("in") / f"{NAME}.tmp").write_bytes(CONTENT)
    return client


ROADS: list[Road] = [
    resumed_at_odd_places,
    sent_anew,
    appended_to_a_whole_file,
    cut_back,
    by_two_sessions,
    through_a_restart,
    changed_behind_our_back,
]


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_the_receipt_has_the_sum_of_what_was_sent(door: Door, road: Road) -> None:
    """Whatever was cut off, resumed, overwritten or appended, size and SHA-256 are those of the content."""
    client = road(door, door.open().login())
    assert client.rename(PART, f"/in/{NAME}").startswith("250")
    receipt = etree.fromstring(door.wait_for(f"{NAME}.ontvangst.xml"))
    texts = {etree.QName(element).localname: element.text for element in receipt.iter()}
    assert texts["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert texts["grootte"] == str(len(CONTENT))
    client.close()


def test_what_came_in_is_not_read_again(tmp_path: Path) -> None:
    """The hash that was made on the way is the file's, without a look into it; it survives a renaming."""
    sums, path = Sums(), tmp_path / "x.tmp"
    path.write_bytes(b"12345")
    descriptor = os.open(path, os.O_RDWR)
    sums.keep(descriptor, hashlib.sha256(b"other"))
    os.close(descriptor)
    renamed = path.rename(tmp_path / "y")
    assert sums.of(renamed).sha256 == hashlib.sha256(b"other").hexdigest()
    renamed.write_bytes(b"54321")
    assert sums.of(renamed).sha256 == hashlib.sha256(b"54321").hexdigest()


def test_the_older_of_two_writers_writes_nothing_any_more(tmp_path: Path) -> None:
    """Octets that were still on their way when another session went on are not written over its own."""
    sums, path = Sums(), tmp_path / "x.tmp"
    with path.open("w+b") as file:
        older, newer = (Sink(file.fileno(), 0, sums) for _ in range(2))
        assert older.prepare()
        older.write(memoryview(b"older"))
        assert newer.prepare()
        with pytest.raises(TakenOver):
            older.write(memoryview(b"still"))
        with pytest.raises(TakenOver):
            older.end(whole=True)
        newer.write(memoryview(b"new"))
        newer.end(whole=True)
    assert path.read_bytes() == b"new"
    assert sums.of(path).size == 3


def test_who_was_taken_over_before_it_began_comes_too_late(tmp_path: Path) -> None:
    """The thread of the older may come last: the newer keeps the file and what it wrote, and ends it."""
    sums, path = Sums(), tmp_path / "x.tmp"
    with path.open("w+b") as file:
        older, newer = (Sink(file.fileno(), 0, sums) for _ in range(2))
        assert newer.prepare()
        newer.write(memoryview(b"new"))
        with pytest.raises(TakenOver):
            older.prepare()
        with pytest.raises(TakenOver):
            older.end(whole=False)
        newer.end(whole=True)
    assert path.read_bytes() == b"new"
    assert is_whole(path)


def test_a_hash_that_is_not_ready_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who goes on with a file and is cut off while it is read again leaves no sum of its first part."""
    monkeypatch.setattr(sink, "_REHASH_BYTES", 4)
    sums, path = Sums(), tmp_path / "x.tmp"
    path.write_bytes(b"123456789")
    with path.open("r+b") as file:
        resumed = Sink(file.fileno(), None, sums)
        assert not resumed.prepare()
        resumed.end(whole=False)
    assert sums.of(path).sha256 == hashlib.sha256(b"123456789").hexdigest()


@pytest.mark.parametrize("changed", [b"54321", b"123456"], ids=["same-length", "same-time"])
def test_a_sum_is_that_of_the_file_as_it_was(tmp_path: Path, changed: bytes) -> None:
    """A file of another time or of another length is read again, and never gone on with by its old hash."""
    sums, path = Sums(), tmp_path / "x.tmp"
    path.write_bytes(b"12345")
    moment = path.stat().st_mtime_ns
    with path.open("r+b") as file:
        sums.keep(file.fileno(), hashlib.sha256(b"12345"))
        path.write_bytes(changed)
        later = moment + (1_000_000_000 if len(changed) == 5 else 0)
        os.utime(path, ns=(later, later))
        assert sums.begun(file.fileno()) is None
    assert sums.of(path).sha256 == hashlib.sha256(changed).hexdigest()
