"""The store: transactions on one SQLite file or one PostgreSQL database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, Engine, Table, insert, make_url, text
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from digipoort_sim.errors import ConfigError, TechnicalError
from digipoort_sim.store import schema
from digipoort_sim.store.checkpoints import Checkpointer
from digipoort_sim.store.disk import force
from digipoort_sim.store.engines import make_engine
from digipoort_sim.store.fairlock import FairLock
from digipoort_sim.store.prepared import Prepared
from digipoort_sim.store.watch import Watch

_AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeoutError)
_ALLOCATE = text("SELECT nextval(pg_get_serial_sequence(:table_name, 'id')) FROM generate_series(1, :count)")
_NO_ANSWER = "the database does not answer: "
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_OPENING = "digipoort-sim opens its database"
_TRANSACTION_SECONDS = 20.0
"""The most that a transaction on PostgreSQL may take."""

_OPENING_SECONDS = 3600.0
_WITHOUT_HASTE = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"
"""For migrations, and for who waits while another process migrates."""


class Store:
    """Transactions on a database that has the tables of this version.

    Use `Store.open`; the constructor takes an engine of `make_engine` and looks at nothing.
    """

    def __init__(self, engine: Engine, watch: Watch | None = None) -> None:
        self._engine = engine
        self._watch = watch or Watch()
        self._writers = FairLock()
        self._writer: Connection | None = None
        self._inherited: Connection | None = None
        self.is_sqlite = engine.dialect.name == "sqlite"

    @classmethod
    def open(cls, url: str) -> Store:
        """Open a database, made or migrated to this version's tables if it has to be.

        Args:
            url: SQLAlchemy URL of a SQLite file or of a PostgreSQL database.

        Raises:
            ConfigError: the URL is wrong, the database cannot be reached, is no database, or is of a newer
                version.
        """
        watch = Watch()
        store = cls(make_engine(url, watch), watch)
        try:
            store._bring_to_head()
        except TechnicalError as error:
            store.close()
            shown = make_url(url).render_as_string(hide_password=True)
            raise ConfigError(
                f"the database {shown} cannot be opened: {error.detail.removeprefix(_NO_ANSWER)}",
                rule="DATABASE-URL",
            ) from error
        return store

    def close(self) -> None:
        """Close all connections; the store is not used any more."""
        with self._queue():
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._engine.dispose()
        self._watch.stop()

    def checkpointer(self) -> Checkpointer | None:
        """What keeps the log of SQLite short, for one process to start; None on PostgreSQL."""
        database = self._engine.url.database
        return Checkpointer(Path(database)) if self.is_sqlite and database else None

    def after_fork(self) -> None:
        """Leave the connections and locks of the parent process alone, in a child process."""
        self._engine.dispose(close=False)
        # Kept and never used or closed: closing it here would touch the parent's file.
        self._inherited, self._writer = self._writer, None
        self._writers = FairLock()
        self._watch.forked()

    @contextmanager
    def begin(self, seconds: float | None = None) -> Iterator[Connection]:
        """A write transaction; committed at the end, rolled back if anything is raised.

        On SQLite there is one at a time, in the order in which threads ask.

        Args:
            seconds: after which PostgreSQL is not waited for any longer; 20 unless given.

        Raises:
            TechnicalError: the database is away or stays locked.
        """
        with self._queue(), _translated():
            if not self.is_sqlite:
                with self._in_time(seconds) as connection:
                    yield connection
                return
            writer = self._only_writer()
            with writer.begin():
                yield writer

    def _only_writer(self) -> Connection:
        """SQLite's one writer, kept: fetching it from the pool costs as much as a small transaction."""
        if self._writer is None or self._writer.closed or self._writer.invalidated:
            self._writer = self._engine.connect().execution_options(write=True)
        return self._writer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction.

        Raises:
            TechnicalError: the database is away.
        """
        with _translated(), self._in_time() as connection:
            yield connection

    @contextmanager
    def _in_time(self, seconds: float | None = None) -> Iterator[Connection]:
        """A transaction on a connection of the pool; a server that stands still ends it."""
        with self._engine.connect() as connection:
            if self.is_sqlite:
                with connection.begin():
                    yield connection
                return
            handle = cast(Any, connection.connection.dbapi_connection).fileno()
            with self._watch.over(handle, seconds or _TRANSACTION_SECONDS), connection.begin():
                yield connection

    def make_durable(self) -> None:
        """Force what was committed onto the disk, so that a loss of power does not undo it.

        For who is about to give up the only other copy. PostgreSQL does it with every commit.

        Raises:
            OSError: the disk says no.
        """
        database = self._engine.url.database
        if self.is_sqlite and database:
            with contextlib.suppress(FileNotFoundError):  # no log: all is in the database file
                force(Path(f"{database}-wal"))

    def lock(self, tx: Connection, name: str) -> None:
        """Wait until no other open write transaction holds the lock of this name, then hold it.

        On SQLite a write transaction is alone anyway.
        """
        if not self.is_sqlite:
            tx.execute(_LOCK, {"name": name})

    def allocate(self, tx: Connection, table: Table, count: int) -> Sequence[int]:
        """So many new values for the `id` of a table, for rows that are inserted in this transaction."""
        if self.is_sqlite:
            last = tx.exec_driver_sql(f"SELECT max(id) FROM {table.name}").scalar() or 0  # noqa: S608 (ours)
            return range(last + 1, last + 1 + count)
        return tx.execute(_ALLOCATE, {"table_name": table.name, "count": count}).scalars().all()

    def prepared(self, clause: ClauseElement, names: Sequence[str]) -> Prepared:
        """A statement compiled once for many rows; see `Prepared`."""
        return Prepared(self._engine.dialect, clause, names)

    def inserter(self, table: Table, columns: Sequence[str]) -> Prepared:
        """What inserts rows of these columns, given as tuples, into a table."""
        return self.prepared(insert(table), columns)

    def _queue(self) -> AbstractContextManager[None]:
        return self._writers if self.is_sqlite else nullcontext()

    def _bring_to_head(self) -> None:
        with self.read() as tx:
            if schema.is_current(tx):
                return
        with self.begin(_OPENING_SECONDS) as tx:
            if not self.is_sqlite:
                tx.exec_driver_sql(_WITHOUT_HASTE)
            self.lock(tx, _OPENING)
            schema.bring_to_head(tx)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError, PoolTimeoutError) as error:
        if not _is_trouble(error):
            raise
        raise TechnicalError(f"{_NO_ANSWER}{_reason(error)}", rule="DATABASE") from error


def _is_trouble(error: Exception) -> bool:
    """Whether the database is to blame and not the statement.

    A file that is no database, or is damaged, raises the DatabaseError that other errors come from.
    """
    return isinstance(error, _AWAY) or type(error) is DatabaseError


def _reason(error: Exception) -> str:
    """What the driver says, without the statement and the parameters that SQLAlchemy adds to it."""
    return " ".join(str(getattr(error, "orig", None) or error).split())
