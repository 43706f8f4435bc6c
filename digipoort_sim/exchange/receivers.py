"""The agencies as the post office sees them: what they answer, and the documents of scenarios."""

from __future__ import annotations

from digipoort_sim.agencies import (
    NOT_PROCESSABLE,
    PROCESSABLE,
    Agencies,
    AgencyAnswer,
    responsemessage,
    stub_responsemessage,
)
from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.exchange.records import Message
from digipoort_sim.exchange.work import Work

_VERDICTS = {"responsemessage": PROCESSABLE, "rejection": NOT_PROCESSABLE}


class Receivers:
    """Asks the agencies' stand-ins."""

    def __init__(self, agencies: Agencies) -> None:
        self._agencies = agencies

    def answer(self, work: Work) -> AgencyAnswer:
        """What the agency says of a message that reaches it now.

        Raises:
            TechnicalError: the agency is away.
        """
        message = work.progress.message
        reached = from_epoch_milliseconds(work.progress.last_at)
        return self._agencies.answer(
            work.row, message.kenmerk, message.berichtkenmerk, reached, work.content.inhoud
        )


def scenario_document(key: str, message: Message) -> str | None:
    """The statusdetails that a scenario names: literal on the stub's paths, filled in elsewhere (s)."""
    verdict = _VERDICTS.get(key)
    if verdict is None:
        return None
    if message.stub:
        return stub_responsemessage(verdict)
    received = from_epoch_milliseconds(message.received)
    return responsemessage(message.kenmerk, message.berichtkenmerk, received, verdict)
