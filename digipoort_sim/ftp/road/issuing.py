"""How documents get into ``/out``: whole, once, and never back again.

A document is written and forced onto the disk without its name, then the ledger says that it is there, then
it gets its name. A crash in between leaves a document without its name, of which the ledger says whether it
is still to be published: so none is half, none is lost, and one that its owner has removed never comes back.

All documents of a group are written before the first is forced onto the disk, which is done with all of them
by then, and share one transaction.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from digipoort_sim.clock import Clock
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.road.aside import Aside
from digipoort_sim.ftp.road.receipts import (
    begin_document,
    drop_document,
    left_over,
    prepare_document,
    publish_document,
)
from digipoort_sim.store.disk import force

_RETRY_SECONDS = 2.0
_THREADS = 8
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Paper:
    """A document for one file.

    Attributes:
        state: that of the file once the document is there.
        name: the document's own.
        document: None where the state changes without one.
    """

    entry: Entry
    state: str
    name: str
    document: etree._Element | None


class Issuing:
    """Writes documents; for one thread."""

    def __init__(
        self, clock: Clock, interfaces: Mapping[str, Interface], ledger: Ledger, aside: Aside
    ) -> None:
        self._clock = clock
        self._interfaces = interfaces
        self._ledger = ledger
        self._aside = aside
        self._unpublished: list[Path] = []
        self._again = 0.0
        self._is_unsure = False
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ftp-disk")

    def stop(self) -> None:
        """End its threads."""
        self._pool.shutdown()

    def issue(self, papers: Sequence[Paper]) -> list[Paper]:
        """Write documents, note them, publish them; gives those for which that went well.

        The files of the others are put aside.

        Raises:
            TechnicalError: the database is away.
            OSError: the database's own file cannot be forced onto the disk.
        """
        forced: set[Path] = set()
        written = [paper for paper in papers if self._is_begun(paper)]
        written = self._prepared(written)
        written = [paper for paper in written if self._is_forced(paper, forced)]
        if not written:
            return []
        self._is_unsure = True  # what the database does not answer may be noted all the same
        self._ledger.change([(paper.entry, {"state": paper.state}) for paper in written])
        self._ledger.make_durable()
        self._is_unsure = False
        for paper in written:
            self._aside.take(paper.entry)
        self._publish([self.folder(paper.entry) / paper.name for paper in written])
        return written

    def publish_again(self) -> None:
        """Give documents their names for which that did not go the last time.

        Raises:
            TechnicalError: the database is away.
        """
        if self._is_unsure:
            self.resume()
            self._is_unsure = False
        if self._unpublished and time.monotonic() >= self._again:
            waiting, self._unpublished = self._unpublished, []
            self._publish(waiting)

    def folder(self, entry: Entry) -> Path:
        """Where documents for a file go."""
        return self._interfaces[entry.interface].homes.outgoing(entry.user)

    def _is_begun(self, paper: Paper) -> bool:
        if paper.document is None:
            return True
        moment = self._clock.now().timestamp()
        try:
            self._interfaces[paper.entry.interface].homes.make_home(paper.entry.user)
            begin_document(self.folder(paper.entry), paper.name, paper.document, moment)
        except OSError as error:
            self._aside.put(paper.entry, error)
            return False
        return True

    def _prepared(self, papers: Sequence[Paper]) -> list[Paper]:
        errors = [self._prepare(paper) for paper in papers] if len(papers) < 2 else self._at_once(papers)
        for paper, error in zip(papers, errors, strict=True):
            if error is not None:
                self._aside.put(paper.entry, error)
        return [paper for paper, error in zip(papers, errors, strict=True) if error is None]

    def _at_once(self, papers: Sequence[Paper]) -> list[OSError | None]:
        """Disks are twice as fast when they are asked for several files at a time."""
        return list(self._pool.map(self._prepare, papers))

    def _prepare(self, paper: Paper) -> OSError | None:
        try:
            if paper.document is not None:
                prepare_document(self.folder(paper.entry), paper.name)
        except OSError as error:
            return error
        return None

    def _is_forced(self, paper: Paper, forced: set[Path]) -> bool:
        folder = self.folder(paper.entry)
        try:
            if paper.document is not None and folder not in forced:
                force(folder)
                forced.add(folder)
        except OSError as error:
            self._aside.put(paper.entry, error)
            return False
        return True

    def _publish(self, documents: Sequence[Path]) -> None:
        for document in documents:
            try:
                publish_document(document.parent, document.name)
            except OSError as error:
                _log.warning("%s cannot be published: %s", document, error)
                self._unpublished.append(document)
                self._again = time.monotonic() + _RETRY_SECONDS
        for folder in {document.parent for document in documents}:
            with contextlib.suppress(OSError):  # what has its name no crash can make half
                force(folder)

    # --- after a crash, or trouble of the database

    def resume(self) -> None:
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
