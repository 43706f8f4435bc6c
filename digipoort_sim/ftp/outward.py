"""What goes into ``/out``: receipts, errors, and final statuses, each of them once.

A document is written and forced onto the disk without its name, then the ledger says that it is there, then
it gets its name. A crash in between leaves a document without its name, of which the ledger says whether it
is still to be published: so none is half, none is lost, and one that its owner has removed never comes back.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks
from digipoort_sim.exchange import PostOffice
from digipoort_sim.exchange.values import Notice, Status
from digipoort_sim.ftp.aside import Aside
from digipoort_sim.ftp.disk import force
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import PENDING, Entry, Ledger
from digipoort_sim.ftp.receipts import (
    drop_document,
    error_document,
    left_over,
    prepare_document,
    publish_document,
    receipt_document,
    status_document,
)
from digipoort_sim.ftp.withholding import Withholding

_ACCEPTED = "100"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Paper:
    """A document for one file, and the state in which the file is once it is there."""

    entry: Entry
    state: str
    name: str
    document: etree._Element | None


class Outward:
    """Writes what a file is answered; for one thread."""

    def __init__(
        self,
        office: PostOffice,
        catalogue: Catalogue,
        clocks: Clocks,
        interfaces: Mapping[str, Interface],
        ledger: Ledger,
        aside: Aside,
        faults: Withholding,
    ) -> None:
        self._office = office
        self._catalogue = catalogue
        self._clocks = clocks
        self._interfaces = interfaces
        self._ledger = ledger
        self._aside = aside
        self._faults = faults
        self._unpublished: list[tuple[Path, str]] = []

    # --- receipts and errors

    def answer(self, entries: Iterable[Entry]) -> None:
        """Give files that were accepted their receipt, and those that were refused their error.

        Raises:
            TechnicalError: the database is away.
        """
        papers = [self._answer(entry) for entry in entries]
        for paper in self._issue([paper for paper in papers if paper is not None]):
            with contextlib.suppress(OSError):  # the next start removes it
                (self._interfaces[paper.entry.interface].homes.work / paper.entry.work).unlink()
            self._faults.answered(paper.entry, self._folder(paper.entry), paper.name, paper.document)

    def _answer(self, entry: Entry) -> _Paper | None:
        try:
            paper = self._receipt(entry) if entry.state == "accepted" else self._error(entry)
            return replace(paper, document=None) if self._faults.leaves_out(entry) else paper
        except Exception as error:  # such as a name that is none any more, by a profile that was changed
            self._aside.put(entry, error)
            return None

    def _receipt(self, entry: Entry) -> _Paper:
        interface = self._interfaces[entry.interface]
        status = self._catalogue.status(_ACCEPTED)
        document = receipt_document(
            entry, interface.names.parse(entry.name), (status.code, status.omschrijving)
        )
        return _Paper(entry, "receipted", entry.name + interface.profile.receipt_suffix, document)

    def _error(self, entry: Entry) -> _Paper:
        document = error_document(entry.name, entry.foutcode or "", entry.foutbeschrijving or "")
        suffix = self._interfaces[entry.interface].profile.error_suffix
        return _Paper(entry, "returned", entry.name + suffix, document)

    # --- final statuses

    def bring(self, notices: Sequence[Notice]) -> bool:
        """Bring the final statuses of files; True if some wait for their receipt.

        Those of other servers' files are left alone.

        Raises:
            TechnicalError: the database is away.
        """
        entries = self._ledger.referred(notice.reference for notice in notices)
        waiting, done, papers = False, [], {}
        aside = {*self._aside.waiting(), *self._faults.waiting()}
        for notice in notices:
            entry = entries.get(notice.reference)
            if entry is None or entry.kenmerk not in (None, notice.kenmerk):
                done.append(notice.id)
            elif entry.work in aside or not self._ledger.is_here(entry):
                continue
            elif entry.state in PENDING:
                waiting = True
            elif entry.state == "receipted" and self._faults.holds(entry, "status"):
                continue
            elif entry.state == "receipted" and notice.reference not in papers:
                papers[notice.reference] = (notice.id, self._status(entry, notice.status))
            else:
                done.append(notice.id)
        issued = self._issue([paper for _, paper in papers.values()])
        done += [papers[paper.entry.reference][0] for paper in issued]
        self._office.notices_done(done)
        return waiting

    def _status(self, entry: Entry, status: Status) -> _Paper:
        profile = self._interfaces[entry.interface].profile
        wanted = profile.status_files != "none"
        document = status_document(entry.name, status) if wanted else None
        return _Paper(entry, "finished", entry.name + profile.status_suffix, document)

    # --- writing

    def _issue(self, papers: Sequence[_Paper]) -> list[_Paper]:
        """Write documents, note them, publish them; gives those for which that went well."""
        forced: set[Path] = set()
        written = [paper for paper in papers if self._is_prepared(paper)]
        written = [paper for paper in written if self._is_forced(paper, forced)]
        if not written:
            return []
        self._ledger.change([(paper.entry, {"state": paper.state}) for paper in written])
        self._ledger.make_durable()
        for paper in written:
            self._aside.take(paper.entry)
            self._unpublished.append((self._folder(paper.entry), paper.name))
        self.publish()
        return written

    def publish(self) -> None:
        """Give documents their names, also those for which it did not go the last time."""
        waiting, self._unpublished = self._unpublished, []
        for folder, name in waiting:
            try:
                publish_document(folder, name)
            except OSError as error:
                _log.warning("%s cannot be published: %s", folder / name, error)
                self._unpublished.append((folder, name))
        for folder in {folder for folder, _ in waiting}:
            with contextlib.suppress(OSError):  # what has its name no crash can make half
                force(folder)

    def _is_prepared(self, paper: _Paper) -> bool:
        if paper.document is None:
            return True
        moment = self._clocks.simulator.now().timestamp()
        try:
            self._interfaces[paper.entry.interface].homes.make_home(paper.entry.user)
            prepare_document(self._folder(paper.entry), paper.name, paper.document, moment)
        except OSError as error:
            self._aside.put(paper.entry, error)
            return False
        return True

    def _is_forced(self, paper: _Paper, forced: set[Path]) -> bool:
        folder = self._folder(paper.entry)
        try:
            if paper.document is not None and folder not in forced:
                force(folder)
                forced.add(folder)
        except OSError as error:
            self._aside.put(paper.entry, error)
            return False
        return True

    def _folder(self, entry: Entry) -> Path:
        return self._interfaces[entry.interface].homes.outgoing(entry.user)

    # --- after a crash

    def finish_publishing(self) -> None:
        """Publish the documents of which the ledger says that they are there, and remove other ones.

        Raises:
            TechnicalError: the database is away.
        """
        for key, interface in self._interfaces.items():
            for user in interface.homes.users():
                folder = interface.homes.outgoing(user)
                for name in left_over(folder):
                    if self._is_noted(key, user, name):
                        publish_document(folder, name)
                    else:
                        drop_document(folder, name)

    def _is_noted(self, interface: str, user: str, name: str) -> bool:
        profile = self._interfaces[interface].profile
        for suffix, states in (
            (profile.receipt_suffix, ("receipted", "finished")),
            (profile.status_suffix, ("finished",)),
            (profile.error_suffix, ("returned",)),
        ):
            entry = self._ledger.find(interface, user, name.removesuffix(suffix))
            if name.endswith(suffix) and entry is not None:
                return entry.state in states
        return True  # the profile has changed meanwhile; better one too many than one too few
