"""What the post office does with a message, step by step; no step touches the store.

A step sets statuses and names the next one. Steps whose next one is not delayed are done in one go and
written in one transaction: that costs a quarter, and only a ``kill -9`` in between could show the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.config import ExchangeSettings
from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.exchange.authorising import Authorising
from digipoort_sim.exchange.delivering import Delivering
from digipoort_sim.exchange.lifecycle import State, Step
from digipoort_sim.exchange.progress import Progress, Trouble
from digipoort_sim.exchange.values import Event
from digipoort_sim.exchange.work import Work
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.findings import ValidationReport
from digipoort_sim.validation.result_document import result_document
from digipoort_sim.validation.subject import Delivered, Part

VALIDATION_RETRIES_MS = (10_000, 60_000, 600_000, 3_600_000)
"""How long after each failure validation is tried again; after the last one 321 is final."""


class Validate(Protocol):
    """The checks of a content."""

    def __call__(self, delivered: Delivered) -> ValidationReport:
        """Give the findings; raises only for technical reasons."""
        ...


class Steps:
    """The steps, under some settings.

    Args:
        delivering: the steps at the agencies' side.
    """

    def __init__(
        self, catalogue: Catalogue, settings: ExchangeSettings, validate: Validate, delivering: Delivering
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._validate = validate
        self._delivering = delivering
        self._steps: dict[Step, Callable[[Work], Step | None]] = {
            Step.AUTHORISE: Authorising(catalogue, settings).authorise,
            Step.VALIDATE: self._validate_content,
            Step.DELIVER: delivering.deliver,
            Step.ANSWER: delivering.take_answer,
        }

    def run(self, work: Work) -> None:
        """Do the job's step and those after it that are not delayed."""
        step: Step | None = Step(work.job.step)
        while step is not None:
            step = self._steps[step](work)
            if step is not None and work.row.step_delay_seconds:
                work.progress.later(step, work.progress.last_at + round(work.row.step_delay_seconds * 1000))
                return

    def _validate_content(self, work: Work) -> Step | None:
        identity = None
        if self._settings.content_of_another_party_is_error:
            belanghebbende = work.progress.message.belanghebbende
            identity = (belanghebbende.nummer, belanghebbende.type)
        content = work.content
        try:
            part = Part(content.inhoud, content.mime_type, content.bestandsnaam)
            report = self._validate(Delivered(part, rules_of(work.row), identity))
        except Exception as error:  # whatever validation trips over is 321 to the sender, never silence
            self._validation_trouble(work, error)
            return None
        if not report.valid:
            _reject(work.progress, report)
            return None
        work.progress.set("301")
        work.progress.set("301", details=_left_out(work.row, report))
        return Step.DELIVER

    def _validation_trouble(self, work: Work, error: Exception) -> None:
        progress, attempt = work.progress, work.job.attempts
        detail = error.detail if isinstance(error, DigipoortSimError) else type(error).__name__
        work.events.append(
            Event("validation-trouble", f"{error!r}", rule="VALIDATION", kenmerk=progress.message.kenmerk)
        )
        if attempt >= len(VALIDATION_RETRIES_MS):
            progress.set("321", final=True, trouble=Trouble("VAS400", detail))
            return
        if progress.state is not State.VALIDATION_TROUBLE:
            progress.set("321")
        progress.later(Step.VALIDATE, progress.now + VALIDATION_RETRIES_MS[attempt], attempts=attempt + 1)


def _left_out(row: Berichtsoort, report: ValidationReport) -> str | None:
    """The checks that could not be made, for lack of a taxonomy package or a schema; None if all were."""
    if row.form == "any" or not report.not_checked:
        return None
    return result_document(report.findings, report.not_checked)


def _reject(progress: Progress, report: ValidationReport) -> None:
    """311 with all findings; the first error stands in the foutbeschrijving too."""
    first = next(finding.text_nl for finding in report.findings if finding.severity == "error")
    document = result_document(report.findings, report.not_checked)
    progress.set("311", final=True, trouble=Trouble("VAS500", first), details=document)
