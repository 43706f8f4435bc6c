"""The SOAP door: opens and closes, and keeps its certificates and CRLs fresh while it is open."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import resource
import socket
import ssl
import sys
from pathlib import Path

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Event
from digipoort_sim.pki import offered, reload_crls
from digipoort_sim.pki.facts import shown_name
from digipoort_sim.pki.tls_words import explain
from digipoort_sim.wus import structure
from digipoort_sim.wus.app import WusApp
from digipoort_sim.wus.http_connection import BadRequest, Rules
from digipoort_sim.wus.listener import Listener, bound_socket
from digipoort_sim.wus.signing import Signer
from digipoort_sim.wus.tls_alerts import RefusedHandshake

_MESSAGES_OF_SLACK = 4
_UPKEEP_SECONDS = 3600.0
_MOST_RECORDING = 200


class WusDoor:
    """The SOAP door of one process.

    Args:
        rooms: what lies behind the door.
        context: the TLS context; with several processes made before they fork.
    """

    def __init__(self, rooms: Rooms, context: ssl.SSLContext) -> None:
        self._rooms = rooms
        self._trusted = tuple(shown_name(one.subject) for one in rooms.authority.ca_certificates)
        self._crls = CrlWatch(context, Path(rooms.authority.paths.crl_file))
        service = rooms.authority.service_identity()
        app = WusApp(rooms, Signer(service.key, service.certificate))
        self._listener = Listener(app, context, self._rules(app))
        self._upkeep: asyncio.Task[None] | None = None
        self._context = context
        self._recording = 0

    async def start(self, sock: socket.socket | None = None) -> int:
        """Open the door and give its port.

        Args:
            sock: a bound socket, which the door closes at its end; without it, one on the host and port
                of the settings.

        Raises:
            OSError: the address cannot be used.
        """
        structure.prepare()
        sock = sock or bound_socket(self._rooms.settings.host, self._rooms.settings.wus_port)
        port: int = sock.getsockname()[1]
        await self._listener.open(sock)
        self._upkeep = asyncio.create_task(self._keep_fresh())
        return port

    async def stop(self) -> None:
        """Close the door; answers that are under way go out first."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._upkeep
        await self._listener.close()

    def _rules(self, app: WusApp) -> Rules:
        settings = self._rooms.settings.wus
        return Rules(
            handshake_timeout=settings.handshake_timeout_seconds,
            request_timeout=settings.request_timeout_seconds,
            idle_timeout=settings.idle_timeout_seconds,
            max_message=_MESSAGES_OF_SLACK * settings.max_request_bytes,
            max_connections=min(settings.max_connections, _affordable_connections()),
            bad_request=self._bad_request,
            refused=self._refused_handshake,
            accepting=self._crls.refresh,
            at_once=app.at_once,
        )

    def _refused_handshake(self, handshake: RefusedHandshake) -> None:
        failed = handshake.failed
        self._record(
            Event(
                kind="tls-refused",
                detail=explain(failed, self._trusted, self._rooms.clocks.security.now()),
                door="wus",
                peer=handshake.peer,
                oin=offered.claimed_oin(failed.chain),
                certificate=offered.fingerprint_of(failed.chain),
                rule="TLS",
                code=failed.alert,
                raw=offered.pem(failed.chain) or None,
            )
        )

    def _bad_request(self, request: BadRequest) -> None:
        self._record(
            Event(
                kind="wus-refused",
                detail=request.reason,
                door="wus",
                peer=request.peer,
                certificate=hashlib.sha256(request.certificate).hexdigest() if request.certificate else "",
                rule="HTTP",
                code=str(request.status),
                raw=request.raw or None,
            )
        )

    def _record(self, event: Event) -> None:
        """Record an event from inside the loop, without keeping the loop waiting for a database.

        When that stands still, what is more than may wait is not kept: anybody can make us such events.
        """
        if self._rooms.store.is_sqlite:
            self._rooms.office.record(event)
        elif self._recording < _MOST_RECORDING:
            self._recording += 1
            work = asyncio.get_running_loop().run_in_executor(None, self._rooms.office.record, event)
            work.add_done_callback(self._recorded)

    def _recorded(self, _: asyncio.Future[int]) -> None:
        self._recording -= 1

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(_UPKEEP_SECONDS)
            await asyncio.to_thread(reload_crls, self._context, self._rooms.authority)


def _affordable_connections() -> int:
    """Half of the files that this process may open: at its limit nothing else would work either."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(soft // 2, 1)


class CrlWatch:
    """Loads the CRLs into a running context when their file has changed, so that a handshake of a
    certificate that was revoked a moment ago fails as well.
    """

    def __init__(self, context: ssl.SSLContext, path: Path) -> None:
        self._context = context
        self._path = path
        self._stamp = self._read_stamp()

    def refresh(self) -> None:
        """Look whether the file has changed; costs about a microsecond if not."""
        stamp = self._read_stamp()
        if stamp != self._stamp:
            with contextlib.suppress(
                OSError
            ):  # half of a new state directory; the next handshake looks again
                self._context.load_verify_locations(self._path)
                self._stamp = stamp

    def _read_stamp(self) -> tuple[int, int]:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino
