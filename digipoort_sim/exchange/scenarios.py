"""The Aansluit Suite's scenarios: statuses that follow from the aanleverkenmerk alone.

Statuses without a delay are there at once, exactly 10 ms apart (recorded); the first delayed one becomes a
job, and so on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from digipoort_sim.catalogue import Catalogue, Scenario
from digipoort_sim.exchange.jobs import SCENARIO, NewJob
from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import Message

DEFAULT = "Happyflow"
"""How any other aanleverkenmerk behaves on the stub's paths (s)."""

_TROUBLE = "420"

Details = Callable[[str, Message], str | None]
"""Gives the document for statusdetails that a scenario names, such as ``responsemessage``."""


class Scenarios:
    """Chooses and plays scenarios.

    Args:
        everywhere: whether the names mean something on the pre-production paths too.
        last_attempt: the statuscode with which attempts to deliver end: 420 or 425.
    """

    def __init__(
        self, catalogue: Catalogue, details: Details, *, everywhere: bool, last_attempt: str = _TROUBLE
    ) -> None:
        self._rows = catalogue.scenarios
        self._details = details
        self._everywhere = everywhere
        self._last_attempt = last_attempt

    def find(self, aanleverkenmerk: str | None, *, stub: bool) -> Scenario | None:
        """The scenario of a delivery; None if it goes the ordinary way."""
        if stub:
            return self._rows.get(aanleverkenmerk or DEFAULT) or self._rows.get(DEFAULT)
        return self._rows.get(aanleverkenmerk or "") if self._everywhere else None

    def play(self, progress: Progress, scenario: Scenario, start: int = 0) -> None:
        """Set the statuses from number `start` up to the next delayed one, and leave a job for that."""
        for number in range(start, len(scenario.steps)):
            step = scenario.steps[number]
            if step.after_seconds and number > start:
                due = progress.last_at + round(step.after_seconds * 1000)
                progress.next_jobs.append(NewJob(due, SCENARIO, str(progress.message.id), str(number)))
                return
            final = number == len(scenario.steps) - 1
            if final and step.statuscode == _TROUBLE:
                step = replace(step, statuscode=self._last_attempt)
            details = self._details(step.details, progress.message) if step.details else None
            progress.play(step, final=final, details=details)
