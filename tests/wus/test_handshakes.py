"""Handshakes that fail for other reasons than a certificate: each closes, and becomes an event in words."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from digipoort_sim.clock import RealClock
from digipoort_sim.pki import Authority
from digipoort_sim.pki.tls_words import explain
from tests.wus.tls_kit import Heard, authority_in, client_folder, echo_listener, s_client, with_files


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the listener trusts."""
    return authority_in(tmp_path_factory.mktemp("state"))


def told(heard: Heard) -> tuple[str, str]:
    """The alert and the first line of what was told of the one refused handshake."""
    (refused,) = heard.refused
    assert refused.peer.startswith("127.0.0.1:")
    return refused.failed.alert, explain(refused.failed, (), RealClock().now()).split("\n")[0]


@pytest.mark.parametrize(
    ("sent", "answer", "alert", "says"),
    [
        (b"GET / HTTP/1.1\r\nHost: l\r\n\r\n", b"", "", "plain HTTP"),
        (b"POST /cpl HTTP/1.1\r\nHost: l\r\n\r\n", b"", "", "plain HTTP"),
        (b"\x00" * 100, b"", "", "no TLS"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", b"", "", "no TLS"),
        # A ClientHello of SSL 3.0 whose length does not fit.
        (
            b"\x16\x03\x00\x00\x2f\x01\x00\x00\x2b\x03\x00" + bytes(41),
            b"\x15\x03\x03\x00\x02\x02\x32",
            "decode_error",
            "no TLS",
        ),
        # A ClientHello of SSL 3.0 that fits: one cipher, no compression.
        (
            b"\x16\x03\x00\x00\x2d\x01\x00\x00\x29\x03\x00" + bytes(32) + b"\x00\x00\x02\x00\x2f\x01\x00",
            b"\x15\x03\x00\x00\x02\x02\x28",
            "handshake_failure",
            "older than 1.2",
        ),
    ],
)  # fmt: skip
async def test_what_is_no_tls(
    authority: Authority, sent: bytes, answer: bytes, alert: str, says: str
) -> None:
    """Plain HTTP, junk and SSL 3.0 get the alert that there is for them, or none, and are closed."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        received = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert received == answer
    assert told(heard)[0] == alert
    assert says in told(heard)[1]


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
async def test_old_tls(authority: Authority, tmp_path: Path, version: str) -> None:
    """TLS 1.0 and 1.1 get the alert protocol_version, whatever certificate is behind them."""
    heard, folder = Heard(), client_folder(authority, tmp_path)
    options = [version, "-cipher", "ALL:@SECLEVEL=0", *with_files(folder)]
    async with echo_listener(authority, heard) as port:
        printed = await asyncio.to_thread(s_client, port, *options, send="x\n")
    if not heard.refused:
        pytest.skip(f"this openssl cannot speak {version}: {printed[-200:]}")
    assert "alert protocol version" in printed
    assert told(heard) == ("protocol_version", "the client speaks a TLS version older than 1.2")


async def test_a_client_that_does_not_trust_us(authority: Authority) -> None:
    """A client that refuses our certificate is told of by the alert that it sent."""
    heard = Heard()
    empty = ["-verify_return_error", "-no-CAfile", "-no-CApath", "-no-CAstore"]
    async with echo_listener(authority, heard) as port:
        await asyncio.to_thread(s_client, port, *empty, send="x\n")
    assert told(heard) == ("", "the client broke off: it does not trust the server's certificate")


async def test_who_hangs_up(authority: Authority) -> None:
    """A connection that ends within its handshake is told of, one that said nothing (a probe) is not."""
    heard = Heard()
    async with echo_listener(authority, heard) as port:
        for sent in (b"", b"\x16\x03\x01\x02\x00\x01"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            writer.write_eof()
            with contextlib.suppress(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 5)
            writer.close()
    assert told(heard)[1] == "the client closed the connection in the middle of the handshake"
