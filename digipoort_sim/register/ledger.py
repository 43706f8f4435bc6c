"""Very many changes in one transaction: read together, kept in memory, and written together at its end.

While the clock is moved over a year, hundreds of due dates are worked in one transaction. Each asks for its
mandate and changes it; with a ledger that costs no statement of its own. Who looks past the ledger at the
tables, has what was changed written first, so that nobody sees an old state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from digipoort_sim.errors import ConflictError
from digipoort_sim.register import rows
from digipoort_sim.register.rows import Keys
from digipoort_sim.register.states import State
from digipoort_sim.register.values import HistoryEntry, Letter, Mandate
from digipoort_sim.store.register_tables import mandates

_KEY = "register ledger"
_NO_KEYS: Keys = (None, None)


class Ledger:
    """What one transaction knows of mandates and has not written yet.

    The transaction is the only one that works in the register: the caller holds its lock.
    """

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._known: dict[str, Mandate] = {}
        self._before: dict[str, State] = {}
        self._added: dict[str, Keys] = {}
        self._history: list[HistoryEntry] = []
        self._letters: list[Letter] = []
        self._touched: set[str] = set()

    def load(self, ids: Iterable[str]) -> None:
        """Read these mandates with one query."""
        missing = [id_ for id_ in set(ids) if id_ not in self._known]
        found = self._tx.execute(select(*rows.MANDATE).where(mandates.c.id.in_(missing)))
        self._known.update((row[0], rows.mandate_of(row)) for row in found)

    def find(self, mandate_id: str) -> Mandate | None:
        """The mandate as it is by now, if it was loaded or added."""
        return self._known.get(mandate_id)

    def add(self, mandate: Mandate, keys: Keys, entries: Iterable[HistoryEntry]) -> None:
        """Add a registration; the caller has made sure that nobody has its keys."""
        self._known[mandate.id] = mandate
        self._added[mandate.id] = keys
        self._touch(mandate)
        self._history.extend(entries)

    def change(self, before: Mandate, after: Mandate, entry: HistoryEntry) -> None:
        """Change a registration.

        Raises:
            ConflictError: it is in another state than the caller believes.
        """
        known = self._known.get(before.id)
        if known is not None and known.toestand is not before.toestand:
            raise ConflictError(f"Mandate {before.id} was changed meanwhile.", rule="MANDATE-STATE")
        self._known[after.id] = after
        if after.id not in self._added:
            self._before.setdefault(after.id, before.toestand)
        elif after.ended:
            self._added[after.id] = _NO_KEYS
        self._touch(after)
        self._history.append(entry)

    def add_letter(self, letter: Letter) -> None:
        """Add a letter."""
        self._letters.append(letter)
        self._touched.update((letter.mandate_id, letter.id_vertegenwoordigde))

    def settle(self, *about: str) -> None:
        """Write what was changed.

        Args:
            about: only if something of it is about one of these clients or mandates.

        Raises:
            ConflictError: a mandate was changed by another transaction; roll back.
        """
        if about and self._touched.isdisjoint(about):
            return
        changed = [(self._known[id_], van) for id_, van in self._before.items()]
        if not rows.update_mandates(self._tx, changed):
            raise ConflictError("A mandate was changed meanwhile.", rule="MANDATE-STATE")
        rows.insert_mandates(self._tx, [(self._known[id_], keys) for id_, keys in self._added.items()])
        rows.insert_history(self._tx, self._history)
        rows.insert_letters(self._tx, self._letters)
        for written in (self._before, self._added, self._history, self._letters, self._touched):
            written.clear()

    def _touch(self, mandate: Mandate) -> None:
        self._touched.update((mandate.id, mandate.id_vertegenwoordigde))


@contextmanager
def kept_in_ledger(tx: Connection) -> Iterator[Ledger]:
    """Have the register's changes in a transaction kept, and written at the end of the block."""
    ledger = Ledger(tx)
    tx.info[_KEY] = ledger
    try:
        yield ledger
        ledger.settle()
    finally:
        del tx.info[_KEY]


def ledger_of(tx: Connection) -> Ledger | None:
    """The ledger of a transaction; None if it has none."""
    return tx.info.get(_KEY)


def settle(tx: Connection, *about: str) -> None:
    """Have what the transaction knows written, before the tables are asked; see `Ledger.settle`."""
    ledger = ledger_of(tx)
    if ledger is not None:
        ledger.settle(*about)
