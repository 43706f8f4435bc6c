"""A claimed job about a message, with all that its steps need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from digipoort_sim.agencies import AgencyAnswer
from digipoort_sim.catalogue import Berichtsoort
from digipoort_sim.exchange.jobs import Job
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.values import Content, Event


@dataclass
class Work:
    """A claimed job about a message, with all that its steps need.

    Attributes:
        parts: the berichtInhoud and the bijlagen; these only for a berichtsoort that may have them.
        answer: what the agency said when the message was delivered to it.
        to_register: set when the register is the receiver and has to answer, inside the transaction.
        foreign_party: whether the belanghebbende is a foreign business; only looked up where it counts.
        events: what happened on the way that a person may want to see.
    """

    job: Job
    row: Berichtsoort
    progress: Progress
    parts: Sequence[Content]
    answer: AgencyAnswer | None = None
    to_register: bool = False
    foreign_party: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def content(self) -> Content:
        """The berichtInhoud."""
        return self.parts[0]
