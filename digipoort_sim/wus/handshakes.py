"""Looks on while OpenSSL shakes hands: which certificates a client offered, which alert went out to it.

Python tells neither when a handshake fails, so the messages are watched; where a Python does not let them
be watched, events of refused handshakes just say less.
"""

from __future__ import annotations

import ssl
import weakref
from dataclasses import dataclass
from typing import Any

from digipoort_sim.pki.offered import alert_name, certificates_in
from digipoort_sim.tls import watch_messages

_HANDSHAKE = 22
_ALERT = 21
_CERTIFICATE = 11
_TLS13 = 0x0304
_CLOSE_NOTIFY = 0


@dataclass(frozen=True)
class Seen:
    """What was seen of one handshake.

    Attributes:
        message: the client's message of type Certificate; empty if none came.
        version: the number of the TLS version.
        alert: the name of the alert that was sent; empty if none.
    """

    message: bytes = b""
    version: int = 0
    alert: str = ""

    def chain(self) -> tuple[bytes, ...]:
        """The certificates that the client offered, as DER, its own first."""
        return certificates_in(self.message, is_tls13=self.version == _TLS13)


class HandshakeWatch:
    """Watches all handshakes of a TLS context, the ones of other processes after a fork not included."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._messages: weakref.WeakKeyDictionary[Any, tuple[bytes, int]] = weakref.WeakKeyDictionary()
        self._alerts: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        watch_messages(context, self._message)

    def take(self, connection: Any) -> Seen:
        """What was seen of a connection (an `ssl.SSLObject`); it is forgotten with that."""
        code = self._alerts.pop(connection, None)
        message, version = self._messages.pop(connection, (b"", 0))
        return Seen(message, version, "" if code is None else alert_name(code))

    def _message(
        self, connection: Any, direction: str, version: int, content: int, kind: int, data: bytes
    ) -> None:
        # Called for every record of every connection, so the common case must leave at once.
        if content == _HANDSHAKE and kind == _CERTIFICATE and direction == "read":
            self._messages[connection] = data, version
        elif content == _ALERT and kind != _CLOSE_NOTIFY and direction == "write":
            self._alerts[connection] = kind


def chain_of(connection: Any) -> tuple[bytes, ...]:
    """The certificates that the client of an established connection (an `ssl.SSLObject`) offered, as DER.

    In a resumed session that is the client's own one alone.
    """
    get_chain = getattr(connection, "get_unverified_chain", None)  # public from Python 3.13
    try:
        if get_chain is not None:
            return tuple(get_chain())
        return tuple(ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in _private_chain(connection))
    except (AttributeError, TypeError, ValueError):
        own = connection.getpeercert(True)
        return (own,) if own else ()


def _private_chain(connection: Any) -> list[Any]:
    chain: list[Any] | None = connection._sslobj.get_unverified_chain()
    if not chain:
        raise ValueError("no chain")
    return chain
