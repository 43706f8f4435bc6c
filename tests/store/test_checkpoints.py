"""Checkpoints beside the writers."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from sqlalchemy import func, insert, select

from digipoort_sim.store import Store
from digipoort_sim.store.checkpoints import Checkpointer
from digipoort_sim.store.exchange_tables import jobs

ROW = {"due": 1, "kind": "x", "subject": "x" * 4000, "step": "x", "attempts": 0}
FRAMES_FROM_NOW_ON = 50


def opened(tmp_path: Path) -> tuple[Store, Path]:
    """An empty store, and its file."""
    database = tmp_path / "digipoort.sqlite3"
    return Store.open(f"sqlite:///{database}"), database


def write(store: Store, rows: int) -> None:
    """Commit so many rows of a page each."""
    with store.begin() as tx:
        tx.execute(insert(jobs), [ROW] * rows)


def frames(database: Path) -> int:
    """How many pages stand in the log, as SQLite says."""
    connection = sqlite3.connect(database)
    found: tuple[int, int, int] = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    connection.close()
    return found[1]


def test_the_log_is_carried_over(tmp_path: Path) -> None:
    """What is committed gets into the database file, though the log is far below SQLite's own limit."""
    store, database = opened(tmp_path)
    before = database.stat().st_size
    write(store, 400)
    assert database.stat().st_size == before
    Checkpointer(database).look()
    assert database.stat().st_size > 400 * 4000
    store.close()


def test_the_log_begins_anew(tmp_path: Path) -> None:
    """A long log is begun anew, so that it does not grow for ever; nothing in it is lost."""
    store, database = opened(tmp_path)
    checkpointer = Checkpointer(database, restart_frames=FRAMES_FROM_NOW_ON)
    for _ in range(5):
        write(store, 400)
        checkpointer.look()
    write(store, 1)
    assert frames(database) < FRAMES_FROM_NOW_ON
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(jobs)).scalar() == 2001
    store.close()


def test_writers_go_on_meanwhile(tmp_path: Path) -> None:
    """A checkpoint does not wait for an open transaction, nor that for the checkpoint."""
    store, database = opened(tmp_path)
    write(store, 400)
    with store.begin() as tx:
        tx.execute(insert(jobs), ROW)
        Checkpointer(database).look()
        assert database.stat().st_size > 400 * 4000
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(jobs)).scalar() == 401
    store.close()


def test_the_store_has_one_for_its_own_file(tmp_path: Path) -> None:
    """The store's own checkpointer works in a thread of its own, which ends when it is told to."""
    store, _ = opened(tmp_path)
    checkpointer = store.checkpointer()
    assert checkpointer is not None
    before = set(threading.enumerate())
    checkpointer.start()
    (thread,) = set(threading.enumerate()) - before
    checkpointer.stop()
    assert not thread.is_alive()
    store.close()


def test_no_log_is_no_trouble(tmp_path: Path) -> None:
    """Without a database there is nothing to do, and none is made."""
    Checkpointer(tmp_path / "nothing.sqlite3").look()
    assert not list(tmp_path.iterdir())
