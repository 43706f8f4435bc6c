"""The worker behind the file door: brings files to the post office, and its answers back to ``/out``.

Every step is safe to repeat. A file is known to the post office by the account and its name, as a
MessageID of which a second one is a replay; so a crash between two steps neither loses nor doubles it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks
from digipoort_sim.errors import DigipoortSimError, Refusal, TechnicalError
from digipoort_sim.exchange import PostOffice
from digipoort_sim.exchange.values import Call, Caller, Event, Notice
from digipoort_sim.ftp.delivery import delivery_of
from digipoort_sim.ftp.folders import Homes
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.receipts import error_document, receipt_document, status_document, write_document

_FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
_TICK_SECONDS = 0.1
_RETRY_SECONDS = 2.0
_PURGE_EVERY = timedelta(hours=1)
_NOTICES = 100
_ACCEPTED = "100"
_REPLAY = "WSA-REPLAY"
_log = logging.getLogger(__name__)


class Courier:
    """Works in a thread of its own between `start` and `stop`.

    Args:
        interfaces: the file interfaces by their key; files of others wait.
        also: called at every tick, in the courier's thread.
    """

    def __init__(
        self,
        office: PostOffice,
        catalogue: Catalogue,
        clocks: Clocks,
        interfaces: Mapping[str, Interface],
        ledger: Ledger,
        also: Callable[[], None],
    ) -> None:
        self._office = office
        self._catalogue = catalogue
        self._clocks = clocks
        self._interfaces = interfaces
        self._ledger = ledger
        self._also = also
        self._bell = threading.Event()
        self._stopping = False
        self._retry_at = 0.0
        self._purged: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="ftp-courier", daemon=True)

    def start(self) -> None:
        """Take up what a crash left half done, and start; before any session is there."""
        self._give_back()
        self._thread.start()

    def stop(self) -> None:
        """Stop after the step that is being done; the rest waits for the next start."""
        self._stopping = True
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Say that there is a file to deliver."""
        self._bell.set()

    def _run(self) -> None:
        self._bell.set()
        rest = _TICK_SECONDS
        while not self._stopping:
            woken = self._bell.wait(rest)
            self._bell.clear()
            rest = _TICK_SECONDS if self._round(woken) else _RETRY_SECONDS

    def _round(self, woken: bool) -> bool:
        """One tick; False if it has to be tried again after a while."""
        try:
            self.tick(woken or 0 < self._retry_at <= time.monotonic())
        except TechnicalError as error:
            # One line each time: the database may be away for hours.
            _log.warning("the file door's courier will try again: %s", error.detail.partition("\n")[0])
        except Exception:
            _log.exception("the file door's courier will try again")
        else:
            return True
        self._retry_at = time.monotonic() + _RETRY_SECONDS
        return False

    def tick(self, look: bool) -> None:
        """One round: files that wait (if told to look), news, files that are too old.

        Raises:
            TechnicalError: the database is away.
        """
        self._also()
        if look:
            self._retry_at = 0.0
            for entry in self._pending():
                if self._stopping:
                    return
                self._proceed(entry)
        for notice in self._office.notices("ftp", _NOTICES):
            self._bring(notice)
        self._purge()

    def _pending(self) -> list[Entry]:
        return [entry for entry in self._ledger.pending() if entry.interface in self._interfaces]

    def _homes(self, entry: Entry) -> Homes:
        return self._interfaces[entry.interface].homes

    # --- to the post office

    def _proceed(self, entry: Entry) -> None:
        try:
            if entry.state == "received":
                entry = self._deliver(entry)
            if entry.state == "accepted":
                self._write_receipt(entry)
            elif entry.state == "refused":
                self._write_error(entry)
        except (TechnicalError, OSError) as error:
            _log.warning("%s waits: %s", entry.reference, error)
            self._retry_at = time.monotonic() + _RETRY_SECONDS

    def _deliver(self, entry: Entry) -> Entry:
        path = self._homes(entry).work / entry.work
        if not path.exists():
            return replace(entry, state="finished")  # on its way here; it will be told
        content = path.read_bytes()
        values = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        try:
            kenmerk, accepted = self._accept(entry, content)
        except (TechnicalError, OSError):
            raise
        except Exception as error:
            return self._changed(entry, **values, **self._refused(entry, error))
        return self._changed(entry, **values, state="accepted", kenmerk=kenmerk, accepted=accepted)

    def _give_back(self) -> None:
        """Take back the rows whose file never left ``/in``: their client never had its reply."""
        for entry in self._pending():
            source = self._homes(entry).incoming(entry.user) / entry.source
            gone = entry.state == "received" and not (self._homes(entry).work / entry.work).exists()
            if gone and source.exists():
                self._ledger.unclaim(entry)

    def _accept(self, entry: Entry, content: bytes) -> tuple[str, datetime]:
        delivery = delivery_of(entry, content, self._interfaces[entry.interface].names, self._catalogue)
        message_id = f"{entry.interface}:{entry.user}:{entry.name}"
        call = Call(Caller(entry.oin, entry.certificate), message_id, _FOREVER)
        try:
            receipt = self._office.accept(call, delivery)
        except Refusal as refusal:
            before = self._ledger.delivered_as(entry) if refusal.rule == _REPLAY else None
            if before is None:
                raise
            return before
        return receipt.kenmerk, receipt.tijdstempel_aangeleverd

    def _refused(self, entry: Entry, error: Exception) -> dict[str, str]:
        number, rule, detail = "400", "FTP-TECHNICAL", ""
        if isinstance(error, Refusal):
            number, rule, detail = error.number, error.rule, error.detail
        elif isinstance(error, DigipoortSimError):
            number, rule, detail = "100", error.rule, error.detail
        else:
            _log.exception("%s cannot be delivered", entry.reference)
        code = f"ALS{number}"
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

    def _changed(self, entry: Entry, **values: Any) -> Entry:
        self._ledger.change(entry, **values)
        return replace(entry, **values)

    # --- to /out

    def _write_receipt(self, entry: Entry) -> None:
        status = self._catalogue.status(_ACCEPTED)
        document = receipt_document(
            entry,
            self._interfaces[entry.interface].names.parse(entry.name),
            (status.code, status.omschrijving),
        )
        self._write(entry, f"{entry.name}.ontvangst.xml", document)
        (self._homes(entry).work / entry.work).unlink(missing_ok=True)
        self._ledger.change(entry, state="receipted")

    def _write_error(self, entry: Entry) -> None:
        document = error_document(entry.name, entry.foutcode or "", entry.foutbeschrijving or "")
        self._write(entry, f"{entry.name}.fout.xml", document)
        (self._homes(entry).work / entry.work).unlink(missing_ok=True)
        self._ledger.change(entry, state="returned")

    def _bring(self, notice: Notice) -> None:
        entry = self._ledger.referred(notice.reference)
        if entry is not None and entry.interface not in self._interfaces:
            return
        if entry is not None and entry.state in ("received", "accepted"):
            self.wake()  # its receipt has to be there first
            return
        if entry is not None and entry.state == "receipted":
            self._write(entry, f"{entry.name}.status.xml", status_document(entry.name, notice.status))
            self._ledger.change(entry, state="finished")
        self._office.notices_done([notice.id])

    def _write(self, entry: Entry, name: str, document: etree._Element) -> None:
        homes = self._homes(entry)
        homes.make_home(entry.user)
        moment = self._clocks.simulator.now().timestamp()
        write_document(homes.outgoing(entry.user), name, document, moment)

    # --- retention

    def _purge(self) -> None:
        """Remove what lies in ``/out`` for too long, whenever the simulator's clock has moved an hour."""
        now = self._clocks.simulator.now()
        if self._purged is not None and abs(now - self._purged) < _PURGE_EVERY:
            return
        self._purged = now
        for interface in self._interfaces.values():
            oldest = (now - interface.profile.retention).timestamp()
            for user in interface.homes.users():
                _remove_older(interface.homes.outgoing(user), oldest)


def _remove_older(folder: Path, oldest: float) -> None:
    for path in _files(folder):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
