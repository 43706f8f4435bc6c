"""The certificate matrix at the SOAP door: every kind of bad certificate, in TLS and as signer."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.x509.oid import NameOID

from digipoort_sim.clock import wire_time
from digipoort_sim.exchange.values import Event
from digipoort_sim.pki.bad import BAD_KINDS, make_bad
from digipoort_sim.pki.certificate import load_certificates, serial_text
from digipoort_sim.pki.facts import shown_name
from digipoort_sim.wus import names
from tests.wus.door_kit import RunningDoor, delivery, path_of, running_door, signed
from tests.wus.tls_kit import client_folder, s_client, with_files

AANLEVEREN = names.OPERATIONS["aanleveren"]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
# Who only has the message cannot know the CAs that the sender would have shown in TLS.
SIGNER_RULES = {"path-too-long": "CERT-UNKNOWN-ISSUER"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A door where another certificate than that of TLS may sign."""
    with running_door(tmp_path_factory.mktemp("state"), signer_must_be_peer=False) as running:
        yield running


@pytest.fixture(scope="module")
def bad_folder(door: RunningDoor, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder with the files of a client whose certificate is bad in one way."""
    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            door.inner.authority.write_client_files(make_bad(door.inner.authority, kind), made[kind])
        return made[kind]

    return folder


def careless(folder: Path, version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client that does not mind what its own certificate is."""
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    context.minimum_version = context.maximum_version = version
    return context


def exchange(door: RunningDoor, context: ssl.SSLContext, raw: bytes, more: str = "") -> bytes:
    """POST a delivery, and give all that comes until the door closes."""
    head = f"POST {path_of(AANLEVEREN)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n{more}"
    with (
        socket.create_connection(("127.0.0.1", door.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.sendall(f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while part := tls.recv(65536):
                received += part
        return received


def newest_event(door: RunningDoor, after: int) -> tuple[Event, bytes]:
    """The one event behind another, with what came, once it is there."""
    until = time.monotonic() + 10
    while not (found := door.inner.office.events(after=after)):
        assert time.monotonic() < until, "no event came"
        time.sleep(0.005)
    (record,) = found
    return record.event, door.inner.office.event_raw(record.id)


def last_id(door: RunningDoor) -> int:
    """The id of the newest event."""
    found = door.inner.office.events(limit=1)
    return found[0].id if found else 0


def expect_chain(event: Event, raw: bytes, folder: Path) -> None:
    """The event must name the peer and each certificate that was offered."""
    assert event.peer.startswith("127.0.0.1:")
    chain = load_certificates(folder / "client.pem")
    for certificate in chain:
        for part in (
            f"subject {shown_name(certificate.subject)}; ",
            f"issuer {shown_name(certificate.issuer)}; ",
            f"serial number {serial_text(certificate.serial_number)}; ",
            f"from {wire_time(certificate.not_valid_before_utc)} "
            f"to {wire_time(certificate.not_valid_after_utc)}; ",
        ):
            assert part in event.detail
    numbers = [str(one.value) for one in chain[0].subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    assert f"OIN {', '.join(numbers) or 'none'}" in event.detail
    assert event.oin == ", ".join(numbers)[:40]
    assert raw == (folder / "client.pem").read_bytes()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", BAD_KINDS)
def test_no_bad_certificate_gets_in(
    door: RunningDoor, bad_folder: Callable[[str], Path], kind: str, version: ssl.TLSVersion
) -> None:
    """Each kind gets its TLS alert, or x110 by its rule and the door; its event has the whole chain."""
    folder, bad, before = bad_folder(kind), BAD_KINDS[kind], last_id(door)
    context = careless(folder, version)
    raw = signed(AANLEVEREN, delivery(), folder)
    if bad.alert:
        with pytest.raises(ssl.SSLError, match=f"alert {bad.alert.replace('_', ' ')}"):
            exchange(door, context, raw)
        event, kept = newest_event(door, before)
        assert (event.kind, event.rule, event.code) == ("tls-refused", "TLS", bad.alert)
        assert event.detail.startswith("the client certificate is refused: ")
        assert "\nWhat to do: " in event.detail
    else:
        received = exchange(door, context, raw)
        assert received.count(b"HTTP/1.1") == 1
        assert b"connection: close" in received
        assert b"foutcode>ALS110<" in received
        event, kept = newest_event(door, before)
        assert (event.kind, event.rule, event.code) == ("wus-refused", bad.rule, "ALS110")
    expect_chain(event, kept, folder)


@pytest.mark.parametrize("kind", BAD_KINDS)
def test_no_bad_certificate_may_sign(door: RunningDoor, bad_folder: Callable[[str], Path], kind: str) -> None:
    """The same certificates inside a message, over the good connection of another party, get x110."""
    before = last_id(door)
    answer = door.post(path_of(AANLEVEREN), signed(AANLEVEREN, delivery(), bad_folder(kind)))
    assert answer.fault[0] == "ALS110"
    event, kept = newest_event(door, before)
    assert (event.kind, event.code) == ("wus-refused", "ALS110")
    assert event.rule == SIGNER_RULES.get(kind, BAD_KINDS[kind].rule)
    assert b"BinarySecurityToken" in kept


def test_a_good_certificate_may(door: RunningDoor, tmp_path: Path) -> None:
    """The same requests with a good certificate are accepted: the matrix refuses for the right reason."""
    folder = client_folder(door.inner.authority, tmp_path)
    raw = signed(AANLEVEREN, delivery(), folder)
    assert door.post(path_of(AANLEVEREN), raw).status == 200
    for version in VERSIONS:
        raw = signed(AANLEVEREN, delivery(), folder)
        assert b"aanleverResponse" in exchange(door, careless(folder, version), raw, "Connection: close\r\n")


@pytest.mark.parametrize("kind", ["expired", "revoked", "unknown-root", "server-only"])
def test_openssl_and_curl_tell_the_alert(
    door: RunningDoor, bad_folder: Callable[[str], Path], kind: str
) -> None:
    """The text of the alert reaches people who look with openssl s_client or curl."""
    folder, alert = bad_folder(kind), BAD_KINDS[kind].alert.replace("_", " ")
    for version in ("-tls1_2", "-tls1_3"):
        printed = s_client(door.port, version, *with_files(folder), send="x\n")
        assert f"alert {alert}" in printed
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not there")
    files = ["--cacert", folder / "ca.pem", "--cert", folder / "client.pem", "--key", folder / "client.key"]
    command = [curl, "--silent", "--show-error", *map(str, files), f"https://localhost:{door.port}/?wsdl"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0
    assert f"alert {alert}" in done.stderr
