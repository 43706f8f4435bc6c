"""A delivery that took too long: told to have failed, and then never stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from digipoort_sim.errors import SpecificationRefusal, TechnicalError
from digipoort_sim.exchange.tickets import Ticket, may_commit
from digipoort_sim.store import Store
from tests.exchange.office import START, Office, any_delivery, open_office


@pytest.fixture
def postgres_office(postgres_url: str) -> Iterator[Office]:
    """A post office on PostgreSQL."""
    store = Store.open(postgres_url)
    yield open_office(store)
    store.close()


async def test_who_was_told_that_it_failed_finds_nothing_stored(
    postgres_office: Office, postgres_url: str
) -> None:
    """Behind a lock of another session: the impatient sender's delivery is void, the others' are stored."""
    other = Store.open(postgres_url)
    office = postgres_office
    call = office.call(valid_until=START)
    with other.begin() as holding:
        holding.execute(text("LOCK TABLE messages IN EXCLUSIVE MODE"))
        first = office.post.stage(call, any_delivery("first"))
        neighbour = office.post.stage(office.call(), any_delivery("neighbour"))
        await asyncio.sleep(0.05)
        queued = office.post.stage(office.call(), any_delivery("queued"))
        with pytest.raises(TechnicalError, match="did not answer within"):
            await first.within(0.2)
        with pytest.raises(TechnicalError, match="did not answer within"):
            await queued.within(0.01)
    await neighbour.within(5)
    await office.post.stage(call, any_delivery("again")).within(5)
    with pytest.raises(SpecificationRefusal, match="used before"):
        await office.post.stage(call, any_delivery("and again")).within(5)
    assert {row.aanleverkenmerk for row in office.post.messages()} == {"neighbour", "again"}
    other.close()


def test_a_delivery_is_withdrawn_or_committed_and_never_both() -> None:
    """What was withdrawn may not be committed, with its whole group; what is being committed stays."""
    withdrawn, other = Ticket(), Ticket()
    assert withdrawn.withdraw()
    assert not may_commit([other, withdrawn])
    assert may_commit([other])
    assert not other.withdraw()
