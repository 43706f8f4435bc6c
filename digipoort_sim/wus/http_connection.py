"""HTTP on one connection of the SOAP door: framing, limits and time-outs; uvicorn's own, made stricter.

Every state that a connection can be in has a time limit: waiting, receiving, sending, closing.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from digipoort_sim.wus.at_once import QUICK_URL, AtOnce, HeldRequest, Reply, on_the_wire
from digipoort_sim.wus.framing import MAX_HEAD, TOO_LARGE, UnacceptableError, check_head, plain_answer
from digipoort_sim.wus.handshakes import chain_of
from digipoort_sim.wus.tls_alerts import RefusedHandshake, peer_text

PEER_CERTIFICATE = "digipoort_sim.peer_certificate"
"""Key in the ASGI scope: the client's certificate as DER."""

OFFERED = "digipoort_sim.offered_chain"
"""Key in the ASGI scope: a function that gives the certificates that the client offered, as DER."""

ABORT = "digipoort_sim.abort"
"""Key in the ASGI scope: a function that drops the connection without an answer."""

_MAX_HEADERS = 100
_MAX_RAW = 16 * 1024
_LINGER_SECONDS = 1.0
_GOODBYE_SECONDS = 0.2
_MORE_IS_COMING = (413, 431)
_LOG = logging.getLogger("digipoort_sim.wus.http")
_LOG.addHandler(logging.NullHandler())
_LOG.setLevel(logging.ERROR)  # uvicorn warns of every request that is no HTTP; those are events


@dataclass(frozen=True)
class BadRequest:
    """A request that is no proper HTTP.

    Attributes:
        peer: address and port of the client.
        certificate: the client's certificate as DER.
        status: the HTTP status that it was answered with.
        raw: the first octets that came of it, perhaps after the end of the request before.
    """

    peer: str
    certificate: bytes
    status: int
    reason: str
    raw: bytes = b""


@dataclass(frozen=True)
class Rules:
    """What connections and requests must keep to.

    Attributes:
        handshake_timeout: seconds for the TLS handshake.
        request_timeout: seconds from a request's first byte to its last.
        idle_timeout: seconds that a connection may wait for its next request.
        max_message: octets of one request with its framing; beyond it the connection is dropped.
        max_connections: how many connections may be open.
        bad_request: told of each request that is no proper HTTP.
        refused: told of each TLS handshake that was refused.
        accepting: called before each handshake.
        at_once: serves small whole requests; without it all go uvicorn's way.
    """

    handshake_timeout: float
    request_timeout: float
    idle_timeout: float
    max_message: int
    max_connections: int
    bad_request: Callable[[BadRequest], None]
    refused: Callable[[RefusedHandshake], None]
    accepting: Callable[[], None]
    at_once: AtOnce | None = None


