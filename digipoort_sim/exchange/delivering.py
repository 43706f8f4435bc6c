"""Delivering a message to its agency, and taking the agency's verdict."""

from __future__ import annotations

import json
from collections.abc import Callable

from digipoort_sim.agencies import AgencyAnswer
from digipoort_sim.config import ExchangeSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.lifecycle import State, Step
from digipoort_sim.exchange.progress import Trouble
from digipoort_sim.exchange.work import Work

_NOT_DELIVERED = ("410", "720")
"""Answers that come in the place of 400: the agency refuses the message, or cannot take it."""


class Delivering:
    """The steps at the agencies' side.

    Args:
        answer: the agencies' stand-ins; TechnicalError means that the agency is away.
    """

    def __init__(self, settings: ExchangeSettings, answer: Callable[[Work], AgencyAnswer]) -> None:
        self._settings = settings
        self._answer = answer

    def deliver(self, work: Work) -> Step | None:
        """405, and 400 once the agency has it; 420 while it is away."""
        progress = work.progress
        if progress.state is State.VALIDATED:
            progress.set("405")
        if work.row.agency == "register":
            progress.set("400")
            return Step.ANSWER
        try:
            work.answer = self._answer(work)
        except TechnicalError as error:
            self._delivery_trouble(work, error.detail)
            return None
        if work.answer.statuscode in _NOT_DELIVERED:
            progress.set(work.answer.statuscode, final=True, trouble=_trouble_of(work.answer))
            return None
        progress.set("400", final=not work.row.answers)
        return Step.ANSWER if work.row.answers else None

    def _delivery_trouble(self, work: Work, detail: str) -> None:
        """420, and again later; after 72 hours it stays, with AFS600 (or becomes 425, by a setting)."""
        progress, job = work.progress, work.job
        since = int(json.loads(job.payload)["since"]) if job.payload else progress.now
        give_up = since + round(self._settings.delivery_retry_hours * 3_600_000)
        if progress.now >= give_up:
            code = self._settings.last_attempt_statuscode
            progress.set(code, final=True, trouble=Trouble("AFS600", detail))
            return
        if progress.state is not State.DELIVERY_TROUBLE:
            progress.set("420")
        interval = round(self._settings.delivery_retry_interval_seconds * 1000)
        again = min(progress.now + interval, give_up)
        progress.later(Step.DELIVER, again, attempts=job.attempts + 1, payload={"since": since})

    def take_answer(self, work: Work) -> Step | None:
        """500 or 510, by what the agency says of the message."""
        if work.row.agency == "register":
            work.to_register = True
            return None
        answer = work.answer or self._answer(work)
        trouble = _trouble_of(answer)
        work.progress.set(answer.statuscode, final=True, trouble=trouble, details=answer.details)
        return None


def _trouble_of(answer: AgencyAnswer) -> Trouble | None:
    if answer.foutcode is None:
        return None
    return Trouble(answer.foutcode, text=answer.foutbeschrijving or "")
