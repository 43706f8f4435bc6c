"""Faults on demand in mid-transfer: what the client sees, what is left, and that it can go on from there."""

from __future__ import annotations

import ftplib
import hashlib
import io
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digipoort_sim.exchange.file_faults import RULE
from tests.ftp.conftest import OIN, Door, ReusingFtp, eventually
from tests.ftp.test_delivering import fields
from tests.ftp.test_faults import struck
from tests.ftp.test_tls import refused

BIG = hashlib.shake_256(b"file").digest(300_000)
TEST_NAME = "TEST_big-1_00000099000000006000.txt"
"""Content that nobody reads, for the stub."""

Gone = (ssl.SSLError, OSError, EOFError, *ftplib.all_errors)


def put(client: ReusingFtp, name: str = TEST_NAME, rest: int | None = None) -> str:
    """Upload under the temporary name, from a place on if it is to be resumed."""
    return client.storbinary(f"STOR /in/{name}.tmp", io.BytesIO(BIG[rest or 0 :]), rest=rest)


def get(client: ReusingFtp, got: bytearray, rest: int | None = None) -> str:
    """Download the note, from a place on if it is to be resumed."""
    return client.retrbinary("RETR /out/note.bin", got.extend, rest=rest)


def broken(client: ReusingFtp, call: Callable[[], object]) -> str:
    """The reply to a transfer whose connection broke; ftplib stumbles over the missing goodbye of TLS."""
    try:
        return refused(call)
    except ssl.SSLError:
        return refused(client.voidresp)


def with_note(door: Door) -> ReusingFtp:
    """A client that has something to fetch."""
    client = door.open().login()
    (door.folder("out") / "note.bin").write_bytes(BIG)
    return client


def delivered(door: Door, client: ReusingFtp) -> str:
    """Rename to the final name; gives the checksum of what arrived, once."""
    assert client.rename(f"/in/{TEST_NAME}.tmp", f"/in/{TEST_NAME}").startswith("250")
    receipt = fields(door.wait_for(f"{TEST_NAME}.ontvangst.xml"))
    assert len(door.rooms.office.messages()) == 1
    return receipt["sha256"]


def test_an_upload_breaks_and_is_resumed(door: Door) -> None:
    """426 after exactly so many bytes, which are kept; REST goes on there, and what arrives is whole."""
    client = door.open().login()
    fault = door.rooms.file_faults.add("426", command="STOR", after_bytes=100_000)
    reply = refused(lambda: put(client))
    assert reply.startswith("426")
    assert f"asked for: fault {fault.id}" in reply
    assert (door.folder("in") / f"{TEST_NAME}.tmp").read_bytes() == BIG[:100_000]
    assert refused(lambda: client.rename(f"/in/{TEST_NAME}.tmp", f"/in/{TEST_NAME}")).startswith("553")
    assert put(client, rest=100_000).startswith("226")
    assert delivered(door, client) == hashlib.sha256(BIG).hexdigest()
    assert "100000 bytes" in struck(door)[0]
    client.quit()


def test_a_download_breaks_and_is_resumed(door: Door) -> None:
    """The client has exactly so many bytes, then 426; REST brings the rest."""
    client = with_note(door)
    door.rooms.file_faults.add("426", command="RETR", after_bytes=100_000)
    got = bytearray()
    assert broken(client, lambda: get(client, got)).startswith("426")
    assert bytes(got) == BIG[:100_000]
    assert get(client, got, rest=len(got)).startswith("226")
    assert bytes(got) == BIG
    assert len(struck(door)) == 1
    client.quit()


def test_a_broken_download_has_no_goodbye_of_tls(door: Door) -> None:
    """Who waits for close_notify knows that it is not the end, without the reply."""
    client = with_note(door)
    client.voidcmd("TYPE I")
    door.rooms.file_faults.add("426", command="RETR", after_bytes=1000)
    connection, _ = client.ntransfercmd("RETR /out/note.bin")
    connection.suppress_ragged_eofs = False
    with pytest.raises(ssl.SSLEOFError):
        all(iter(lambda: connection.recv(65536), b""))
    connection.close()
    assert refused(client.voidresp).startswith("426")
    client.close()


