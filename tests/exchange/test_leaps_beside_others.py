"""A leap of the clock while another process works at the same due dates."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from digipoort_sim.clock import ClockReading, epoch_milliseconds
from digipoort_sim.exchange.clockrow import write_clock
from digipoort_sim.exchange.leaps import Leaps
from digipoort_sim.store import Store
from tests.exchange.office import Office, open_office
from tests.exchange.population import everything, populate

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def _until_waiting(store: Store, thread: threading.Thread) -> None:
    deadline = time.monotonic() + 10
    while thread.is_alive() and time.monotonic() < deadline:
        with store.read() as tx:
            if tx.execute(_WAITING).scalar():
                return


def _meanwhile(work: Callable[..., None], store: Store, other: threading.Thread) -> Callable[..., None]:
    def then_work(*arguments: Any) -> None:
        other.start()
        _until_waiting(store, other)
        work(*arguments)

    return then_work


def _all_due(office: Office) -> int:
    """Let the clock stand where very much is due; gives that moment."""
    moment = office.clock.now() + timedelta(days=60)
    with office.post.store.begin() as tx:
        write_clock(tx, ClockReading(frozen_at=moment))
    office.clock.adopt(ClockReading(frozen_at=moment))
    return epoch_milliseconds(moment)


def test_a_leap_and_a_batch_never_wait_for_each_other(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has claimed a job of the leap meanwhile does it; the leap gives way and nothing is done twice."""
    store, store_of_other = Store.open(postgres_url), Store.open(postgres_url)
    office, other = open_office(store), open_office(store_of_other, seed="other")
    populate(office, 20)
    now = _all_due(office)
    batch = threading.Thread(target=other.scheduler.run_due)
    leaps = Leaps(store, office.post.runner.jobs, office.post.desk)
    monkeypatch.setattr(leaps, "_work", _meanwhile(leaps._work, store, batch))
    assert leaps.leap(office.clock, now) == 0
    batch.join()
    office.scheduler.drain()
    found = everything(store)
    sent = [(row[1], row[4]) for row in found["history"]]
    assert len(sent) == len(set(sent)) > 40
    store.close()
    store_of_other.close()
