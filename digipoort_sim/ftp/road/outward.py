"""What goes into ``/out``, and when: receipts, errors, and final statuses, each of them once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.exchange import PostOffice
from digipoort_sim.exchange.values import Notice, Status
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import PENDING, Entry, Ledger
from digipoort_sim.ftp.road.aside import Aside
from digipoort_sim.ftp.road.issuing import Issuing, Paper
from digipoort_sim.ftp.road.receipts import (
    error_document,
    receipt_document,
    status_document,
)
from digipoort_sim.ftp.road.withholding import Withholding

_ACCEPTED = "100"


class Outward:
    """Writes what a file is answered; for one thread."""

    def __init__(
        self,
        office: PostOffice,
        catalogue: Catalogue,
        interfaces: Mapping[str, Interface],
        ledger: Ledger,
        aside: Aside,
        faults: Withholding,
        issuing: Issuing,
    ) -> None:
        self._office = office
        self._catalogue = catalogue
        self._interfaces = interfaces
        self._ledger = ledger
        self._aside = aside
        self._faults = faults
        self._issuing = issuing

    # --- receipts and errors

    def answer(self, entries: Iterable[Entry]) -> None:
        """Give files that were accepted their receipt, and those that were refused their error.

        Raises:
            TechnicalError: the database is away.
        """
        papers = [self._answer(entry) for entry in entries]
        for paper in self._issuing.issue([paper for paper in papers if paper is not None]):
            with contextlib.suppress(OSError):  # the next start removes it
                (self._interfaces[paper.entry.interface].homes.work / paper.entry.work).unlink()
            self._faults.answered(paper.entry, self._issuing.folder(paper.entry), paper.name, paper.document)

    def _answer(self, entry: Entry) -> Paper | None:
        try:
            paper = self._receipt(entry) if entry.state == "accepted" else self._error(entry)
            return replace(paper, document=None) if self._faults.leaves_out(entry) else paper
        except Exception as error:  # such as a name that is none any more, by a profile that was changed
            self._aside.put(entry, error)
            return None

    def _receipt(self, entry: Entry) -> Paper:
        interface = self._interfaces[entry.interface]
        status = self._catalogue.status(_ACCEPTED)
        document = receipt_document(
            entry, interface.names.parse(entry.name), (status.code, status.omschrijving)
        )
        return Paper(entry, "receipted", entry.name + interface.profile.receipt_suffix, document)

    def _error(self, entry: Entry) -> Paper:
        document = error_document(entry.name, entry.foutcode or "", entry.foutbeschrijving or "")
        suffix = self._interfaces[entry.interface].profile.error_suffix
        return Paper(entry, "returned", entry.name + suffix, document)

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
        issued = self._issuing.issue([paper for _, paper in papers.values()])
        done += [papers[paper.entry.reference][0] for paper in issued]
        self._office.notices_done(done)
        return waiting

    def _status(self, entry: Entry, status: Status) -> Paper:
        profile = self._interfaces[entry.interface].profile
        wanted = profile.status_files != "none"
        document = status_document(entry.name, status) if wanted else None
        return Paper(entry, "finished", entry.name + profile.status_suffix, document)
