"""Agencies outside that do not play fair with the connection: silent, dripping, endless, broken."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from digipoort_sim.clock import RealClock
from digipoort_sim.config import WusSettings
from digipoort_sim.exchange.external import AgencyStatus
from digipoort_sim.exchange.values import Fout
from digipoort_sim.wus import agency_answer, agency_http
from digipoort_sim.wus.agency_http import HttpAnswer
from tests.wus.agency_kit import (
    Agency,
    fault,
    response,
    signed,
)
from tests.wus.agency_rig import FOUT, PARCEL, Rig, with_status


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One rig for all tests: they change nothing but the agency's answer."""
    rig = Rig(tmp_path_factory.mktemp("agency"))
    yield rig
    rig.agency.close()


@contextlib.contextmanager
def raw_server(rig: Rig, talk: Callable[[ssl.SSLSocket], None], handshake: bool = True) -> Iterator[str]:
    """A TLS server that reads a request and then does what it likes; gives its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(rig.folder / "client.pem", rig.folder / "client.key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            plain, _ = listener.accept()
            with plain:
                if not handshake:
                    plain.settimeout(20)
                    while plain.recv(65_536):
                        pass
                    return
                with context.wrap_socket(plain, server_side=True) as tls:
                    tls.settimeout(20)
                    tls.recv(65_536)
                    talk(tls)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}/"
    listener.close()
    thread.join(20)


def silent(tls: ssl.SSLSocket) -> None:
    """Say nothing until the other side goes."""
    while tls.recv(65_536):
        pass


def dripping(tls: ssl.SSLSocket) -> None:
    """An octet of a header now and then, without end."""
    tls.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        tls.sendall(b"x")
        time.sleep(0.05)


def continuing(tls: ssl.SSLSocket) -> None:
    """One interim answer after the other."""
    while True:
        tls.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("talk", [silent, dripping, continuing])
def test_an_agency_that_takes_for_ever_is_left(rig: Rig, talk: Callable[[ssl.SSLSocket], None]) -> None:
    """The time of a call is one for all of it: silence and endless dripping end there."""
    with raw_server(rig, talk) as url:
        started = time.monotonic()
        reply = rig.line(url=url, call_timeout_seconds=0.5).deliver(PARCEL)
        took = time.monotonic() - started
    assert (reply.outcome, reply.rule) == ("trouble", "AGENCY-TIMEOUT")
    assert reply.detail == "no whole answer within 0.5 s"
    assert took < 3


def test_a_handshake_that_never_comes_is_left(rig: Rig) -> None:
    """The time counts for the TLS handshake too."""
    with raw_server(rig, silent, handshake=False) as url:
        reply = rig.line(url=url, call_timeout_seconds=0.5).deliver(PARCEL)
    assert reply.rule == "AGENCY-TIMEOUT"


def promising(octets: int, header: bytes = b"") -> Callable[[ssl.SSLSocket], None]:
    """An answer of so many octets, as fast as they are taken."""

    def talk(tls: ssl.SSLSocket) -> None:
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n" + header + b"\r\n")
        piece = b"<a/>" * 65_536
        for _ in range(octets // len(piece)):
            tls.sendall(piece)

    return talk


def test_an_endless_answer_is_not_read(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an answer of 2 GB, with or without its length, no more is read than the limit."""
    for header in (b"Content-Length: 2000000000\r\n", b""):
        with raw_server(rig, promising(2_000_000_000, header)) as url:
            reply = rig.line(url=url, call_timeout_seconds=10).deliver(PARCEL)
        assert (reply.outcome, reply.rule) == ("trouble", "AGENCY-SIZE")
        assert str(agency_http.MAX_ANSWER) in reply.detail
        assert reply.raw is None


def closing(text: bytes) -> Callable[[ssl.SSLSocket], None]:
    """Say something and go."""
    return lambda tls: tls.sendall(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"HTTP/1.1 200",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Type: text/xml\r\n\r\n<a/>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/xml\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_broken_http_is_trouble(rig: Rig, text: bytes) -> None:
    """Whatever else comes over the line is trouble with a reason, never an exception."""
    with raw_server(rig, closing(text)) as url:
        reply = rig.line(url=url).deliver(PARCEL)
    assert reply.outcome == "trouble"
    assert reply.rule in ("AGENCY-HTTP", "AGENCY-TLS", "HTTP-CONTENT-TYPE")


def test_only_the_configured_address_is_called(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect is not followed, a proxy of the environment not used, and addresses in a message and in an
    answer are never looked at.
    """
    canary = Agency(rig.folder)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, canary.url)
    moved = f"HTTP/1.1 307 Moved\r\nLocation: {canary.url}\r\nContent-Length: 0\r\n\r\n".encode()
    with raw_server(rig, closing(moved)) as url:
        assert rig.line(url=url).deliver(PARCEL).rule == "AGENCY-HTTP"
    parcel = replace(PARCEL, rol_belanghebbende="https://localhost/", berichtkenmerk=canary.url)
    more = f"<statuscode>500</statuscode><statusdetails>{canary.url}</statusdetails>"
    assert rig.deliver(with_status(more), parcel).outcome == "taken"
    canary.close()
    assert canary.received == []


def test_mutated_answers_give_a_reply(rig: Rig) -> None:
    """Whatever stands in an answer, a reply comes out; one that is taken says what the agency signed."""
    rig.deliver()
    request, line = rig.agency.received[-1], rig.line()
    more = f"<statuscode>510</statuscode>{FOUT}<statusdetails>abc</statusdetails>"
    good = [signed(rig.agency.signer, request, response(request, more)), fault()]
    status = AgencyStatus("510", Fout("X1", "Fout."), "abc")
    chance, now = random.Random(7), RealClock().now()
    pieces = [b"<", b">", b"&#0;", b"<!-- -->", b"<?x y?>", b"<!DOCTYPE a>", b' xmlns=""', b"\xff", b"<a/>"]
    for _ in range(1500):
        raw = bytearray(chance.choice(good))
        at = chance.randrange(len(raw))
        if chance.random() < 0.5:
            raw[at] = chance.randrange(256)
        else:
            raw[at : at + chance.randrange(40)] = chance.choice(pieces)
        answer = HttpAnswer(chance.choice([200, 500]), "text/xml", bytes(raw))
        reply = agency_answer.read(answer, PARCEL, line._signers.check, now, WusSettings())
        assert reply.outcome != "taken" or reply.status == status
