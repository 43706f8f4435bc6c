"""Statements that are compiled once and then run for many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect


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

    def ask(self, tx: Connection, values: tuple[Any, ...]) -> CursorResult[Any]:
        """Run a query once."""
        return tx.exec_driver_sql(self._statement, values)

    def run(self, tx: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run the statement for each row; gives how many rows of the database it touched."""
        if not rows:
            return 0
        return tx.exec_driver_sql(self._statement, list(rows)).rowcount
