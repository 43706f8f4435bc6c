"""Uploads that do not go as they should."""

from __future__ import annotations

import contextlib
import ftplib
import io
import socket
import struct
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from digipoort_sim.ftp.folders import Folders
from tests.ftp.conftest import LOON, Door, ReusingFtp, eventually, loon_name
from tests.ftp.test_tls import refused

BIG = LOON + b"<!--" + b"x" * 300_000 + b"-->"


def cut_off(door: Door, client: ReusingFtp, name: str, part: bytes, rest: int = 0) -> str:
    """Send a part of a file and go away without close_notify, as a killed client does; gives the reply."""
    client.voidcmd("TYPE I")
    connection: Any = client.transfercmd(f"STOR {name}", rest or None)
    connection.sendall(part)
    eventually(lambda: expect_size(door, name, rest + len(part)))
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()
    return refused(client.voidresp)


def expect_size(door: Door, name: str, size: int) -> None:
    """Fail as long as the file has not this size; the last few KB stand in a buffer."""
    found = (door.folder("in") / name.rpartition("/")[2]).stat().st_size
    assert found > size - 20_000


def expect_stored(door: Door, name: str, content: bytes) -> None:
    """Fail as long as the file has not this content."""
    assert (door.folder("in") / name).read_bytes() == content


def test_an_upload_without_close_notify_is_not_complete_and_can_be_resumed(door: Door) -> None:
    """A killed upload gets 426, its part stays and cannot be delivered; after REST it is the whole file."""
    client = door.open().login()
    temporary = f"/in/{loon_name()}.tmp"
    assert cut_off(door, client, temporary, BIG[:200_000]).startswith("426")
    assert door.events("FTP-CLOSE-NOTIFY")
    assert refused(lambda: client.rename(temporary, f"/in/{loon_name()}")).startswith("553")
    assert door.events("FTP-INCOMPLETE")
    size = client.size(temporary)
    assert size is not None
    assert 0 < size <= 200_000
    client.storbinary(f"STOR {temporary}", io.BytesIO(BIG[size:]), rest=size)
    assert client.rename(temporary, f"/in/{loon_name()}").startswith("250")
    assert str(len(BIG)) in door.wait_for(f"{loon_name()}.ontvangst.xml").decode()
    client.quit()


def test_appending_resumes_as_well_also_after_a_restart(door: Door) -> None:
    """APPE goes on behind the part; that the file is only a part is remembered through a restart."""
    client = door.open().login()
    temporary = f"/in/{loon_name()}.tmp"
    cut_off(door, client, temporary, BIG[:100_000])
    client.close()
    door.shut()
    client = door.open().login()
    assert refused(lambda: client.rename(temporary, f"/in/{loon_name()}")).startswith("553")
    client.voidcmd("TYPE I")
    size = client.size(temporary)
    assert size is not None
    client.storbinary(f"APPE {temporary}", io.BytesIO(BIG[size:]))
    assert (door.folder("in") / f"{loon_name()}.tmp").read_bytes() == BIG
    client.quit()


def test_close_notify_can_be_done_without(door: Door) -> None:
    """With require_close_notify off, the end of the connection is the end of the file."""
    client = door.open(replace(door.profile, require_close_notify=False)).login()
    client.voidcmd("TYPE I")
    connection: Any = client.transfercmd("STOR /in/x.tmp")
    connection.sendall(LOON)
    connection.shutdown(socket.SHUT_WR)
    connection.close()
    assert client.voidresp().startswith("226")
    client.quit()


def test_a_broken_connection_is_never_a_good_end(door: Door) -> None:
    """With require_close_notify off, a reset and what is no TLS are still no end of a file."""
    client = door.open(replace(door.profile, require_close_notify=False)).login()
    client.voidcmd("TYPE I")
    for number in range(2):
        connection: Any = client.transfercmd(f"STOR /in/{number}.tmp")
        connection.sendall(LOON)
        eventually(partial(expect_stored, door, f"{number}.tmp", LOON))
        if number:
            socket.socket(fileno=connection.detach()).sendall(b"x" * 100)
        else:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        assert refused(client.voidresp).startswith("426")
    client.quit()


def test_what_was_behind_the_mark_of_rest_is_gone(door: Door) -> None:
    """After REST the file ends where the new upload ends."""
    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(b"0123456789"))
    client.storbinary("STOR /in/x.tmp", io.BytesIO(b"ab"), rest=4)
    assert (door.folder("in") / "x.tmp").read_bytes() == b"0123ab"
    client.quit()


