"""TLS handshakes that are watched: why one failed, and an end that lets the client read the alert."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from OpenSSL import SSL, crypto
from pyftpdlib.ioloop import AsyncChat

from digipoort_sim.ftp.tls.contexts import judge_at, keep_sessions_apart
from digipoort_sim.pki.offered import alert_name, certificates_in
from digipoort_sim.pki.tls_words import FailedHandshake

_LINGER_SECONDS = 2.0
_GOODBYE_SECONDS = 3.0
_CHUNK = 65536
_MODE = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
_RECORD_ALERT, _RECORD_HANDSHAKE = 21, 22
_CERTIFICATE = 11
_TLS13 = 0x0304
_MOST_BYTES = 128 * 1024
_ffi: Any = SSL._ffi  # type: ignore[attr-defined]
_lib: Any = SSL._lib  # type: ignore[attr-defined]


@dataclass
class Heard:
    """What was seen of one handshake.

    Attributes:
        chain: the certificates that the client offered, as DER.
        alert: the name of the alert that was sent; empty if none.
    """

    chain: tuple[bytes, ...] = ()
    alert: str = ""


def watch(context: SSL.Context) -> None:
    """Note in each handshake of a context what the client offers and which alert it gets.

    pyOpenSSL has no words for this callback of OpenSSL, only the function itself; where a later version
    lacks that too, events of refused handshakes just say less.
    """
    with contextlib.suppress(AttributeError):
        _ = SSL.Connection._reverse_mapping  # which the callback needs, where nobody could catch its lack
        _lib.SSL_CTX_set_msg_callback(context._context, _message)


@contextlib.contextmanager
def unwatched(context: SSL.Context) -> Iterator[None]:
    """Connections that are made of the context within this are not watched.

    OpenSSL tells of each record of a connection for as long as it lives, and large files have very many.
    """
    set_callback = getattr(_lib, "SSL_CTX_set_msg_callback", None)
    if set_callback is None:
        yield
        return
    set_callback(context._context, _ffi.NULL)
    try:
        yield
    finally:
        set_callback(context._context, _message)


@_ffi.callback("void(int, int, int, const void *, size_t, SSL *, void *)")  # type: ignore[untyped-decorator]
def _message(written: int, version: int, kind: int, data: Any, size: int, ssl: Any, _: Any) -> None:
    # Called for every record of every connection, so the common case must leave at once.
    if kind not in (_RECORD_ALERT, _RECORD_HANDSHAKE) or not 2 <= size <= _MOST_BYTES:
        return
    connection = SSL.Connection._reverse_mapping.get(ssl)
    heard = connection.get_app_data() if connection is not None else None
    if heard is None:
        return
    content = bytes(_ffi.buffer(data, size))
    if kind == _RECORD_HANDSHAKE and not written and content[0] == _CERTIFICATE:
        heard.chain = certificates_in(content, is_tls13=version == _TLS13)
    elif kind == _RECORD_ALERT and written and content[1]:
        heard.alert = alert_name(content[1])


class WatchedHandshake:
    """Mixin for pyftpdlib's TLS channels: remembers what verification found wrong, and always ends."""

    socket: Any
    _closed: bool
    _error: bool
    _verify_code = 0
    _faulty: tuple[bytes, ...] = ()
    _says_goodbye = False

    def secure_connection(self, ssl_context: SSL.Context) -> None:
        """Begin the handshake, judged at the security clock's time."""
        judge_at(ssl_context, self._security_time())
        owner = self.owner_of_tls_session()
        if owner:
            keep_sessions_apart(ssl_context, owner)
        super().secure_connection(ssl_context)  # type: ignore[misc]
        if isinstance(self.socket, SSL.Connection):
            self.socket.set_app_data(Heard())
            self.socket.set_verify(_MODE, self._verified)

    def close(self) -> None:
        """Close the connection with a goodbye of TLS; one that its client never reads is cut off."""
        super().close()  # type: ignore[misc]
        self.end_soon()

    def end_soon(self) -> None:
        """See that the connection is gone after a moment, whatever its client does."""
        if not (self._closed or self._says_goodbye):
            self._says_goodbye = True
            self.call_later(_GOODBYE_SECONDS, self.cut)  # type: ignore[attr-defined]

    def cut(self) -> None:
        """Close the connection now, without a goodbye."""
        self._error = True  # so pyftpdlib knows that there is to be none
        self.close()

    def owner_of_tls_session(self) -> bytes:
        """Whose TLS sessions the connection may resume; empty for those of anybody."""
        return b""

    def _security_time(self) -> Any:
        raise TypeError("a channel says what time it is")

    def _verified(
        self, connection: SSL.Connection, certificate: crypto.X509, number: int, depth: int, ok: int
    ) -> bool:
        if not ok and not self._verify_code:
            self._verify_code = number
            self._faulty = (crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate),)
        return bool(ok)

    def failure_of(self, error: BaseException | None) -> FailedHandshake:
        """What is known of a handshake that failed with this error of OpenSSL."""
        heard = self.socket.get_app_data() if isinstance(self.socket, SSL.Connection) else None
        heard = heard or Heard()
        words = _verification_words(self._verify_code) if self._verify_code else _reason(error)
        return FailedHandshake(words, self._verify_code, heard.alert, heard.chain or self._faulty)


class Lingering(AsyncChat):  # type: ignore[misc]
    """A connection that is over: says so, and reads on for a moment so that the last words arrive.

    Closing at once, with octets of the client unread, would reset the connection and take the TLS alert
    away from under the client.
    """

    def __init__(self, raw: socket.socket, ioloop: Any) -> None:
        super().__init__(raw, ioloop=ioloop)
        self.call_later(0, self._say_goodbye)
        self.call_later(_LINGER_SECONDS, self.close)

    def _say_goodbye(self) -> None:
        """Only now: the first handle may still have had something to send."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def handle_read(self) -> None:
        """Throw away what comes, until the client has closed too."""
        try:
            if not self.socket.recv(_CHUNK):
                self.close()
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def writable(self) -> bool:
        """Never: everything was said."""
        return False

    def handle_close(self) -> None:
        """The client is gone."""
        self.close()


def linger(connection: Any, ioloop: Any) -> None:
    """Let a second handle of a connection linger; the first one is to be closed right after."""
    with contextlib.suppress(OSError):
        raw = socket.socket(fileno=os.dup(connection.fileno()))
        raw.setblocking(False)
        Lingering(raw, ioloop)


def _reason(error: BaseException | None) -> str:
    try:
        return "; ".join(str(line[-1]) for line in error.args[0]) or "no reason given"  # type: ignore[union-attr]
    except (AttributeError, IndexError, TypeError):
        return str(error) or "no reason given"


def _verification_words(code: int) -> str:
    text: bytes = _ffi.string(_lib.X509_verify_cert_error_string(code))
    return text.decode("ascii", "replace")
