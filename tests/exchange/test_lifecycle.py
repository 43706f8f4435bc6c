"""The table of a message's life."""

from __future__ import annotations

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.lifecycle import TABLE, State, mermaid, transition

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("name", list(CATALOGUE.scenarios))
def test_built_in_scenarios_keep_to_the_table(name: str) -> None:
    """Every scenario of the Aansluit Suite is a way through the table, and ends."""
    state = State.NEW
    steps = CATALOGUE.scenarios[name].steps
    for number, step in enumerate(steps, 1):
        state = transition(state, step.statuscode, final=number == len(steps)).target
    assert not steps or state is State.DONE


def test_every_status_of_the_table_is_in_the_catalogue() -> None:
    """No transition sets a status that has no text, and every final one in the catalogue ends a process."""
    for row in TABLE:
        status = CATALOGUE.status(row.statuscode)
        assert not status.final or row.target is State.DONE


def test_a_status_out_of_order_is_our_own_fault() -> None:
    """A status that may not follow is refused before it is written."""
    with pytest.raises(TechnicalError, match="500"):
        transition(State.OFFERED, "500", final=True)


def test_every_state_can_be_reached_and_left() -> None:
    """From the start every state can be reached, and from every state the end."""
    reached, ending = {State.NEW}, {State.DONE}
    for _ in State:
        reached |= {row.target for row in TABLE if row.source in reached}
        ending |= {row.source for row in TABLE if row.target in ending}
    assert reached == ending == set(State)


def test_the_picture_shows_every_transition() -> None:
    """The documentation's picture is drawn from the table, whole."""
    picture = mermaid()
    assert picture.count("-->") == len(TABLE) + 2
    assert "validated --> delivering : 405 (deliver)" in picture
