"""What the post office does with a message, step by step; no step touches the store.

A step sets statuses and names the next one. Steps whose next one is not delayed are done in one go and
written in one transaction: that costs a quarter, and only a ``kill -9`` in between could show the difference.
"""

from __future__ import annotations

from collections.abc import Callable

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import ExchangeSettings
from digipoort_sim.exchange.authorising import Authorising
from digipoort_sim.exchange.delivering import Delivering
from digipoort_sim.exchange.lifecycle import Step
from digipoort_sim.exchange.validating import Validating
from digipoort_sim.exchange.work import Work


class Steps:
    """The steps, under some settings.

    Args:
        validating: the step of validation.
        delivering: the steps at the agencies' side.
    """

    def __init__(
        self, catalogue: Catalogue, settings: ExchangeSettings, validating: Validating, delivering: Delivering
    ) -> None:
        self._steps: dict[Step, Callable[[Work], Step | None]] = {
            Step.AUTHORISE: Authorising(catalogue, settings).authorise,
            Step.VALIDATE: validating.validate,
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
