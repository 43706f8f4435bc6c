"""Puts the web door's parts together: table, guard, stream, pages."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.web.api import api_operations
from digipoort_sim.web.application import Application
from digipoort_sim.web.console import console_operations, failure_page
from digipoort_sim.web.guard import Guard
from digipoort_sim.web.stream import NewsStream
from digipoort_sim.web.token import read_or_make_token


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
    return Application(
        rooms,
        guard,
        (*api_operations(), *console_operations(guard)),
        NewsStream(threads, stopping),
        failure_page,
        threads,
    )
