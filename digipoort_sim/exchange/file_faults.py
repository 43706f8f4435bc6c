"""The faults that are asked of the file door: kept in the memory of the process that has it, gone with it.

They are asked for by the control API, by the settings, or by the name of a file (``file_scenarios.toml``).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from digipoort_sim.catalogue import Catalogue, FileScenario
from digipoort_sim.clock import Clocks
from digipoort_sim.config import FileFaultSettings
from digipoort_sim.errors import ConfigError, ConflictError, NotFoundError
from digipoort_sim.exchange.file_fault_kinds import KINDS, Moment
from digipoort_sim.exchange.file_fault_values import PARAMETERS, Fault, Target, read_fault
from digipoort_sim.pki import IssuedCertificate

RULE = "FTP-FAULT"
"""Of the events and replies that a fault on demand makes."""

_MOST = 1000
_MOST_NAMES = 10_000
_BY_NAME = frozenset({"command", "transfer", "backend", "receipt", "status"})
"""Moments at which a file is known."""

Certify = Callable[[str], IssuedCertificate]


class FileFaults:
    """The faults that stand; safe for many threads.

    Args:
        certify: makes a server certificate that is bad in one way; takes a good part of a second.

    Attributes:
        marks_replies: whether replies say that they were asked for.
        has_scenarios: whether names of files mean something.

    Raises:
        ConfigError: a scenario of the catalogue, or a row of the settings, is no fault that can be asked for.
    """

    def __init__(
        self, catalogue: Catalogue, clocks: Clocks, settings: FileFaultSettings, certify: Certify
    ) -> None:
        self._clocks = clocks
        self._certify = certify
        self._lock = threading.Lock()
        self._faults: dict[str, Fault] = {}
        self._standing: Mapping[Moment, tuple[Fault, ...]] = {}
        self._made = 0
        self._struck: OrderedDict[tuple[str, ...], int] = OrderedDict()
        rows = [_scenario_fault(row, clocks.simulator.now()) for row in catalogue.file_scenarios.values()]
        self._by_kenmerk = {fault.id: fault for fault in rows}
        self._by_number = {
            row.volgnummer: self._by_kenmerk[row.aanleverkenmerk]
            for row in catalogue.file_scenarios.values()
            if row.volgnummer
        }
        self.marks_replies = settings.mark_replies
        self.has_scenarios = settings.scenarios
        for number, row in enumerate(settings.asked, 1):
            self._ask_from_the_start(number, dict(row))

    # --- asking

    def add(self, kind: str, **asked: Any) -> Fault:
        """Ask for a fault.

        Args:
            asked: parameters by the names of `Fault`, of which `KINDS` says which the kind takes.

        Raises:
            ConfigError: no such kind or parameter, or a value that is not good.
            ConflictError: there are a thousand already.
        """
        fault = read_fault(kind, asked, id_="", created=self._clocks.simulator.now())
        if fault.moment == "tls":
            fault = replace(fault, certificate=self._certify(kind.removeprefix("certificate-")))
        with self._lock:
            self._make_room()
            self._made += 1
            fault = replace(fault, id=f"f-{self._made}")
            self._keep({**self._faults, fault.id: fault})
        return fault

    def _ask_from_the_start(self, number: int, row: dict[str, Any]) -> None:
        kind = row.pop("kind", "")
        try:
            self.add(kind if isinstance(kind, str) else repr(kind), **row)
        except (ConfigError, ConflictError) as error:
            raise ConfigError(
                f"file_faults.asked, row {number}: {error.detail}", rule="FTP-FAULT-PARAMETER"
            ) from None

    def list(self) -> tuple[Fault, ...]:
        """All that were asked for and not removed, those that are used up too, in that order."""
        return tuple(self._faults.values())

    def remove(self, id_: str) -> None:
        """Remove a fault; what it holds back goes on.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._lock:
            if id_ not in self._faults:
                raise NotFoundError(f"there is no fault {id_[:80]!r}", rule="FTP-FAULT-UNKNOWN")
            self._keep({key: fault for key, fault in self._faults.items() if key != id_})

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._keep({})

    def _make_room(self) -> None:
        if len(self._faults) < _MOST:
            return
        used_up = next((key for key, fault in self._faults.items() if fault.is_used_up), None)
        if used_up is None:
            raise ConflictError(f"there are {_MOST} faults; remove some", rule="FTP-FAULT-LIMIT")
        del self._faults[used_up]

    def _keep(self, faults: dict[str, Fault]) -> None:
        self._faults = faults
        standing: dict[Moment, tuple[Fault, ...]] = {}
        for fault in faults.values():
            if not fault.is_used_up:
                standing[fault.moment] = (*standing.get(fault.moment, ()), fault)
        self._standing = standing

    # --- striking

    def standing(self, moment: Moment) -> tuple[Fault, ...]:
        """The faults that may still strike at a moment; those of scenarios are not among them."""
        return self._standing.get(moment, ())

    def find(self, moment: Moment, target: Target, kinds: Collection[str] = KINDS) -> Fault | None:
        """The fault that is to strike here, the oldest first; it has not struck yet.

        Args:
            kinds: only one of these.
        """
        standing = self._standing.get(moment, ())
        found = next((one for one in standing if one.kind in kinds and one.fits(target)), None)
        if found is None and self.has_scenarios and moment in _BY_NAME:
            return self._scenario(moment, target, kinds)
        return found

    def hit(self, fault: Fault, target: Target) -> bool:
        """Let a fault strike, once; False if it is used up or removed meanwhile."""
        with self._lock:
            if fault.scenario:
                return self._hit_scenario(fault, target)
            found = self._faults.get(fault.id)
            if found is None or found.is_used_up:
                return False
            self._keep({**self._faults, fault.id: replace(found, hits=found.hits + 1)})
        return True

    def stands(self, fault: Fault) -> bool:
        """Whether it was not removed; one that is used up still stands for what it holds back."""
        return fault.scenario or fault.id in self._faults

    def _scenario(self, moment: Moment, target: Target, kinds: Collection[str]) -> Fault | None:
        fault = self._by_kenmerk.get(target.aanleverkenmerk or "")
        if fault is None and target.volgnummer is not None:
            fault = self._by_number.get(target.volgnummer)
        if fault is None or fault.moment != moment or fault.kind not in kinds or not fault.fits(target):
            return None
        fault = replace(fault, created=target.began or self._clocks.simulator.now())
        return fault if self._may_strike(fault, target) else None

    def _may_strike(self, fault: Fault, target: Target) -> bool:
        return not fault.times or self._struck.get(_key(fault, target), 0) < fault.times

    def _hit_scenario(self, fault: Fault, target: Target) -> bool:
        if not self._may_strike(fault, target):
            return False
        key = _key(fault, target)
        self._struck[key] = self._struck.pop(key, 0) + 1
        while len(self._struck) > _MOST_NAMES:
            self._struck.popitem(last=False)
        return True


def _key(fault: Fault, target: Target) -> tuple[str, ...]:
    """A scenario strikes so many times per file."""
    return fault.id, target.interface, target.account, target.names[-1] if target.names else ""


def _scenario_fault(row: FileScenario, moment: datetime) -> Fault:
    """The fault of a scenario; a row's empty values are those that are not given."""
    asked = {name: getattr(row, name) or None for name in PARAMETERS if hasattr(row, name)}
    asked["times"] = row.times if row.kind != "backend-down" else None
    where = f"file_scenarios.toml [{row.aanleverkenmerk}]"
    try:
        fault = read_fault(row.kind, asked, id_=row.aanleverkenmerk, created=moment)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error.detail}", rule="CATALOGUE") from None
    if fault.moment not in _BY_NAME:
        raise ConfigError(
            f"{where}: {row.kind} strikes before a file's name is known; ask for it", rule="CATALOGUE"
        )
    if KINDS[row.kind].open_ended and row.kind != "stall" and fault.seconds is None:
        raise ConfigError(f"{where}: seconds missing, nobody could end it", rule="CATALOGUE")
    return replace(fault, scenario=True)
