"""The web door: one uvicorn server without TLS, inside the loop that it is started in."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.rooms import Rooms

if TYPE_CHECKING:
    import uvicorn

LOOPBACK = "127.0.0.1"
_THREADS = 8
_CONNECTIONS = 128
_KEEP_ALIVE_SECONDS = 15
_GRACE_SECONDS = 2


class WebDoor:
    """Control API and console.

    It is bound to 127.0.0.1 unless the setting ``web_host`` says otherwise; then it wants a token.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._stopping = asyncio.Event()
        self._threads = ThreadPoolExecutor(_THREADS, "web")
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Open the door; gives its port.

        Raises:
            ConfigError: the port is taken, or the address is not this machine's.
        """
        sock = self._bound()
        try:
            self._server = self._make_server()
            self._task = asyncio.create_task(self._server.serve(sockets=[sock]))
            while not self._server.started:
                if self._task.done():
                    self._task.result()
                    raise ConfigError("the web door did not open", rule="WEB-PORT")
                await asyncio.sleep(0)
        except BaseException:
            sock.close()
            raise
        return int(sock.getsockname()[1])

    async def stop(self) -> None:
        """Close the door; open streams end."""
        self._stopping.set()
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _bound(self) -> socket.socket:
        settings = self._rooms.settings
        host, port = settings.web_host or LOOPBACK, settings.web_port
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            raise ConfigError(
                f"the web door cannot be opened on {host}: {error.strerror}", rule="WEB-PORT"
            ) from error
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
        except OSError as error:
            sock.close()
            raise ConfigError(
                f"the web door cannot be opened on {host}, port {port}: {error.strerror}; "
                "give another --web-port",
                rule="WEB-PORT",
            ) from error
        return sock

    def _make_server(self) -> uvicorn.Server:
        import uvicorn

        from digipoort_sim.web.assembly import assemble
        from digipoort_sim.web.connection import WebConnection

        class Server(uvicorn.Server):
            """uvicorn, leaving the signals to who runs the loop."""

            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield

        config = uvicorn.Config(
            assemble(self._rooms, self._threads, self._stopping),
            http=WebConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        return Server(config)
