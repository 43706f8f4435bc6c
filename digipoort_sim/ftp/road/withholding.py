"""Faults on demand on the way of a file: it waits for the post office, its answers come late, twice or never.

What is held back stays in the ledger as it was; after a restart, which forgets all faults, it goes on.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lxml import etree

from digipoort_sim.clock import Clock
from digipoort_sim.exchange.file_fault_kinds import Moment
from digipoort_sim.exchange.file_fault_values import Fault
from digipoort_sim.exchange.file_faults import RULE
from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.fault_targets import EVENT, FaultTargets
from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.ftp.road.receipts import write_document

_MOST = 500
_MOST_PASSED = 10_000
_HOLDING: Mapping[Moment, str] = {
    "backend": "backend-down",
    "receipt": "late-receipt",
    "status": "late-status",
}
_WHAT: Mapping[Moment, str] = {
    "backend": "the post office does not take it",
    "receipt": "its receipt or error file is held back",
    "status": "its status file is held back",
}

Key = tuple[str, Moment]


@dataclass(frozen=True)
class _Held:
    """Why something waits, and until when; None: until the fault is removed."""

    fault: Fault
    due: datetime | None


@dataclass(frozen=True)
class _Watched:
    """A receipt that is to come again once it is gone."""

    fault: Fault
    entry: Entry
    folder: Path
    name: str
    document: etree._Element


class Withholding:
    """Holds back, leaves out and repeats; for one thread.

    Args:
        targets: the faults by the interface's key.
        clock: the simulator's.
    """

    def __init__(
        self, targets: Mapping[str, FaultTargets], clock: Clock, record: Callable[[Event], object]
    ) -> None:
        self._targets = targets
        self._clock = clock
        self._record = record
        self._held: dict[Key, _Held] = {}
        self._is_due = False
        self._passed: OrderedDict[Key, None] = OrderedDict()
        self._watched: deque[_Watched] = deque(maxlen=_MOST)

    # --- waiting

    def go_on(self, entries: Iterable[Entry]) -> list[Entry]:
        """The files that nothing holds back in their present state."""
        return [
            entry
            for entry in entries
            if not self.holds(entry, "backend" if entry.state == "received" else "receipt")
        ]

    def holds(self, entry: Entry, moment: Moment) -> bool:
        """Whether a file waits at a point of its way."""
        key = (entry.work, moment)
        if key in self._held:
            return not self._is_over(self._held[key])
        targets = self._targets[entry.interface]
        fault = targets.faults.find(moment, targets.entry(entry), (_HOLDING[moment],))
        if fault is None or key in self._passed:
            return False
        due = fault.due(self._clock.now())
        if due is not None and due <= self._clock.now():
            return False
        if not targets.faults.hit(fault, targets.entry(entry)):
            return False
        self._held[key] = _Held(fault, due)
        self._note(fault, entry, _WHAT[moment])
        return True

    def waiting(self) -> Collection[str]:
        """The work names of those that wait; for a final status, the file itself has nothing to wait for."""
        over = [key for key, held in self._held.items() if self._is_over(held)]
        self._is_due |= bool(over)
        for key in over:
            del self._held[key]
            self._passed[key] = None
        while len(self._passed) > _MOST_PASSED:
            self._passed.popitem(last=False)
        return {work for work, moment in self._held if moment != "status"}

    def is_due(self) -> bool:
        """Whether something waits no more since this was asked the last time."""
        self.waiting()
        due, self._is_due = self._is_due, False
        return due

    @property
    def is_full(self) -> bool:
        """Whether so many wait for the post office or their receipt that all others have to wait too."""
        return len(self.waiting()) >= _MOST

    def _is_over(self, held: _Held) -> bool:
        if not next(iter(self._targets.values())).faults.stands(held.fault):
            return True
        return held.due is not None and held.due <= self._clock.now()

    # --- never, and twice

    def leaves_out(self, entry: Entry) -> bool:
        """Whether a file is to have no receipt or error file."""
        fault = self._struck(entry, "no-receipt")
        if fault is not None:
            self._note(fault, entry, "its receipt or error file is left out")
        return fault is not None

    def answered(self, entry: Entry, folder: Path, name: str, document: etree._Element | None) -> None:
        """A receipt or error file is there: it may have to come twice."""
        fault = None if document is None else self._struck(entry, "duplicate-receipt")
        if fault is None or document is None:
            return
        twin = _Watched(fault, entry, folder, name, document)
        if fault.how == "second":
            stem, _, extension = name.rpartition(".")
            self._repeat(twin, f"{stem}-2.{extension}")
        else:
            self._watched.append(twin)

    def repeat(self) -> None:
        """Put receipts that their owner has removed there again, once."""
        for twin in list(self._watched):
            if not (twin.folder / twin.name).exists():
                self._watched.remove(twin)
                self._repeat(twin, twin.name)

    def _repeat(self, twin: _Watched, name: str) -> None:
        if not self._targets[twin.entry.interface].faults.stands(twin.fault):
            return
        write_document(twin.folder, name, twin.document, self._clock.now().timestamp())
        self._note(twin.fault, twin.entry, f"{name} comes a second time")

    def _struck(self, entry: Entry, kind: str) -> Fault | None:
        targets = self._targets[entry.interface]
        target = targets.entry(entry)
        fault = targets.faults.find("receipt", target, (kind,))
        return fault if fault is not None and targets.faults.hit(fault, target) else None

    def _note(self, fault: Fault, entry: Entry, what: str) -> None:
        self._record(
            Event(
                kind=EVENT,
                detail=f"{entry.reference}: {fault} struck: {what}",
                door="ftp",
                oin=entry.oin,
                certificate=entry.certificate,
                rule=RULE,
                kenmerk=entry.kenmerk or "",
            )
        )
