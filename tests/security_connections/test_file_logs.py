"""Injection into what people read: replies, events, the log, the console."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from digipoort_sim.terminal import visible
from tests.ftp.conftest import OIN, Door, eventually
from tests.ftp.test_tls import login_at_once
from tests.security_connections.file_kit import Raw, explained, quiet

__all__ = ["explained", "quiet"]
pytestmark = pytest.mark.heavy

ESCAPE = "\x1b[2J\r\nforged\u202e\u2028<script>alert(1)</script>"


def test_user_names_cannot_forge(door: Door) -> None:
    """Line ends and escapes in a user name are refused; a long one stands shortened in its event."""
    raw = Raw(door.open())
    assert raw.say(f"USER {ESCAPE.replace(chr(13) + chr(10), '')}").startswith("501")
    for name in ("<script>alert(1)</script>", "x" * 900, "a';DROP TABLE events;--", "%s%n${jndi:ldap://x}"):
        assert raw.say(f"USER {name}").startswith("331")
        assert raw.say("PASV").startswith("530")

    def details() -> list[str]:
        found = [one.event.detail for one in door.rooms.office.events()]
        assert len(found) == 5
        return found

    for detail in eventually(details):
        assert len(detail) < 200
        assert detail.isprintable()
        assert door.password not in detail
    raw.close()


def test_a_password_is_never_told(door: Door) -> None:
    """Neither an event nor a reply repeats a password, however wrong the line around it is."""
    raw = Raw(door.open())
    secret = "Geheim-Wachtwoord"
    wrong = ("PASS {}", "USER x\0PASS {}", "PASSWORD {}", "PASS{}", "USER x", "PASS {}", "PASS \1{}")
    said = [raw.say(line.format(secret)) for line in (*wrong, "PASS {}" + "x" * 2000)]
    raw.close()
    eventually(lambda: _at_least(door, 7))
    told = "".join([*said, *(one.event.detail for one in door.rooms.office.events())])
    assert secret.lower() not in told.lower()


def _at_least(door: Door, count: int) -> None:
    assert len(door.rooms.office.events()) >= count


def test_names_in_certificates_cannot_forge(door: Door, tmp_path: Path) -> None:
    """A subject full of escapes and markup: a terminal shows the event with all of it written out."""
    door.open()
    client = door.plain()
    client.context = forged(tmp_path, door.client_files(OIN) / "ca.pem")
    with pytest.raises((ssl.SSLError, OSError)):
        login_at_once(client)
    client.close()
    (record,) = door.events("FTP-TLS")
    assert record.event.kind == "tls-refused"
    assert "forged" in record.event.detail
    assert "\x1b" not in visible(record.event.detail)
    assert "\u202e" not in visible(record.event.detail)


def forged(folder: Path, ca: Path) -> ssl.SSLContext:
    """A client whose certificate, signed by itself, has such a subject."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"TRIAL {ESCAPE}")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "c.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "c.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(folder / "c.pem", folder / "c.key")
    return context