@pytest.mark.parametrize("command", ["STOR", "RETR"])
def test_both_connections_are_reset(door: Door, command: str) -> None:
    """No reply comes any more; a new session goes on where the old one was."""
    client = with_note(door)
    door.rooms.file_faults.add("reset", command=command, after_bytes=50_000)
    got = bytearray()
    with pytest.raises(Gone):
        put(client) if command == "STOR" else get(client, got)
    with pytest.raises(Gone):
        client.voidcmd("NOOP")
    client.close()
    assert len(struck(door)) == 1
    again = door.login()
    if command == "STOR":
        kept = eventually(lambda: (door.folder("in") / f"{TEST_NAME}.tmp").read_bytes())
        assert kept == BIG[:50_000]
        put(again, rest=50_000)
        assert delivered(door, again) == hashlib.sha256(BIG).hexdigest()
    else:
        assert len(got) <= 50_000
        get(again, got, rest=len(got))
        assert bytes(got) == BIG
    again.quit()


@pytest.mark.parametrize("command", ["STOR", "RETR"])
def test_a_transfer_stands_still_and_goes_on(door: Door, command: str) -> None:
    """Nothing moves for as long as was asked for; then all of it arrives."""
    client, got = with_note(door), bytearray()
    door.rooms.file_faults.add("stall", command=command, after_bytes=1000, seconds=0.5)
    began = time.monotonic()
    assert (put(client) if command == "STOR" else get(client, got)).startswith("226")
    assert 0.5 <= time.monotonic() - began < 10
    if command == "STOR":
        assert (door.folder("in") / f"{TEST_NAME}.tmp").read_bytes() == BIG
    else:
        assert bytes(got) == BIG
    assert len(struck(door)) == 1
    client.quit()


def test_a_transfer_stands_still_until_the_client_loses_patience(door: Door) -> None:
    """Without an end, the client's own timeout ends it; the server is as before."""
    client = with_note(door)
    door.rooms.file_faults.add("stall", command="RETR", after_bytes=1000)
    client.timeout = 0.5
    with pytest.raises(TimeoutError):
        get(client, bytearray())
    client.close()
    again, got = door.login(), bytearray()
    assert get(again, got).startswith("226")
    assert bytes(got) == BIG
    again.quit()


@pytest.mark.parametrize("command", ["STOR", "RETR"])
def test_a_transfer_is_slow_but_costs_nothing(door: Door, command: str) -> None:
    """So many bytes a second, all of them in the end; the server sleeps meanwhile."""
    client, got = with_note(door), bytearray()
    door.rooms.file_faults.add("throttle", command=command, bytes_per_second=400_000)
    began, used = time.monotonic(), time.process_time()
    assert (put(client) if command == "STOR" else get(client, got)).startswith("226")
    assert time.monotonic() - began >= 0.6
    assert time.process_time() - used < 0.5
    assert command == "STOR" or bytes(got) == BIG
    assert client.size(f"/in/{TEST_NAME}.tmp") == len(BIG) if command == "STOR" else True
    assert len(struck(door)) == 1
    client.quit()


def test_others_are_not_slowed_down(door: Door) -> None:
    """While one transfer crawls, those of another session go at full speed."""
    slow, quick = with_note(door), door.login()
    door.rooms.file_faults.add("throttle", bytes_per_second=1000)
    slow.voidcmd("TYPE I")
    crawling, _ = slow.ntransfercmd("RETR /out/note.bin")
    assert crawling.recv(1)
    got = bytearray()
    began = time.monotonic()
    assert get(quick, got).startswith("226")
    assert (bytes(got), time.monotonic() - began < 5) == (BIG, True)
    crawling.close()
    slow.close()
    quick.quit()


def test_a_listing_ends_in_the_middle(door: Door) -> None:
    """Its end is missing though the reply is 226; the next one is whole. 426 can be had as well."""
    client = with_note(door)
    names = [f"note-{number}.bin" for number in range(9)]
    for name in names:
        (door.folder("out") / name).write_bytes(b"x")
    faults = door.rooms.file_faults
    faults.add("cut-listing", after_bytes=25)
    assert sum(len(line) + 2 for line in client.nlst("/out")) in range(20, 30)
    assert len(client.nlst("/out")) == 10
    faults.add("426", command="LIST", after_bytes=25)
    assert broken(client, lambda: client.nlst("/out")).startswith("426")
    assert len(client.nlst("/out")) == 10
    assert len(struck(door, 2)) == 2
    client.quit()


