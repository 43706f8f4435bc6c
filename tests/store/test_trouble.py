"""Databases that are damaged, full, locked or standing still."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from digipoort_sim.errors import ConfigError, TechnicalError
from digipoort_sim.store import Store, engines, watch
from digipoort_sim.store import store as store_module
from digipoort_sim.store.exchange_tables import jobs
from tests.postgres import PostgresServer

NOBODY = 65534
ROW = {"due": 1, "kind": "x", "subject": "x", "step": "x", "attempts": 0}
COUNT = select(func.count()).select_from(jobs)


def written(store: Store) -> int:
    """Write one row more; gives how many there are."""
    with store.begin() as tx:
        tx.execute(insert(jobs), ROW)
        return int(tx.execute(COUNT).scalar_one())


@contextlib.contextmanager
def stopped(processes: list[int]) -> Iterator[None]:
    """Let processes stand still for a while."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"junk\n", "file is not a database"),
        (b"SQLite format 3\x00" + b"x" * 5000, "file is not a database"),
        (None, "unable to open database file"),
    ],
    ids=["junk", "damaged", "folder"],
)
def test_what_is_no_database_is_refused_in_one_line(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """A file that is no SQLite database, a damaged one and a folder are the user's to mend."""
    path = tmp_path / "x.sqlite3"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        Store.open(f"sqlite:///{path}")
    assert raised.value.detail == f"the database sqlite:///{path} cannot be opened: {reason}"
    assert content is None or path.read_bytes() == content


@contextlib.contextmanager
def as_nobody(*paths: Path) -> Iterator[None]:
    """As a user to whom these belong and who is not root, for whom permissions mean nothing."""
    if os.geteuid() != 0:
        yield
        return
    for path in paths:
        os.chown(path, NOBODY, -1)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(("mode", "why"), [(0o000, "unable to open"), (0o400, "readonly")])
def test_a_file_without_permission_is_refused(mode: int, why: str) -> None:
    """A database that may not be read, or not be written, is the user's to mend."""
    with tempfile.TemporaryDirectory() as folder:  # nobody may not even enter pytest's own
        path = Path(folder) / "x.sqlite3"
        path.touch()
        path.chmod(mode)
        with as_nobody(Path(folder), path), pytest.raises(ConfigError, match=f"cannot be opened: .*{why}"):
            Store.open(f"sqlite:///{path}")


def test_a_locked_file_is_trouble_and_no_more_once_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program keeps SQLite's file locked, opening and writing fail after a while."""
    monkeypatch.setattr(engines, "_BUSY_SECONDS", 0.1)
    path = tmp_path / "x.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ConfigError, match="database is locked"):
        Store.open(f"sqlite:///{path}")
    other.execute("ROLLBACK")
    store = Store.open(f"sqlite:///{path}")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TechnicalError, match="database is locked"):
        written(store)
    other.execute("ROLLBACK")
    assert written(store) == 1
    other.close()
    store.close()


def test_a_full_disk_loses_nothing_that_was_there(tmp_path: Path) -> None:
    """A write that finds no room any more is trouble and leaves nothing; the next one has room again."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    assert written(store) == 1
    with store.begin() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(TechnicalError, match="full"), store.begin() as tx:
        tx.execute(insert(jobs), [{**ROW, "payload": "x" * 1_000_000}] * 2)
    with store.begin() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert written(store) == 2
    store.close()


def test_a_statement_that_is_wrong_is_no_trouble_of_the_database(database_url: str) -> None:
    """What a statement itself does wrong is not taken for a database that is away."""
    store = Store.open(database_url)
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.execute(insert(jobs), {**ROW, "kind": None})
    store.close()


def test_a_lock_of_another_session_is_not_waited_for_for_ever(postgres_url: str) -> None:
    """PostgreSQL gives up waiting for a lock, and nothing of the transaction is there afterwards."""
    store = Store.open(f"{postgres_url}&options=-c%20lock_timeout%3D200ms")
    other = Store.open(postgres_url)
    with other.begin() as holding:
        holding.execute(text("LOCK TABLE jobs IN EXCLUSIVE MODE"))
        with pytest.raises(TechnicalError, match="lock timeout"):
            written(store)
    assert written(store) == 1
    store.close()
    other.close()


def test_a_transaction_that_the_server_ended_is_not_committed(postgres_url: str) -> None:
    """When the server ends a session that did nothing for too long, its transaction is trouble, and void."""
    Store.open(postgres_url).close()  # making the tables has pauses of its own on a busy machine
    store = Store.open(f"{postgres_url}&options=-c%20idle_in_transaction_session_timeout%3D250ms")
    with pytest.raises(TechnicalError):
        _write_slowly(store, 0.8)
    assert written(store) == 1
    store.close()


@pytest.mark.parametrize("when", ["statement", "ping"])
def test_a_server_that_stands_still_is_not_waited_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """A session that does not answer is cut, in a transaction and before it; what it had done is void."""
    monkeypatch.setattr(store_module, "_TRANSACTION_SECONDS", 0.4)
    monkeypatch.setattr(engines, "_PING_SECONDS", 0.4)
    monkeypatch.setattr(watch, "_LOOK_SECONDS", 0.02)
    store = Store.open(postgres_url)
    backends = _processes(store)
    started = time.monotonic()
    if when == "ping":
        with stopped(backends):
            assert written(store) == 1
    else:
        with pytest.raises(TechnicalError):
            _write_and_wait(store)
        assert written(store) == 1
    assert time.monotonic() - started < 5
    store.close()


def test_a_whole_server_that_stands_still_is_given_up(
    postgres_server: PostgresServer, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When not even a connection comes about, it is trouble after a bounded time."""
    monkeypatch.setattr(engines, "_PING_SECONDS", 0.2)
    monkeypatch.setattr(watch, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(engines, "_DEFAULTS", {"connect_timeout": 2})
    store = Store.open(postgres_url)
    assert written(store) == 1
    postmaster = int((postgres_server.folder / "data" / "postmaster.pid").read_text().split()[0])
    started = time.monotonic()
    with stopped([postmaster, *_processes(store)]), pytest.raises(TechnicalError):
        written(store)
    assert time.monotonic() - started < 10
    assert written(store) == 2
    store.close()


def _write_slowly(store: Store, seconds: float) -> None:
    with store.begin() as tx:
        tx.execute(insert(jobs), ROW)
        time.sleep(seconds)


def _write_and_wait(store: Store) -> None:
    """Write something, then ask a server that stands still by now."""
    with store.begin() as tx:
        tx.execute(insert(jobs), ROW)
        with stopped(_own_process(tx)):
            tx.execute(COUNT)


def _processes(store: Store) -> list[int]:
    with store.read() as tx:
        return _own_process(tx)


def _own_process(tx: Connection) -> list[int]:
    return [int(tx.execute(text("SELECT pg_backend_pid()")).scalar_one())]
