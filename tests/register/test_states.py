"""The one table of states."""

from __future__ import annotations

import itertools

import pytest

from digipoort_sim.errors import ConflictError
from digipoort_sim.register.states import (
    ENDED_STATES,
    OPEN_STATES,
    TRANSITIONS,
    Event,
    State,
    diagram,
    next_state,
)


def test_every_pair_is_in_the_table_or_refused() -> None:
    """A pair that the table does not hold raises ConflictError, every other gives its state."""
    for state, event in itertools.product((None, *State), Event):
        if (state, event) in TRANSITIONS:
            assert next_state(state, event) is TRANSITIONS[state, event]
        else:
            with pytest.raises(ConflictError, match=event):
                next_state(state, event)


def test_ended_states_are_final() -> None:
    """Nothing leads out of an ended state, and every open state can be revoked by either side."""
    assert not {state for state, _ in TRANSITIONS} & ENDED_STATES
    for state in OPEN_STATES:
        assert next_state(state, Event.REVOKED_BY_GEMACHTIGDE) is State.INGETROKKEN
        assert next_state(state, Event.REVOKED_BY_VERTEGENWOORDIGDE) is State.INGETROKKEN


def test_every_state_and_event_is_used() -> None:
    """Every state can be reached and every event happens somewhere."""
    assert set(TRANSITIONS.values()) == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_diagram_shows_every_transition() -> None:
    """The picture for the documentation has one arrow per line of the table."""
    lines = diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    IN_BEHANDELING --> ACTIEF: activated-by-code" in lines
    assert sum(": " in line for line in lines) == len(TRANSITIONS)
