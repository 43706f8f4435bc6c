"""Commands that attack: bounces, injections, other protocols, odd octets; what the door says of itself."""

from __future__ import annotations

import socket

import pytest

from tests.ftp.conftest import Door, eventually
from tests.security_connections.file_kit import Raw, delivers, explained, quiet

__all__ = ["explained", "quiet"]
pytestmark = pytest.mark.heavy

# After the login, all in one session: command, code, rule.
REFUSED = (
    ("PORT 127,0,0,1,4,1", "502", "FTP-COMMAND-OFFERED"),
    ("PORT 10,0,0,1,0,22", "502", "FTP-COMMAND-OFFERED"),
    ("EPRT |1|127.0.0.1|2121|", "502", "FTP-COMMAND-OFFERED"),
    ("EPRT |2|::1|2121|", "502", "FTP-COMMAND-OFFERED"),
    ("SITE EXEC id", "502", "FTP-COMMAND-OFFERED"),
    ("SITE CHMOD 777 /in/x", "502", "FTP-COMMAND-OFFERED"),
    ("MKD /in/x", "502", "FTP-COMMAND-OFFERED"),
    ("RMD /in", "502", "FTP-COMMAND-OFFERED"),
    ("STOU", "502", "FTP-COMMAND-OFFERED"),
    ("XCRC /out/x", "502", "FTP-COMMAND-OFFERED"),
    ("REIN", "502", "FTP-COMMAND-OFFERED"),
    ("CCC", "534", "FTP-TLS-REQUIRED"),
    ("AUTH TLS", "503", "FTP-SEQUENCE"),
    ("AUTH GSSAPI", "503", "FTP-SEQUENCE"),
    ("USER other", "503", "FTP-SEQUENCE"),
    ("PASS other", "503", "FTP-SEQUENCE"),
    ("PBSZ x", "501", "FTP-ARGUMENT"),
    ("PROT C", "534", "FTP-PROT-REQUIRED"),
    ("PROT S", "536", "FTP-PROT"),
    ("PROT X", "504", "FTP-PROT"),
    ("NONSENSE", "500", "FTP-COMMAND"),
    ("", "500", "FTP-COMMAND"),
    ("STOR", "501", "FTP-ARGUMENT"),
    ("PWD x", "501", "FTP-ARGUMENT"),
    ("TYPE E", "504", "FTP-PARAMETER"),
    ("MODE B", "504", "FTP-PARAMETER"),
    ("MODE X", "504", "FTP-PARAMETER"),
    ("STRU R", "504", "FTP-PARAMETER"),
    ("OPTS MLST x", "501", "FTP-ARGUMENT"),
    ("OPTS HASH x", "501", "FTP-ARGUMENT"),
    ("HELP SITE", "504", "FTP-ARGUMENT"),
    ("REST -1", "501", "FTP-ARGUMENT"),
    ("REST 1_0", "501", "FTP-ARGUMENT"),
    ("REST \u0663", "501", "FTP-ARGUMENT"),
    ("EPSV 2", "522", "FTP-NETWORK"),
    ("EPSV 3", "522", "FTP-NETWORK"),
    ("STOR /in/x.tmp", "425", "FTP-NO-DATA"),
    ("LIST", "425", "FTP-NO-DATA"),
    ("RNTO /in/x", "503", "FTP-SEQUENCE"),
    ("RNFR /in/x", "550", "FTP-NO-FILE"),
    ("SIZE /out/x", "550", "FTP-NO-FILE"),
    ("DELE /out/x", "550", "FTP-NO-FILE"),
    ("CWD /etc", "550", "FTP-PERMISSION"),
    ("MFMT 20260101000000 /out/x", "550", "FTP-PERMISSION"),
    ("MFMT 20260101000000 /in/x", "550", "FTP-NO-FILE"),
    ("MFMT 2026 /in/x", "501", "FTP-ARGUMENT"),
    ("MFMT 20261301000000 /in/x", "501", "FTP-ARGUMENT"),
    ("STAT /in/*", "550", "FTP-NO-FILE"),
    ("STAT /in/x", "550", "FTP-NO-FILE"),
    ("NOOP\x01", "501", "FTP-COMMAND-CHARACTERS"),
    ("NOOP \u202etxt", "501", "FTP-COMMAND-CHARACTERS"),
    ("NOOP \u009b31m", "501", "FTP-COMMAND-CHARACTERS"),
    ("NOOP\nUSER x", "501", "FTP-COMMAND-CHARACTERS"),
    ("NOOP\rUSER x", "501", "FTP-COMMAND-CHARACTERS"),
    ("CWD /in\x00/etc", "501", "FTP-COMMAND-CHARACTERS"),
    ("CWD \udcff\udcfe", "501", "FTP-COMMAND-CHARACTERS"),
    ("X" * 3000, "500", "FTP-COMMAND-LENGTH"),
)  # fmt: skip


def test_every_refused_command_has_its_code_and_rule(door: Door) -> None:
    """Each gets the code of its RFC, one line that says what to do, and an event with its rule."""
    raw = Raw(door.open()).login()
    for command, code, _ in REFUSED:
        reply = raw.say(command)
        assert (reply[:3], reply[-1], "\n" in reply) == (code, ".", False), (command, reply)
    assert raw.say("PWD").startswith('257 "/"')

    def rules() -> list[str]:
        events = [one.event for one in reversed(door.rooms.office.events())]
        found = [event.rule for event in events if event.kind == "ftp-refused"]
        assert len(found) == len(REFUSED)
        return found

    assert eventually(rules) == [rule for _, _, rule in REFUSED]
    raw.close()


