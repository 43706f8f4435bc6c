"""Agencies outside as tests have them: the way to one that does what a test says, and what it sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from digipoort_sim.exchange.agency_desk import StatusSetting
from digipoort_sim.exchange.external import AgencyReply, AgencyStatus, Parcel
from digipoort_sim.exchange.values import Caller
from tests.exchange.office import START

AGENCY = Caller("00000099000000006000", "c" * 64)


class Line:
    """The way to an agency that does what a test says."""

    address = "https://agency.example/aflever"
    oins = frozenset({AGENCY.oin})
    longest_seconds = 5.0

    def __init__(self, reply: Callable[[Parcel], AgencyReply] | None = None) -> None:
        self.sets_status = True
        self.connections = 2
        self.parcels: list[Parcel] = []
        self.reply = reply or (lambda parcel: AgencyReply("taken"))

    def deliver(self, parcel: Parcel) -> AgencyReply:
        """Take a parcel there."""
        self.parcels.append(parcel)
        return self.reply(parcel)


def setting(kenmerk: str, code: str = "500", **changes: Any) -> StatusSetting:
    """A zetStatus."""
    return replace(StatusSetting(kenmerk, AgencyStatus(code), START), **changes)