def test_a_file_that_is_too_large_is_refused_while_it_comes(door: Door) -> None:
    """Beyond max_file_bytes the upload ends with 552; ALLO says so beforehand."""
    client = door.open(replace(door.profile, max_file_bytes=100_000)).login()
    assert refused(lambda: client.voidcmd("ALLO 100001")).startswith("552")
    assert refused(lambda: client.storbinary("STOR /in/x.tmp", io.BytesIO(BIG))).startswith("552")
    assert door.events("FTP-SIZE", 2)
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{loon_name()}")).startswith("550")
    assert client.storbinary("STOR /in/x.tmp", io.BytesIO(b"x" * 100_000)).startswith("226")
    client.quit()


def test_the_folder_has_a_limit_too(door: Door) -> None:
    """An account may have so many files, and so many bytes, in /in."""
    client = door.open(replace(door.profile, max_folder_files=1, max_folder_bytes=60)).login()
    assert client.storbinary("STOR /in/x.tmp", io.BytesIO(b"x" * 40)).startswith("226")
    assert refused(lambda: client.storbinary("STOR /in/y.tmp", io.BytesIO(b"y"))).startswith("552")
    assert client.storbinary("STOR /in/x.tmp", io.BytesIO(b"x" * 60)).startswith("226")
    assert door.events("FTP-QUOTA")
    client.quit()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Onbekend_ref_00000002003214394002.xml", "FTP-NAME-BERICHTSOORT"),
        ("Aangifte_LH_00000002003214394002.xml", "FTP-NAME-PATTERN"),
        ("Aangifte_LH_a_b_00000002003214394002.xml", "FTP-NAME-PATTERN"),
        ("Aangifte_LH_ref_123.xml", "FTP-NAME-PATTERN"),
        ("Aangifte_LH_ref_00000002003214394002.exe", "FTP-NAME-EXTENSION"),
        ("x" * 201, "FTP-NAME-CHARACTERS"),
        ("a b", "FTP-NAME-CHARACTERS"),
    ],
)
def test_a_bad_final_name_is_refused_at_the_rename(door: Door, name: str, rule: str) -> None:
    """A name that does not follow the rule gets 553 and stays uploaded under its temporary one."""
    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{name}")).startswith("553")
    assert door.events(rule)[0].event.code == "553"
    assert client.nlst("/in") == ["x.tmp"]
    client.quit()


def test_a_final_name_is_not_uploaded_to_directly(door: Door) -> None:
    """By default an upload needs a temporary name, and is told so before a byte is sent."""
    client = door.open().login()
    reply = refused(lambda: client.storbinary(f"STOR /in/{loon_name()}", io.BytesIO(LOON)))
    assert reply.startswith("553")
    assert ".tmp" in reply
    client.quit()


def test_a_name_is_used_once(door: Door) -> None:
    """A used name is refused with 553: at once, after the final status, and after a restart."""
    client = door.open().login()
    door.upload(client, loon_name())
    assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    door.wait_for(f"{loon_name()}.status.xml")
    assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    client.close()
    door.shut()
    client = door.open().login()
    assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    assert door.events("FTP-NAME-USED", 3)
    assert len(door.rooms.office.messages()) == 1
    client.quit()


@pytest.mark.parametrize(
    "command",
    [
        "RETR ../../../../etc/passwd",
        "RETR /etc/passwd",
        "STOR /in/../../x.tmp",
        "STOR /x.tmp",
        "STOR /out/x.tmp",
        "STOR /in/a/x.tmp",
        "RETR /in/x.tmp",
        "DELE /in",
        "RNFR /out",
        "RETR /in/link",
        "RETR /out/link",
        "RETR /out/.hidden",
        "CWD /..\\in",
        "CWD ..%2f..",
        "MKD /in/a",
        "RMD /out",
        "SITE CHMOD 777 /in/x.tmp",
        "PORT 127,0,0,1,8,8",
    ],
)
def test_there_is_no_way_out_of_the_folders(door: Door, command: str) -> None:
    """Other paths, links, making folders and active mode are refused with 5xx and an event."""
    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    for folder in ("in", "out"):
        (door.folder(folder) / "link").symlink_to("/etc/passwd")
    (door.folder("out") / ".hidden").write_text("x")
    client.makepasv()
    assert refused(lambda: client.sendcmd(command)).startswith("5")
    assert eventually(lambda: expect_event(door))
    client.close()


