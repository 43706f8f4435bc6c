"""Running the simulator: one process, or a supervisor over several."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace

from digipoort_sim.catalogue.file_profiles import profiles_in_force
from digipoort_sim.config import Settings
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.pki.tls import server_context
from digipoort_sim.server.endpoints import (
    Endpoints,
    StateLock,
    endpoints_of,
    remove_endpoints,
    write_endpoints,
)
from digipoort_sim.server.inner import open_inner
from digipoort_sim.server.open_files import allow_connections
from digipoort_sim.server.process import Duties, serve_until_stopped
from digipoort_sim.server.supervisor import supervise
from digipoort_sim.wus.listener import bound_socket

Announce = Callable[[Rooms, Endpoints], None]


def run(settings: Settings, announce: Announce) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        announce: called once every door answers and ``endpoints.json`` is written.

    Raises:
        ConfigError: a setting is wrong, or a port is taken.
        ConflictError: another simulator serves from this state directory.
    """
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    at_file_door = sum(profile.max_connections for profile in profiles_in_force(settings).values())
    allow_connections(settings.wus.max_connections, at_file_door)
    lock = StateLock(settings.state)
    lock.take()
    try:
        remove_endpoints(settings.state)
        inner = open_inner(settings)
        try:
            _serve(inner, announce)
        finally:
            remove_endpoints(settings.state)
            inner.close()
    finally:
        lock.release()


def _serve(inner: Rooms, announce: Announce) -> None:
    settings = inner.settings
    context = tls_context(inner)

    def ready(ports: dict[str, int]) -> None:
        announce(inner, announce_ready(inner, ports))

    sock = _soap_socket(settings)
    if settings.workers == 1:
        with sock:
            asyncio.run(serve_until_stopped(inner, Duties(), sock, context, ready))
    else:
        port = sock.getsockname()[1]
        sock.close()
        _serve_many(inner, port, context, ready)


def _soap_socket(settings: Settings) -> socket.socket:
    try:
        return bound_socket(settings.host, settings.wus_port)
    except OSError as error:
        raise ConfigError(
            f"the SOAP port {settings.wus_port} cannot be opened on {settings.host}: "
            f"{error.strerror or error}; give another --wus-port",
            rule="PORT",
        ) from error


def tls_context(inner: Rooms) -> ssl.SSLContext:
    """The TLS context of the SOAP door.

    OpenSSL knows real time only: with a simulated security clock it leaves time to `Trust`.
    """
    settings = inner.settings
    return server_context(
        inner.authority, settings.server_names, check_time=settings.security_clock == "real"
    )


def announce_ready(inner: Rooms, ports: dict[str, int]) -> Endpoints:
    """Write ``endpoints.json`` for these ports and give its content."""
    endpoints = endpoints_of(ports, inner.authority)
    write_endpoints(inner.settings.state, endpoints)
    return endpoints


def _serve_many(
    inner: Rooms, port: int, context: ssl.SSLContext, ready: Callable[[dict[str, int]], None]
) -> None:
    settings = replace_port(inner.settings, port)
    duties = [Duties(wus=False, office=True)] + [Duties(wus=True, office=False)] * settings.workers

    def child(duty: Duties, report: Callable[[dict[str, int]], None], parent: int) -> None:
        inner.store.after_fork()
        mine = replace(inner, settings=settings)
        with bound_socket(settings.host, port if duty.wus else 0, shared=True) as sock:
            asyncio.run(serve_until_stopped(mine, duty, sock, context, report, parent))

    supervise(duties, child, ready)


def replace_port(settings: Settings, port: int) -> Settings:
    """The same settings with the SOAP door's port as it was really bound."""
    return settings.model_copy(update={"wus_port": port})
