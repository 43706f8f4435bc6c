"""What survives a ``kill -9``."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from digipoort_sim.clock import FixedClock, RealClock
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages
from tests.exchange.office import open_office

ROOT = Path(__file__).parents[2]
GOOD = ["105", "100", "110", "200", "301", "301", "405", "400", "500"]


def test_what_was_acknowledged_reaches_its_end_once(database_url: str) -> None:
    """Every kenmerk that was printed after its commit is there after a kill -9, and ends once."""
    Store.open(database_url).close()
    command = [sys.executable, "-m", "tests.exchange.deliverer", database_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(200)]
        process.kill()
        acknowledged += process.stdout.read().split("\n")[:-1]

    office = open_office(Store.open(database_url), seed="after")
    with office.post.store.begin() as tx:
        office.post.runner.jobs.release_dead_leases(tx)
    # Leases are by real time; on PostgreSQL they run out by themselves.
    office.post.runner._real = FixedClock(RealClock().now() + timedelta(minutes=1))
    office.scheduler.drain()
    assert all(office.codes(kenmerk) == GOOD for kenmerk in acknowledged)
    with office.post.store.read() as tx:
        unfinished = select(func.count()).where(messages.c.statuscode != "500")
        assert tx.execute(unfinished).scalar() == 0
    office.post.store.close()