def test_nothing_is_connected_to(door: Door) -> None:
    """Neither PORT nor EPRT makes the server knock at a port, after EPSV either."""
    raw = Raw(door.open()).login()
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.3)
        high, low = divmod(trap.getsockname()[1], 256)
        raw.passive()
        for command in (f"PORT 127,0,0,1,{high},{low}", f"EPRT |1|127.0.0.1|{high * 256 + low}|"):
            assert raw.say(command).startswith("502")
            assert raw.say("LIST")[:3] in ("150", "425", "503")
            with pytest.raises(TimeoutError):
                trap.accept()
    raw.close()


@pytest.mark.parametrize("behind", [b"USER x\r\n", b"USER x", b"\r\n", b"\x16\x03\x01"])
def test_nothing_that_came_in_plain_text_counts_under_tls(door: Door, behind: bytes) -> None:
    """What is in one packet with AUTH ends the session; the password is never asked for (CVE-2011-0411)."""
    raw = Raw(door.open(), secure=False)
    raw.send(b"AUTH TLS\r\n" + behind)
    assert raw.reply().startswith("421")
    assert raw.is_over()
    assert door.events("FTP-AUTH-PIPELINED")


def test_before_tls_and_before_the_login(door: Door) -> None:
    """In plain text only what needs no secrecy is answered, under TLS only what needs no account."""
    raw = Raw(door.open(), secure=False)
    for command in ("USER x", "PASS x", "PASV", "STAT", "LIST", "STOR x"):
        assert raw.say(command).startswith("530"), command
    for command in ("PBSZ 0", "PROT P"):
        assert raw.say(command).startswith("503"), command
    for command in ("FEAT", "HELP", "NOOP", "SYST", "OPTS UTF8 ON"):
        assert raw.say(command)[0] == "2", command
    raw.close()
    raw = Raw(door)
    for command in ("PASV", "LIST", "STOR x", "RNFR x", "STAT /in", "MLST", "REST 5"):
        assert raw.say(command).startswith("530 log in"), command
    status = raw.say("STAT")
    assert "Waiting for username" in status
    raw.close()


def test_what_the_door_says_of_itself_is_true(door: Door) -> None:
    """FEAT and HELP name what there is and nothing else, STAT the session's own, nothing the software."""
    raw = Raw(door.open()).login()
    features = {line.strip() for line in raw.say("FEAT").splitlines()[1:-1]}
    assert features == {
        "AUTH TLS", "EPSV", "MDTM", "MFMT", "MLST type*;perm*;size*;modify*;unique*;", "PBSZ", "PROT",
        "REST STREAM", "SIZE", "TVFS", "UTF8",
    }  # fmt: skip
    listed = raw.say("HELP").split()
    for absent in ("PORT", "EPRT", "SITE", "MKD", "RMD", "STOU", "REIN"):
        assert absent not in listed
    said = "".join(raw.say(one) for one in ("SYST", "STAT", "HELP", "HELP STOR", "NOOP", "MLST /in")).lower()
    assert "pyftpdlib" not in said
    assert str(door.rooms.settings.state) not in said
    other = Raw(door).login()
    assert other.say("STAT").count(door.user) == 1
    for one in (raw, other):
        one.close()


def test_telnets_urgent_abor_is_understood(door: Door) -> None:
    """ABOR behind IAC IP and IAC DM, as in RFC 959, is ABOR; octets that are no UTF-8 spoil no later line."""
    raw = Raw(door.open()).login()
    raw.send(b"\xff\xf4\xff\xf2ABOR\r\n")
    assert raw.reply().startswith("225")
    raw.send(b"\xff\xfbNOOP\xff\r\n")
    assert raw.reply().startswith("501")
    raw.send(b"PWD\r\n")
    assert raw.reply().startswith("257")
    raw.close()


def test_lines_in_halves_and_in_heaps(door: Door) -> None:
    """A line may come octet by octet, and many in one packet: each gets its reply, in order."""
    raw = Raw(door.open()).login()
    for octet in b"PWD\r\n":
        raw.send(bytes([octet]))
    assert raw.reply().startswith("257")
    raw.send(b"CWD /in\r\nPWD\r\nCWD /out\r\nPWD\r\nNOOP\r\n")
    assert [raw.reply()[:3] for _ in range(5)] == ["250", "257", "250", "257", "200"]
    raw.close()


@pytest.mark.parametrize("first", ["GET / HTTP/1.1", "POST /in HTTP/1.1", "EHLO x"])
def test_another_protocol_ends_at_its_first_line(door: Door, first: str) -> None:
    """Who makes a browser speak to the door gets one reply, in plain text and under TLS."""
    door.open()
    for secure in (False, True):
        raw = Raw(door, secure=secure)
        raw.send(f"{first}\r\nHost: x\r\nUSER {door.user}\r\n\r\n".encode())
        assert raw.reply().startswith("421")
        assert raw.is_over()
    assert door.events("FTP-OTHER-PROTOCOL", 2)
    delivers(door, "ref-1")
