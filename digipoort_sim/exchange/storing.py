"""Writing deliveries that passed all checks: together where it goes, and else each by itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from digipoort_sim.clock import Clock, epoch_milliseconds
from digipoort_sim.errors import DigipoortSimError, TechnicalError
from digipoort_sim.exchange.group import Verdict
from digipoort_sim.exchange.intake import Entry, Intake, RolledBackError
from digipoort_sim.exchange.replay import refusal
from digipoort_sim.exchange.tickets import may_commit
from digipoort_sim.store import Store


class Storing:
    """Writes entries.

    Args:
        security: the clock by which replays are judged.
        work: set when there may be a job to run.
    """

    def __init__(self, store: Store, intake: Intake, security: Clock, work: threading.Event) -> None:
        self._store = store
        self._intake = intake
        self._security = security
        self._work = work

    def together(self, entries: Sequence[Entry]) -> list[Verdict]:
        """Write entries together or, where one of them stands in the way, each by itself."""
        try:
            together = self._write(entries)
        except TechnicalError as error:
            if len(entries) == 1 or not any(entry.ticket.is_withdrawn for entry in entries):
                return [error] * len(entries)
            together = False
        except Exception:  # one entry that cannot be written must not take the others with it
            together = False
        if together:
            return [None] * len(entries)
        return [self._write_alone(entry) for entry in entries]

    def _write_alone(self, entry: Entry) -> Verdict:
        try:
            return None if self._write((entry,)) else refusal(entry.call)
        except DigipoortSimError as error:
            return error
        except Exception as error:  # whatever the database says no to is our trouble, not the sender's
            return TechnicalError(f"the message could not be stored: {error!r}", rule="STORE")

    def _write(self, entries: Sequence[Entry]) -> bool:
        security_now = epoch_milliseconds(self._security.now())
        try:
            with self._store.begin() as tx:
                if not self._intake.write(tx, entries, security_now):
                    raise RolledBackError
                if not may_commit([entry.ticket for entry in entries]):
                    raise TechnicalError("a delivery was waited for too long", rule="DATABASE")
        except RolledBackError:
            return False
        self._work.set()
        return True
