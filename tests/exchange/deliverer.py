"""A process that accepts messages and prints each kenmerk after the commit, until it is killed."""

from __future__ import annotations

import asyncio
import sys

from digipoort_sim.store import Store
from tests.exchange.office import any_delivery, open_office


async def deliver(url: str) -> None:
    """Accept groups of messages forever, with the scheduler running beside it."""
    office = open_office(Store.open(url), seed="deliverer")
    office.scheduler.start()
    while True:
        staged = [office.post.stage(office.call(), any_delivery()) for _ in range(5)]
        await asyncio.gather(*(one.committed for one in staged))
        for one in staged:
            sys.stdout.write(one.receipt.kenmerk + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(deliver(sys.argv[1]))
