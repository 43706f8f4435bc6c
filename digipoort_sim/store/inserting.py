"""Inserting many rows with a statement that was compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert


class Inserter:
    """Inserts rows, given as tuples, into some columns of a table.

    It hands the tuples to the driver as they are, without SQLAlchemy's work per row, so it fits columns of
    numbers, texts and octets only. Group commit stands on it.

    Args:
        dialect: the dialect of the engine; its parameters must be positional.
        columns: names of the columns, in the order of the values in a row.
    """

    def __init__(self, dialect: Dialect, table: Table, columns: Sequence[str]) -> None:
        compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
        if getattr(compiled, "positiontup", None) != list(columns):
            raise ValueError(f"the columns of {table.name} must be given in the table's order, got {columns}")
        self._statement = str(compiled)

    def run(self, tx: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert the rows; gives how many there are now more."""
        if not rows:
            return 0
        return tx.exec_driver_sql(self._statement, list(rows)).rowcount
