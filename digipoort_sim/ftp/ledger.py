"""Every name that a complete file came under, and how far it is on its way.

::

    claim ──▶ received ──▶ accepted ──▶ receipted ──▶ finished
                  │         kenmerk      .ontvangst.xml  .status.xml
                  └──────▶ refused ───▶ returned
                            foutcode     .fout.xml

A row is written when its file lies where it is processed already, so a row that is on its way always has
a file. Several servers may share the table; each goes on only with the files on its own disk.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from digipoort_sim.clock import epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import ConflictError
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages
from digipoort_sim.store.ftp_tables import ftp_files

FIRST = "ftp"
"""The interface whose name is left out of references, as it was the only one once."""

PENDING = ("received", "accepted", "refused")
"""States in which the simulator still has something to do without being told."""

DONE = ("finished", "returned")
"""States in which nothing will come any more."""

_KEY = (ftp_files.c.interface, ftp_files.c.user, ftp_files.c.name)
_THE = ("interface", "user", "name", "work")
_CHANGE = update(ftp_files).where(*(ftp_files.c[name] == bindparam(f"the_{name}") for name in _THE))
_AT_ONCE = 5000


@dataclass(frozen=True)
class Entry:
    """One file under its final name.

    Attributes:
        interface: key of the interface that it came by.
        source: the name that it had in ``/in`` before.
        work: its name in the folder where it is processed.
        oin: the party of the session that completed it.
        certificate: SHA-256 of that session's client certificate.
        received: when it was complete, by the simulator's clock.
        accepted: tijdstempelAangeleverd.
        place: the state directory where its file lies; None for files of before there were several.
    """

    interface: str
    user: str
    name: str
    source: str
    work: str
    oin: str
    certificate: str
    received: datetime
    state: str = "received"
    size: int | None = None
    sha256: str | None = None
    kenmerk: str | None = None
    accepted: datetime | None = None
    foutcode: str | None = None
    foutbeschrijving: str | None = None
    place: str | None = None

    @property
    def reference(self) -> str:
        """What the post office gives back with its notices; see `Ledger.referred`."""
        plain = f"{self.user}/{self.name}"
        return plain if self.interface == FIRST else f"{self.interface}:{plain}"

    @property
    def message_id(self) -> str:
        """By what the post office knows a second delivery of the same file; the berichtkenmerk."""
        plain = f"{self.interface}:{self.user}:{self.name}"
        return plain if self.place is None else f"{plain}:{self.work}"


class Ledger:
    """The table of names; safe for many threads.

    Args:
        place: the name of this server's state directory.
    """

    def __init__(self, store: Store, place: str) -> None:
        self._store = store
        self._place = place

    def claim(self, entry: Entry, *, again: Callable[[], None] | None = None) -> None:
        """Take a name for a file.

        Args:
            again: called if the name was used before and nothing will come any more for that file; before
                anybody sees the new row. None if names are never used again.

        Raises:
            ConflictError: the account used the name before (rule ``FTP-NAME-USED``).
        """
        row = {
            "interface": entry.interface,
            "user": entry.user,
            "name": entry.name,
            "state": entry.state,
            "source": entry.source,
            "work": entry.work,
            "oin": entry.oin,
            "certificate": entry.certificate,
            "received": epoch_milliseconds(entry.received),
            "size": entry.size,
            "sha256": entry.sha256,
            "place": self._place,
        }
        try:
            with self._store.begin() as tx:
                reused = again is not None and _forget(tx, entry)
                tx.execute(insert(ftp_files).values(**row))
                if reused and again is not None:
                    again()
        except IntegrityError:
            raise _used(entry.name) from None

    def make_durable(self) -> None:
        """Force what was written here onto the disk; OSError where that does not go."""
        self._store.make_durable()

    def unclaim(self, entry: Entry) -> None:
        """Give a name back whose file never left ``/in``."""
        with self._store.begin() as tx:
            tx.execute(delete(ftp_files).where(*_is(entry.interface, entry.user, entry.name)))

    def check_unused(self, interface: str, user: str, name: str, *, again: bool = False) -> None:
        """Check that the account may use this name.

        Args:
            again: whether a name may be used again once nothing will come any more for it.

        Raises:
            ConflictError: it used it before (rule ``FTP-NAME-USED``).
        """
        found = self.find(interface, user, name)
        if found is not None and not (again and found.state in DONE):
            raise _used(name)

    def find(self, interface: str, user: str, name: str) -> Entry | None:
        """The file that the account delivered under this name."""
        with self._store.read() as tx:
            row = tx.execute(select(ftp_files).where(*_is(interface, user, name))).first()
        return None if row is None else _entry(row)

    def referred(self, references: Iterable[str]) -> dict[str, Entry]:
        """The files that references of the post office stand for, by these."""
        keys = [_parts(reference) for reference in references]
        query = select(ftp_files).where(tuple_(*_KEY).in_(keys))
        with self._store.read() as tx:
            entries = [_entry(row) for row in tx.execute(query)]
        return {entry.reference: entry for entry in entries}

    def is_here(self, entry: Entry) -> bool:
        """Whether a file lies on this server's disk, as far as its row says."""
        return entry.place in (None, self._place)

    def received(self, limit: int, after: Entry | None = None) -> list[Entry]:
        """Files of this server that still have to be accepted, by their names; those behind one of them."""
        query = select(ftp_files).where(ftp_files.c.state == "received", self._is_mine())
        if after is not None:
            query = query.where(tuple_(*_KEY) > (after.interface, after.user, after.name))
        with self._store.read() as tx:
            return [_entry(row) for row in tx.execute(query.order_by(*_KEY).limit(limit))]

    def _is_mine(self) -> ColumnElement[bool]:
        return or_(ftp_files.c.place == self._place, ftp_files.c.place.is_(None))

    def pending(self, limit: int, without: Collection[str] = ()) -> list[Entry]:
        """Files of this server that still have to be accepted, or to get their receipt or error.

        In turns: the oldest of each account, then the second of each, and so on, so that nobody who brings
        thousands keeps others waiting.

        Args:
            without: the work names of those that are not wanted.
        """
        turn = func.row_number().over(
            partition_by=(ftp_files.c.interface, ftp_files.c.user),
            order_by=(ftp_files.c.received, ftp_files.c.name),
        )
        waiting = (
            select(ftp_files, turn.label("turn"))
            .where(ftp_files.c.state.in_(PENDING), self._is_mine(), ftp_files.c.work.not_in(without))
            .subquery()
        )
        columns = [waiting.c[column.name] for column in ftp_files.c]
        query = select(*columns).order_by(waiting.c.turn, waiting.c.received).limit(limit)
        with self._store.read() as tx:
            return [_entry(row) for row in tx.execute(query)]

    def states_of_works(self, works: Sequence[str]) -> dict[str, str]:
        """The states of files by their names where they are processed; those that no row has are left out."""
        found: dict[str, str] = {}
        for start in range(0, len(works), _AT_ONCE):
            some = ftp_files.c.work.in_(works[start : start + _AT_ONCE])
            with self._store.read() as tx:
                rows = tx.execute(select(ftp_files.c.work, ftp_files.c.state).where(some))
                found.update((row.work, row.state) for row in rows)
        return found

    def delivered_as(self, entry: Entry) -> tuple[str, datetime] | None:
        """Kenmerk and time under which the post office accepted the file, if it did."""
        query = select(messages.c.kenmerk, messages.c.received).where(
            messages.c.via == "ftp",
            messages.c.sender_oin == entry.oin,
            messages.c.berichtkenmerk == entry.message_id,
        )
        with self._store.read() as tx:
            row = tx.execute(query).first()
        return None if row is None else (row.kenmerk, from_epoch_milliseconds(row.received))

    def change(self, changes: Sequence[tuple[Entry, Mapping[str, Any]]]) -> None:
        """Write new values of entries' columns, all together; datetimes become milliseconds."""
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for entry, values in changes:
            groups.setdefault(tuple(values), []).append(_bound(entry, values))
        with self._store.begin() as tx:
            for columns, rows in groups.items():
                new: dict[str, Any] = {column: bindparam(f"new_{column}") for column in columns}
                tx.execute(_CHANGE.values(**new), rows)


