"""Couriers: they carry messages to the agencies outside. What `Errands` says of all errands holds for them.

Where a process dies between the agency's answer and the commit, the message goes to the agency once more,
with the same kenmerk, berichtkenmerk and MessageID.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass

from digipoort_sim.catalogue import Berichtsoort
from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.exchange.delivering import Delivering
from digipoort_sim.exchange.errands import Settle
from digipoort_sim.exchange.external import AgencyLine, Parcel
from digipoort_sim.exchange.jobs import OUTGOING, Job
from digipoort_sim.exchange.records import Message
from digipoort_sim.exchange.values import Content


@dataclass(frozen=True)
class Couriers:
    """The errand of delivering to one agency.

    Args:
        step: the agency's key.
        line: the way to it.
    """

    step: str
    line: AgencyLine
    delivering: Delivering
    kind: str = OUTGOING

    @property
    def places(self) -> int:
        """How many calls there may be at a time."""
        return self.line.connections

    @property
    def longest_seconds(self) -> float:
        """How long a call takes at most."""
        return self.line.longest_seconds

    def run(self, job: Job, row: Berichtsoort, message: Message, parts: Sequence[Content]) -> Settle:
        """Call the agency."""
        reply = self.line.deliver(_parcel(job, message, parts))
        return functools.partial(self.delivering.settle, reply=reply)

    def is_overdue(self, job: Job, now: int) -> bool:
        """Whether it is there for twice as long as delivery is tried."""
        return self.delivering.is_overdue(job, now)


def _parcel(job: Job, message: Message, parts: Sequence[Content]) -> Parcel:
    return Parcel(
        message_id=json.loads(job.payload or "")["message_id"],
        kenmerk=message.kenmerk,
        berichtsoort=message.berichtsoort,
        berichtkenmerk=message.berichtkenmerk,
        aanleverkenmerk=message.aanleverkenmerk,
        tijdstempel_aangeleverd=from_epoch_milliseconds(message.received),
        identiteit_belanghebbende=message.belanghebbende,
        rol_belanghebbende=message.rol_belanghebbende,
        identiteit_aanleveraar=message.sender_oin,
        identiteit_ontvanger=message.ontvanger,
        rol_ontvanger=message.rol_ontvanger,
        inhoud=parts[0],
        bijlagen=tuple(parts[1:]),
    )
