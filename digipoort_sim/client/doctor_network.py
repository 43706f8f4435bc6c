"""The way to the server: TCP, TLS, its certificate, and one question at a time over it."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from digipoort_sim.client.doctor_files import Material, Places
from digipoort_sim.clock import RealClock
from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki.certificate import pem_bundle
from digipoort_sim.pki.facts import read_facts
from digipoort_sim.tls import torn_down_after, watch_messages

_MOST_ANSWER = 4 * 1024 * 1024
_ALERT = re.compile(r"ALERT_(\w+)")
_CERTIFICATE_REQUEST = 13
_HANDSHAKE = 22
_HTTPS = 443


@dataclass(frozen=True)
class Target:
    """Where the service is.

    Attributes:
        host: name or address, without brackets.
        path: of the URL, without a slash at its end; empty if it has none.
    """

    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Target:
        """Take a URL apart.

        Raises:
            ConfigError: it is no https URL.
        """
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise _bad_url(url, str(error)) from None
        if parts.scheme.lower() != "https":
            raise _bad_url(url, "it must begin with https://")
        if not parts.hostname or parts.username is not None:
            raise _bad_url(url, "it must have a host name, and no user")
        if not (url.isascii() and url.isprintable()) or " " in url.strip():
            raise _bad_url(url, "it has characters that cannot stand in a URL")
        if port == 0:
            raise _bad_url(url, "port 0 cannot be called")
        path = parts.path.rstrip("/")
        return cls(parts.hostname, port or _HTTPS, path)

    @property
    def shown(self) -> str:
        """Host and port, as in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _HTTPS else f"{host}:{self.port}"

    def url(self, path: str) -> str:
        """The URL of a path on this host."""
        return f"https://{self.shown}{path}"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        skew_seconds: how far this machine's clock is ahead of the server's, by its Date header, to the
            second; None without one.
    """

    status: int
    body: bytes
    location: str
    skew_seconds: float | None


class NoAnswerError(Exception):
    """A question got no answer.

    Attributes:
        alert: the name of the TLS alert that came, such as ``unknown_ca``; empty if none did.
        error: what the library said.
    """

    def __init__(self, error: BaseException, *, timed_out: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.alert = alert_in(error)
        self.timed_out = timed_out or isinstance(error, TimeoutError)


@dataclass(frozen=True)
class Line:
    """A TLS connection that has come about.

    Attributes:
        asked_for_certificate: whether the server wanted the client's; None if that cannot be seen.
    """

    version: str
    cipher: str
    asked_for_certificate: bool | None


class Network:
    """Asks a server as the client of some material; every step has its time limit.

    Args:
        timeout: seconds for each of connecting, the handshake, and a whole question with its answer.
    """

    def __init__(self, target: Target, context: ssl.SSLContext, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        self._context = context
        self._asked: bool | None = None
        self._watch()

    def connect(self) -> str:
        """Connect by TCP; gives the address.

        Raises:
            OSError: it does not come about.
        """
        with socket.create_connection((self.target.host, self.target.port), self.timeout) as sock:
            return str(sock.getpeername()[0])

    def greet(self) -> Line:
        """Make a TLS handshake and hang up.

        Raises:
            NoAnswerError: it does not come about.
            ssl.SSLCertVerificationError: the server's certificate is not trusted.
        """
        with self._line() as tls:
            cipher = tls.cipher()
            return Line(tls.version() or "", cipher[0] if cipher else "", self._asked)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """Ask one question over a connection of its own.

        Raises:
            NoAnswerError: there is no answer, or none in time.
            ssl.SSLCertVerificationError: the server's certificate is not trusted.
        """
        with self._line() as tls:
            connection = http.client.HTTPConnection(self.target.host, self.target.port)
            connection.sock = tls
            began = RealClock().now()
            connection.request(method, path, body or None, {"Host": self.target.shown, **(headers or {})})
            response = connection.getresponse()
            asked = began + (RealClock().now() - began) / 2
            skew = _skew(response.headers.get("Date"), asked.timestamp())
            content = response.read(_MOST_ANSWER)
            return Answer(response.status, content, response.headers.get("Location", ""), skew)

    @contextlib.contextmanager
    def _line(self) -> Iterator[ssl.SSLSocket]:
        """A TLS connection that is torn down when its time is over, also under a server that dribbles."""
        self._asked = None if self._asked is None else False
        late = threading.Event()
        try:
            raw = socket.create_connection((self.target.host, self.target.port), self.timeout)
            with self._context.wrap_socket(
                raw, server_hostname=self.target.host, do_handshake_on_connect=False
            ) as tls:
                with torn_down_after(tls, self.timeout, late):
                    tls.do_handshake()
                with torn_down_after(tls, self.timeout, late):
                    yield tls
                if late.is_set():  # torn down, which the last read took for the end of the answer
                    raise TimeoutError("the answer did not come to its end in time")
        except ssl.SSLCertVerificationError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswerError(error, timed_out=late.is_set()) from error

    def _watch(self) -> None:
        """Look on whether the server asks for a certificate; Python's `ssl` does not tell otherwise."""
        if watch_messages(self._context, self._message):
            self._asked = False

    def _message(
        self, connection: Any, direction: str, version: int, content: int, kind: int, data: bytes
    ) -> None:
        if content == _HANDSHAKE and kind == _CERTIFICATE_REQUEST and direction == "read":
            self._asked = True


