"""The life of a message: one table of states and of the statuses that lead from one to the next.

Nothing else in the program says which status may follow which. Every status that is written was looked up
here first, and the picture in the documentation is drawn from it (`mermaid`).

Sources: the order of the good flow is recorded; the others follow the status table of the
statusinformatieservice (see the catalogue for the provenance of each code). The good flow has 301 twice;
that the first one follows the quick checks and the second one the taxonomy is ours. A content that the
quick checks are against has no 301: after the taxonomy, if it can be had, 311 has the findings of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digipoort_sim.errors import TechnicalError


class State(StrEnum):
    """Where a message stands; the value is kept in the store."""

    NEW = "new"
    STARTED = "started"
    ACCEPTED = "accepted"
    OFFERED = "offered"
    AUTHENTICATED = "authenticated"
    CHECKED_ONCE = "checked-once"
    VALIDATED = "validated"
    VALIDATION_TROUBLE = "validation-trouble"
    TAXONOMY_TROUBLE = "taxonomy-trouble"
    DELIVERING = "delivering"
    DELIVERY_TROUBLE = "delivery-trouble"
    DELIVERED = "delivered"
    DONE = "done"


class Step(StrEnum):
    """What the post office does with a message; the value is kept in the job."""

    ACCEPT = "accept"
    AUTHORISE = "authorise"
    VALIDATE = "validate"
    DELIVER = "deliver"
    ANSWER = "answer"


@dataclass(frozen=True)
class Transition:
    """One status that may be set.

    Attributes:
        source: the state before it.
        statuscode: the status.
        target: the state after it; `State.DONE` if the process ends with it.
        step: during which step it is set.
    """

    source: State
    statuscode: str
    target: State
    step: Step


def _rows(step: Step, sources: tuple[State, ...], *ends: tuple[str, State]) -> tuple[Transition, ...]:
    return tuple(Transition(source, code, target, step) for source in sources for code, target in ends)


_BEFORE_CHECKS = (State.OFFERED, State.AUTHENTICATED, State.VALIDATION_TROUBLE)
_AT_TAXONOMY = (State.CHECKED_ONCE, State.TAXONOMY_TROUBLE)
_ON_THE_WAY = (State.DELIVERING, State.DELIVERY_TROUBLE)

TABLE: tuple[Transition, ...] = (
    *_rows(Step.ACCEPT, (State.NEW,), ("105", State.STARTED)),
    *_rows(Step.ACCEPT, (State.STARTED,), ("100", State.ACCEPTED)),
    *_rows(Step.ACCEPT, (State.ACCEPTED,), ("110", State.OFFERED)),
    *_rows(
        Step.AUTHORISE,
        (State.OFFERED,),
        ("200", State.AUTHENTICATED),
        ("210", State.DONE),
    ),
    *_rows(
        Step.AUTHORISE,
        (State.OFFERED, State.AUTHENTICATED),
        ("220", State.DONE),
        ("230", State.DONE),
    ),
    *_rows(
        Step.VALIDATE,
        _BEFORE_CHECKS,
        ("301", State.CHECKED_ONCE),
        ("311", State.DONE),
        ("321", State.VALIDATION_TROUBLE),
        ("321", State.DONE),
    ),
    *_rows(
        Step.VALIDATE,
        _AT_TAXONOMY,
        ("301", State.VALIDATED),
        ("311", State.DONE),
        ("321", State.TAXONOMY_TROUBLE),
        ("321", State.DONE),
    ),
    *_rows(Step.DELIVER, (State.VALIDATED,), ("405", State.DELIVERING)),
    *_rows(
        Step.DELIVER,
        _ON_THE_WAY,
        ("400", State.DELIVERED),
        ("400", State.DONE),
        ("410", State.DONE),
        ("420", State.DELIVERY_TROUBLE),
        ("420", State.DONE),
        ("425", State.DONE),
        ("720", State.DONE),
    ),
    *_rows(
        Step.ANSWER,
        (State.DELIVERED,),
        ("500", State.DONE),
        ("510", State.DONE),
        ("710", State.DONE),
    ),
)
"""Every status that may be set, in the order of the good flow."""

ANSWERS = frozenset(row.statuscode for row in TABLE if row.step is Step.ANSWER)
"""The statuses that an agency may give a message that was delivered to it."""

_TARGETS = {(row.source, row.statuscode, row.target is State.DONE): row for row in TABLE}


def transition(source: State, statuscode: str, *, final: bool) -> Transition:
    """The line of the table by which a status is set.

    Args:
        source: where the message stands.
        statuscode: the status to be set.
        final: whether the process ends with it (400, 321 and 420 can go either way).

    Raises:
        TechnicalError: the table does not know it; a fault of the simulator's, never caused by input.
    """
    row = _TARGETS.get((source, statuscode, final))
    if row is None:
        raise TechnicalError(
            f"status {statuscode}{' as the final one' if final else ''} cannot follow the state {source}",
            rule="LIFECYCLE",
        )
    return row


def technical_end(source: State) -> str | None:
    """The final status of a message that cannot go on for technical reasons: 321 while it is checked, 420 on
    its way to the agency; None where the table has none.
    """
    return next((code for code in ("321", "420") if (source, code, True) in _TARGETS), None)


def mermaid() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> new"]
    lines += [f"    {row.source} --> {row.target} : {row.statuscode} ({row.step})" for row in TABLE]
    # Mermaid takes no hyphens in names of states.
    return (
        "\n".join([*lines, "    done --> [*]", ""]).replace("-once", "_once").replace("-trouble", "_trouble")
    )
