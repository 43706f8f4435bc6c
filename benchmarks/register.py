"""The register with very many mandates: a year that passes, and what is asked of it meanwhile."""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, func, select, text

from benchmarks.population import a_year_of, activate, parties, put_in, spread
from benchmarks.register_questions import Questions
from digipoort_sim.config import Settings
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.server.inner import open_inner
from digipoort_sim.store.exchange_tables import fetchables
from digipoort_sim.store.register_tables import history

MANDATES_OF_A_YEAR = 10_000
MANDATES_ASKED_ABOUT = 100_000
_UNTIL_ACTIVE = timedelta(days=45)

Row = Callable[[str, str], None]


def measure(row: Row) -> None:
    """Everything, on SQLite and, where its binaries are, on PostgreSQL.

    Args:
        row: prints one line: what, and the figure.
    """
    on_database(row, "SQLite", None)
    if not (shutil.which("pg_ctl") or any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))):
        return
    from tests.postgres import started_postgres

    with started_postgres() as server:
        on_database(row, "PostgreSQL", server.new_database)


def on_database(row: Row, name: str, new_database: Callable[[str], str] | None) -> None:
    """Everything on one kind of database."""
    with opened(new_database and new_database("year")) as rooms:
        row(f"{name}: {MANDATES_OF_A_YEAR:,} mandates, clock advance 400d", a_year(rooms))
    url = new_database and new_database("load")
    with opened(url) as rooms:
        now = rooms.clocks.simulator.now()
        put_in(rooms, spread(MANDATES_ASKED_ABOUT, now - timedelta(days=5)))
        rooms.scheduler.advance(now + _UNTIL_ACTIVE)
        tidy_up(url)
        for figure in Questions(rooms, parties(1)[0]).figures():
            row(f"{name}: {figure.what}", f"p50 {figure.p50:.1f} ms, p95 {figure.p95:.1f} ms")


def tidy_up(url: str | None) -> None:
    """Have PostgreSQL tidy up after very many writes now, not by itself while it is asked."""
    if url is None:
        return
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


@contextmanager
def opened(database_url: str | None = None) -> Iterator[Rooms]:
    """The rooms behind the doors on an empty database, their clock standing still."""
    with tempfile.TemporaryDirectory() as folder:
        rooms = open_inner(Settings(state=Path(folder), database_url=database_url))
        try:
            rooms.scheduler.freeze()
            yield rooms
        finally:
            rooms.close()


def a_year(rooms: Rooms, count: int = MANDATES_OF_A_YEAR) -> str:
    """Move the clock by 400 days over so many mandates; gives the figures as one line."""
    start = rooms.clocks.simulator.now()
    asked, activated = a_year_of(count, start - timedelta(days=10))
    put_in(rooms, asked)
    rooms.scheduler.advance(start + timedelta(days=14))
    activate(rooms, activated, rooms.clocks.simulator.now())
    began, cpu = time.perf_counter(), time.process_time()
    ran = rooms.scheduler.advance(rooms.clocks.simulator.now() + timedelta(days=400))
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - began
    with rooms.store.read() as tx:
        changes = tx.execute(select(func.count()).select_from(history)).scalar_one()
        messages = tx.execute(select(func.count()).select_from(fetchables)).scalar_one()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{ran:,} due dates in {seconds:.1f} s ({cpu:.1f} s processor time of this process, "
        f"{1000 * cpu / ran:.2f} ms each); {changes:,} changes, {messages:,} service messages; {peak:.0f} MB"
    )
