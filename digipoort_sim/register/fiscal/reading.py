"""Figures as users give them: documents (JSON, TOML), rows of CSV, options and forms."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal.liability import MOST_ASSESSMENTS
from digipoort_sim.register.fiscal.money import plain_text, read_amount, read_rate
from digipoort_sim.register.fiscal.security import MOST_TRANSACTIONS
from digipoort_sim.register.fiscal.values import (
    Assessment,
    Category,
    Figures,
    PermitKind,
    Transaction,
    TransactionKind,
)

EXEMPT = "exempt"
TRANSACTION_COLUMNS = ("kind", "amount", "rate", "ordinary", "goods", "category", "responsible")
ASSESSMENT_COLUMNS = ("year", "tax", "interest", "fines", "client")
FIGURES = ("kind", "months", "category", "paid", "inspector", "transactions")
LIABILITY = ("kind", "security", "assessments")

Document = Mapping[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)

_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_LONGEST_CELL = 1000
_LONGEST_INTEGER = 9


def read_kind(value: object) -> PermitKind:
    """The kind of permit.

    Raises:
        ConfigError: it is neither.
    """
    return _choice(PermitKind, value, "kind")


def read_figures(document: Document, kind: PermitKind | None = None) -> Figures:
    """The figures in a document; what is absent or null has its default.

    Args:
        kind: of a permit that there is already; then the document need not say it.

    Raises:
        ConfigError: a field is unknown, missing or wrong.
    """
    _only(document, FIGURES, "the figures")
    given = {name: value for name, value in document.items() if value is not None}
    rows = _rows(given.get("transactions", []), "transactions", MOST_TRANSACTIONS)
    inspector = given.get("inspector")
    said = kind if kind is not None and "kind" not in given else read_kind(given.get("kind"))
    if kind is not None and said is not kind:
        raise ConfigError(f"the figures are of a {said} permit, this one is {kind}", rule="FISCAL-KIND")
    return Figures(
        kind=said,
        months=read_integer(given.get("months", 12), "months"),
        categories=read_categories(given.get("category", "")),
        paid=read_amount(given.get("paid", 0), "paid", negative=True),
        transactions=tuple(read_transaction(row, nr) for nr, row in enumerate(rows, 1)),
        inspector=None if inspector is None else read_amount(inspector, "inspector"),
    )


def read_transaction(row: Document, nr: int) -> Transaction:
    """One transaction; empty fields have their default.

    Raises:
        ConfigError: a field is unknown, missing or wrong; the detail names it.
    """
    name = f"transaction {nr}"
    _only(row, TRANSACTION_COLUMNS, name)
    given = _filled(row)
    rate = given.get("rate")
    if rate is None:
        raise ConfigError(f"{name}: rate is missing: a rate in percent, or {EXEMPT}", rule="FISCAL-RATE")
    categories = read_categories(given.get("category", ""), f"{name}: category")
    if len(categories) > 1:
        raise ConfigError(f"{name}: category must be 1 or 2", rule="FISCAL-CATEGORY")
    return Transaction(
        kind=_choice(TransactionKind, given.get("kind"), f"{name}: kind"),
        amount=read_amount(given.get("amount", ""), f"{name}: amount", negative=True),
        rate=None if rate == EXEMPT else read_rate(rate, f"{name}: rate"),
        ordinary=read_rate(given["ordinary"], f"{name}: ordinary") if "ordinary" in given else None,
        goods=_goods(given.get("goods"), name),
        category=next(iter(categories), None),
        responsible=_yes_no(given.get("responsible", True), f"{name}: responsible"),
    )


def read_liability(document: Document) -> tuple[PermitKind, Decimal, tuple[Assessment, ...]]:
    """Kind of permit, security and assessments in a document.

    Raises:
        ConfigError: a field is unknown, missing or wrong.
    """
    _only(document, LIABILITY, "the document")
    rows = _rows(document.get("assessments") or [], "assessments", MOST_ASSESSMENTS)
    return (
        read_kind(document.get("kind")),
        read_amount(document.get("security", ""), "security"),
        tuple(read_assessment(row, nr) for nr, row in enumerate(rows, 1)),
    )


def read_assessment(row: Document, nr: int) -> Assessment:
    """One assessment; empty fields have their default.

    Raises:
        ConfigError: a field is unknown, missing or wrong; the detail names it.
    """
    name = f"assessment {nr}"
    _only(row, ASSESSMENT_COLUMNS, name)
    given = _filled(row)
    client = given.get("client")
    return Assessment(
        year=read_integer(given.get("year", ""), f"{name}: year"),
        tax=read_amount(given.get("tax", ""), f"{name}: tax"),
        interest=read_amount(given.get("interest", 0), f"{name}: interest"),
        fines=read_amount(given.get("fines", 0), f"{name}: fines"),
        client=None if client is None else plain_text(client),
    )


def read_categories(value: object, name: str = "category") -> frozenset[Category]:
    """The categories of goods in ``1``, ``2`` or ``1+2``; none in an empty text.

    Raises:
        ConfigError: it is none of these.
    """
    text = "".join(plain_text(value).split())
    known = {"": (), "1": (Category.ONE,), "2": (Category.TWO,), "1+2": tuple(Category)}
    if isinstance(value, bool) or text not in known:
        raise ConfigError(f"{name} must be 1, 2 or 1+2, not {text[:20]!r}", rule="FISCAL-CATEGORY")
    return frozenset(known[text])


def read_integer(value: object, name: str) -> int:
    """A whole number from 0 on.

    Raises:
        ConfigError: it is none, or has more than nine digits.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_LONGEST_INTEGER:
        return value
    text = value.strip() if isinstance(value, str) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_INTEGER):
        raise ConfigError(f"{name} must be a whole number", rule="FISCAL-NUMBER")
    return int(text)


