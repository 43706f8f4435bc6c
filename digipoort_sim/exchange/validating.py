"""Validating a content: the quick checks at once, the check against the taxonomy as an errand.

A content that lies in a file, because it is too large to be looked at whole, is one errand altogether.

The order of statuses: the quick checks lead to the first 301, the taxonomy to the second one. Where there is
no taxonomy to check against, both come at once. A content that the quick checks are against gets no 301: 311
comes at once or, where its taxonomy is at hand, after that was asked too, so that it has all findings.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from digipoort_sim.catalogue import Berichtsoort
from digipoort_sim.config import Settings
from digipoort_sim.errors import DigipoortSimError, TechnicalError
from digipoort_sim.exchange.errands import Errand, Settle
from digipoort_sim.exchange.failing import ATTEMPTS
from digipoort_sim.exchange.jobs import EXAMINATION, INSPECTION, MESSAGE, Job, NewJob
from digipoort_sim.exchange.lifecycle import State, Step
from digipoort_sim.exchange.progress import Progress, Trouble
from digipoort_sim.exchange.records import Message
from digipoort_sim.exchange.values import Content, Event
from digipoort_sim.exchange.work import Work
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.result_document import result_document
from digipoort_sim.validation.streaming.check import LargeContent
from digipoort_sim.validation.subject import Delivered, Part

VALIDATION_RETRIES_MS = (10_000, 60_000, 600_000, 3_600_000)
"""How long after each failure validation is tried again; after the last one 321 is final."""

_CHECKED_ONCE = (State.CHECKED_ONCE, State.TAXONOMY_TROUBLE)
_IN_TROUBLE = (State.VALIDATION_TROUBLE, State.TAXONOMY_TROUBLE)


class Validating:
    """The step of validation, and what becomes of it.

    Args:
        validator: makes the checks.
    """

    def __init__(self, validator: Validator, settings: Settings) -> None:
        self._validator = validator
        self._settings = settings.validation
        self._compares_identity = settings.exchange.content_of_another_party_is_error

    def errands(self) -> list[Errand]:
        """What is done beside the scheduler."""
        settings = self._settings
        # Twice, as the pool may give a content that a process died of to another one.
        examination = Examination(self, settings.processes, 2 * settings.timeout_seconds)
        has_taxonomies = self._validator.has_taxonomies and settings.processes
        return [Inspection(self), *((examination,) if has_taxonomies else ())]

    def validate(self, work: Work) -> Step | None:
        """The quick checks; the taxonomy and very large contents are left to errands."""
        if work.content.payload is not None:
            work.progress.next_jobs.append(_errand(INSPECTION, work.progress, work.progress.now))
            return None
        try:
            report = self._validator.check(self._delivered(work.row, work.progress.message, work.parts))
        except Exception as error:  # whatever validation trips over is 321 to the sender, never silence
            self._trouble(work, error)
            return None
        if not report.to_taxonomy:
            return self._conclude(work, report)
        if report.valid and work.progress.state not in _CHECKED_ONCE:
            work.progress.set("301")
        work.progress.next_jobs.append(_errand(EXAMINATION, work.progress, work.progress.now))
        return None

    def examine(self, row: Berichtsoort, message: Message, parts: Sequence[Content]) -> Settle:
        """All checks; takes as long as the taxonomy takes.

        The quick ones are made once more: that costs less than keeping what they found.
        """
        try:
            report = self._validator.check_all(self._delivered(row, message, parts))
        except Exception as error:  # as in `validate`
            return functools.partial(self._trouble, error=error)
        return functools.partial(self._settle, report=report)

    def inspect(self, row: Berichtsoort, content: Content) -> Settle:
        """The checks of a content that lies in a file; takes up to a minute."""
        try:
            report = self._validator.check_large(_large(content), rules_of(row))
        except Exception as error:  # as in `validate`
            return functools.partial(self._trouble, error=error)
        return functools.partial(self._settle, report=report)

    def _settle(self, work: Work, report: ValidationReport) -> None:
        step = self._conclude(work, report)
        if step is not None:
            delay = round(work.row.step_delay_seconds * 1000)
            work.progress.later(step, work.progress.last_at + delay if delay else work.progress.now)

    def _delivered(self, row: Berichtsoort, message: Message, parts: Sequence[Content]) -> Delivered:
        belanghebbende = message.belanghebbende
        identity = (belanghebbende.nummer, belanghebbende.type) if self._compares_identity else None
        bijlagen = tuple(map(_part, parts[1:])) if row.attachments else ()
        return Delivered(_part(parts[0]), rules_of(row), identity, bijlagen)

    def _conclude(self, work: Work, report: ValidationReport) -> Step | None:
        """311 with all findings, or the 301 that are still to come; the last one tells the rest."""
        progress = work.progress
        progress.judged = report
        if report.trouble:
            work.events.append(_trouble_event(progress, report.trouble))
        if not report.valid:
            self._reject(work, report)
            return None
        if progress.state not in _CHECKED_ONCE:
            progress.set("301")
        elif report.findings:  # an event for each good return would push the refusals out of the ring
            work.events.append(_verdict_event(progress, "validated", report))
        progress.set("301", details=self._details(work.row, report))
        return Step.DELIVER

    def _details(self, row: Berichtsoort, report: ValidationReport) -> str | None:
        """Warnings, and the checks that could not be made; None if there are neither."""
        told = report.not_checked if self._settings.tell_not_checked and row.form != "any" else ()
        return result_document(report.findings, told) if report.findings or told else None

    def _reject(self, work: Work, report: ValidationReport) -> None:
        """311 with all findings; the first error stands in the foutbeschrijving too."""
        trouble = Trouble("VAS500", report.first.text_nl if report.first else "")
        work.progress.set("311", final=True, trouble=trouble, details=self._details(work.row, report))
        work.events.append(_verdict_event(work.progress, "validation-failed", report))

    def _trouble(self, work: Work, error: Exception) -> None:
        """321, and the same again later; after the last attempt it stays, with VAS400."""
        progress, attempt = work.progress, work.job.attempts
        work.events.append(_trouble_event(progress, f"{error!r}"))
        if attempt >= len(VALIDATION_RETRIES_MS):
            progress.set("321", final=True, trouble=Trouble("VAS400", _for_sender(error)))
            return
        if progress.state not in _IN_TROUBLE:
            progress.set("321")
        again = progress.now + VALIDATION_RETRIES_MS[attempt]
        if work.job.kind != MESSAGE:
            progress.next_jobs.append(_errand(work.job.kind, progress, again, attempt + 1))
        else:
            progress.later(Step.VALIDATE, again, attempts=attempt + 1)


@dataclass(frozen=True)
class Examination:
    """The errand of checking contents against their taxonomies.

    Args:
        places: how many at a time.
        longest_seconds: how long one takes at most.
    """

    validating: Validating
    places: int
    longest_seconds: float
    kind: str = EXAMINATION
    step: str = Step.VALIDATE.value

    def run(self, job: Job, row: Berichtsoort, message: Message, parts: Sequence[Content]) -> Settle:
        """Check one."""
        return self.validating.examine(row, message, parts)

    def is_overdue(self, job: Job, now: int) -> bool:
        """Whether it has been tried often enough."""
        return job.attempts + 1 >= ATTEMPTS


@dataclass(frozen=True)
class Inspection:
    """The errand of checking contents that lie in files."""

    validating: Validating
    places: int = 2
    longest_seconds: float = 600.0
    kind: str = INSPECTION
    step: str = Step.VALIDATE.value

    def run(self, job: Job, row: Berichtsoort, message: Message, parts: Sequence[Content]) -> Settle:
        """Check one."""
        return self.validating.inspect(row, parts[0])

    def is_overdue(self, job: Job, now: int) -> bool:
        """Whether it has been tried often enough."""
        return job.attempts + 1 >= ATTEMPTS


def _for_sender(error: Exception) -> str:
    """What is told of trouble: what went wrong inside, behind the colon, is for the event only."""
    if isinstance(error, TechnicalError):
        said, colon, _ = error.detail.partition(": ")
        return f"{said}." if colon else said
    return error.detail if isinstance(error, DigipoortSimError) else type(error).__name__


def _part(content: Content) -> Part:
    return Part(content.inhoud, content.mime_type, content.bestandsnaam)


def _large(content: Content) -> LargeContent:
    payload = content.payload
    if payload is None:
        raise TechnicalError("there is no file of the content", rule="PAYLOAD")
    large = (payload.open, payload.path, payload.size, payload.sha256)
    return LargeContent(*large, content.mime_type, content.bestandsnaam)


def _errand(kind: str, progress: Progress, due: int, attempts: int = 0) -> NewJob:
    return NewJob(due, kind, str(progress.message.id), Step.VALIDATE.value, attempts)


def _trouble_event(progress: Progress, detail: str) -> Event:
    return Event("validation-trouble", detail, rule="VALIDATION", kenmerk=progress.message.kenmerk)


def _verdict_event(progress: Progress, kind: str, report: ValidationReport) -> Event:
    rule, code = report.first.rule if report.first else "", "" if report.valid else "VAS500"
    return Event(kind, report.summary(), rule=rule, code=code, kenmerk=progress.message.kenmerk)
