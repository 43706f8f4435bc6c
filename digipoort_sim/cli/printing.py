"""Printing: JSON for programs, a table for people, plain columns into a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from digipoort_sim.terminal import visible, visible_json

Row = Mapping[str, Any]
_GAP = "  "
_NARROWEST_LAST = 30


def print_json(value: object) -> None:
    """Print one JSON document."""
    print(visible_json(value))


def print_json_line(value: object) -> None:
    """Print one JSON document on one line, of ASCII only, so that nothing in it can command a terminal."""
    print(json.dumps(value).replace("\x7f", "\\u007f"), flush=True)  # DEL is the one that json leaves


def print_rows(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """Print a listing.

    Args:
        columns: fields to show to people; JSON has all fields.
        empty: what to tell a person when there are no rows.
    """
    if as_json:
        print_json(list(rows))
    elif not rows:
        print(empty, file=sys.stderr)
    elif sys.stdout.isatty():
        _print_table(rows, columns)
    else:
        _print_columns(rows, columns)


def print_fields(row: Row, *, as_json: bool) -> None:
    """Print one thing: a line per field, those of a thing inside it set in; lists of rows come last."""
    if as_json:
        print_json(row)
        return
    _print_lines(row, "")
    for name, value in row.items():
        if _is_rows(value):
            print(f"\n{name}:")
            print_rows(value, list(value[0]), as_json=False, empty="")


def _print_lines(row: Row, margin: str) -> None:
    width = max(map(len, row), default=0)
    for name, value in row.items():
        if isinstance(value, dict) and value:
            print(f"{margin}{name}")
            _print_lines(value, margin + _GAP)
        elif margin or not _is_rows(value):
            # Lines that follow are set in, so that no text from outside can look like another field.
            print(f"{margin}{name:<{width}}  {_text(value)}".replace("\n", f"\n{margin}{'':<{width}}  "))


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return " ".join(_text(part) for part in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "-"
    return str(value).lower() if isinstance(value, bool) else visible(str(value))


def _print_columns(rows: Sequence[Row], columns: Sequence[str]) -> None:
    lines = [list(columns), *(_cells(row, columns) for row in rows)]
    widths = _widths(lines)
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(_GAP.join(cells).rstrip())


def _print_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Only the last column is folded to the terminal's width: a kenmerk stays whole, to be copied."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lines = [_cells(row, columns) for row in rows]
    *fixed, last = _widths([list(columns), *lines])
    before = sum(fixed) + len(_GAP) * len(fixed)
    terminal = Console()
    last = min(last, max(terminal.width - before, _NARROWEST_LAST))
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, len(_GAP), 0, 0))
    for column, width in zip(columns, (*fixed, last), strict=True):
        table.add_column(column, width=width, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))
    Console(width=before + last, height=terminal.height, highlight=False).print(table)


def _cells(row: Row, columns: Sequence[str]) -> list[str]:
    return [" ".join(_text(row.get(column)).split()) for column in columns]


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*lines, strict=True)]
