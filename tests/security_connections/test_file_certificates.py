"""The matrix of bad certificates at every port of the file door, on its data channels, in mid-transfer."""

from __future__ import annotations

import contextlib
import functools
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from digipoort_sim.exchange.events import EventRecord
from digipoort_sim.ftp.sessions import securing
from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.bad import BAD_KINDS
from digipoort_sim.pki.oin import Oin
from digipoort_sim.wus.door import explain as explain_at_the_soap_door  # type: ignore[attr-defined]
from tests.ftp.conftest import OIN, Door, eventually
from tests.ftp.test_bad_certificates import careless
from tests.security_connections.file_kit import Raw, explained, quiet

__all__ = ["explained", "quiet"]
pytestmark = pytest.mark.heavy
_MOMENT = re.compile(r"; it is [^ ]+\n")


@pytest.fixture
def everywhere(door: Door) -> Door:
    """A door with both interfaces and implicit TLS."""
    changed = door.rooms.settings.model_copy(update={"ftp_implicit_port": 0})
    object.__setattr__(door.rooms, "settings", changed)
    return door.open()


def test_no_bad_certificate_at_any_port(everywhere: Door, bad_files: Callable[[str], Path]) -> None:
    """Refused at both interfaces and under implicit TLS with the same words, in the handshake or at login."""
    door = everywhere
    for kind, bad in BAD_KINDS.items():
        context = careless(bad_files(kind))
        told = set()
        for key in ("ftp_gb", "ftp_implicit"):
            known = max((one.id for one in door.rooms.office.events()), default=0)
            replies = attempt(door, context, door.ports[key], is_implicit=key == "ftp_implicit")
            assert not any(reply.startswith("230") for reply in replies), (kind, key)
            event = eventually(functools.partial(refusal_since, door, known)).event
            expected = (
                ("tls-refused", "FTP-TLS", bad.alert) if bad.alert else ("ftp-refused", bad.rule, "530")
            )
            assert (event.kind, event.rule, event.code) == expected, (kind, key)
            told.add(_MOMENT.sub("", event.detail.removeprefix(f"{door.user}: ")))
        assert len(told) == 1, (kind, told)
        assert "What to do:" in told.pop(), kind


def attempt(door: Door, context: ssl.SSLContext, port: int, *, is_implicit: bool) -> list[str]:
    """Try to log in; gives the replies that came."""
    replies: list[str] = []
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=10) as raw:
        if not is_implicit:
            raw.recv(200)
            raw.sendall(b"AUTH TLS\r\n")
            raw.recv(200)
        with context.wrap_socket(raw, server_hostname="localhost") as sock:
            if is_implicit:
                sock.recv(200)
            sock.sendall(f"USER {door.user}\r\nPASS {door.password}\r\n".encode())
            while part := sock.recv(1000):
                replies += part.decode().splitlines()
                if len(replies) > 1:
                    break
    return replies


def refusal_since(door: Door, known: int) -> EventRecord:
    """The refusal of a certificate since another event."""
    found = [
        one
        for one in door.rooms.office.events(after=known)
        if one.event.rule.startswith(("FTP-TLS", "CERT-", "OIN-"))
    ]
    assert found
    return found[0]


def test_no_bad_certificate_on_a_data_channel(door: Door, bad_files: Callable[[str], Path]) -> None:
    """Beside a good control channel each is refused with 522, and nothing is stored; the session goes on."""
    raw = Raw(door.open()).login()
    for kind, bad in BAD_KINDS.items():
        if kind == "revoked":
            continue  # the newest CRL is in force for new sessions
        known = max((one.id for one in door.rooms.office.events()), default=0)
        address = raw.passive()
        raw.send(b"STOR /in/x.tmp\r\n")
        with (
            contextlib.suppress(OSError),
            socket.create_connection(address, timeout=10) as channel,
            careless(bad_files(kind)).wrap_socket(channel, server_hostname="localhost") as data,
        ):
            data.sendall(b"evil")
            data.recv(10)
        assert raw.reply()[:3] in ("125", "150")
        assert raw.reply().startswith("522"), kind
        event = eventually(functools.partial(newest_of_data, door, known)).event
        if bad.alert:
            assert event.kind == "tls-refused"
            assert "What to do:" in event.detail
    assert [path.stat().st_size for path in door.folder("in").iterdir()] == [0]
    raw.close()


def newest_of_data(door: Door, known: int) -> EventRecord:
    """The refusal of a data channel since another event."""
    found = door.rooms.office.events(after=known)
    assert found
    assert found[0].event.rule in ("FTP-DATA-TLS", "FTP-DATA-CERTIFICATE")
    return found[0]


def test_the_words_are_those_of_the_soap_door() -> None:
    """Both doors explain a refused handshake by one function."""
    assert vars(securing)["explain"] is explain_at_the_soap_door


@dataclass
class Pouring:
    """Octets without end."""

    channel: ssl.SSLSocket
    sent: int = 0

    def until_it_breaks(self, first: int, then: Callable[[], object]) -> None:
        """Send; after so many octets something happens."""
        block, done = bytes(1_000_000), False
        until = time.monotonic() + 30
        while time.monotonic() < until:
            self.channel.sendall(block)
            self.sent += len(block)
            if self.sent >= first and not done:
                done = True
                then()
        raise AssertionError(f"{self.sent} octets were taken")


@pytest.fixture
def issued(pki: Authority, tmp_path: Path) -> tuple[str, Path]:
    """A certificate to be revoked: its serial number and its folder."""
    made = pki.issue_client(Oin.parse(OIN), "TRIAL revoked on its way")
    pki.write_client_files(made, tmp_path / "client")
    return made.serial, tmp_path / "client"


def test_a_certificate_revoked_in_the_middle_of_a_large_upload(
    door: Door, pki: Authority, issued: tuple[str, Path]
) -> None:
    """An upload that would be 2 GiB is cut within a second of the revocation; what came is no delivery."""
    serial, folder = issued
    raw = Raw(door.open(), folder).login()
    address = raw.passive()
    raw.send(b"STOR /in/large.tmp\r\n")
    pouring = Pouring(raw.data(address))
    with pytest.raises(OSError):  # noqa: PT011
        pouring.until_it_breaks(20_000_000, lambda: pki.revoke(serial))
    assert pouring.sent < 2**31
    assert raw.reply()[:3] in ("125", "150")
    assert "421" in raw.reply() + raw.reply()
    assert (door.folder("in") / "large.tmp").stat().st_mode & 0o777 == 0o600
    assert door.events("CERT-REVOKED")[0].event.code == "421"
    raw.close()


def test_a_certificate_that_expires_in_a_session(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The security clock moves on past its end: the session and its download are over."""
    from datetime import timedelta

    raw = Raw(door.open()).login()
    security = door.rooms.clocks.security
    now = security.now()
    monkeypatch.setattr(type(security), "now", lambda self: now + timedelta(days=40_000))
    assert raw.reply().startswith("421")
    assert raw.is_over()
    monkeypatch.undo()
    assert door.events("CERT-EXPIRED")
