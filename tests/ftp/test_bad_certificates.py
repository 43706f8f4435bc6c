"""The certificate matrix at the file door, and revocation of a certificate that is at work."""

from __future__ import annotations

import contextlib
import ftplib
import functools
import io
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digipoort_sim.exchange.events import EventRecord
from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.bad import BAD_KINDS
from digipoort_sim.pki.certificate import load_certificates, serial_text
from digipoort_sim.pki.facts import shown_name
from digipoort_sim.pki.oin import Oin
from digipoort_sim.pki.tls import client_context
from tests.ftp.conftest import LOON, OIN, Door, ReusingFtp, eventually
from tests.ftp.test_tls import login_at_once, refused

CERTIFICATE_RULES = ("FTP-TLS", "CERT-", "OIN-")


def careless(folder: Path) -> ssl.SSLContext:
    """A client that does not mind what its own certificate is."""
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    return context


def newest(door: Door, known: int) -> EventRecord:
    """The one event about a certificate since another."""
    events = door.rooms.office.events(after=known)
    (record,) = [one for one in events if one.event.rule.startswith(CERTIFICATE_RULES)] or [None]
    assert record is not None
    return record


def test_no_bad_certificate_gets_in(door: Door, bad_files: Callable[[str], Path]) -> None:
    """Each kind gets its TLS alert, or 530 at its login by its rule; its event has the whole chain."""
    door.open()
    for kind, bad in BAD_KINDS.items():
        folder = bad_files(kind)
        before = max((one.id for one in door.rooms.office.events()), default=0)
        client = door.plain()
        client.context = careless(folder)
        if bad.alert:
            with pytest.raises(ssl.SSLError, match=f"alert {bad.alert.replace('_', ' ')}"):
                login_at_once(client)
        else:
            client.auth()
            assert refused(functools.partial(ftplib.FTP.login, client, door.user, door.password))[:3] == "530"
            assert refused(client.makepasv)[:3] in ("521", "530")
        client.close()
        record = eventually(functools.partial(newest, door, before))
        event = record.event
        assert (event.kind, event.rule, event.code) == (
            ("tls-refused", "FTP-TLS", bad.alert) if bad.alert else ("ftp-refused", bad.rule, "530")
        )
        assert event.peer.startswith("127.0.0.1:")
        for certificate in load_certificates(folder / "client.pem"):
            assert f"subject {shown_name(certificate.subject)}; " in event.detail
            assert f"issuer {shown_name(certificate.issuer)}; " in event.detail
            assert f"serial number {serial_text(certificate.serial_number)}; valid from " in event.detail
        assert door.rooms.office.event_raw(record.id) == (folder / "client.pem").read_bytes()


def test_what_is_no_tls_becomes_an_event(door: Door) -> None:
    """Junk and a ClientHello of TLS 1.0 behind AUTH TLS end the session with an event."""
    door.open()
    for sent, alert, words in (
        (b"GET / HTTP/1.1\r\n\r\n", "", "plain HTTP"),
        (b"USER anonymous\r\n" * 3, "", "no TLS"),
    ):
        with socket.create_connection(("localhost", door.port), timeout=10) as raw:
            raw.recv(1000)
            raw.sendall(b"AUTH TLS\r\n")
            assert raw.recv(1000).startswith(b"234")
            raw.sendall(sent)
            assert raw.recv(1000) in (b"", b"\x15\x03\x01\x00\x02\x02F")
        assert _newest_refusal(door, words).event.code == alert
    old = door.plain()
    old.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.context.check_hostname, old.context.verify_mode = False, ssl.CERT_NONE
    old.context.set_ciphers("ALL:@SECLEVEL=0")
    old.context.minimum_version = old.context.maximum_version = ssl.TLSVersion.TLSv1
    with pytest.raises((ssl.SSLError, OSError)):
        login_at_once(old)
    old.close()
    assert _newest_refusal(door, "older than 1.2").event.code == "protocol_version"


def _newest_refusal(door: Door, words: str) -> EventRecord:
    def look() -> EventRecord:
        found = door.rooms.office.events(limit=1, kind="tls-refused")
        assert found
        assert words in found[0].event.detail
        return found[0]

    found: EventRecord = eventually(look)
    return found


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_revocation_ends_what_is_under_way(
    door: Door, pki: Authority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    """A revoked certificate ends its upload, its next command and its data channel, resumed ones as well."""
    issued = pki.issue_client(Oin.parse(OIN), "TRIAL revoked")
    pki.write_client_files(issued, tmp_path)
    context = client_context(tmp_path)
    context.minimum_version = context.maximum_version = version
    door.open()
    uploading, waiting, asking = (door.plain() for _ in range(3))
    for client in (uploading, waiting, asking):
        client.context = context
        client.auth()
        client.login(door.user, door.password, secure=False)
        client.prot_p()
    channel, _ = uploading.ntransfercmd("STOR /in/x.tmp")
    channel.sendall(LOON)
    host, port = waiting.makepasv()
    pki.revoke(issued.serial)
    with pytest.raises((ftplib.Error, OSError, EOFError)):
        asking.voidcmd("NOOP")
    with pytest.raises((ftplib.Error, OSError, EOFError)):
        waiting.sendcmd("STOR /in/y.tmp")
    expect_no_data_channel((host, port), context, waiting)
    with pytest.raises(OSError):  # noqa: PT011
        _pour(channel)
    assert not (door.folder("in") / "y.tmp").exists() or not (door.folder("in") / "y.tmp").stat().st_size

    def told() -> None:
        revoked = [one.event for one in door.rooms.office.events() if one.event.rule == "CERT-REVOKED"]
        assert {event.code for event in revoked} == {"421"}

    eventually(told)


def expect_no_data_channel(address: tuple[str, int], context: ssl.SSLContext, client: ReusingFtp) -> None:
    """What was opened for a transfer before must take none any more, with the same TLS session either."""
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=5) as raw:
        session = client.sock.session  # type: ignore[union-attr]
        with context.wrap_socket(raw, server_hostname="localhost", session=session) as data:
            data.sendall(LOON)
            assert data.recv(1) == b""


def _pour(channel: socket.socket) -> None:
    """Send until the other end has gone."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        channel.sendall(bytes(100_000))
        time.sleep(0.01)


def test_uploads_go_on_for_a_good_certificate(door: Door) -> None:
    """The same upload is whole when nobody revokes anything."""
    client = door.open().login()
    assert client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON)).startswith("226")
    client.quit()
