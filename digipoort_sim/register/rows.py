"""Rows of the register's tables: to and from values, and written many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ClauseElement, Connection, Row, bindparam, insert, null, update

from digipoort_sim.clock import epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.register.states import State
from digipoort_sim.register.values import HistoryEntry, Letter, Mandate
from digipoort_sim.store import Prepared
from digipoort_sim.store.register_tables import history, letters, mandates

Keys = tuple[str | None, str | None]
"""Open key and exclusive key; None where a registration has none (any more)."""

_MANDATE = tuple(Mandate.__slots__)
_HISTORY = tuple(HistoryEntry.__slots__)
_LETTER = (
    "id",
    "mandate_id",
    "id_vertegenwoordigde",
    "datum",
    "activatie_token",
    "geldig_tot",
    "ingangsdatum",
)
_CHANGING = (
    "toestand",
    "reden",
    "reden_code",
    "in_behandeling",
    "brief",
    "actief_sinds",
    "geeindigd",
    "onjuiste_codes",
)
MANDATE = tuple(mandates.c[name] for name in _MANDATE)
"""The columns of `Mandate`, to be selected."""

_UPDATE = (
    update(mandates)
    .where(mandates.c.id == bindparam("which"), mandates.c.toestand == bindparam("van"))
    .values({name: bindparam(name) for name in _CHANGING})
)
_UPDATE_ENDED = _UPDATE.values(open_key=null(), exclusive_key=null())
_ROW = tuple(column.name for column in mandates.c if column.name != "nr")


class Statement:
    """A statement, compiled once for each kind of database."""

    def __init__(self, clause: ClauseElement, names: Sequence[str]) -> None:
        self._clause = clause
        self._names = names
        self._compiled: dict[str, Prepared] = {}

    def run(self, tx: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run it for each row; gives how many rows of the database it touched."""
        return self._on(tx).run(tx, rows)

    def ask(self, tx: Connection, *values: Any) -> Row[Any] | None:
        """Run a query once; gives its first row."""
        return self._on(tx).ask(tx, values).first()

    def _on(self, tx: Connection) -> Prepared:
        prepared = self._compiled.get(tx.dialect.name)
        if prepared is None:
            prepared = Prepared(tx.dialect, self._clause, self._names)
            self._compiled[tx.dialect.name] = prepared
        return prepared


_ADD_MANDATES = Statement(insert(mandates).inline(), _ROW)
_CHANGE = Statement(_UPDATE, (*_CHANGING, "which", "van"))
_END = Statement(_UPDATE_ENDED, (*_CHANGING, "which", "van"))
_ADD_HISTORY = Statement(insert(history).inline(), _HISTORY)
_ADD_LETTERS = Statement(insert(letters).inline(), _LETTER)


def insert_mandates(tx: Connection, new: Iterable[tuple[Mandate, Keys]]) -> None:
    """Add registrations.

    Raises:
        IntegrityError: (of SQLAlchemy) another one has one of the keys.
    """
    _ADD_MANDATES.run(tx, [(*_values(mandate, _ROW[:-2]), *keys) for mandate, keys in new])


def update_mandates(tx: Connection, changed: Iterable[tuple[Mandate, State]]) -> bool:
    """Change registrations that were in these states; False if one of them was not: then roll back."""
    going_on: list[tuple[Any, ...]] = []
    ended: list[tuple[Any, ...]] = []
    for mandate, van in changed:
        row = (*_values(mandate, _CHANGING), mandate.id, van.value)
        (ended if mandate.ended else going_on).append(row)
    found = _CHANGE.run(tx, going_on) + _END.run(tx, ended)
    return found == len(going_on) + len(ended)


def insert_history(tx: Connection, entries: Iterable[HistoryEntry]) -> None:
    """Add lines of history."""
    _ADD_HISTORY.run(tx, [_values(entry, _HISTORY) for entry in entries])


def insert_letters(tx: Connection, new: Iterable[Letter]) -> None:
    """Add letters."""
    _ADD_LETTERS.run(tx, [_values(letter, _LETTER) for letter in new])


def mandate_of(row: Sequence[Any]) -> Mandate:
    """The value of a row of the columns `MANDATE`."""
    values = dict(zip(_MANDATE, row, strict=True))
    values["toestand"] = State(values["toestand"])
    for name in ("ontvangen", "in_behandeling", "brief", "actief_sinds", "geeindigd"):
        if values[name] is not None:
            values[name] = from_epoch_milliseconds(values[name])
    return Mandate(**values)


def _values(value: object, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple([_stored(getattr(value, name)) for name in names])


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return epoch_milliseconds(value)
    # A driver that is handed an enumeration may take its name for its value.
    return str(value) if isinstance(value, str) else value
