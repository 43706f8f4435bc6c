"""TLS on both channels: what is demanded, and what a client that lacks it gets to see."""

from __future__ import annotations

import ftplib
import io
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from digipoort_sim.pki.authority import Authority
from digipoort_sim.pki.oin import Oin
from digipoort_sim.pki.tls import client_context
from tests.ftp.conftest import LOON, OIN, OTHER_OIN, Door, eventually
from tests.ftp.test_login import expect_end


def refused(call: Callable[[], object]) -> str:
    """The reply to a command that must be refused."""
    with pytest.raises(ftplib.Error) as caught:
        call()
    return str(caught.value)


def test_nothing_goes_without_tls(door: Door) -> None:
    """Before AUTH TLS a login is refused with 530, and the password is not looked at."""
    client = door.open().plain()
    assert refused(lambda: ftplib.FTP.login(client, door.user, door.password)).startswith("530")
    assert door.events("FTP-TLS-REQUIRED")
    client.close()


def test_data_channels_need_prot_p(door: Door) -> None:
    """Without PROT P no data channel is opened (521), and PROT C is refused (534)."""
    client = door.open().connect()
    client.login(door.user, door.password, secure=False)
    assert refused(client.makepasv).startswith("521")
    client.voidcmd("PBSZ 0")
    assert refused(lambda: client.voidcmd("PROT C")).startswith("534")
    assert door.events("FTP-PROT-REQUIRED", 2)
    client.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("kind", "alert"),
    [("unknown-root", "unknown ca"), ("expired", "certificate expired"), ("revoked", "certificate revoked")],
)
def test_a_bad_certificate_gets_openssls_own_alert(
    door: Door, bad_files: Callable[[str], Path], kind: str, alert: str, version: ssl.TLSVersion
) -> None:
    """A certificate that cannot be trusted ends the handshake with the alert for it, and gives an event."""
    client = door.open().plain(bad_files(kind))
    client.context.minimum_version = client.context.maximum_version = version
    with pytest.raises(ssl.SSLError, match=alert.replace(" ", ".")):
        login_at_once(client)
    client.close()
    (record,) = door.events("FTP-TLS")
    assert (record.event.kind, record.event.code) == ("tls-refused", alert.replace(" ", "_"))


def test_no_certificate_gets_openssls_own_alert(door: Door, pki: Authority) -> None:
    """A client without a certificate is told that one is required."""
    client = door.open().plain()
    client.context = ssl.create_default_context(cafile=str(pki.paths.ca_file))
    with pytest.raises(ssl.SSLError, match=r"certificate.required"):
        login_at_once(client)
    client.close()
    assert door.events("FTP-TLS")[0].event.code == "certificate_required"


def login_at_once(client: ftplib.FTP_TLS) -> None:
    """AUTH and the next command; with TLS 1.3 the alert comes only there."""
    client.auth()
    client.voidcmd("NOOP")


def test_revocation_ends_an_open_session(door: Door, pki: Authority, tmp_path: Path) -> None:
    """A revoked certificate ends its open session at once; a new one is refused in the handshake."""
    issued = pki.issue_client(Oin.parse(OIN), "TRIAL revoked")
    pki.write_client_files(issued, tmp_path)
    client = door.open().login(tmp_path)
    pki.revoke(issued.serial)
    eventually(lambda: expect_end(client))
    assert door.events("CERT-REVOKED")[0].event.code == "421"
    with pytest.raises(ssl.SSLError, match=r"certificate.revoked"):
        login_at_once(door.plain(tmp_path))


def test_the_data_channel_must_show_the_same_certificate(door: Door) -> None:
    """A data channel under another client's good certificate is refused with 522."""
    client = door.open().login()
    client.data_context = client_context(door.client_files(OTHER_OIN))
    reply = refused(lambda: client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON)))
    assert reply.startswith("522")
    assert door.events("FTP-DATA-CERTIFICATE")
    client.close()


def test_the_data_channel_may_have_a_new_session_with_the_same_certificate(door: Door) -> None:
    """A client that makes a full handshake on the data channel is served as well."""
    client = door.open().login()
    client.data_context = client_context(door.client_files(OIN))
    assert client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON)).startswith("226")
    client.quit()


def test_the_data_channel_needs_a_certificate(door: Door, pki: Authority) -> None:
    """A data channel without a client certificate is refused with 522."""
    client = door.open().login()
    client.data_context = ssl.create_default_context(cafile=str(pki.paths.ca_file))
    with pytest.raises((ftplib.error_perm, ssl.SSLError, ConnectionError)):
        client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    assert door.events("FTP-DATA-TLS")[0].event.code == "522"
    client.close()


def test_plain_text_behind_auth_is_not_taken_for_text_under_tls(door: Door) -> None:
    """Commands that come in one packet with AUTH end the session."""
    door.open()
    with socket.create_connection(("localhost", door.port), timeout=10) as raw:
        raw.recv(1000)
        raw.sendall(b"AUTH TLS\r\nUSER smuggled")
        assert raw.recv(1000).startswith(b"421")
    assert door.events("FTP-AUTH-PIPELINED")


def test_implicit_tls_is_an_option(door: Door) -> None:
    """With ftp_implicit_port set, a further port speaks TLS from the first octet."""
    settings = door.rooms.settings
    object.__setattr__(door.rooms, "settings", settings.model_copy(update={"ftp_implicit_port": 0}))
    door.open()
    assert door.door is not None
    context = client_context(door.client_files(OIN))
    raw = socket.create_connection(("localhost", door.ports["ftp_implicit"]), timeout=10)
    with context.wrap_socket(raw, server_hostname="localhost") as sock:
        greeting = sock.recv(1000)
        assert greeting.startswith(b"220")
        assert b"AUTH" not in greeting
        sock.sendall(f"USER {door.user}\r\nPASS {door.password}\r\n".encode())
        assert b"230" in sock.recv(1000) + sock.recv(1000)


def test_tls_that_breaks_ends_the_session(door: Door) -> None:
    """Octets that are no TLS, under TLS, end the session with an event; other sessions go on."""
    other, client = door.open().login(), door.login()
    assert client.sock is not None
    with socket.socket(fileno=os.dup(client.sock.fileno())) as raw:
        raw.sendall(b"NOOP\r\n" * 5)
    (record,) = door.events("FTP-TLS")
    assert record.event.detail.startswith(f"{door.user}: TLS was broken off")
    with pytest.raises((OSError, EOFError)):
        client.voidcmd("NOOP")
    assert other.pwd() == "/"
    client.close()
    other.quit()
