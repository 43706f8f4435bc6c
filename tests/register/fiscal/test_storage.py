"""Permits in both kinds of database: the same answers, one winner of two at once, indexes for all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from digipoort_sim.config import Settings
from digipoort_sim.errors import ConflictError
from digipoort_sim.exchange.permit_office import PermitOffice
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.register.fiscal.permit_records import general_of, has_active, list_permits
from digipoort_sim.register.fiscal.permit_states import PermitState
from digipoort_sim.register.fiscal.permit_values import EndedBy, Permit, PermitApplication
from digipoort_sim.register.fiscal.reading import read_amount, read_figures
from digipoort_sim.server import open_inner
from tests.postgres import database_url, new_name, postgres_server, postgres_url
from tests.register.desk import OFFICE, OTHER
from tests.register.fiscal.counter import DEPOSIT, GENERAL, LIMITED, ONE, TWO, Counter

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]

FIVE = read_amount("5000", "amount")


@pytest.fixture
def rooms(tmp_path: Path, database_url: str) -> Iterator[Rooms]:
    """Real rooms on either database."""
    rooms = open_inner(Settings(state=tmp_path / "state", database_url=database_url))
    yield rooms
    rooms.close()


def test_a_permit_comes_back_as_it_went_in(rooms: Rooms) -> None:
    """After every step the tables give the permit that the step gave, and its sum with the same amounts."""
    office = PermitOffice(rooms)
    figures = read_figures({"kind": "limited", "category": 2, "months": 7, "transactions": []})
    wish = PermitApplication(OFFICE, LIMITED, (ONE, TWO))
    steps: list[Permit] = [office.request(wish, figures)]
    assert office.show(steps[0].id).sum[-1].amount == FIVE
    id_ = steps[0].id
    steps += [office.put_up(id_, DEPOSIT, FIVE)]
    assert office.show(id_).permit == steps[-1]
    ended = office.end(id_, EndedBy.INSPECTOR)
    assert office.list(client=TWO, state=PermitState.ENDED) == [ended]
    assert office.show(id_).permit == replace(ended, put_up=FIVE)


def test_of_two_at_once_one_gets_the_general_permit(rooms: Rooms) -> None:
    """Two representatives put up security for one client at the same moment: one permit is given."""
    office = PermitOffice(rooms)
    for client in (ONE, TWO):
        ids = [office.request(PermitApplication(o, GENERAL, (client,)), FIVE).id for o in (OFFICE, OTHER)]

        def put_up(id_: str) -> bool:
            try:
                return office.put_up(id_, DEPOSIT, FIVE).state is PermitState.ACTIVE
            except ConflictError:
                return False

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(put_up, ids)) == [False, True]
        states = sorted(office.show(id_).permit.state for id_ in ids)
        assert states == [PermitState.ACTIVE, PermitState.SECURITY_SET]


def test_every_look_uses_an_index(counter: Counter) -> None:
    """No query about permits reads a whole table."""
    statements: list[tuple[str, object]] = []

    def keep(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    permit = counter.active()
    event.listen(counter.desk.engine, "before_cursor_execute", keep)
    counter.do(list_permits, representative=OFFICE, client=ONE)
    counter.do(list_permits, state=PermitState.ACTIVE, after=permit.id)
    counter.do(general_of, ONE)
    counter.do(has_active, OFFICE)
    event.remove(counter.desk.engine, "before_cursor_execute", keep)
    looks = [(text, given) for text, given in statements if text.startswith("SELECT")]
    assert len(looks) > 8
    with counter.desk.engine.connect() as tx:
        for text, given in looks:
            plan = [str(row[-1]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)]  # type: ignore[arg-type]
            assert not [line for line in plan if line.startswith("SCAN fiscal")], (text, plan)
