"""The listener on real sockets: TLS alerts, HTTP framing, time-outs, limits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from digipoort_sim.pki import Authority, client_context
from digipoort_sim.pki.certificate import load_certificates
from digipoort_sim.wus import http_connection
from digipoort_sim.wus.listener import bound_socket
from tests.wus.tls_kit import (
    Heard,
    authority_in,
    client_folder,
    connect,
    crooked_folder,
    echo_listener,
    s_client,
    stranger_folder,
    talk,
    with_files,
)

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the listener trusts."""
    return authority_in(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def client(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a good client."""
    return client_folder(authority, tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def stranger(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a client that nobody knows."""
    return stranger_folder(tmp_path_factory.mktemp("stranger"), authority.paths.ca_file)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_stranger_gets_alert(authority: Authority, stranger: Path, version: str) -> None:
    """A client with a certificate of an unknown CA gets the alert unknown_ca, and we know why."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        printed = await asyncio.to_thread(s_client, port, version, *with_files(stranger), send="x\n")
    assert "alert unknown ca" in printed
    (refused,) = heard.refused
    assert refused.failed.alert == "unknown_ca"
    assert refused.failed.words.replace("self ", "self-") == "self-signed certificate"
    assert x509.load_der_x509_certificate(refused.failed.chain[0]).serial_number == 7
    assert refused.peer.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("version", "printed_alert", "alert"),
    [
        ("-tls1_2", "alert handshake failure", "handshake_failure"),
        ("-tls1_3", "alert certificate required", "certificate_required"),
    ],
)
async def test_no_certificate_gets_alert(
    authority: Authority, version: str, printed_alert: str, alert: str
) -> None:
    """A client without a certificate gets the alert of its TLS version."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        printed = await asyncio.to_thread(s_client, port, version, send="x\n")
    assert printed_alert in printed
    assert [refused.failed.alert for refused in heard.refused] == [alert]


async def test_revoked_gets_alert(authority: Authority, tmp_path: Path) -> None:
    """A client whose certificate stands in the CRL gets the alert certificate_revoked."""
    folder = client_folder(authority, tmp_path / "revoked")
    authority.revoke(folder / "client.pem")
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        printed = await asyncio.to_thread(s_client, port, *with_files(folder), send="x\n")
    assert "alert certificate revoked" in printed
    assert [refused.failed.alert for refused in heard.refused] == ["certificate_revoked"]


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_expired_gets_alert(authority: Authority, tmp_path: Path, version: str) -> None:
    """A client of ours whose certificate has expired gets the alert certificate_expired."""
    past = datetime.now(UTC) - timedelta(days=3)
    folder = crooked_folder(
        authority, tmp_path / "expired", valid_from=past, valid_to=past + timedelta(days=1)
    )
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        printed = await asyncio.to_thread(s_client, port, version, *with_files(folder), send="x\n")
    assert "alert certificate expired" in printed
    assert [refused.failed.alert for refused in heard.refused] == ["certificate_expired"]


async def test_several_processes_share_a_port() -> None:
    """Two sockets of this door can be bound to one port, as several worker processes do."""
    with bound_socket("127.0.0.1", 0, shared=True) as first:
        port = first.getsockname()[1]
        with bound_socket("127.0.0.1", port, shared=True) as second:
            assert second.getsockname()[1] == port
        with pytest.raises(OSError):  # noqa: PT011 (whatever the machine says of a foreign address)
            bound_socket("192.0.2.1", 0)


async def test_plain_http_is_refused(authority: Authority) -> None:
    """A client that speaks plain HTTP to the TLS port is refused and becomes an event."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        await reader.read()
        writer.close()
    assert [refused.failed.words for refused in heard.refused] == ["http request"]


async def test_good_client_is_served(authority: Authority, client: Path) -> None:
    """A good client is served, and the application sees its certificate."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        answer = await talk(port, client, GET)
    assert answer.startswith(b"HTTP/1.1 200")
    expected = load_certificates(client / "client.pem")[0]
    assert x509.load_der_x509_certificate(heard.certificates[0]) == expected


async def test_handshake_timeout(authority: Authority, client: Path) -> None:
    """A connection that does not finish its handshake is closed and told of; others are served meanwhile."""
    heard = Heard()
    async with echo_listener(authority, heard, handshake_timeout=0.3) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(8)]
        assert (await talk(port, client, GET)).startswith(b"HTTP/1.1 200")
        for reader, writer in silent:
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
    assert {refused.failed.words for refused in heard.refused} == {"the handshake took too long"}
    assert len(heard.refused) == 8


@pytest.mark.parametrize(
    "begin",
    [b"POST / HTTP/1.1\r\nHost: loc", b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 10\r\n\r\n12345"],
    ids=["headers", "body"],
)
async def test_slow_request(authority: Authority, client: Path, begin: bytes) -> None:
    """A request that does not arrive in time gets 408 and its connection is closed."""
    heard = Heard()
    async with echo_listener(authority, heard, request_timeout=0.3) as port:
        answer = await talk(port, client, begin)
    assert answer.startswith(b"HTTP/1.1 408")
    assert [bad.status for bad in heard.bad_requests] == [408]


async def test_idle_connection(authority: Authority, client: Path) -> None:
    """A connection without a request is closed after the idle time, at its start and between requests."""
    heard = Heard()
    async with echo_listener(authority, heard, idle_timeout=0.3) as port:
        assert await talk(port, client, b"") == b""
        answer = await talk(port, client, GET.replace(b"Connection: close\r\n", b""))
        assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
        b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: +5\r\n\r\n12345",
        b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost : l\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: l\r\n folded: x\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: trailer\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: l\r\nContent-Type: a\r\nContent-Type: b\r\nContent-Length: 0\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: l\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: l\r\nHost: m\r\n\r\n",
        b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: l\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % i for i in range(101)) + b"\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_crooked_framing(authority: Authority, client: Path, raw: bytes) -> None:
    """A request that could be framed in two ways, or is no proper HTTP, gets 400 and is told of."""
    heard = Heard()
    async with echo_listener(authority, heard, request_timeout=2, idle_timeout=2) as port:
        answer = await talk(port, client, raw)
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert [bad.status for bad in heard.bad_requests] == [400]


async def test_another_expectation(authority: Authority, client: Path) -> None:
    """An Expect with anything but 100-continue gets 417."""
    heard = Heard()
    raw = b"POST / HTTP/1.1\r\nHost: l\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n1"
    async with echo_listener(authority, heard) as port:
        answer = await talk(port, client, raw)
    assert answer.startswith(b"HTTP/1.1 417 Expectation Failed\r\n")
    assert [bad.status for bad in heard.bad_requests] == [417]


async def test_what_came_is_kept(authority: Authority, client: Path) -> None:
    """The first octets of a request that is refused are told too: its head, and 16 KiB at most."""
    heard = Heard()
    good = b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 3\r\n\r\n123"
    bad = b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n123"
    endless = b"GET / HTTP/1.1\r\nHost: l\r\nX: " + b"x" * 200_000
    async with echo_listener(authority, heard, request_timeout=0.3) as port:
        for raw in (bad, bad[:40], good + bad, endless):
            await talk(port, client, raw)
    assert [request.raw for request in heard.bad_requests] == [bad, bad[:40], good + bad, endless[:16384]]


@pytest.mark.parametrize(
    "junk", [b"junk\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 1\r\n" * 2, GET[:-2] * 9]
)
async def test_junk_behind_a_request(authority: Authority, client: Path, junk: bytes) -> None:
    """What is wrong behind a good request does not take its answer away, and is told of."""
    heard = Heard()
    good = b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 3\r\n\r\n123"
    async with echo_listener(authority, heard) as port:
        answer = await talk(port, client, good + good + junk)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.count(b"HTTP/1.1") == 2
    assert answer.endswith(b"\r\n\r\n3")
    assert [bad.status for bad in heard.bad_requests] == [400]


async def test_endless_headers(authority: Authority, client: Path) -> None:
    """Headers beyond 64 KiB are refused with 431, also one header that never ends."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        answer = await talk(port, client, b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000)
    assert answer.startswith(b"HTTP/1.1 431")


async def test_large_body_is_no_header(
    authority: Authority, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a large body is not counted as the head of the next request."""
    monkeypatch.setattr(http_connection, "MAX_HEAD", 1000)
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        head = b"POST / HTTP/1.1\r\nHost: l\r\nConnection: close\r\nContent-Length: 900000\r\n\r\n"
        answer = await talk(port, client, head + bytes(900_000))
    assert answer.endswith(b"\r\n\r\n900000")


async def test_too_large_message(authority: Authority, client: Path) -> None:
    """A request larger than the listener's own bound is dropped with 413."""
    heard = Heard()
    head = b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 3000000\r\n\r\n"
    async with echo_listener(authority, heard) as port:
        answer = await talk(port, client, head + b"x" * 2_000_000)
    assert answer.startswith(b"HTTP/1.1 413")


async def test_keep_alive_chunked_and_continue(authority: Authority, client: Path) -> None:
    """One connection serves a chunked request, then one that expects 100-continue, then a pipelined pair."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        reader, writer = await connect(port, client)
        writer.write(
            b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5;ext=1\r\n12345\r\n3\r\n678\r\n0\r\n\r\n"
        )
        assert (await reader.readuntil(b"\r\n\r\n8")).startswith(b"HTTP/1.1 200")
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"1234")
        assert (await reader.readuntil(b"\r\n\r\n4")).startswith(b"HTTP/1.1 200")
        writer.write(GET.replace(b"Connection: close\r\n", b"") + GET)
        assert (await reader.read()).count(b"HTTP/1.1 200") == 2
        writer.close()
    assert len(set(heard.certificates)) == 1


async def test_who_only_holds_a_connection_keeps_nobody_out(authority: Authority, client: Path) -> None:
    """Beyond the limit the oldest connection in its handshake has to go, then the oldest that waits."""
    heard = Heard()
    async with echo_listener(authority, heard, max_connections=2) as port:
        idle, asking = await connect(port, client)
        asking.write(GET.replace(b"Connection: close\r\n", b""))
        assert (await idle.readuntil(b"\r\n\r\n0")).startswith(b"HTTP/1.1 200")
        silent, _ = await asyncio.open_connection("127.0.0.1", port)
        newer, _ = await connect(port, client)
        with contextlib.suppress(ConnectionResetError):
            assert await silent.read() == b""
        assert not idle.at_eof()
        newest, writer = await connect(port, client)
        with contextlib.suppress(ConnectionResetError):
            assert await idle.read() == b""
        assert not newer.at_eof()
        writer.write(GET)
        assert (await newest.read()).startswith(b"HTTP/1.1 200")
    assert [refused.failed.words for refused in heard.refused] == [
        "there are more than 2 connections; those that wait the longest are dropped"
    ]


async def test_connections_at_work_stay(authority: Authority, client: Path) -> None:
    """When every connection has a request under way, a new one is dropped."""
    async with echo_listener(authority, Heard(), max_connections=1) as port:
        reader, writer = await connect(port, client)
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nConnection: close\r\nContent-Length: 2\r\n\r\n1")
        await asyncio.sleep(0.05)
        with pytest.raises(OSError):  # noqa: PT011 (reset or closed in the handshake)
            await connect(port, client)
        writer.write(b"2")
        assert (await reader.read()).startswith(b"HTTP/1.1 200")


async def test_a_client_that_does_not_read(authority: Authority, client: Path) -> None:
    """A client that does not read its answer is dropped after a while, and its place is free."""
    padding = bytes(32 * 1024 * 1024)
    async with echo_listener(
        authority, Heard(), padding=padding, request_timeout=0.3, max_connections=1
    ) as port:
        reader, writer = await connect(port, client)
        writer.write(GET)
        assert (await reader.read(10)).startswith(b"HTTP/1.1 ")
        for _ in range(100):
            try:
                assert (await talk(port, client, GET)).startswith(b"HTTP/1.1 200")
                break
            except OSError:
                await asyncio.sleep(0.05)
        else:
            pytest.fail("the first connection never left")


async def test_stops_at_once_for_an_idle_client(authority: Authority, client: Path) -> None:
    """A client that holds its connection open without reading does not hold up the end of the server."""
    async with echo_listener(authority, Heard()) as port:
        raw = socket.create_connection(("127.0.0.1", port))
        held = await asyncio.to_thread(client_context(client).wrap_socket, raw, server_hostname="localhost")
        started = time.monotonic()
    assert time.monotonic() - started < 2
    held.close()


async def test_resumed_session_shows_certificate(authority: Authority, client: Path) -> None:
    """Also in a resumed TLS session the application sees the client's certificate."""
    heard = Heard()
    session = client / "session.pem"
    request = GET.decode().replace("\r\n", "\n")
    async with echo_listener(authority, heard) as port:
        options = ["-crlf", *with_files(client), "-tls1_2"]
        first = await asyncio.to_thread(s_client, port, *options, "-sess_out", str(session), send=request)
        second = await asyncio.to_thread(s_client, port, *options, "-sess_in", str(session), send=request)
    assert "New, TLSv1.2" in first
    assert "Reused, TLSv1.2" in second
    assert len(heard.certificates) == 2
    assert heard.certificates[0] == heard.certificates[1] != b""
