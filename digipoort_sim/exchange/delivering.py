"""Delivering a message to its agency, and taking the agency's verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from digipoort_sim.agencies import AgencyAnswer
from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import ExchangeSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.external import AgencyLine, AgencyReply, AgencyStatus
from digipoort_sim.exchange.jobs import OUTGOING, Job, NewJob
from digipoort_sim.exchange.lifecycle import ANSWERS, State, Step
from digipoort_sim.exchange.progress import Progress, Trouble
from digipoort_sim.exchange.values import Event, Fout
from digipoort_sim.exchange.work import Work
from digipoort_sim.ids import IdSource

_NOT_DELIVERED = ("410", "720")
"""Answers that come in the place of 400: the agency refuses the message, or cannot take it."""

_EVENTS = {"taken": "agency-status-ignored", "refused": "agency-refused"}
_MELDING = "{melding}"
_MOST_RAW = 64 * 1024


class Delivering:
    """The steps at the agencies' side.

    Args:
        answer: the agencies' stand-ins; TechnicalError means that the agency is away.
        lines: the agencies outside by their key; couriers carry messages to them.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: ExchangeSettings,
        ids: IdSource,
        answer: Callable[[Work], AgencyAnswer],
        lines: Mapping[str, AgencyLine],
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._ids = ids
        self._answer = answer
        self._lines = lines

    def deliver(self, work: Work) -> Step | None:
        """405, and 400 once the agency has it; 420 while it is away. A courier goes to an agency outside."""
        progress = work.progress
        if progress.state is State.VALIDATED:
            progress.set("405")
        if work.row.agency in self._lines:
            self._send_out(work, progress.now, _attempts(work), _since(work))
            return None
        if work.row.agency == "register":
            progress.set("400")
            return Step.ANSWER
        try:
            work.answer = self._answer(work)
        except TechnicalError as error:
            self._trouble(work, error.detail)
            return None
        if work.answer.statuscode in _NOT_DELIVERED:
            progress.set(work.answer.statuscode, final=True, trouble=_trouble_of(work.answer))
            return None
        progress.set("400", final=not work.row.answers)
        return Step.ANSWER if work.row.answers else None

    def settle(self, work: Work, reply: AgencyReply) -> None:
        """What becomes of a message after a call to an agency outside."""
        if reply.outcome != "taken" or reply.detail:
            work.events.append(self._event(work, reply))
        if reply.outcome == "taken":
            self._taken(work, reply.status)
        elif reply.outcome == "refused":
            fout = reply.fout or Fout("AFO100", reply.detail)
            text = self._refusal_text(fout)
            work.progress.set("410", final=True, trouble=Trouble(fout.foutcode, text=text))
        elif reply.outcome == "hopeless":
            self._give_up(work.progress, reply.detail)
        else:
            self._trouble(work, reply.detail)

    def is_overdue(self, job: Job, now: int) -> bool:
        """Whether a courier's job is there for twice as long as delivery is tried.

        Args:
            now: milliseconds by the simulator's clock.
        """
        since = 0 if job.payload is None else int(json.loads(job.payload)["since"])
        return now - since >= 2 * self._settings.delivery_retry_hours * 3_600_000

    def take_answer(self, work: Work) -> Step | None:
        """500 or 510, by what the agency says of the message."""
        if work.row.agency == "register":
            work.to_register = True
            return None
        answer = work.answer or self._answer(work)
        trouble = _trouble_of(answer)
        work.progress.set(answer.statuscode, final=True, trouble=trouble, details=answer.details)
        return None

    def _taken(self, work: Work, status: AgencyStatus | None) -> None:
        progress = work.progress
        progress.set("400", final=not work.row.answers)
        if not work.row.answers:
            return
        if not self._lines[work.row.agency].sets_status:
            progress.later(Step.ANSWER, progress.now + round(work.row.step_delay_seconds * 1000))
        elif status is not None and status.statuscode in ANSWERS:
            set_agency_status(progress, status)

    def _trouble(self, work: Work, detail: str) -> None:
        """420, and again later; after 72 hours it stays, with AFS600 (or becomes 425, by a setting)."""
        progress, since = work.progress, _since(work)
        give_up = since + round(self._settings.delivery_retry_hours * 3_600_000)
        if progress.now >= give_up:
            self._give_up(progress, detail)
            return
        if progress.state is not State.DELIVERY_TROUBLE:
            progress.set("420")
        interval = round(self._settings.delivery_retry_interval_seconds * 1000)
        again, attempts = min(progress.now + interval, give_up), _attempts(work) + 1
        if work.row.agency in self._lines:
            self._send_out(work, again, attempts, since)
        else:
            progress.later(Step.DELIVER, again, attempts=attempts, payload={"since": since})

    def _give_up(self, progress: Progress, detail: str) -> None:
        code = self._settings.last_attempt_statuscode
        progress.set(code, final=True, trouble=Trouble("AFS600", detail))

    def _send_out(self, work: Work, due: int, attempts: int, since: int) -> None:
        """Leave a job for a courier; it knows the MessageID, so that a call whose end was lost keeps it."""
        payload = json.dumps({"since": since, "message_id": f"urn:uuid:{self._ids.uuid()}"})
        subject = str(work.progress.message.id)
        work.progress.next_jobs.append(NewJob(due, OUTGOING, subject, work.row.agency, attempts, payload))

    def _event(self, work: Work, reply: AgencyReply) -> Event:
        name = self._catalogue.agency_of(work.row).name
        address = self._lines[work.row.agency].address
        return Event(
            kind=_EVENTS.get(reply.outcome, "agency-trouble"),
            detail=f"{name} ({address}), attempt {_attempts(work) + 1}: {reply.detail}",
            door="wus",
            rule=reply.rule,
            code=reply.fout.foutcode if reply.fout else "",
            kenmerk=work.progress.message.kenmerk,
            raw=None if reply.raw is None else reply.raw[:_MOST_RAW],
        )

    def _refusal_text(self, fout: Fout) -> str:
        """The catalogue's text with the agency's message in it; the agency may have written all of it."""
        row = self._catalogue.faults.get(fout.foutcode)
        beginning = row.text.partition(_MELDING)[0].split() if row is not None else []
        if fout.foutbeschrijving.split()[: len(beginning)] == beginning:
            return fout.foutbeschrijving
        return self._catalogue.fault_text(fout.foutcode, fout.foutbeschrijving).rstrip()


def set_agency_status(progress: Progress, status: AgencyStatus) -> None:
    """Set a status that an agency gave; its time is the simulator's, as that of all statuses.

    Raises:
        TechnicalError: the table of a message's life does not allow it here.
    """
    trouble = None
    if status.fout is not None:
        trouble = Trouble(status.fout.foutcode, text=status.fout.foutbeschrijving)
    progress.set(status.statuscode, final=True, trouble=trouble, details=status.details)


def _trouble_of(answer: AgencyAnswer) -> Trouble | None:
    if answer.foutcode is None:
        return None
    return Trouble(answer.foutcode, text=answer.foutbeschrijving or "")


def _attempts(work: Work) -> int:
    """How often delivery was tried in vain; a job that began with another step counts the tries of that."""
    return 0 if work.job.payload is None else work.job.attempts


def _since(work: Work) -> int:
    """When delivery was tried first, in milliseconds by the simulator's clock."""
    return work.progress.now if work.job.payload is None else int(json.loads(work.job.payload)["since"])
