"""Every name that a complete file came under, and how far it is on its way.

::

    claim ──▶ received ──▶ accepted ──▶ receipted ──▶ finished
                  │         kenmerk      .ontvangst.xml  .status.xml
                  └──────▶ refused ───▶ returned
                            foutcode     .fout.xml

A row is written before the file leaves ``/in``. A crash in between leaves the row and the file in
``/in``; the row is then taken back, for the client never had its reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
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


class Ledger:
    """The table of names; safe for many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(self, entry: Entry) -> None:
        """Take a name for a file, forever.

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
        }
        try:
            with self._store.begin() as tx:
                tx.execute(insert(ftp_files).values(**row))
        except IntegrityError:
            raise _used(entry.name) from None

    def unclaim(self, entry: Entry) -> None:
        """Give a name back whose file never left ``/in``."""
        with self._store.begin() as tx:
            tx.execute(delete(ftp_files).where(*_is(entry.interface, entry.user, entry.name)))

    def check_unused(self, interface: str, user: str, name: str) -> None:
        """Check that the account has not used this name.

        Raises:
            ConflictError: it has (rule ``FTP-NAME-USED``).
        """
        if self.find(interface, user, name) is not None:
            raise _used(name)

    def find(self, interface: str, user: str, name: str) -> Entry | None:
        """The file that the account delivered under this name."""
        with self._store.read() as tx:
            row = tx.execute(select(ftp_files).where(*_is(interface, user, name))).first()
        return None if row is None else _entry(row)

    def referred(self, reference: str) -> Entry | None:
        """The file that a reference of the post office stands for."""
        whose, _, name = reference.partition("/")
        interface, _, user = whose.rpartition(":")
        return self.find(interface or FIRST, user, name)

    def pending(self) -> Sequence[Entry]:
        """The files that still have to be accepted, or whose receipt or error has to be written."""
        query = select(ftp_files).where(ftp_files.c.state.in_(PENDING)).order_by(ftp_files.c.received)
        with self._store.read() as tx:
            return [_entry(row) for row in tx.execute(query)]

    def delivered_as(self, entry: Entry) -> tuple[str, datetime] | None:
        """Kenmerk and time under which the post office accepted the file, if it did."""
        query = select(messages.c.kenmerk, messages.c.received).where(
            messages.c.via == "ftp",
            messages.c.sender_oin == entry.oin,
            messages.c.door_reference == entry.reference,
        )
        with self._store.read() as tx:
            row = tx.execute(query).first()
        return None if row is None else (row.kenmerk, from_epoch_milliseconds(row.received))

    def change(self, entry: Entry, **values: Any) -> None:
        """Write new values of an entry's columns; datetimes become milliseconds."""
        plain = {
            key: epoch_milliseconds(value) if isinstance(value, datetime) else value
            for key, value in values.items()
        }
        with self._store.begin() as tx:
            tx.execute(update(ftp_files).where(*_is(entry.interface, entry.user, entry.name)).values(**plain))


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
