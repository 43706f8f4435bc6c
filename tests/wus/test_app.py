"""What the SOAP application does by itself, without a door around it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from digipoort_sim.errors import TechnicalError
from digipoort_sim.wus import app


async def test_a_database_that_hangs_is_not_waited_for() -> None:
    """Work in a thread, and a commit, that take too long become trouble of our own."""
    may_end = threading.Event()
    try:
        with pytest.raises(TechnicalError, match="did not answer"):
            await app._run(True, may_end.wait, 10, seconds=0.05)
    finally:
        may_end.set()
    commit: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    with pytest.raises(TechnicalError):
        await app._in_time(commit, 0.01)
