"""The life of a fiscal representative's permit: ONE table of states and transitions.

The published page says two things of it: that a permit is given only after security was put up, and that the
security is given back no earlier than five years after the financial year in which the permit ended. All
names, and the way there, are the simulator's. The picture in the documentation is made by `diagram`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from digipoort_sim.errors import ConflictError


class PermitState(StrEnum):
    """Where a permit stands."""

    REQUESTED = "requested"
    SECURITY_SET = "security-set"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    RELEASED = "released"


class PermitEvent(StrEnum):
    """What can happen to a permit."""

    REQUESTED = "requested"
    SECURITY_SET = "security-set"
    PUT_UP_IN_PART = "put-up-in-part"
    PUT_UP = "put-up"
    CLIENT_ADDED = "client-added"
    WITHDRAWN = "withdrawn"
    ENDED_BY_REPRESENTATIVE = "ended-by-representative"
    ENDED_BY_INSPECTOR = "ended-by-inspector"
    RELEASED = "released"


_S = PermitState
_E = PermitEvent

TRANSITIONS: Mapping[tuple[PermitState | None, PermitEvent], PermitState] = MappingProxyType(
    {
        (None, _E.REQUESTED): _S.REQUESTED,
        (_S.REQUESTED, _E.SECURITY_SET): _S.SECURITY_SET,
        (_S.SECURITY_SET, _E.SECURITY_SET): _S.SECURITY_SET,
        (_S.SECURITY_SET, _E.PUT_UP_IN_PART): _S.SECURITY_SET,
        (_S.SECURITY_SET, _E.PUT_UP): _S.ACTIVE,
        **{(state, _E.CLIENT_ADDED): state for state in (_S.REQUESTED, _S.SECURITY_SET, _S.ACTIVE)},
        **{(state, _E.WITHDRAWN): _S.WITHDRAWN for state in (_S.REQUESTED, _S.SECURITY_SET)},
        (_S.ACTIVE, _E.ENDED_BY_REPRESENTATIVE): _S.ENDED,
        (_S.ACTIVE, _E.ENDED_BY_INSPECTOR): _S.ENDED,
        (_S.ENDED, _E.RELEASED): _S.RELEASED,
    }
)
"""From (state, event) to the next state. A state of None is that of a request that just came in."""

LAST_STATES = (PermitState.WITHDRAWN, PermitState.RELEASED)
"""States in which nothing can happen any more."""


def next_state(state: PermitState | None, event: PermitEvent) -> PermitState:
    """The state that follows.

    Raises:
        ConflictError: this event cannot happen in this state.
    """
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise ConflictError(
            f"A permit in the state {state or 'new'} knows no event {event}.", rule="FISCAL-PERMIT-STATE"
        )
    return following


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    arrows = [
        f"    {_id(state)} --> {_id(following)}: {event}" for (state, event), following in TRANSITIONS.items()
    ]
    ends = [f"    {_id(state)} --> [*]" for state in LAST_STATES]
    return "\n".join(["stateDiagram-v2", *arrows, *ends]) + "\n"


def _id(state: PermitState | None) -> str:
    """A state's name as Mermaid takes it: a hyphen would be part of an arrow there."""
    return "[*]" if state is None else state.replace("-", "_")
