"""Data channels that somebody else wants, that say nothing, or that are not what the session asked for."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.oin import Oin
from tests.ftp.conftest import LOON, OIN, OTHER_OIN, Door, eventually
from tests.security_connections.file_kit import Raw, delivers, explained, quiet

__all__ = ["explained", "quiet"]
pytestmark = pytest.mark.heavy


def stored(door: Door) -> dict[str, int]:
    """The files in /in with their sizes."""
    return {path.name: path.stat().st_size for path in door.folder("in").iterdir()}


def test_a_stranger_at_the_passive_port_disturbs_nothing(door: Door) -> None:
    """Connections from another address are closed with one event; the client hears nothing of it."""
    raw = Raw(door.open()).login()
    address = raw.passive()
    for _ in range(20):
        with socket.socket() as stranger:
            stranger.bind(("127.0.0.2", 0))
            stranger.connect(address)
            stranger.settimeout(5)
            with contextlib.suppress(ConnectionError):
                assert stranger.recv(10) == b""
    assert raw.say("PWD").startswith("257")
    raw.send(b"STOR /in/x.tmp\r\n")
    with raw.data(address) as channel:
        channel.sendall(LOON)
        channel.unwrap()
    assert [raw.reply()[:3] for _ in range(2)] in (["150", "226"], ["125", "226"])
    assert len(door.events("FTP-DATA-FOREIGN")) == 1
    raw.close()


@pytest.mark.parametrize("who", ["another party", "plain", "nobody"])
def test_a_stolen_passive_port_gives_nothing(door: Door, who: str) -> None:
    """Who comes first, with another certificate, in plain text or silent, gets and leaves nothing."""
    door.open(replace(door.profile, handshake_seconds=0.5))
    raw = Raw(door).login()
    (door.folder("out") / "secret.xml").write_bytes(b"secret")
    for command in ("RETR /out/secret.xml", "STOR /in/x.tmp"):
        address = raw.passive()
        raw.send(f"{command}\r\n".encode())
        assert raw.reply().startswith("150")
        if who == "another party":
            channel: socket.socket = raw.data(address, door.client_files(OTHER_OIN))
        else:
            channel = socket.create_connection(address, timeout=10)
        with channel, contextlib.suppress(OSError):
            if who != "nobody":
                channel.sendall(b"evil" * 100)
            assert b"secret" not in channel.recv(1000)
        assert raw.reply().startswith("522"), command
    assert sum(stored(door).values()) == 0
    assert raw.say("PWD").startswith("257")
    raw.close()


def test_another_certificate_of_the_party_where_the_profile_lets_it(
    door: Door, pki: Authority, tmp_path: Path, bad_files: Callable[[str], Path]
) -> None:
    """With require_same_certificate_on_data off, a good one of the same OIN will do, and no other."""
    door.open(replace(door.profile, require_same_certificate_on_data=False))
    raw = Raw(door).login()
    pki.write_client_files(pki.issue_client(Oin.parse(OIN), "TRIAL second"), tmp_path)
    for files, code in (
        (tmp_path, "226"),
        (door.client_files(OTHER_OIN), "522"),
        (bad_files("no-oin"), "522"),
    ):
        address = raw.passive()
        raw.send(b"STOR /in/x.tmp\r\n")
        with contextlib.suppress(OSError), raw.data(address, files) as channel:
            channel.sendall(LOON)
            channel.unwrap()
        assert [raw.reply()[:3] for _ in range(2)] in (["125", code], ["150", code])
    raw.close()


def test_what_comes_before_the_command_waits(door: Door) -> None:
    """A client that sends its file as soon as it is connected, before STOR, loses none of it."""
    raw = Raw(door.open()).login()
    with raw.data(raw.passive()) as channel:
        channel.sendall(LOON)
        assert raw.say("PWD").startswith("257")
        raw.send(b"STOR /in/x.tmp\r\n")
        channel.unwrap()
    assert [raw.reply()[:3] for _ in range(2)] == ["125", "226"]
    assert stored(door) == {"x.tmp": len(LOON)}
    raw.close()


def test_one_transfer_at_a_time(door: Door) -> None:
    """While an upload runs, no other command can turn its octets into another file, or take its place."""
    raw = Raw(door.open()).login()
    address = raw.passive()
    raw.send(b"STOR /in/x.tmp\r\n")
    with raw.data(address) as channel:
        channel.sendall(LOON)
        assert raw.reply()[:3] in ("125", "150")
        for command in ("STOR /in/y.tmp", "RETR /out/y", "LIST", "PASV", "EPSV", "APPE /in/z.tmp"):
            assert raw.say(command).startswith("503"), command
        assert raw.say("PWD").startswith("257")
        channel.sendall(LOON)
        channel.unwrap()
    assert raw.reply().startswith("226")
    assert stored(door) == {"x.tmp": 2 * len(LOON)}
    raw.close()


def test_an_aborted_transfer_gets_its_own_reply(door: Door) -> None:
    """ABOR ends a transfer that runs and one that nobody connected for: 426, then 226."""
    raw = Raw(door.open()).login()
    raw.passive()
    assert raw.say("STOR /in/x.tmp").startswith("150")
    assert [raw.say("ABOR")[:3], raw.reply()[:3]] == ["426", "226"]
    address = raw.passive()
    raw.send(b"STOR /in/y.tmp\r\n")
    with raw.data(address) as channel:
        channel.sendall(LOON)
        assert raw.reply()[:3] in ("125", "150")
        assert [raw.say("ABOR")[:3], raw.reply()[:3]] == ["426", "226"]
    assert raw.say("RNFR /in/y.tmp").startswith("350")
    assert raw.say("RNTO /in/z.tmp").startswith("250")
    raw.close()


def test_a_data_connection_that_never_comes(door: Door) -> None:
    """The transfer is given up with 425 after data_connect_seconds; the next one is not confused by it."""
    door.open(replace(door.profile, data_connect_seconds=0.3))
    raw = Raw(door).login()
    raw.passive()
    assert raw.say("STOR /in/x.tmp").startswith("150")
    assert raw.reply().startswith("425")
    delivers(door, "ref-1")
    assert raw.say("LIST").startswith("425 there is no data connection")
    raw.close()


def test_a_transfer_that_waits_gives_way_to_a_new_port(door: Door) -> None:
    """EPSV again, by a client that could not connect: 425 for the first transfer, then a new port."""
    raw = Raw(door.open()).login()
    raw.passive()
    assert raw.say("STOR /in/x.tmp").startswith("150")
    assert raw.say("EPSV").startswith("425")
    assert raw.reply().startswith("229")
    raw.close()


def test_data_connections_that_say_nothing(door: Door) -> None:
    """A data channel without a command, and an upload that stalls, end after idle_timeout_seconds."""
    door.open(replace(door.profile, idle_timeout_seconds=1))
    raw, other = Raw(door).login(), Raw(door).login()
    with raw.data(raw.passive()), other.data(other.passive()) as channel:
        assert other.say("STOR /in/x.tmp")[:3] in ("125", "150")
        channel.sendall(LOON)
        assert other.reply()[:3] in ("421", "426")
        assert raw.reply()[:3] in ("421", "426")
    for one in (raw, other):
        one.close()


def test_a_client_that_reads_nothing_is_cut_off(door: Door) -> None:
    """A session whose client has gone, but reads and closes no data channel, leaves nothing open."""
    raw = Raw(door.open()).login()
    (door.folder("out") / "large.xml").write_bytes(bytes(30_000_000))
    with raw.data(raw.passive()):
        raw.send(b"RETR /out/large.xml\r\n")
        assert raw.reply()[:3] in ("125", "150")
        raw.close()
        assert door.door is not None
        running = door.door._running
        assert running is not None
        eventually(lambda: _nobody(running.desks[0]), 15)


def _nobody(desk: object) -> None:
    assert not desk.sessions  # type: ignore[attr-defined]


def test_renegotiation_is_refused(door: Door) -> None:
    """A client that renegotiates TLS 1.2 on the control channel is not served for it."""
    from OpenSSL import SSL

    folder = door.open().client_files(OIN)
    context = SSL.Context(SSL.TLSv1_2_METHOD)
    context.use_certificate_chain_file(str(folder / "client.pem"))
    context.use_privatekey_file(str(folder / "client.key"))
    plain = Raw(door, secure=False)
    assert plain.say("AUTH TLS").startswith("234")
    plain.sock.settimeout(None)
    connection = SSL.Connection(context, plain.sock)
    connection.set_connect_state()
    connection.do_handshake()
    connection.sendall(b"NOOP\r\n")
    assert connection.recv(100)
    connection.renegotiate()
    with pytest.raises(SSL.Error):
        connection.do_handshake()
    plain.close()


def test_a_thousand_connections_to_passive_ports(door: Door) -> None:
    """A flood of connections to the passive range keeps nobody out: each port takes one connection."""
    raw = Raw(door.open()).login()
    address = raw.passive()
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_connection(address, timeout=5))
        delivers(door, "ref-1")
    raw.close()


def test_no_plain_data_channel(door: Door) -> None:
    """After PROT P a listing is not sent to who speaks no TLS."""
    raw = Raw(door.open()).login()
    with socket.create_connection(raw.passive(), timeout=10) as channel:
        assert raw.say("LIST /out")[:3] in ("125", "150")
        channel.sendall(b"hello\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"\r\n" not in channel.recv(1000).removeprefix(b"\x15\x03\x01\x00\x02\x02")
    assert raw.reply().startswith("522")
    assert isinstance(raw.sock, ssl.SSLSocket)
    raw.close()
