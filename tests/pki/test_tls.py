"""TLS over real sockets: who gets in, who gets an alert, and that revocation works in a running context."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from digipoort_sim.errors import ConfigError
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority, IssuedCertificate, Oin, client_context, reload_crls, server_context
from digipoort_sim.pki.bad import BAD_KINDS, make_bad
from tests.pki.conftest import CLOCKS

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@dataclass
class Meeting:
    """What both ends saw: the client's certificate or the server's error, and the client's error."""

    peer: bytes | None = None
    server: str = ""
    client: str = ""


def meet(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "localhost") -> Meeting:
    """Let a client come to a server over a socket and read two bytes."""
    seen = Meeting()

    def serve(listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
            with connection, server.wrap_socket(connection, server_side=True) as tls:
                seen.peer = tls.getpeercert(binary_form=True)
                tls.sendall(b"ok")
                tls.unwrap()
        except (ssl.SSLError, OSError) as error:
            seen.server = str(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            with (
                socket.create_connection(listener.getsockname(), timeout=20) as plain,
                client.wrap_socket(plain, server_hostname=name) as tls,
            ):
                assert tls.recv(2) == b"ok"
                tls.unwrap()
        except (ssl.SSLError, OSError) as error:
            seen.client = str(error)
        thread.join()
    return seen


def context_of(authority: Authority, issued: IssuedCertificate | None, folder: Path) -> ssl.SSLContext:
    """A client that is careless about its own certificate, as one in another language may be."""
    context = ssl.create_default_context(cafile=str(authority.paths.ca_file))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if issued is not None:
        (folder / "both.pem").write_bytes(issued.chain_pem() + issued.key_pem())
        context.load_cert_chain(folder / "both.pem")
    return context


@pytest.fixture(scope="module")
def server(authority: Authority) -> ssl.SSLContext:
    """A running server's context."""
    return server_context(authority)


@pytest.fixture
def client(authority: Authority) -> IssuedCertificate:
    """A new good client certificate."""
    return authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_client_gets_in(
    authority: Authority,
    server: ssl.SSLContext,
    client: IssuedCertificate,
    tmp_path: Path,
    version: ssl.TLSVersion,
) -> None:
    """With the files of its folder, under TLS 1.2 and 1.3, by every kind of name of the server."""
    authority.write_client_files(client, tmp_path)
    context = client_context(tmp_path)
    context.maximum_version = version
    for name in ("localhost", "127.0.0.1", "::1", "wus.preproductie.digipoort.logius.nl"):
        assert meet(server, context, name) == Meeting(peer=client.der)


def test_a_strict_client_accepts_the_server(
    authority: Authority, server: ssl.SSLContext, client: IssuedCertificate, tmp_path: Path
) -> None:
    """The server's chain passes the strict checks that Python 3.13 has by default."""
    context = context_of(authority, client, tmp_path)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    assert meet(server, context).peer == client.der


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_without_a_certificate_is_refused(
    authority: Authority, server: ssl.SSLContext, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    """The handshake fails at the server, and the client gets an alert."""
    context = context_of(authority, None, tmp_path)
    context.maximum_version = version
    seen = meet(server, context)
    assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in seen.server
    assert "ALERT" in seen.client.upper()


@pytest.mark.parametrize("kind", BAD_KINDS)
def test_tls_refuses_what_openssl_sees(authority: Authority, tmp_path: Path, kind: str) -> None:
    """Each bad certificate is refused with its alert, or let in where only `Trust` sees the fault."""
    bad = make_bad(authority, kind)
    seen = meet(server_context(authority), context_of(authority, bad, tmp_path))
    if BAD_KINDS[kind].refused_by_tls:
        assert seen.peer is None
        assert seen.server
        assert f"alert {BAD_KINDS[kind].alert.replace('_', ' ')}" in seen.client
    else:
        assert seen == Meeting(peer=bad.der)


def test_a_running_context_learns_of_each_revocation(authority: Authority, tmp_path: Path) -> None:
    """Newer CRLs work in a context that runs, also two in one second."""
    server = server_context(authority)
    for _ in range(2):
        client = authority.issue_client(Oin.from_kvk("12345678"), "Testbedrijf")
        context = context_of(authority, client, tmp_path)
        assert meet(server, context).peer == client.der
        authority.revoke(client.serial)
        reload_crls(server, authority)
        assert "revoked" in meet(server, context).server


def test_time_may_be_left_to_trust(authority: Authority, tmp_path: Path) -> None:
    """For a security clock that is not the machine's, the handshake does not look at the clock."""
    server = server_context(authority, check_time=False)
    for kind in ("expired", "not-yet-valid"):
        bad = make_bad(authority, kind)
        assert meet(server, context_of(authority, bad, tmp_path)).peer == bad.der


def test_more_names_of_the_server_are_an_option(tmp_path: Path) -> None:
    """A name that is given to the context stands in the certificate that it shows."""
    authority = Authority.open(tmp_path / "state", CLOCKS, SystemIds())
    server = server_context(authority, ["digipoort.example"])
    client = authority.issue_client(Oin.from_test("1"), "Testbedrijf")
    assert meet(server, context_of(authority, client, tmp_path), "digipoort.example").peer == client.der


def test_a_folder_without_the_files_is_the_users_error(tmp_path: Path) -> None:
    """The error names the folder and what should be in it."""
    with pytest.raises(ConfigError, match=r"client\.pem"):
        client_context(tmp_path)
