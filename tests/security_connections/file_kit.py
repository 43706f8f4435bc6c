"""Attackers of the file door: raw lines over real TLS, and what must hold after each attack."""

from __future__ import annotations

import contextlib
import ftplib
import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from digipoort_sim.pki.tls import client_context
from tests.ftp.conftest import OIN, Door, loon_name


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client does may show in the log."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


@pytest.fixture(autouse=True)
def explained(door: Door) -> Iterator[None]:
    """Every refusal has a rule of the catalogue, a reply that the rule knows, and none is our own fault."""
    yield
    rules = door.rooms.catalogue.rules
    for event in (one.event for one in door.rooms.office.events() if one.event.kind == "ftp-refused"):
        assert event.rule in rules, event
        assert event.rule not in ("FTP-TECHNICAL", "FTP-OTHER"), event
        if event.rule.startswith("FTP-") and event.code.isdigit():
            assert event.code in rules[event.rule].replies, event


class Raw:
    """A control connection that sends octets as they are.

    Args:
        secure: whether TLS has been begun.
    """

    def __init__(self, door: Door, files: Path | None = None, *, secure: bool = True, port: int = 0) -> None:
        self.door = door
        context = client_context(files or door.client_files(OIN))
        self.sock: socket.socket = socket.create_connection(("localhost", port or door.port), timeout=10)
        self._rest = b""
        if port == 0:
            assert self.reply().startswith("220")
        if secure:
            if port == 0:
                assert self.say("AUTH TLS").startswith("234")
            self.sock = context.wrap_socket(self.sock, server_hostname="localhost")
            if port:
                assert self.reply().startswith("220")

    def login(self) -> Raw:
        """Log in, with data channels under TLS."""
        for line, code in (
            (f"USER {self.door.user}", "331"),
            (f"PASS {self.door.password}", "230"),
            ("PBSZ 0", "200"),
            ("PROT P", "200"),
            ("TYPE I", "200"),
        ):
            assert self.say(line).startswith(code)
        return self

    def send(self, octets: bytes) -> None:
        """Send octets as they are."""
        self.sock.sendall(octets)

    def say(self, line: str) -> str:
        """Send a line and give the whole reply."""
        self.send(line.encode("utf-8", "surrogateescape") + b"\r\n")
        return self.reply()

    def reply(self) -> str:
        """The next reply, all its lines; empty when the door has hung up."""
        lines = [self._line()]
        while lines[-1] and not (lines[-1][:3].isdigit() and lines[-1][3:4] == " "):
            lines.append(self._line())
        return "\n".join(lines).strip()

    def _line(self) -> str:
        while b"\r\n" not in self._rest:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                if part := self.sock.recv(4096):
                    self._rest += part
                    continue
            return ""
        line, self._rest = self._rest.split(b"\r\n", 1)
        return line.decode()

    def passive(self) -> tuple[str, int]:
        """Ask for a passive port."""
        reply = self.say("EPSV")
        assert reply.startswith("229"), reply
        return "127.0.0.1", int(reply.split("|||")[1].split("|")[0])

    def data(self, address: tuple[str, int], files: Path | None = None) -> ssl.SSLSocket:
        """Connect a data channel under TLS, with the same TLS session or another certificate."""
        raw = socket.create_connection(address, timeout=10)
        context = client_context(files) if files else self.sock.context  # type: ignore[attr-defined]
        session = None if files else self.sock.session  # type: ignore[attr-defined]
        return context.wrap_socket(raw, server_hostname="localhost", session=session)

    def is_over(self) -> bool:
        """Whether the door has hung up."""
        return self.reply() == ""

    def close(self) -> None:
        """Hang up."""
        self.sock.close()


def delivers(door: Door, aanleverkenmerk: str) -> None:
    """A good client delivers a file and gets its receipt."""
    client = door.login()
    door.upload(client, loon_name(aanleverkenmerk))
    door.wait_for(f"{loon_name(aanleverkenmerk)}.ontvangst.xml")
    client.quit()


def refused(client: ftplib.FTP, command: str) -> str:
    """The refusing reply to a command."""
    with pytest.raises(ftplib.Error) as raised:
        client.sendcmd(command)
    return str(raised.value)


def last_rule(door: Door) -> str:
    """The rule of the newest refusal."""
    return door.rooms.office.events(limit=1)[0].event.rule