def expect_event(door: Door) -> bool:
    """Fail as long as there is no event of a refusal."""
    assert [one for one in door.rooms.office.events() if one.event.kind == "ftp-refused"]
    return True


def test_odd_bytes_in_a_command_are_refused(door: Door) -> None:
    """NUL, other control characters, broken UTF-8 and endless lines get 5xx; the session lives on."""
    client = door.open().login()
    assert client.sock is not None
    for line in (b"CWD /in\0/x", b"CWD a\x07", b"CWD \xc3\x28", b"CWD " + b"x" * 5000):
        client.sock.sendall(line + b"\r\n")
        assert refused(client.getresp).startswith("50")
    assert client.pwd() == "/"
    client.quit()


def test_cwd_leads_up_to_the_root_and_no_further(door: Door) -> None:
    """The parent of the root is the root."""
    client = door.open().login()
    client.cwd("/in")
    client.cwd("../../..")
    assert client.pwd() == "/"
    assert sorted(client.nlst()) == ["in", "out"]
    client.quit()


def test_mlst_of_every_place(door: Door) -> None:
    """MLST tells what may be done in the root, in a folder and with a file."""
    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    for place in ("", " /", " ../../..", " /in", " /out", " /in/x.tmp"):
        assert "perm=" in client.sendcmd(f"MLST{place}")
    client.quit()


def test_a_fault_of_our_own_is_told(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a command fails for a reason that nobody thought of, the client gets 451 and an event has it."""

    def broken(folders: Folders, path: str) -> None:
        raise ZeroDivisionError

    client = door.open().login()
    monkeypatch.setattr(Folders, "chdir", broken)
    assert refused(lambda: client.sendcmd("CWD /in")).startswith("451")
    assert "ZeroDivisionError" in door.events("FTP-TECHNICAL")[0].event.detail
    assert door.login().pwd() == "/"


def test_own_files_can_be_deleted_and_renamed(door: Door) -> None:
    """In /in a client renames and deletes what it uploaded; in /out it deletes."""
    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    assert client.rename("/in/x.tmp", "/in/y.tmp").startswith("250")
    assert client.delete("/in/y.tmp").startswith("250")
    (door.folder("out") / "z").write_text("news")
    lines: list[str] = []
    client.retrlines("RETR /out/z", lines.append)
    assert lines == ["news"]
    assert client.delete("/out/z").startswith("250")
    client.quit()


def test_many_refusals_end_the_session(door: Door) -> None:
    """A session that is refused too often is closed."""
    client = door.open(replace(door.profile, max_refusals=3)).login()
    for _ in range(2):
        refused(lambda: client.voidcmd("XXXX"))
    refused(lambda: client.voidcmd("XXXX"))
    with pytest.raises((ftplib.error_temp, EOFError, OSError)):
        client.voidcmd("NOOP")
    assert door.events("FTP-REFUSALS")
    client.close()


def test_one_address_has_so_many_sessions(door: Door) -> None:
    """Beyond max_connections_per_address a client gets 421 when all others have logged in."""
    door.open(replace(door.profile, max_connections_per_address=1))
    first = door.login()
    with pytest.raises(ftplib.error_temp, match="421"):
        door.plain()
    assert first.pwd() == "/"
    first.quit()


def _told(door: Door) -> None:
    assert "FTP-CROWD" in [one.event.rule for one in door.rooms.office.events()]


@pytest.mark.parametrize("under_tls", [False, True])
def test_who_only_holds_a_session_keeps_nobody_out(door: Door, under_tls: bool) -> None:
    """Beyond the limit the oldest session that has not logged in goes, in a silent handshake too."""
    door.open(replace(door.profile, max_connections_per_address=3))
    worker = door.login()
    silent = [door.plain() for _ in range(2)]
    if under_tls:
        for one in silent:
            one.sock.sendall(b"AUTH TLS\r\n")  # type: ignore[union-attr]
            assert one.getresp().startswith("234")
    newer = [door.login() for _ in range(2)]
    for one in silent:
        with contextlib.suppress(OSError):
            assert one.sock.recv(1000)[:3] in (b"421", b"")  # type: ignore[union-attr]
    assert [one.pwd() for one in (worker, *newer)] == ["/"] * 3
    eventually(lambda: _told(door))
    for one in (worker, *newer, *silent):
        one.close()


def test_an_empty_listing_comes_under_tls_as_well(door: Door) -> None:
    """A data channel on which nothing is to be sent still gets its whole handshake."""
    client = door.open().login()
    for _ in range(20):
        assert client.nlst("/in") == []
    client.quit()
