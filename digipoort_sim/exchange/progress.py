"""The statuses that one piece of work gives a message, checked against the table of its life."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from digipoort_sim.catalogue import Catalogue, ScenarioStep
from digipoort_sim.exchange.jobs import MESSAGE, NewJob
from digipoort_sim.exchange.lifecycle import State, Step, transition
from digipoort_sim.exchange.records import Message, StatusLine
from digipoort_sim.exchange.timing import STUB_GAP_MS, status_times
from digipoort_sim.validation.findings import ValidationReport

_MAXIMUM_OMSCHRIJVING = 80


@dataclass(frozen=True)
class Trouble:
    """A foutcode with what goes into its text."""

    foutcode: str
    melding: str = ""
    text: str | None = None


class Progress:
    """Collects what becomes of one message: statuses, its new state, and what is to be done next.

    Args:
        now: milliseconds by the simulator's clock; the first status gets this time or a later one.

    Attributes:
        judged: what validation said of the message in the end, if that is part of it.
    """

    def __init__(self, catalogue: Catalogue, message: Message, now: int) -> None:
        self.message = message
        self.now = now
        self.lines: list[StatusLine] = []
        self.next_jobs: list[NewJob] = []
        self.state = State(message.state)
        self.judged: ValidationReport | None = None
        self._catalogue = catalogue
        self._times = status_times(now, message.status_at)

    @property
    def last_at(self) -> int:
        """Time of the last status, in milliseconds."""
        return self.lines[-1].at if self.lines else self.message.status_at

    @property
    def last_code(self) -> str:
        """The last statuscode."""
        return self.lines[-1].statuscode if self.lines else self.message.statuscode

    @property
    def last_position(self) -> int:
        """Position of the last status."""
        return self.message.status_position + len(self.lines)

    @property
    def is_done(self) -> bool:
        """Whether the process has ended."""
        return self.state is State.DONE

    def set(
        self,
        statuscode: str,
        *,
        final: bool = False,
        trouble: Trouble | None = None,
        omschrijving: str | None = None,
        details: str | None = None,
    ) -> None:
        """Set a status.

        Args:
            final: whether the process ends with it.
            trouble: what is wrong; a status that may still be retried has none.
            omschrijving: instead of the catalogue's text.

        Raises:
            TechnicalError: the table of a message's life does not allow it here.
        """
        self.state = transition(self.state, statuscode, final=final).target
        self._write(statuscode, next(self._times), trouble, omschrijving, details)

    def play(self, step: ScenarioStep, *, final: bool, details: str | None) -> None:
        """Set the status of a scenario, 10 ms after the one before it; a scenario may do as it likes."""
        at = self.last_at + STUB_GAP_MS if self.lines else max(self.now, self.message.status_at + STUB_GAP_MS)
        if final:
            self.state = State.DONE
        trouble = Trouble(step.foutcode) if step.foutcode else None
        self._write(step.statuscode, at, trouble, None, details)

    def later(
        self, step: Step, due: int, *, attempts: int = 0, payload: dict[str, Any] | None = None
    ) -> None:
        """Go on with a step at a later moment (milliseconds)."""
        text = None if payload is None else json.dumps(payload)
        self.next_jobs.append(NewJob(due, MESSAGE, str(self.message.id), step.value, attempts, text))

    def _write(
        self, code: str, at: int, trouble: Trouble | None, omschrijving: str | None, details: str | None
    ) -> None:
        text = omschrijving if omschrijving is not None else self._catalogue.status(code).omschrijving
        foutcode, beschrijving = None, None
        if trouble is not None:
            foutcode = trouble.foutcode
            beschrijving = trouble.text
            if beschrijving is None:
                beschrijving = self._catalogue.fault_text(foutcode, trouble.melding).rstrip()
        position = self.last_position + 1
        line = StatusLine(
            self.message.id, position, at, code, text[:_MAXIMUM_OMSCHRIJVING], foutcode, beschrijving, details
        )
        self.lines.append(line)