def _bound(entry: Entry, values: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {f"the_{name}": getattr(entry, name) for name in _THE}
    for column, value in values.items():
        row[f"new_{column}"] = epoch_milliseconds(value) if isinstance(value, datetime) else value
    return row


def _forget(tx: Connection, entry: Entry) -> bool:
    """Remove the row of an earlier file of this name for which nothing will come any more."""
    done = delete(ftp_files).where(*_is(entry.interface, entry.user, entry.name), ftp_files.c.state.in_(DONE))
    return bool(tx.execute(done).rowcount)


def _parts(reference: str) -> tuple[str, str, str]:
    whose, _, name = reference.partition("/")
    interface, _, user = whose.rpartition(":")
    return interface or FIRST, user, name


def _is(interface: str, user: str, name: str) -> tuple[Any, ...]:
    return ftp_files.c.interface == interface, ftp_files.c.user == user, ftp_files.c.name == name


def _used(name: str) -> ConflictError:
    return ConflictError(
        f"{name} was delivered before; every delivery needs a name of its own", rule="FTP-NAME-USED"
    )


def _entry(row: Row[Any]) -> Entry:
    values = dict(row._mapping)
    values["received"] = from_epoch_milliseconds(values["received"])
    if values["accepted"] is not None:
        values["accepted"] = from_epoch_milliseconds(values["accepted"])
    return Entry(**values)
