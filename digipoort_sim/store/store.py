"""The store: transactions on one SQLite file or one PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import ClauseElement, Connection, Engine, Table, insert, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from digipoort_sim.errors import ConfigError, TechnicalError
from digipoort_sim.store import schema
from digipoort_sim.store.engines import make_engine
from digipoort_sim.store.fairlock import FairLock
from digipoort_sim.store.prepared import Prepared

_AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
_ALLOCATE = text("SELECT nextval(pg_get_serial_sequence(:table_name, 'id')) FROM generate_series(1, :count)")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_OPENING = "digipoort-sim opens its database"


class Store:
    """Transactions on a database that has the tables of this version.

    Use `Store.open`; the constructor takes an engine of `make_engine` and looks at nothing.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
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
            ConfigError: the URL is wrong, the database cannot be reached or is of a newer version.
        """
        store = cls(make_engine(url))
        try:
            store._bring_to_head()
        except TechnicalError as error:
            store.close()
            raise ConfigError(
                f"the database cannot be opened: {error.detail}", rule="DATABASE-URL"
            ) from error
        return store

    def close(self) -> None:
        """Close all connections; the store is not used any more."""
        with self._queue():
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._engine.dispose()

    def after_fork(self) -> None:
        """Leave the connections and locks of the parent process alone, in a child process."""
        self._engine.dispose(close=False)
        # Kept and never used or closed: closing it here would touch the parent's file.
        self._inherited, self._writer = self._writer, None
        self._writers = FairLock()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction; committed at the end, rolled back if anything is raised.

        On SQLite there is one at a time, in the order in which threads ask.

        Raises:
            TechnicalError: the database is away or stays locked.
        """
        with self._queue(), _translated():
            if not self.is_sqlite:
                with self._engine.connect() as connection, connection.begin():
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
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

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
        with self.begin() as tx:
            self.lock(tx, _OPENING)
            schema.bring_to_head(tx)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _AWAY as error:
        raise TechnicalError(f"the database does not answer: {error}", rule="DATABASE") from error
