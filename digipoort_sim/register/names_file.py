"""The user's own names for the trade register's stand-in: a TOML or CSV file (setting ``register.names``).

TOML has a line or a table per number; CSV has a header and a row per number. Of the fields only ``name``
is required::

    "30216247" = "TRIAL Kantoor Ann"        number,name,street,postcode,place
    ["111222333"]                           30216247,TRIAL Kantoor Ann,,,
    name = "J. Testerink"                   111222333,J. Testerink,Laan 1,0001 AA,Fictiestad
    street = "Laan 1"
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.pki.checkdigits import passes_eleven_test
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register.trade_names import Address, TradeName, TradeRegister, core_of

MAXIMUM_FILE_BYTES = 8 * 1024 * 1024
MAXIMUM_ENTRIES = 100_000
LONGEST_TEXT = 200
"""Characters of a name or of one part of an address."""

_ADDRESS = ("street", "postcode", "place")
_FIELDS = ("name", *_ADDRESS)
_COLUMNS = ("number", *_FIELDS)
_NUMBER = re.compile(r"(?P<kvk>(?!00)[0-9]{8})|(NL(?=[0-9]{9}B))?(?P<nine>[0-9]{9})([BL][0-9]{2})?")


def open_trade_register(path: Path | None) -> TradeRegister:
    """The trade register with the names of a file; with none if there is no file.

    Raises:
        ConfigError: the file cannot be used; the detail names the line.
    """
    return TradeRegister() if path is None else TradeRegister(load_names(path))


def load_names(path: Path) -> Mapping[str, TradeName]:
    """The entries of a file of names by number, as `core_of` gives it.

    Args:
        path: ends in ``.toml`` or ``.csv``; UTF-8.

    Raises:
        ConfigError: it cannot be read, is too large, or a line of it is wrong (rule NAMES-FILE).
    """
    readers = {".toml": _toml_rows, ".csv": _csv_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise _wrong(path, 0, "must be a .toml or a .csv file")
    found: dict[str, TradeName] = {}
    lines: dict[str, int] = {}
    for row in reader(path, _text(path)):
        entry = _entry(path, row)
        if entry.number in found:
            before = lines[entry.number]
            raise _wrong(path, row.line, f"{row.number} has a name already, in line {before}")
        if len(found) >= MAXIMUM_ENTRIES:
            raise _wrong(path, row.line, f"more than {MAXIMUM_ENTRIES} names")
        found[entry.number], lines[entry.number] = entry, row.line
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """One entry as it was written, and where."""

    line: int
    number: str
    fields: Mapping[str, Any]


def _wrong(path: Path, line: int, what: str) -> ConfigError:
    where = f"{path}, line {line}" if line else str(path)
    return ConfigError(f"{where}: {what}", rule="NAMES-FILE")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_FILE_BYTES + 1)
    except OSError as error:
        raise _wrong(path, 0, f"cannot be read: {error.strerror}") from None
    if len(content) > MAXIMUM_FILE_BYTES:
        raise _wrong(path, 0, f"larger than {MAXIMUM_FILE_BYTES // 1024**2} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _wrong(path, line, "not UTF-8") from None


def _toml_rows(path: Path, text: str) -> Iterator[_Row]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(path, 0, f"not TOML: {error}") from None
    lines = _toml_lines(text)
    for number, value in document.items():
        fields = value if isinstance(value, dict) else {"name": value}
        yield _Row(lines.get(number, 0), number, fields)


_TOML_KEY = re.compile(r"""\s*\[?\s*(?:"([^"\\]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*[\].=]""")


def _toml_lines(text: str) -> dict[str, int]:
    """In which line each key is first seen; tomllib does not tell."""
    lines: dict[str, int] = {}
    for line, content in enumerate(text.splitlines(), 1):
        if match := _TOML_KEY.match(content):
            lines.setdefault(next(part for part in match.groups() if part), line)
    return lines


def _csv_rows(path: Path, text: str) -> Iterator[_Row]:
    # A semicolon where the header has one: that is how Dutch spreadsheets save CSV.
    header = text.partition("\n")[0]
    delimiter = ";" if ";" in header else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        columns = _columns(path, next(reader, []))
        line = reader.line_num
        for values in reader:
            line, begins = reader.line_num, line + 1
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(columns):
                raise _wrong(path, begins, f"{len(values)} fields where the header has {len(columns)}")
            fields = dict(zip(columns, values, strict=True))
            yield _Row(begins, fields.pop("number"), fields)
    except csv.Error as error:
        raise _wrong(path, line + 1, f"not CSV: {error}") from None


def _columns(path: Path, header: list[str]) -> list[str]:
    columns = [name.strip().lower() for name in header]
    good = set(columns) <= set(_COLUMNS) and len(set(columns)) == len(columns)
    if not good or not {"number", "name"} <= set(columns):
        raise _wrong(path, 1, f"the header must have number and name, and may have {', '.join(_ADDRESS)}")
    return columns


def _entry(path: Path, row: _Row) -> TradeName:
    unknown = sorted(set(row.fields) - set(_FIELDS))
    if unknown:
        raise _wrong(
            path,
            row.line,
            f"{row.number[:40]}: there is no field {unknown[0][:40]!r}; known: {', '.join(_FIELDS)}",
        )
    values = {field: _value(path, row, field) for field in _FIELDS}
    if not values["name"]:
        raise _wrong(path, row.line, f"{row.number[:40]} has no name")
    number = _number(path, row)
    return TradeName(number, values["name"], Address(*(values[part] for part in _ADDRESS)), "own")


def _value(path: Path, row: _Row, field: str) -> str:
    value = row.fields.get(field, "")
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_TEXT:
        must_be = f"a text of at most {LONGEST_TEXT} characters on one line"
        raise _wrong(path, row.line, f"{field} of {row.number[:40]} must be {must_be}")
    return value.strip()


def _number(path: Path, row: _Row) -> str:
    text = row.number.strip().upper()
    match = _NUMBER.fullmatch(text)
    if match is None:
        return _oin(path, row, text)
    if match["nine"] and not passes_eleven_test(match["nine"]):
        raise _wrong(path, row.line, f"{match['nine']} does not pass the 11-test")
    return core_of(text)


def _oin(path: Path, row: _Row, text: str) -> str:
    try:
        return Oin.parse(text).core
    except AuthenticationRefusal:
        must_be = "a KvK number (8 digits), a BSN, RSIN or fiscaal nummer (9), a btw or loonheffingennummer"
        raise _wrong(path, row.line, f"{text[:40]!r} is not {must_be}, or an OIN (20)") from None
