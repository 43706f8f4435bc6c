"""The same MessageID twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange import Staged
from digipoort_sim.exchange.values import Call
from tests.exchange.office import ALWAYS, ANN, BOB, START, Office, any_delivery, open_office

SOON = START + timedelta(minutes=10)
CALL = Call(ANN, "urn:uuid:1", SOON)


def test_a_message_id_is_taken_once_per_certificate(office: Office) -> None:
    """A second message with the same MessageID is refused and not stored; another party may use it."""
    office.post.accept(CALL, any_delivery())
    with pytest.raises(SpecificationRefusal) as caught:
        office.post.accept(CALL, any_delivery())
    assert caught.value.rule == "WSA-REPLAY"
    with pytest.raises(SpecificationRefusal):
        office.post.statussen_proces(CALL, "x", ALWAYS)
    office.post.accept(Call(BOB, "urn:uuid:1", SOON), any_delivery())
    assert len(office.post.messages()) == 2


def test_the_guard_outlives_the_process(office: Office) -> None:
    """What was seen before a restart is still a replay after it."""
    office.post.accept(CALL, any_delivery())
    after = open_office(office.post.store, seed="after")
    with pytest.raises(SpecificationRefusal):
        after.post.accept(CALL, any_delivery())


def test_after_its_validity_a_message_id_is_free(office: Office) -> None:
    """The guard holds for the message's validity by the security clock, and forgets it then."""
    office.post.accept(CALL, any_delivery())
    office.security.advance(timedelta(minutes=11))
    later = Call(ANN, "urn:uuid:1", SOON + timedelta(minutes=11))
    office.post.accept(later, any_delivery())
    office.post.replays.forget_expired(10**15)
    office.post.accept(later, any_delivery())


def test_without_validity_there_is_no_guard(office: Office) -> None:
    """On the stub's paths and the file door the same MessageID may come again."""
    call = Call(ANN, "urn:uuid:1")
    assert office.post.accept(call, any_delivery()) != office.post.accept(call, any_delivery())


async def test_a_replay_in_a_group_takes_nobody_with_it(office: Office) -> None:
    """Of two equal messages in one group one is stored, the other refused, and the rest is stored."""
    calls = [CALL, Call(ANN, "urn:uuid:2", SOON), CALL, Call(ANN, "urn:uuid:3", SOON)]
    staged: list[Staged] = [office.post.stage(call, any_delivery()) for call in calls]
    ends = await asyncio.gather(*(one.committed for one in staged), return_exceptions=True)
    assert [isinstance(end, SpecificationRefusal) for end in ends] == [False, False, True, False]
    stored = {message.kenmerk for message in office.post.messages()}
    assert stored == {one.receipt.kenmerk for one, end in zip(staged, ends, strict=True) if end is None}
