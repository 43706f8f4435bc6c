"""The life of a mandate: ONE table of states and transitions.

Only ``ONTVANGEN`` is a state in Logius's own spelling; the others are words of vendors or the simulator's,
and the transitions are inferred. The picture in the documentation is made by `diagram`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from digipoort_sim.errors import ConflictError


class State(StrEnum):
    """Where a registration stands (toestand)."""

    ONTVANGEN = "ONTVANGEN"
    WACHTRIJ = "WACHTRIJ"
    IN_BEHANDELING = "IN_BEHANDELING"
    ACTIEF = "ACTIEF"
    AFGEKEURD = "AFGEKEURD"
    AFGEWEZEN = "AFGEWEZEN"
    INGETROKKEN = "INGETROKKEN"
    VERLOPEN = "VERLOPEN"


class Event(StrEnum):
    """What can happen to a registration."""

    RECEIVED = "received"
    REJECTED = "rejected"
    QUEUED = "queued"
    TAKEN_UP = "taken-up"
    LETTER_SENT = "letter-sent"
    WRONG_CODE = "wrong-code"
    ACTIVATED_BY_CODE = "activated-by-code"
    ACTIVE_BY_SILENCE = "active-by-silence"
    ACTIVE_BY_CONTINUOUS = "active-by-continuous"
    REFUSED_BY_CLIENT = "refused-by-client"
    CODE_EXPIRED = "code-expired"
    YEAR_ENDED = "year-ended"
    REVOKED_BY_GEMACHTIGDE = "revoked-by-gemachtigde"
    REVOKED_BY_VERTEGENWOORDIGDE = "revoked-by-vertegenwoordigde"


_S = State
_REVOCATIONS = (Event.REVOKED_BY_GEMACHTIGDE, Event.REVOKED_BY_VERTEGENWOORDIGDE)
_OPEN = (State.ONTVANGEN, State.WACHTRIJ, State.IN_BEHANDELING, State.ACTIEF)

TRANSITIONS: Mapping[tuple[State | None, Event], State] = MappingProxyType(
    {
        (None, Event.RECEIVED): _S.ONTVANGEN,
        (_S.ONTVANGEN, Event.REJECTED): _S.AFGEKEURD,
        (_S.ONTVANGEN, Event.QUEUED): _S.WACHTRIJ,
        (_S.ONTVANGEN, Event.TAKEN_UP): _S.IN_BEHANDELING,
        (_S.ONTVANGEN, Event.ACTIVE_BY_CONTINUOUS): _S.ACTIEF,
        (_S.WACHTRIJ, Event.TAKEN_UP): _S.IN_BEHANDELING,
        (_S.IN_BEHANDELING, Event.LETTER_SENT): _S.IN_BEHANDELING,
        (_S.IN_BEHANDELING, Event.WRONG_CODE): _S.IN_BEHANDELING,
        (_S.IN_BEHANDELING, Event.ACTIVATED_BY_CODE): _S.ACTIEF,
        (_S.IN_BEHANDELING, Event.ACTIVE_BY_SILENCE): _S.ACTIEF,
        (_S.IN_BEHANDELING, Event.REFUSED_BY_CLIENT): _S.AFGEWEZEN,
        (_S.IN_BEHANDELING, Event.CODE_EXPIRED): _S.VERLOPEN,
        (_S.ACTIEF, Event.YEAR_ENDED): _S.VERLOPEN,
        **{(state, event): _S.INGETROKKEN for state in _OPEN for event in _REVOCATIONS},
    }
)
"""From (state, event) to the next state. A state of None is that of a request that just came in."""

OPEN_STATES = frozenset(_OPEN)
"""States of a registration that has not ended."""

ENDED_STATES = frozenset(State) - OPEN_STATES
"""States in which nothing can happen any more."""


def next_state(state: State | None, event: Event) -> State:
    """The state that follows.

    Raises:
        ConflictError: this event cannot happen in this state.
    """
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise ConflictError(
            f"A registration in the state {state or 'new'} knows no event {event}.", rule="MANDATE-STATE"
        )
    return following


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    arrows = [
        f"    {state or '[*]'} --> {following}: {event}" for (state, event), following in TRANSITIONS.items()
    ]
    ends = [f"    {state} --> [*]" for state in State if state in ENDED_STATES]
    return "\n".join(["stateDiagram-v2", *arrows, *ends]) + "\n"