def test_a_transfer_that_is_too_short_is_not_struck(door: Door) -> None:
    """A fault waits for a transfer that comes so far."""
    client = door.open().login()
    fault = door.rooms.file_faults.add("426", after_bytes=len(BIG) + 1)
    assert put(client).startswith("226")
    assert [(one.id, one.hits) for one in door.rooms.file_faults.list()] == [(fault.id, 0)]
    client.quit()


def test_two_sessions_share_one_fault(door: Door) -> None:
    """A fault that strikes once strikes one of two transfers that were under way when it did."""
    first, second = with_note(door), door.login()
    door.rooms.file_faults.add("426", command="RETR", after_bytes=200_000)
    first.voidcmd("TYPE I"), second.voidcmd("TYPE I")
    outcomes = []
    channels = [client.ntransfercmd("RETR /out/note.bin")[0] for client in (first, second)]
    for client, channel in zip((first, second), channels, strict=True):
        while channel.recv(65536):
            pass
        channel.close()
        outcomes.append(client.getmultiline()[:3])
    assert sorted(outcomes) == ["226", "426"]
    assert [one.event.code for one in door.events(RULE)] == ["426"]
    first.close()
    second.close()


@pytest.mark.heavy
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_curl_resumes_after_a_break(door: Door, tmp_path: Path) -> None:
    """curl sees its upload break (exit code 55 or 56 or 18), and goes on with --continue-at -."""
    door.open().rooms.file_faults.add("426", command="STOR", after_bytes=100_000)
    files, source = door.client_files(OIN), tmp_path / "big"
    source.write_bytes(BIG)
    command = [
        *(
            "curl",
            "-sS",
            "--ssl-reqd",
            "--cacert",
            str(files / "ca.pem"),
            "--cert",
            str(files / "client.pem"),
        ),
        *("--key", str(files / "client.key"), "-u", f"{door.user}:{door.password}", "-T", str(source)),
        f"ftp://localhost:{door.port}/in/{TEST_NAME}.tmp",
    ]
    broken = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert broken.returncode in (18, 55, 56), broken
    again = subprocess.run([*command, "-C", "-"], capture_output=True, text=True, timeout=60, check=False)
    assert (again.returncode, again.stderr) == (0, "")
    client = door.login()
    assert delivered(door, client) == hashlib.sha256(BIG).hexdigest()
    client.quit()


@pytest.mark.heavy
@pytest.mark.skipif(shutil.which("lftp") is None, reason="lftp is not there")
def test_lftp_gets_over_several_faults(door: Door, tmp_path: Path) -> None:
    """Too busy, and a reset in the upload: lftp retries by itself, and the file arrives whole, once."""
    faults = door.open().rooms.file_faults
    faults.add("421")
    faults.add("reset", command="STOR", after_bytes=50_000)
    files, source = door.client_files(OIN), tmp_path / "big"
    source.write_bytes(BIG)
    script = (
        f"set ftp:ssl-force true; set ftp:ssl-protect-data true; set ssl:ca-file {files}/ca.pem; "
        f"set ssl:cert-file {files}/client.pem; set ssl:key-file {files}/client.key; "
        "set net:reconnect-interval-base 1; set net:reconnect-interval-multiplier 1; "
        "set net:max-retries 9; set net:timeout 10; "
        f"open -u {door.user},{door.password} -p {door.port} localhost; "
        f"put -c {source} -o /in/{TEST_NAME}.tmp; mv /in/{TEST_NAME}.tmp /in/{TEST_NAME}"
    )
    done = subprocess.run(["lftp", "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done
    receipt = fields(door.wait_for(f"{TEST_NAME}.ontvangst.xml"))
    assert receipt["sha256"] == hashlib.sha256(BIG).hexdigest()
    assert len(door.rooms.office.messages()) == len(struck(door, 2)) - 1 == 1
