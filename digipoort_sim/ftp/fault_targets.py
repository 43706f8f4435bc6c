"""What a session or a file is to a fault on demand, and how a reply says that it was asked for."""

from __future__ import annotations

import re

from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.exchange.file_fault_values import Fault, Target
from digipoort_sim.exchange.file_faults import FileFaults
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import Entry

_NUMBER = re.compile(r"_([0-9]{1,10})\.[A-Za-z]+")

EVENT = "ftp-fault"
"""The kind of event that says of a fault that it was asked for."""


class FaultTargets:
    """Takes the names of one interface's files apart.

    Attributes:
        faults: what was asked for.
    """

    def __init__(self, faults: FileFaults, interface: Interface) -> None:
        self.faults = faults
        self._interface = interface

    def connection(self) -> Target:
        """A connection of which nothing is known."""
        return Target(self._interface.key)

    def account(self, user: str, oin: str) -> Target:
        """A session of an account."""
        return Target(self._interface.key, user, oin)

    def file(self, user: str, oin: str, name: str, command: str = "") -> Target:
        """A file by the name that a client uses: a final one, a temporary one, or that of an answer."""
        profile = self._interface.profile
        final = name
        for suffix in (
            profile.temporary_suffix,
            profile.marker_suffix,
            profile.receipt_suffix,
            profile.status_suffix,
            profile.error_suffix,
        ):
            final = final.removesuffix(suffix) or final
        kenmerk, number = self._parts(final) if self.faults.has_scenarios else (None, None)
        return Target(self._interface.key, user, oin, (name, final), command, kenmerk, number)

    def entry(self, entry: Entry) -> Target:
        """A file that came in."""
        kenmerk, number = self._parts(entry.name) if self.faults.has_scenarios else (None, None)
        names = (entry.name,)
        return Target(self._interface.key, entry.user, entry.oin, names, "", kenmerk, number, entry.received)

    def _parts(self, name: str) -> tuple[str | None, int | None]:
        try:
            kenmerk = self._interface.names.parse(name).aanleverkenmerk
        except DigipoortSimError:
            return None, None
        found = _NUMBER.search(name) if kenmerk is None else None
        return kenmerk, int(found[1]) if found else None


def told(fault: Fault, usual: str, *, marks: bool) -> str:
    """The text of a fault's reply, which says that it was asked for unless that is not wanted.

    Args:
        usual: the text where none was asked for.
        marks: whether replies are to say so at all.
    """
    text = fault.text or usual
    if fault.plain or not marks:
        return text
    what = f"scenario {fault.id}" if fault.scenario else f"fault {fault.id}"
    return f"{text} (asked for: {what})"