class JoinedWrites:
    """A transport that writes at the end of the loop's turn, so that a head and its body leave together.

    uvicorn writes them one after the other, each of which would be a TLS record and a system call.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self.is_closing = transport.is_closing
        self.abort = transport.abort
        self.get_extra_info = transport.get_extra_info
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        """Write some octets before the loop's next turn."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def write_now(self, data: bytes) -> None:
        """Write some octets, and before them what is waiting."""
        self._waiting.append(data)
        self._flush()

    def close(self) -> None:
        """Write what is waiting, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting and not self._transport.is_closing():
            self._transport.write(b"".join(waiting))


class _Timer:
    """Calls something later, unless it is cancelled or started anew before."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and not cancelled; also after its call."""
        return self._handle is not None

    def start(self, seconds: float, call: Callable[[], None]) -> None:
        """Call something after so many seconds."""
        self.cancel()
        self._handle = self._loop.call_later(seconds, call)

    def cancel(self) -> None:
        """Call nothing."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class WusHttp(HttpToolsProtocol):
    """HTTP/1 on one connection, with the peer's certificate in the scope and limits on everything."""

    def __init__(self, rules: Rules, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.logger = _LOG
        self._rules = rules
        self._certificate = b""
        self._offered: Callable[[], tuple[bytes, ...]] = tuple
        self._deadline = _Timer(self.loop)
        self._stalled = _Timer(self.loop)
        self._receiving = False
        self._in_head = True
        self._head_bytes = 0
        self._message_bytes = 0
        self._complete = 0
        self._why = ""
        self._status = 400
        self._came: list[bytes] = []
        self._has_given_up = False
        self._last_complete: RequestResponseCycle | None = None
        self._held: HeldRequest | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The handshake is done."""
        super().connection_made(cast(asyncio.Transport, JoinedWrites(transport, self.loop)))
        tls = transport.get_extra_info("ssl_object")
        self._certificate = tls.getpeercert(True) or b""
        self._offered = functools.partial(chain_of, tls)
        self._deadline.start(self._rules.idle_timeout, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has gone."""
        self._deadline.cancel()
        self._stalled.cancel()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take decrypted bytes; once we gave up they are thrown away."""
        if self._has_given_up:
            return
        if self._message_bytes < _MAX_RAW:
            self._came.append(data[:_MAX_RAW])
        self._message_bytes += len(data)
        complete = self._complete
        super().data_received(data)
        if self._held is not None and not self._has_given_up:  # it did not come in one piece
            self._let_go()
        if self._in_head and self._complete == complete:  # else most of it was the body before
            self._head_bytes += len(data)
        if not self._receiving:
            self._came.clear()
        if not self._has_given_up and not self.transport.is_closing():
            self._keep_in_bounds()

    def _keep_in_bounds(self) -> None:
        if self._head_bytes > MAX_HEAD:
            self._give_up(431, TOO_LARGE)
        elif self._message_bytes > self._rules.max_message:
            self._give_up(413, f"The request is larger than {self._rules.max_message} octets.")
        elif self._receiving:
            if not self._deadline.is_running:  # armed only now, as most requests come in one piece
                self._deadline.start(self._rules.request_timeout, self._too_slow)
        elif self._is_waiting():
            self._deadline.start(self._rules.idle_timeout, self.timeout_keep_alive_handler)

    def on_message_begin(self) -> None:
        """The first byte of a request has come."""
        super().on_message_begin()
        scope = cast("dict[str, Any]", self.scope)
        scope[PEER_CERTIFICATE] = self._certificate
        scope[OFFERED] = self._offered
        scope[ABORT] = self.transport.abort
        self._receiving = True
        self._deadline.cancel()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has come; after the body it would be a trailer."""
        if not self._in_head:
            self._why = "Trailers after a chunked body are not accepted."
            raise UnacceptableError(self._why)
        if len(self.headers) >= _MAX_HEADERS:
            self._why = f"There are more than {_MAX_HEADERS} HTTP headers."
            raise UnacceptableError(self._why)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete: refuse what could be framed in two ways."""
        try:
            check_head(self.parser.get_http_version(), self.headers, self.url)
        except UnacceptableError as error:
            self._why, self._status = error.why, error.status
            raise
        self._in_head = False
        self._head_bytes = 0
        if self._may_be_held():
            self._held = HeldRequest()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body has come."""
        if self._held is not None:
            self._held.pieces.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._held is not None and not self._is_taken(self._held):
            self._let_go()
        self._deadline.cancel()
        self._receiving = False
        self._in_head = True
        self._complete += 1
        del self._came[:-1]
        self._last_complete = self.cycle
        self._head_bytes = self._message_bytes = 0
        if not isinstance(self.cycle, HeldRequest):
            super().on_message_complete()

    def shutdown(self) -> None:
        """The server stops: close if idle, without waiting long for a client that does not notice."""
        super().shutdown()
        if self.transport.is_closing():
            self.loop.call_later(_GOODBYE_SECONDS, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP and close."""
        self._give_up(self._status, self._why or f"{msg} {sys.exc_info()[1] or ''}".strip())

    def _may_be_held(self) -> bool:
        """Whether a request, its head complete, may be served at once if its body is here already."""
        return (
            self._rules.at_once is not None
            and self.url == QUICK_URL
            and not self.expect_100_continue
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
        )

    def _is_taken(self, held: HeldRequest) -> bool:
        """Have a request served at once, if it can be."""
        scope = cast("dict[str, Any]", self.scope)
        scope["method"], scope["path"] = "POST", QUICK_URL.decode("ascii")
        at_once = cast(AtOnce, self._rules.at_once)
        if not at_once(scope, b"".join(held.pieces), lambda reply: self._send(held, reply)):
            return False
        self._held = None
        self.cycle = cast(RequestResponseCycle, held)
        return True

    def _let_go(self) -> None:
        """Have the held request served as uvicorn serves requests."""
        held, self._held = self._held, None
        if held is not None:
            super().on_headers_complete()
            for piece in held.pieces:
                super().on_body(piece)

    def _send(self, held: HeldRequest, reply: Reply) -> None:
        """Send the answer to a request that was served at once."""
        held.response_started = held.response_complete = True
        if held.disconnected:
            return
        held.keep_alive = held.keep_alive and not reply.close
        data = on_the_wire(reply, self.server_state.default_headers, held.keep_alive)
        cast(JoinedWrites, self.transport).write_now(data)
        if not held.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def waits_for_request(self) -> bool:
        """Whether no request is coming in or being answered."""
        return not self._receiving and (self.cycle is None or self.cycle.response_complete)

    def pause_writing(self) -> None:
        """The client does not read its answer; it has as long for that as for sending a request."""
        super().pause_writing()
        self._stalled.start(self._rules.request_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._stalled.cancel()

    def _is_waiting(self) -> bool:
        return self.waits_for_request() and not self._deadline.is_running and not self.timeout_keep_alive_task

    def _too_slow(self) -> None:
        self._give_up(408, f"The request did not arrive within {self._rules.request_timeout:g} s.")

    def _give_up(self, status: int, why: str) -> None:
        """Answer a short text, unless an answer is under way, and close the connection."""
        self._deadline.cancel()
        if self.transport.is_closing():
            return
        self._has_given_up = True
        raw = b"".join(self._came)[:_MAX_RAW]
        self._came.clear()
        self._rules.bad_request(BadRequest(peer_text(self.client), self._certificate, status, why, raw))
        if self._closes_after_answer():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(plain_answer(status, why))
        if status in _MORE_IS_COMING:
            # To close now would be a reset, which overtakes the answer.
            self.flow.resume_reading()
            self._deadline.start(_LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()

    def _closes_after_answer(self) -> bool:
        """Whether an earlier request is still being answered; then its answer is the last one.

        It may have been stored by now, so its client must get its answer and not that of what follows it.
        """
        last = self._last_complete
        if last is None or last.response_complete:
            return False
        while self.pipeline and self.pipeline[0][0] is not last:
            self.pipeline.popleft()
        last.keep_alive = False
        return True
