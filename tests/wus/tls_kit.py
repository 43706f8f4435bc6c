"""Parts of the tests of the listener: an authority, clients with all kinds of certificates, raw sockets."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from digipoort_sim.clock import Clocks, RealClock
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority, Oin, client_context, server_context
from digipoort_sim.pki.certificate import key_pem, pem_bundle
from digipoort_sim.pki.profile import HolderProfile
from digipoort_sim.wus.http_connection import BadRequest, Rules
from digipoort_sim.wus.listener import Listener, bound_socket
from digipoort_sim.wus.tls_alerts import RefusedHandshake

OIN = Oin.parse("00000003123456780000")


def authority_in(state: Path) -> Authority:
    """The authority of a state directory, by real time."""
    real = RealClock()
    return Authority.open(state, Clocks(real, real), SystemIds())


def client_folder(authority: Authority, out: Path, name: str = "TRIAL klant", oin: Oin = OIN) -> Path:
    """A new client of the authority: its folder with client.pem, client.key and ca.pem."""
    authority.write_client_files(authority.issue_client(oin, name), out)
    return out


@functools.cache
def _strange_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def stranger_folder(out: Path, ca_file: Path, days: int = 1) -> Path:
    """A client with a certificate that it signed itself."""
    out.mkdir(parents=True, exist_ok=True)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TRIAL stranger")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_strange_key().public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .sign(_strange_key(), hashes.SHA256())
    )
    (out / "client.pem").write_bytes(pem_bundle(certificate))
    (out / "client.key").write_bytes(key_pem(_strange_key()))
    (out / "ca.pem").write_bytes(ca_file.read_bytes())
    return out


def crooked_folder(authority: Authority, out: Path, **changes: Any) -> Path:
    """A client whose certificate is the authority's, but for some fields of its plan."""
    holder = HolderProfile("TRIAL crooked", "TRIAL crooked", OIN.value)
    plan = replace(authority.end_plan(holder, _strange_key()), **changes)
    certificate = plan.signed_by(authority.ca_key("tsp"))
    out.mkdir(parents=True)
    (out / "client.pem").write_bytes(pem_bundle(certificate, *authority.service_identity().chain))
    (out / "client.key").write_bytes(key_pem(_strange_key()))
    (out / "ca.pem").write_bytes(authority.paths.ca_file.read_bytes())
    return out


def s_client(port: int, *options: str, send: str = "", seconds: float = 10) -> str:
    """What ``openssl s_client`` prints; it sends a text (and waits for the server to close)."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *options]
    done = subprocess.run(command, input=send.encode(), capture_output=True, timeout=seconds, check=False)
    return (done.stdout + done.stderr).decode("latin-1")


def with_files(folder: Path) -> list[str]:
    """The options of s_client for a client's folder."""
    return [
        "-cert", str(folder / "client.pem"), "-cert_chain", str(folder / "client.pem"),
        "-key", str(folder / "client.key"), "-CAfile", str(folder / "ca.pem"),
    ]  # fmt: skip


@dataclass
class Heard:
    """What a listener has told."""

    refused: list[RefusedHandshake] = field(default_factory=list)
    bad_requests: list[BadRequest] = field(default_factory=list)
    certificates: list[bytes] = field(default_factory=list)


def rules_for(heard: Heard, **changes: Any) -> Rules:
    """Rules with short but sufficient times."""
    rules = Rules(
        handshake_timeout=5,
        request_timeout=5,
        idle_timeout=5,
        max_message=1024 * 1024,
        max_connections=50,
        bad_request=heard.bad_requests.append,
        refused=heard.refused.append,
        accepting=lambda: None,
    )
    return replace(rules, **changes)


@contextlib.asynccontextmanager
async def echo_listener(
    authority: Authority,
    heard: Heard,
    context: ssl.SSLContext | None = None,
    padding: bytes = b"",
    **changes: Any,
) -> AsyncIterator[int]:
    """A listener with an application that answers how many octets the body had."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.certificates.append(scope["digipoort_sim.peer_certificate"])
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size, more = size + len(message["body"]), message["more_body"]
        text = str(size).encode() + padding
        headers = [(b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    listener = Listener(app, context or server_context(authority), rules_for(heard, **changes))
    sock = bound_socket("127.0.0.1", 0)
    await listener.open(sock)
    try:
        yield sock.getsockname()[1]
    finally:
        await listener.close()


async def connect(port: int, folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TLS connection as the client of this folder."""
    return await asyncio.open_connection(
        "127.0.0.1", port, ssl=client_context(folder), server_hostname="localhost"
    )


async def talk(port: int, folder: Path, raw: bytes) -> bytes:
    """Send some octets over TLS and give all that comes back until the server closes."""
    reader, writer = await connect(port, folder)
    writer.write(raw)
    try:
        return await reader.read()
    finally:
        writer.close()
