"""Files on their way to the post office, several in one transaction.

A file is known to the post office by a MessageID of its own, of which a second one is a replay: so whatever
is repeated after a crash, the post office has it once.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.errors import DigipoortSimError, Refusal, TechnicalError
from digipoort_sim.exchange import PostOffice
from digipoort_sim.exchange.values import Call, Caller, Delivery, Event, Receipt
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.road.aside import Aside
from digipoort_sim.ftp.road.beside import Beside
from digipoort_sim.ftp.road.contents import Contents
from digipoort_sim.ftp.road.delivery import delivery_of
from digipoort_sim.store.payloads import digest_of

_FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
_GROUP_BYTES = 4 * 1024 * 1024
_GROUP_FILES = 32
_DATABASE = "DATABASE"
_REPLAY = "WSA-REPLAY"
_log = logging.getLogger(__name__)


class LostFileError(Exception):
    """A file that was accepted for processing is not on the disk any more."""


@dataclass(frozen=True)
class _Parcel:
    """A file that was read: its delivery, or why it is none."""

    entry: Entry
    values: Mapping[str, Any]
    content: Delivery | Exception


class Inward:
    """Delivers files; for one thread.

    Args:
        wake: called, in another thread, when a file that took long can go on.
    """

    def __init__(
        self,
        office: PostOffice,
        catalogue: Catalogue,
        interfaces: Mapping[str, Interface],
        ledger: Ledger,
        aside: Aside,
        wake: Callable[[], None],
    ) -> None:
        self._office = office
        self._catalogue = catalogue
        self._interfaces = interfaces
        self._ledger = ledger
        self._aside = aside
        self._wake = wake
        self._contents = Contents(catalogue, office.payloads)
        self._beside: Beside[_Parcel | None] = Beside(self._is_made)

    def deliver(self, entries: Sequence[Entry]) -> Iterator[list[Entry]]:
        """Deliver files that were received, group by group; gives them as they are afterwards.

        Files that cannot be gone on with are put aside.

        Raises:
            TechnicalError: the database is away.
        """
        for group in self._groups(entries):
            parcels = [parcel for entry in group if (parcel := self._parcel(entry)) is not None]
            yield self._hand_over(parcels)

    def _groups(self, entries: Sequence[Entry]) -> Iterator[list[Entry]]:
        """As many at a time as fit in some memory; a large one alone."""
        group: list[Entry] = []
        room = _GROUP_BYTES
        for entry in entries:
            size = self._size(entry)
            if group and (size > room or len(group) == _GROUP_FILES):
                yield group
                group, room = [], _GROUP_BYTES
            group.append(entry)
            room -= size
        if group:
            yield group

    def _size(self, entry: Entry) -> int:
        try:
            return self._path(entry).stat().st_size
        except OSError:
            return 0

    def _path(self, entry: Entry) -> Path:
        return self._interfaces[entry.interface].homes.work / entry.work

    def _parcel(self, entry: Entry) -> _Parcel | None:
        """A file as it is handed over; None if that has to wait."""
        try:
            slow = self._contents.is_slow(entry, self._path(entry))
        except OSError:
            slow = False  # what is wrong shows when it is read
        if not slow:
            return self._made(entry)
        self._aside.hold(entry)
        made = self._beside.collect(entry.work, lambda: self._made(entry))
        if not made:
            return None
        self._aside.release(entry.work)
        return made[0]

    def _is_made(self, work: str) -> None:
        self._aside.release(work)
        self._wake()

    def _made(self, entry: Entry) -> _Parcel | None:
        values: dict[str, Any] = {}
        interface, path = self._interfaces[entry.interface], self._path(entry)
        try:
            if entry.sha256 is None:  # of an older server; else it was hashed while it came in
                size, sha256 = digest_of(path)
                values = {"size": size, "sha256": sha256}
            content = self._contents.of(replace(entry, **values), path, interface)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not os.path.exists(path):
                return self._lost(entry)
            self._aside.put(entry, error)
            return None
        except Exception as error:  # one file must not stop the others
            return _Parcel(entry, values, error)
        try:
            return _Parcel(entry, values, delivery_of(entry, content, interface.names, self._catalogue))
        except Exception as error:
            return _Parcel(entry, values, error)

    def _lost(self, entry: Entry) -> _Parcel | None:
        """A file that is gone: its sender is told, unless it lies on the disk of an older server."""
        if entry.place is None:
            self._aside.put(entry, LostFileError("its file is not on this machine"))
            return None
        return _Parcel(
            entry, {}, LostFileError("the file was lost here; deliver it again under another name")
        )

    def _hand_over(self, parcels: Sequence[_Parcel]) -> list[Entry]:
        good = [parcel for parcel in parcels if isinstance(parcel.content, Delivery)]
        receipts = iter(self._office.accept_all([_call(parcel) for parcel in good]))
        changes: list[tuple[Entry, dict[str, Any]]] = []
        for parcel in parcels:
            answer = next(receipts) if isinstance(parcel.content, Delivery) else parcel.content
            values = self._judged(parcel.entry, answer)
            if values is not None:
                changes.append((parcel.entry, {**parcel.values, **values}))
        self._ledger.change(changes)
        return [replace(entry, **values) for entry, values in changes]

    def _judged(self, entry: Entry, answer: Receipt | Exception) -> dict[str, Any] | None:
        """What is noted of a file; None if it has to be tried again."""
        if isinstance(answer, Receipt):
            return _accepted(answer.kenmerk, answer.tijdstempel_aangeleverd)
        if isinstance(answer, Refusal) and answer.rule == _REPLAY:
            before = self._ledger.delivered_as(entry)
            if before is not None:
                return _accepted(*before)
        if isinstance(answer, TechnicalError) and answer.rule == _DATABASE:
            raise answer
        if isinstance(answer, TechnicalError | OSError):
            self._aside.put(entry, answer)
            return None
        return self._refused(entry, answer)

    def _refused(self, entry: Entry, error: Exception) -> dict[str, str]:
        number, rule, detail = "400", "FTP-TECHNICAL", ""
        if isinstance(error, Refusal):
            number, rule, detail = error.number, error.rule, error.detail
        elif isinstance(error, DigipoortSimError):
            number, rule, detail = "100", error.rule, error.detail
        elif isinstance(error, LostFileError):
            rule, detail = "FTP-FILE-LOST", str(error)
        else:
            _log.error("%s cannot be delivered", entry.reference, exc_info=error)
        code = f"ALS{number}"
        self._discard(entry)
        self._office.record(
            Event(
                kind="ftp-refused",
                detail=f"{entry.reference}: {detail or 'a technical fault'}",
                door="ftp",
                oin=entry.oin,
                certificate=entry.certificate,
                rule=rule,
                code=code,
            )
        )
        text = self._catalogue.fault_text(code, detail)
        return {"state": "refused", "foutcode": code, "foutbeschrijving": text}

    def _discard(self, entry: Entry) -> None:
        """Remove the payload that was made of a file that is no message."""
        if self._office.payloads.has(entry.work):
            with self._office.store.read() as tx:
                self._office.payloads.discard(tx, entry.work)


def _call(parcel: _Parcel) -> tuple[Call, Delivery]:
    assert isinstance(parcel.content, Delivery)
    entry = parcel.entry
    return Call(Caller(entry.oin, entry.certificate), entry.message_id, _FOREVER), parcel.content


def _accepted(kenmerk: str, moment: datetime) -> dict[str, Any]:
    return {"state": "accepted", "kenmerk": kenmerk, "accepted": moment}
