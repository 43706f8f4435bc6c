"""Group commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.group import Verdict
from digipoort_sim.exchange.intake import Entry
from digipoort_sim.exchange.values import Content
from tests.exchange.office import Office, any_delivery


async def test_deliveries_of_one_turn_share_a_transaction(office: Office, monkeypatch: Any) -> None:
    """Deliveries that come in the same turn of the loop are written together, each with its own kenmerk."""
    sizes: list[int] = []
    write = office.post._storing.together

    def counting(entries: Sequence[Entry]) -> list[Verdict]:
        sizes.append(len(entries))
        return write(entries)

    monkeypatch.setattr(office.post._storing, "together", counting)
    staged = [office.post.stage(office.call(), any_delivery()) for _ in range(8)]
    assert not any(one.committed.done() for one in staged)
    await asyncio.gather(*(one.committed for one in staged))
    assert sizes == [8]
    assert len({message.kenmerk for message in office.post.messages()}) == 8


async def test_the_loop_goes_on_while_a_large_content_is_written(office: Office) -> None:
    """A large content is written in a thread; deliveries that come meanwhile are the next group."""
    large = any_delivery(inhoud=Content("text/xml", "a.xml", bytes(1_000_000)))
    first = office.post.stage(office.call(), large)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = office.post.stage(office.call(), any_delivery())
    await asyncio.gather(first.committed, second.committed)
    assert len(office.post.content(first.receipt.kenmerk).inhoud) == 1_000_000
    assert len(office.post.messages()) == 2


async def test_a_caller_that_is_gone_disturbs_nobody(office: Office) -> None:
    """A delivery whose caller gave up waiting is stored like the others."""
    gone, other = (office.post.stage(office.call(), any_delivery()) for _ in range(2))
    gone.committed.cancel()
    await other.committed
    assert len(office.post.messages()) == 2


async def test_what_cannot_be_stored_fails_alone(office: Office, monkeypatch: Any) -> None:
    """One entry that the database refuses fails as a technical error; the rest of its group is stored."""
    write = office.post._intake.write

    def breaking(tx: Any, entries: Sequence[Entry], now: int) -> bool:
        if any(entry.contents[0].bestandsnaam == "bad.xml" for entry in entries):
            raise ValueError
        return write(tx, entries, now)

    monkeypatch.setattr(office.post._intake, "write", breaking)
    good = office.post.stage(office.call(), any_delivery())
    bad = office.post.stage(office.call(), any_delivery(inhoud=Content("text/xml", "bad.xml", b"")))
    await good.committed
    with pytest.raises(TechnicalError):
        await bad.committed
    assert len(office.post.messages()) == 1
