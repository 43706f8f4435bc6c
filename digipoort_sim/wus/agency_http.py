"""One HTTPS POST to a configured address, bounded in time and size: no redirects, no proxies, no cookies."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from digipoort_sim.errors import TechnicalError
from digipoort_sim.tls import torn_down_after

MAX_ANSWER = 8 * 1024 * 1024
"""Octets that an answer may have: room for statusdetails of a million escaped characters."""

_HTTPS_PORT = 443


@dataclass(frozen=True)
class Address:
    """Where to call; made of an URL that the settings have checked."""

    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str) -> Address:
        """The parts of an https URL."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.hostname or "", parts.port or _HTTPS_PORT, target)


@dataclass(frozen=True)
class Times:
    """How long a call may take, in seconds.

    Attributes:
        connect: for the connection, to each of the host's addresses.
        call: from the connection on to the last octet of the answer.
    """

    connect: float
    call: float


@dataclass(frozen=True)
class HttpAnswer:
    """An answer, whatever its status."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


def post(
    address: Address, context: ssl.SSLContext, headers: Mapping[str, str], body: bytes, times: Times
) -> HttpAnswer:
    """Send a request and read its answer.

    Raises:
        TechnicalError: AGENCY-CONNECT, AGENCY-TLS, AGENCY-TIMEOUT, AGENCY-HTTP or AGENCY-SIZE; the detail
            says what went wrong and does not name the address.
    """
    plain = _connected(address, times)
    # The handshake comes later, when there is somebody who ends it.
    tls = context.wrap_socket(plain, server_hostname=address.host, do_handshake_on_connect=False)
    with tls, _ended_after(tls, times.call), _told():
        tls.do_handshake()
        return _exchange(address, tls, headers, body)


def _connected(address: Address, times: Times) -> socket.socket:
    try:
        sock = socket.create_connection((address.host, address.port), times.connect)
    except TimeoutError:
        raise TechnicalError(f"no connection within {times.connect:g} s", rule="AGENCY-CONNECT") from None
    except socket.gaierror as error:
        raise TechnicalError(f"its host cannot be found ({error.strerror})", rule="AGENCY-CONNECT") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TechnicalError(f"no connection ({reason})", rule="AGENCY-CONNECT") from None
    # Later than the end of the call, which would otherwise be told as a connection that broke off.
    sock.settimeout(2 * times.call)
    return sock


def _exchange(address: Address, tls: ssl.SSLSocket, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
    connection = http.client.HTTPSConnection(address.host, address.port)
    connection.sock = tls
    connection.request("POST", address.target, body, {**headers, "Connection": "close"})
    response = connection.getresponse()
    content = response.read(MAX_ANSWER + 1)
    if len(content) > MAX_ANSWER:
        raise TechnicalError(f"its answer is larger than {MAX_ANSWER} octets", rule="AGENCY-SIZE")
    if response.length:  # what Content-Length promised and did not come; `read` with a limit does not tell
        raise TechnicalError("its answer broke off", rule="AGENCY-HTTP")
    return HttpAnswer(response.status, response.headers.get("Content-Type", ""), content)


@contextlib.contextmanager
def _ended_after(tls: ssl.SSLSocket, seconds: float) -> Iterator[None]:
    """End a connection after a time, and say so.

    Raises:
        TechnicalError: AGENCY-TIMEOUT.
    """
    late = threading.Event()
    try:
        with torn_down_after(tls, seconds, late):
            yield
    except (TechnicalError, OSError):
        if not late.is_set():
            raise
    # Also where nothing was raised: to http.client the end of a connection ends a header as well.
    if late.is_set():
        raise TechnicalError(f"no whole answer within {seconds:g} s", rule="AGENCY-TIMEOUT")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what sockets, TLS and HTTP raise into words."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise TechnicalError(
            f"its TLS certificate is not accepted: {error.verify_message}", rule="AGENCY-TLS"
        ) from None
    except ssl.SSLError as error:
        reason = (error.reason or "the connection broke off").lower().replace("_", " ")
        raise TechnicalError(f"TLS failed: {reason}", rule="AGENCY-TLS") from None
    except http.client.HTTPException as error:
        raise TechnicalError(
            f"its answer is no HTTP or broke off ({type(error).__name__})", rule="AGENCY-HTTP"
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TechnicalError(f"the connection broke off ({reason})", rule="AGENCY-HTTP") from None
