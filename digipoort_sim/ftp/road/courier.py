"""The worker behind the file door: brings files to the post office, and its answers back to ``/out``.

Every step is safe to repeat, so a crash between two steps neither loses nor doubles anything; how that is
done stands in `taking`, `inward` and `outward`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import PostOffice
from digipoort_sim.ftp.fault_targets import FaultTargets
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.road.aside import Aside
from digipoort_sim.ftp.road.inward import Inward
from digipoort_sim.ftp.road.issuing import Issuing
from digipoort_sim.ftp.road.outward import Outward
from digipoort_sim.ftp.road.resuming import resume
from digipoort_sim.ftp.road.retention import Retention
from digipoort_sim.ftp.road.taking import leave_in
from digipoort_sim.ftp.road.withholding import Withholding

_TICK_SECONDS = 0.1
_RETRY_SECONDS = 2.0
_FILES = 128
_NOTICES = 100
_log = logging.getLogger(__name__)


class Courier:
    """Works in a thread of its own between `start` and `stop`.

    Args:
        interfaces: the file interfaces by their key.
        targets: the faults on demand of each.
        also: called at every tick, in the courier's thread.
    """

    def __init__(
        self,
        office: PostOffice,
        catalogue: Catalogue,
        clocks: Clocks,
        interfaces: Mapping[str, Interface],
        ledger: Ledger,
        targets: Mapping[str, FaultTargets],
        also: Callable[[], None],
    ) -> None:
        self._office = office
        self._interfaces = interfaces
        self._ledger = ledger
        self._also = also
        self._aside = Aside()
        self._inward = Inward(office, catalogue, interfaces, ledger, self._aside, self.wake)
        self._faults = Withholding(targets, clocks.simulator, office.record)
        self._issuing = Issuing(clocks.simulator, interfaces, ledger, self._aside)
        self._outward = Outward(
            office, catalogue, interfaces, ledger, self._aside, self._faults, self._issuing
        )
        self._retention = Retention(clocks.simulator, interfaces.values())
        self._unsure: deque[tuple[Entry, Callable[[], None]]] = deque()
        self._news_after = 0
        self._news_again = 0.0
        self._bell = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="ftp-courier", daemon=True)

    def start(self) -> None:
        """Take up what a crash left half done, and start; before any session is there.

        Raises:
            TechnicalError: the database is away.
        """
        resume(self._office, self._interfaces, self._ledger)
        self._issuing.resume()
        self._thread.start()

    def stop(self) -> None:
        """Stop after the step that is being done; the rest waits for the next start."""
        self._stopping = True
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join()
        self._issuing.stop()

    def wake(self) -> None:
        """Say that there is a file to deliver."""
        self._bell.set()

    def find_out(self, entry: Entry, then: Callable[[], None]) -> None:
        """Have it found out, once the database is back, whether a file became a delivery.

        Args:
            then: called in the courier's thread when it is settled.
        """
        self._unsure.append((entry, then))
        self._bell.set()

    def _run(self) -> None:
        look, rest = True, _TICK_SECONDS
        while not self._stopping:
            done = self._round(look)
            rest = _TICK_SECONDS if done else _RETRY_SECONDS
            rung = self._bell.wait(rest)
            if rung:  # else a ring between the two would be lost
                self._bell.clear()
            look = rung or not done

    def _round(self, look: bool) -> bool:
        """One tick; False if it has to be tried again after a while."""
        try:
            self.tick(look)
        except TechnicalError as error:
            # One line each time: the database may be away for hours.
            _log.warning("the file door's courier will try again: %s", error.detail.partition("\n")[0])
        except Exception:
            _log.exception("the file door's courier will try again")
        else:
            return True
        return False

    def tick(self, look: bool) -> None:
        """One round: files that wait (if told to look), news, files that are too old.

        Raises:
            TechnicalError: the database is away.
        """
        self._look_around()
        self._issuing.publish_again()
        self._faults.repeat()
        look |= self._aside.is_due() | self._faults.is_due()  # both are to be asked
        while look and not self._stopping:
            look = self._go_on_with_some()
            self._bring_news()
            self._look_around()
        self._bring_news()
        self._retention.look()

    def _look_around(self) -> None:
        self._also()
        self._settle()

    def _go_on_with_some(self) -> bool:
        """Go on with some of the files that wait; False if there are no more."""
        if self._aside.is_full or self._faults.is_full:
            return False
        found = self._ledger.pending(_FILES, {*self._aside.waiting(), *self._faults.waiting()})
        entries = self._faults.go_on(found)
        self._outward.answer([entry for entry in entries if entry.state != "received"])
        for delivered in self._inward.deliver([entry for entry in entries if entry.state == "received"]):
            self._outward.answer(self._faults.go_on(delivered))
            if self._stopping:
                break
        return bool(found)

    def _bring_news(self) -> None:
        """Bring final statuses; pages of news that is not for this server are left out for a while."""
        if time.monotonic() >= self._news_again:
            self._news_after, self._news_again = 0, time.monotonic() + _RETRY_SECONDS
        while notices := self._office.notices("ftp", _NOTICES, self._news_after):
            if self._outward.bring(notices):
                self.wake()
            if len(notices) < _NOTICES or self._stopping:
                return
            self._news_after = notices[-1].id

    def _settle(self) -> None:
        """Find out what became of files whose claim the database did not answer."""
        while self._unsure:
            entry, then = self._unsure[0]
            interface = self._interfaces[entry.interface]
            row = self._ledger.find(entry.interface, entry.user, entry.name)
            try:
                if row is not None and row.work == entry.work:
                    self._ledger.make_durable()
                    leave_in(interface.homes, interface.profile, entry)
                else:
                    (interface.homes.work / entry.work).unlink(missing_ok=True)
            except OSError as error:  # others must not wait; the next start does what is left to do
                _log.warning("%s is not out of /in: %s", entry.reference, error)
            self._unsure.popleft()
            then()
            self.wake()
