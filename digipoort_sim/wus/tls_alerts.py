"""TLS on asyncio, with its one gap closed: a client that is refused gets its alert, and we know why.

asyncio's own `SSLProtocol` drops a connection whose handshake fails without sending the alert that
OpenSSL has made. This subclass sends it, tells a listener, and then reads on for a moment, because a
connection that is closed with unread data is reset, and a reset would overtake the alert. It uses
private names of asyncio, which is why it stands alone here; a test runs it on every Python.
"""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from digipoort_sim.pki.tls_words import FailedHandshake
from digipoort_sim.wus.handshakes import HandshakeWatch

_LINGER_SECONDS = 2.0
_CLOSE_SECONDS = 5.0
_TELL_SECONDS = 1.0
_READ_SIZE = 64 * 1024

TOO_SLOW = "the handshake took too long"
BROKEN_OFF = "the client closed the connection"


@dataclass(frozen=True)
class RefusedHandshake:
    """A handshake that did not come about.

    Attributes:
        peer: address and port of the client.
        failed: what is known of it.
    """

    peer: str
    failed: FailedHandshake


class Connections:
    """The connections of one door: how many there may be, and which are open.

    Args:
        context: the TLS context; its handshakes are watched.
        limit: how many may be open at once, those in their handshake included.
        refused: told of each handshake that was refused.
    """

    def __init__(
        self, context: ssl.SSLContext, limit: int, refused: Callable[[RefusedHandshake], None]
    ) -> None:
        self.context = context
        self.limit = limit
        self.refused = refused
        self.watch = HandshakeWatch(context)
        self._open: dict[AlertingTls, None] = {}  # the oldest first
        self._told = float("-inf")

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: AlertingTls) -> bool:
        """Note an open connection; False if there are too many already.

        Who only holds a connection must not keep others out: when there are too many, the oldest one that
        is still in its handshake has to go, or else the oldest one that waits for a request.
        """
        if len(self._open) >= self.limit and not self._make_room():
            return False
        self._open[connection] = None
        return True

    def leave(self, connection: AlertingTls) -> None:
        """Note that a connection has gone."""
        self._open.pop(connection, None)

    def _make_room(self) -> bool:
        self._tell()
        oldest = next((one for one in self._open if one.is_shaking_hands()), None)
        oldest = oldest or next((one for one in self._open if one.is_waiting()), None)
        if oldest is None:
            return False
        oldest.abort()
        self.leave(oldest)
        return True

    def _tell(self) -> None:
        # At most once a second, else a flood would drive every other event out of the ring.
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            reason = f"there are more than {self.limit} connections; those that wait the longest are dropped"
            self.refused(RefusedHandshake("", FailedHandshake(reason)))

    def abort_all(self) -> None:
        """Drop every connection that is open."""
        for connection in list(self._open):
            connection.abort()


# typeshed knows little of this class, and what it knows is not all right.
_SslProtocol: Any = asyncio.sslproto.SSLProtocol
_State: Any = asyncio.sslproto.SSLProtocolState


class AlertingTls(_SslProtocol):  # type: ignore[misc]
    """The TLS layer of one connection, server side.

    Args:
        inside: the protocol that gets the decrypted bytes once the handshake is done.
        handshake_timeout: seconds that the handshake may take.
        is_waiting: tells whether the connection waits for a request.
    """

    max_size = _READ_SIZE
    _handshake_timeout_handle: Any

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        inside: asyncio.Protocol,
        connections: Connections,
        handshake_timeout: float,
        is_waiting: Callable[[], bool],
    ) -> None:
        super().__init__(
            loop,
            inside,
            connections.context,
            None,
            server_side=True,
            ssl_handshake_timeout=handshake_timeout,
            ssl_shutdown_timeout=_CLOSE_SECONDS,
        )
        self._connections = connections
        self.is_waiting = is_waiting
        self._lingering: asyncio.TimerHandle | None = None
        self._raw: Any = None
        self._has_heard = False

    def is_shaking_hands(self) -> bool:
        """Whether the handshake is not done yet."""
        return bool(self._state == _State.DO_HANDSHAKE)

    def connection_made(self, transport: Any) -> None:
        """Start the handshake, unless there are too many connections."""
        self._raw = transport
        # asyncio does it only for sockets that were made with the number of the protocol; without it
        # an answer in two parts waits 40 ms for the client's acknowledgement of the first.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._connections.enter(self):
            super().connection_made(transport)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._connections.leave(self)
        self._stop_lingering()
        super().connection_lost(exc)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._raw is not None:
            self._raw.abort()

    def buffer_updated(self, nbytes: int) -> None:
        """Take received bytes; after a refusal they are thrown away."""
        self._has_heard = True
        if self._lingering is None:
            super().buffer_updated(nbytes)

    def eof_received(self) -> bool | None:
        """The client will send no more."""
        if self._lingering is not None:
            return None
        wants_open: bool | None = super().eof_received()
        return wants_open

    def _on_handshake_complete(self, handshake_exc: Any) -> None:
        if isinstance(handshake_exc, ssl.SSLError) and self._raw is not None:
            self._refuse(handshake_exc)
        else:
            if handshake_exc is not None and self._has_heard:
                self._tell(BROKEN_OFF)
            self._connections.watch.take(self._sslobj)
            super()._on_handshake_complete(handshake_exc)

    def _check_handshake_timeout(self) -> None:
        if self._state == _State.DO_HANDSHAKE:
            self._tell(TOO_SLOW)
            self.abort()

    def _refuse(self, error: ssl.SSLError) -> None:
        """Send the alert, tell why, and wait for the client to have read it."""
        if self._handshake_timeout_handle is not None:
            self._handshake_timeout_handle.cancel()
            self._handshake_timeout_handle = None
        self._set_state(_State.UNWRAPPED)
        self._raw.write(self._outgoing.read())
        self._tell(
            words_of(error), error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
        )
        if self._raw.can_write_eof():
            self._raw.write_eof()
        self._lingering = self._loop.call_later(_LINGER_SECONDS, self.abort)

    def _tell(self, words: str, verify_code: int = 0) -> None:
        peer = peer_text(self._raw.get_extra_info("peername"))
        seen = self._connections.watch.take(self._sslobj)
        failed = FailedHandshake(words, verify_code, seen.alert, seen.chain())
        self._connections.refused(RefusedHandshake(peer, failed))

    def _stop_lingering(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()


def peer_text(peer: Any) -> str:
    """An address as ``host:port``; empty if there is none."""
    return f"{peer[0]}:{peer[1]}" if peer else ""


def words_of(error: ssl.SSLError) -> str:
    """Why a handshake failed, in OpenSSL's words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return (error.reason or str(error)).replace("_", " ").lower()
