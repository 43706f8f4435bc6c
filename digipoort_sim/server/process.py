"""One process of the simulator: which doors it opens, how it starts and how it stops."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from digipoort_sim.clock import SimulatorClock
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.ftp import FtpDoor
from digipoort_sim.web import WebDoor
from digipoort_sim.wus import WusDoor

_log = logging.getLogger(__name__)
_GC_THRESHOLD = 10_000
"""New objects between two rounds; a request makes hundreds that end with it."""


@dataclass(frozen=True)
class Duties:
    """What a process does: serve SOAP, or run the office (file door, web door, jobs), or both."""

    wus: bool = True
    office: bool = True


@contextlib.asynccontextmanager
async def doors_open(
    inner: Rooms, duties: Duties, sock: socket.socket, context: ssl.SSLContext
) -> AsyncIterator[dict[str, int]]:
    """Open the doors of these duties, give their ports, and close them again in reverse order.

    Args:
        sock: the bound socket of the SOAP door.
        context: the TLS context of the SOAP door, made before any fork so that all workers share it.
    """
    async with contextlib.AsyncExitStack() as stack:
        ports: dict[str, int] = {}
        clock = inner.clocks.simulator
        if isinstance(clock, SimulatorClock) and not inner.store.is_sqlite:
            stack.callback(clock.keep_fresh())
        if duties.office:
            checkpointer = inner.store.checkpointer()
            if checkpointer is not None:
                checkpointer.start()
                stack.push_async_callback(asyncio.to_thread, checkpointer.stop)
            stack.push_async_callback(asyncio.to_thread, inner.validator.close)
            _warm(inner)
            inner.scheduler.start()
            stack.push_async_callback(asyncio.to_thread, inner.scheduler.stop)
            file_door = FtpDoor(inner)
            ports |= await asyncio.to_thread(file_door.start)
            stack.push_async_callback(asyncio.to_thread, file_door.stop)
            web_door = WebDoor(inner)
            ports["web"] = await web_door.start()
            stack.push_async_callback(web_door.stop)
        if duties.wus:
            soap_door = WusDoor(inner, context)
            ports["wus"] = await soap_door.start(sock)
            stack.push_async_callback(soap_door.stop)
        yield ports


def _warm(inner: Rooms) -> None:
    try:
        inner.validator.warm()
    except TechnicalError as error:  # each message that needs them will say so, and be tried again
        _log.warning("the processes that check against taxonomies do not start: %s", error.detail)


async def serve_until_stopped(
    inner: Rooms,
    duties: Duties,
    sock: socket.socket,
    context: ssl.SSLContext,
    ready: Callable[[dict[str, int]], None],
    parent: int | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, or until the parent process is gone.

    Args:
        ready: called with the ports once every door answers.
        parent: read end of a pipe whose other end the parent holds; its end of file stops us.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if parent is not None:
        loop.add_reader(parent, stop.set)
    async with doors_open(inner, duties, sock, context) as ports:
        _settle_memory()
        ready(ports)
        await stop.wait()


def _settle_memory() -> None:
    """Take what was loaded at start out of the garbage collector's rounds: it stays for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