def client_context(material: Material, places: Places) -> ssl.SSLContext:
    """A context with the client's certificate and the CAs that vouch for the server.

    The machine's own CAs count when no CA file was given.

    Raises:
        ssl.SSLError: the library does not take certificate and key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if places.ca is None:
        context.load_default_certs()
    else:
        for ca in material.cas:
            context.load_verify_locations(cadata=ca.public_bytes(serialization.Encoding.DER))
    if material.certificates and material.key is not None:
        _load_own(context, material)
    return context


def look_at_server(target: Target, timeout: float) -> x509.Certificate | None:
    """The certificate of a server, whoever vouches for it; None if it shows none that can be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        raw = socket.create_connection((target.host, target.port), timeout)
        with context.wrap_socket(raw, server_hostname=target.host, do_handshake_on_connect=False) as tls:
            with torn_down_after(tls, timeout, threading.Event()):
                tls.do_handshake()
            der = tls.getpeercert(True)
        return read_facts(der).certificate if der else None
    except (OSError, ValueError, AuthenticationRefusal):
        return None


def alert_in(error: BaseException | None) -> str:
    """The name of the TLS alert that an error tells of, such as ``unknown_ca``; empty if it tells of none."""
    while error is not None:
        found = _ALERT.search(getattr(error, "reason", None) or "")
        if found is not None:
            return found.group(1).lower()
        error = error.__cause__ or error.__context__
    return ""


def _load_own(context: ssl.SSLContext, material: Material) -> None:
    """Hand over certificate and key; `ssl` takes them from a file only, so the key is encrypted there."""
    password = SystemIds().token(24).hex()
    key = material.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "client.pem"
        file.touch(0o600)
        file.write_bytes(pem_bundle(*material.certificates) + key)
        try:
            context.load_cert_chain(file, password=password)
        except ssl.SSLError:
            # Too weak for this library; what the server thinks of it is to be seen all the same.
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.load_cert_chain(file, password=password)


def _skew(date: str | None, here: float) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        # A date of whole seconds stands for the middle of its second.
        return None if date is None else here - parsedate_to_datetime(date).timestamp() - 0.5
    except (ValueError, OverflowError):
        return None


def _bad_url(url: str, why: str) -> ConfigError:
    return ConfigError(f"--url {url[:200]}: {why}, such as https://localhost:8443", rule="OPTION")
