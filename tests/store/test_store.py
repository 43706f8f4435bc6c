"""Transactions."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from digipoort_sim.errors import ConflictError
from digipoort_sim.store import Store, engines
from digipoort_sim.store.exchange_tables import jobs
from digipoort_sim.store.fairlock import FairLock

ROW = {"due": 1, "kind": "x", "subject": "x", "step": "x", "attempts": 0}
COUNT = select(func.count()).select_from(jobs)


def _write_and_raise(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(insert(jobs), ROW)
        raise ConflictError("no")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


def test_what_raises_is_rolled_back(store: Store) -> None:
    """A write transaction that ends in an exception leaves nothing behind."""
    with pytest.raises(ConflictError):
        _write_and_raise(store)
    with store.read() as tx:
        assert tx.execute(COUNT).scalar() == 0


def test_many_threads_can_write(store: Store) -> None:
    """Threads that write at the same time lose nothing and fail nowhere."""

    def work() -> None:
        for _ in range(20):
            with store.begin() as tx:
                tx.execute(insert(jobs), ROW)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.execute(COUNT).scalar() == 120


def test_allocated_ids_are_new(store: Store) -> None:
    """Allocated ids differ from all that were used before."""
    with store.begin() as tx:
        first = list(store.allocate(tx, jobs, 3))
        tx.execute(insert(jobs), [{**ROW, "id": id_} for id_ in first])
    with store.begin() as tx:
        second = list(store.allocate(tx, jobs, 2))
    assert len(set(first) | set(second)) == 5


def test_a_named_lock_lets_one_in_at_a_time(store: Store) -> None:
    """Two write transactions that take the same lock do not overlap."""
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(10):
            with store.begin() as tx:
                store.lock(tx, "here")
                inside += 1
                most = max(most, inside)
                tx.execute(COUNT)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_prepared_statement_insists_on_its_order(store: Store) -> None:
    """Columns in another order than the statement's are refused when it is prepared."""
    with pytest.raises(ValueError, match="order"):
        store.inserter(jobs, ("kind", "due"))


def test_a_prepared_statement_fails_as_others_do(store: Store) -> None:
    """A row that the database refuses raises SQLAlchemy's error, and nothing of its transaction stays."""
    rows = [(7, 1, "message", "1", "authorise", 0), (7, 2, "message", "2", "authorise", 0)]
    inserter = store.inserter(jobs, ("id", "due", "kind", "subject", "step", "attempts"))
    with pytest.raises(IntegrityError), store.begin() as tx:
        inserter.run(tx, rows)
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(jobs)).scalar() == 0


def test_another_process_may_hold_the_write_lock_for_a_while(tmp_path: Path) -> None:
    """A writer waits for another program that has SQLite's lock, and goes on when it lets go."""
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}")
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.execute, ("COMMIT",))
    release.start()
    began = time.monotonic()
    with store.begin() as tx:
        tx.execute(insert(jobs).values(due=1, kind="message", subject="1", step="authorise", attempts=0))
    assert time.monotonic() - began > 0.1
    release.join()
    other.close()
    store.close()


class Recovering(sqlite3.Connection):
    """A connection that finds another process at the recovery of the file, at its first two tries."""

    tries = 0

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        """Run a statement."""
        self.tries += sql == "BEGIN IMMEDIATE"
        if sql == "BEGIN IMMEDIATE" and self.tries <= 2:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY_RECOVERY
            raise error
        return super().execute(sql, *arguments)


def test_the_recovery_by_another_process_is_waited_for(tmp_path: Path) -> None:
    """After a kill -9 the first process to come reads what was left; the others wait for it too."""
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None, factory=Recovering)
    engines._begin_writing(connection)
    assert (connection.tries, connection.in_transaction) == (3, True)
    connection.close()


def test_the_lock_is_handed_over_in_order() -> None:
    """Threads get the lock in the order in which they asked for it."""
    lock, order = FairLock(), []
    lock.acquire()

    def work(number: int) -> None:
        with lock:
            order.append(number)

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        while len(lock._waiting) <= number:
            pass
    lock.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_transaction_in_a_transaction_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A thread that would wait for itself gets an exception, not a stand-still."""
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('x') / 'x.sqlite3'}")
    with store.begin(), pytest.raises(RuntimeError), store.begin():
        pass
    store.close()
