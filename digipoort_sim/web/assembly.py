"""Puts the web door's parts together: table, guard, stream, pages."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.web.api import api_operations
from digipoort_sim.web.application import Application
from digipoort_sim.web.console import console_operations, failure_page
from digipoort_sim.web.guard import Guard
from digipoort_sim.web.operations import Operation, Reply
from digipoort_sim.web.portal import PATH, Portal, failure_in_portal, portal_operations
from digipoort_sim.web.stream import NewsStream
from digipoort_sim.web.token import read_or_make_token


def all_operations(guard: Guard, portal: Portal) -> tuple[Operation, ...]:
    """Everything that the web door does: control API, console and portal."""
    return (*api_operations(), *console_operations(guard), *portal_operations(portal))


def assemble(rooms: Rooms, threads: Executor, stopping: asyncio.Event) -> Application:
    """The web door's ASGI application.

    Args:
        stopping: set when the door closes, so that streams end.

    Raises:
        ConfigError: the token file cannot be used.
    """
    settings = rooms.settings
    token = None if settings.web_host is None else read_or_make_token(settings.state, rooms.ids)
    guard = Guard.of(settings, token)
    portal = Portal.open(settings, rooms.ids, rooms.clocks.simulator)

    def failure(reply: Reply, path: str) -> Reply:
        """What a person sees in place of a problem document, in the style of where he is."""
        is_portal = path == PATH or path.startswith(f"{PATH}/")
        if is_portal and reply.status != 401:
            return failure_in_portal(portal, reply, path)
        return failure_page(reply, path)

    return Application(
        rooms,
        guard,
        all_operations(guard, portal),
        NewsStream(threads, stopping),
        failure,
        threads,
    )
