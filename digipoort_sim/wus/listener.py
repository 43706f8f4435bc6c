"""The socket side of the SOAP door: connections and TLS; uvicorn on asyncio.

uvicorn makes one HTTP protocol per connection; here that protocol is wrapped in our own TLS layer
(`tls_alerts`), so that uvicorn itself sees plain connections and asyncio's TLS is never asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from typing import Any, cast

import uvicorn

from digipoort_sim.wus.http_connection import Rules, WusHttp
from digipoort_sim.wus.tls_alerts import AlertingTls, Connections

_BACKLOG = 2048
_GRACE_SECONDS = 5


class Listener(uvicorn.Server):
    """uvicorn in a loop that is running already, without signal handlers of its own.

    Args:
        app: the ASGI application.
        context: the TLS context; made before a fork if several processes share the port.
    """

    def __init__(self, app: Any, context: ssl.SSLContext, rules: Rules) -> None:
        self._connections = Connections(context, rules.max_connections, rules.refused)
        self._rules = rules
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(Any, self._connection),
                ws="none",
                loop="asyncio",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=_BACKLOG,
                timeout_keep_alive=cast(Any, rules.idle_timeout),
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )

    async def open(self, sock: socket.socket) -> None:
        """Accept connections on a bound socket, which this listener closes at its end."""
        self._task = asyncio.create_task(self.serve(sockets=[sock]))
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self._task.result()

    async def close(self) -> None:
        """Stop accepting, let answers that are under way go out, and drop the connections."""
        if self._task is None:
            return
        self.should_exit = True
        await self._task
        self._connections.abort_all()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept."""
        await super().startup(sockets)
        self._ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process."""
        yield

    def _connection(
        self, *, _loop: asyncio.AbstractEventLoop | None = None, **options: Any
    ) -> asyncio.BaseProtocol:
        self._rules.accepting()
        loop = _loop or asyncio.get_running_loop()
        inside = WusHttp(self._rules, _loop=loop, **options)
        return AlertingTls(
            loop, inside, self._connections, self._rules.handshake_timeout, inside.waits_for_request
        )


def bound_socket(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound socket.

    Args:
        shared: several processes may have one each on the same port (SO_REUSEPORT); a port that was taken
            without it stays refused.

    Raises:
        OSError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
