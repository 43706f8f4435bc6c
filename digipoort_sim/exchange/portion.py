"""As many rows as an answer can hold: one status may have a megabyte of details, one message twenty."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select

LARGEST = 32 * 1024 * 1024
"""Octets, or characters, of the large columns of one answer's rows; one row is always given."""

_ROWS_AT_ONCE = 50


def portion(
    tx: Connection, query: Select[Any] | CompoundSelect[Any], large: Callable[[Any], bytes | str | None]
) -> list[Any]:
    """The first rows of a query, until what they hold becomes too much.

    Args:
        large: the value of a row's large column.
    """
    rows: list[Any] = []
    room = LARGEST
    with closing(tx.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))) as result:
        for row in result:
            room -= len(large(row) or "")
            if rows and room < 0:
                break
            rows.append(row)
    return rows