def read_csv(text: str, columns: Sequence[str], most: int) -> list[dict[str, str]]:
    """Rows of CSV with a first line of column names, in any order; without it, in the order of `columns`.

    A comma or a semicolon parts the cells; empty lines and spaces around cells do not count.

    Raises:
        ConfigError: a line has too many cells or a column is unknown, or there are too many lines.
    """
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    if len(lines) > most + 1:
        raise ConfigError(f"more than {most} lines of CSV", rule="FISCAL-TOO-MANY")
    cells = _cells(lines)
    names: Sequence[str] = columns
    if cells and cells[0][0] in columns:
        names, cells = cells[0], cells[1:]
    _only(dict.fromkeys(names), columns, "the first line of the CSV")
    for nr, row in enumerate(cells, 1):
        if len(row) > len(names):
            raise ConfigError(
                f"line {nr} of the CSV has more cells than {', '.join(names)}", rule="FISCAL-CSV"
            )
    return [dict(zip(names, row, strict=False)) for row in cells]


def _cells(lines: list[str]) -> list[list[str]]:
    delimiter = ";" if lines and ";" in lines[0] else ","
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ConfigError(f"the CSV cannot be read: {error}", rule="FISCAL-CSV") from None
    return [[cell.strip() for cell in row] for row in rows]


def _filled(row: Document) -> dict[str, Any]:
    """The fields that are neither null nor empty."""
    filled = {name: value for name, value in row.items() if value is not None and value != ""}
    for name, value in filled.items():
        if isinstance(value, str) and len(value) > _LONGEST_CELL:
            raise ConfigError(f"{name} is longer than {_LONGEST_CELL} characters", rule="FISCAL-TOO-LONG")
    return filled


def _rows(value: object, name: str, most: int) -> list[Document]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise ConfigError(f"{name} must be a list of objects", rule="FISCAL-LIST")
    if len(value) > most:
        raise ConfigError(f"more than {most} {name}", rule="FISCAL-TOO-MANY")
    return value


def _only(document: Document, known: Sequence[str], where: str) -> None:
    unknown = [name for name in document if name not in known]
    if unknown:
        raise ConfigError(
            f"{where}: there is no {str(unknown[0])[:40]!r}; known are {', '.join(known)}",
            rule="FISCAL-FIELD",
        )


def _choice(choices: type[Choice], value: object, name: str) -> Choice:
    try:
        return choices(plain_text(value).lower())
    except ValueError:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}", rule="FISCAL-KIND") from None


def _goods(value: object, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigError(f"{name}: goods must be a text that identifies the goods", rule="FISCAL-GOODS")
    # An int of a great many digits is refused by its size before it is written out.
    return value.strip() if isinstance(value, str) else str(read_integer(value, f"{name}: goods"))


def _yes_no(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return value
    found = _YES_NO.get(plain_text(value).lower()) if isinstance(value, str | int) else None
    if found is None:
        raise ConfigError(f"{name} must be yes or no", rule="FISCAL-YES-NO")
    return found
