"""Looks on while OpenSSL shakes hands: which certificate a client offered, which alert went out to it.

Python tells neither when a handshake fails. OpenSSL has a callback for every protocol message, also for
those that are encrypted, which Python's `ssl` keeps as a private aid to debugging; where a Python
does not have it, events of refused handshakes just say less.
"""

from __future__ import annotations

import contextlib
import ssl
import weakref
from dataclasses import dataclass
from typing import Any

from cryptography import x509

_HANDSHAKE = 22
_ALERT = 21
_CERTIFICATE = 11
_TLS13 = 0x0304
_CLOSE_NOTIFY = 0
_MESSAGE_HEAD = 4
_CERTIFICATE_REQUIRED = 116  # the one that ssl.AlertDescription does not know
_MAX_CERTIFICATE = 32 * 1024


@dataclass(frozen=True)
class Seen:
    """What was seen of one handshake.

    Attributes:
        certificate: the first certificate that the client offered, as DER; empty if none.
        alert: the name of the alert that was sent; empty if none.
    """

    certificate: bytes = b""
    alert: str = ""


class HandshakeWatch:
    """Watches all handshakes of a TLS context, the ones of other processes after a fork not included."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._certificates: weakref.WeakKeyDictionary[Any, bytes] = weakref.WeakKeyDictionary()
        self._alerts: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        base: Any = ssl.SSLContext.__mro__[1]
        with contextlib.suppress(AttributeError):
            # Past Python's own setter, which would make three enum members of every message.
            base._msg_callback.__set__(context, self._message)

    def take(self, connection: Any) -> Seen:
        """What was seen of a connection (an `ssl.SSLObject`); it is forgotten with that."""
        code = self._alerts.pop(connection, None)
        certificate = self._certificates.pop(connection, b"")
        return Seen(certificate, "" if code is None else alert_name(code))

    def _message(
        self, connection: Any, direction: str, version: int, content: int, kind: int, data: bytes
    ) -> None:
        # Called for every record of every connection, so the common case must leave at once.
        if content == _HANDSHAKE and kind == _CERTIFICATE and direction == "read":
            self._certificates[connection] = first_certificate(data, is_tls13=version == _TLS13)
        elif content == _ALERT and kind != _CLOSE_NOTIFY and direction == "write":
            self._alerts[connection] = kind


def first_certificate(message: bytes, *, is_tls13: bool) -> bytes:
    """The first certificate in a handshake message of type Certificate; empty if there is none."""
    at = _MESSAGE_HEAD
    if is_tls13:
        at += 1 + (message[at] if len(message) > at else 0)
    at += 3
    size = int.from_bytes(message[at : at + 3])
    return message[at + 3 : at + 3 + size] if size <= _MAX_CERTIFICATE else b""


def alert_name(code: int) -> str:
    """The name of an alert as RFC 8446 writes it, such as ``unknown_ca``."""
    if code == _CERTIFICATE_REQUIRED:
        return "certificate_required"
    try:
        return ssl.AlertDescription(code).name.removeprefix("ALERT_DESCRIPTION_").lower()
    except ValueError:
        return str(code)


def describe(certificate: bytes) -> str:
    """A certificate in words: subject and issuer; empty if it cannot be read."""
    try:
        read = x509.load_der_x509_certificate(certificate)
        return f"{read.subject.rfc4514_string()}, issued by {read.issuer.rfc4514_string()}"[:500]
    except ValueError:
        return ""
