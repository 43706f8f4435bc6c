"""Statements that are compiled once and then run for many rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect
from sqlalchemy.exc import DBAPIError


class Prepared:
    """A statement that takes its values as tuples and hands them to the driver as they are.

    Without SQLAlchemy's work per statement and row; so it fits numbers, texts and octets only. Group commit
    stands on it.

    Args:
        dialect: the dialect of the engine; its parameters must be positional.
        names: names of the parameters in the order of the values in a row; for an insert, of its columns.
    """

    def __init__(self, dialect: Dialect, clause: ClauseElement, names: Sequence[str]) -> None:
        compiled = clause.compile(dialect=dialect, column_keys=list(names))
        order = getattr(compiled, "positiontup", None)
        if order != list(names):
            raise ValueError(f"the statement takes its values in the order {order}, not {list(names)}")
        self._statement = str(compiled)
        self._dialect = dialect
        self._is_sqlite = dialect.name == "sqlite"

    def ask(self, tx: Connection, values: tuple[Any, ...]) -> CursorResult[Any]:
        """Run a query once."""
        return tx.exec_driver_sql(self._statement, values)

    def run(self, tx: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run the statement for each row; gives how many rows of the database it touched."""
        if not rows:
            return 0
        if self._is_sqlite:
            return self._run_at_driver(tx, rows)
        return tx.exec_driver_sql(self._statement, list(rows)).rowcount

    def _run_at_driver(self, tx: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Past SQLAlchemy, whose bookkeeping costs more than SQLite's own work on a row."""
        connection: Any = tx.connection.driver_connection
        try:
            cursor: sqlite3.Cursor = connection.executemany(self._statement, rows)
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                self._statement, None, error, sqlite3.Error, dialect=self._dialect
            ) from error
        return cursor.rowcount
