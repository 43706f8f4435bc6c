"""Jobs that always fail, and a database that is away while jobs are to be run."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from digipoort_sim.config import ExchangeSettings, Settings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import events as events_module
from digipoort_sim.exchange import failing, lifecycle
from digipoort_sim.exchange import scheduler as scheduler_module
from digipoort_sim.exchange.external import AgencyReply
from digipoort_sim.exchange.jobs import REGISTER, NewJob
from digipoort_sim.exchange.lifecycle import State
from digipoort_sim.exchange.values import Event
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import jobs
from tests.exchange.office import START, Office, any_delivery, open_office


def breaking(*_: Any) -> Any:
    """A step with a fault in it."""
    raise ZeroDivisionError("always")


def events_of(office: Office, kind: str) -> list[Event]:
    """The events of a kind, newest first."""
    return [record.event for record in office.post.events(kind=kind)]


@pytest.mark.parametrize(("step", "code", "foutcode"), [("authorise", "321", "VAS400")])
def test_a_message_whose_step_always_fails_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str, code: str, foutcode: str
) -> None:
    """After twenty attempts in four days a message gets the final status of a technical fault, told once."""
    monkeypatch.setitem(office.post.runner._steps._steps, lifecycle.Step(step), breaking)
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.advance(days=3)
    assert len(office.codes(kenmerk)) == 3
    (failed,) = events_of(office, "job-failed")
    assert "ZeroDivisionError('always') (19 failures of this kind so far)" in failed.detail
    office.advance(days=27)
    last = office.statuses(kenmerk)[-1]
    assert (last.statuscode, last.status_foutcode and last.status_foutcode.foutcode) == (code, foutcode)
    assert "Zero" not in str(last)
    (given_up,) = events_of(office, "job-given-up")
    assert (given_up.kenmerk, given_up.code) == (kenmerk, code)
    assert len(office.post.events()) == 2


def test_a_job_that_has_no_end_is_parked_and_tried_at_the_next_start(office: Office) -> None:
    """What cannot be ended stays in the table with an event, is not due in any year, and may come to life."""
    due = int(START.timestamp() * 1000)
    with office.post.store.begin() as tx:
        # A due date of the register without its moment: a fault of ours.
        office.post.runner.jobs.add(tx, [NewJob(due, REGISTER, "x", "letter")])
    office.advance(days=3650)
    (parked,) = events_of(office, "job-parked")
    assert "attempt 20: given up" in parked.detail
    with office.post.store.begin() as tx:
        assert tx.execute(select(jobs.c.due)).scalars().all() == [failing.PARKED]
        failing.unpark(tx, due)
    assert office.scheduler.run_due() == 1
    assert len(events_of(office, "job-parked")) == 2


def test_a_call_to_an_agency_that_always_breaks_is_parked(tmp_path: Path) -> None:
    """A fault of ours in a courier's work ends too, told once; after the next start it gets through."""
    replies: list[Any] = [breaking]
    line: Any = SimpleNamespace(address="a", oins=(), sets_status=True, connections=1, longest_seconds=1.0)
    line.deliver = lambda parcel: replies[-1](parcel)
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    settings = Settings(exchange=ExchangeSettings(delivery_retry_hours=2))
    office = open_office(store, settings=settings, lines={"stub": line})
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.advance(hours=8)
    assert events_of(office, "job-parked") == []
    office.advance(days=3)
    (failed,) = events_of(office, "job-failed")
    assert "ZeroDivisionError('always')" in failed.detail
    assert len(events_of(office, "job-parked")) == 1
    assert office.codes(kenmerk)[-1] == "405"
    replies.append(lambda parcel: AgencyReply("taken"))
    office.scheduler.start()
    office.scheduler.drain()
    office.scheduler.stop()
    assert office.codes(kenmerk)[-1] == "400"
    store.close()


def test_a_courier_without_a_thread_keeps_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the system gives no thread, the place of the courier is free again for the next one."""
    line: Any = SimpleNamespace(address="a", oins=(), sets_status=True, connections=1, longest_seconds=1.0)
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    office = open_office(store, lines={"stub": line})
    office.deliver(any_delivery())
    while office.scheduler.run_due():
        pass
    monkeypatch.setattr(threading.Thread, "start", breaking)
    with pytest.raises(ZeroDivisionError):
        office.post.errands.dispatch()
    assert office.post.errands._under_way.total() == 0
    store.close()


def test_every_state_ends_where_its_table_says() -> None:
    """A message may end as 321 while it is checked and as 420 on its way; elsewhere its job is parked."""
    assert {state: lifecycle.technical_end(state) for state in State if lifecycle.technical_end(state)} == {
        State.OFFERED: "321",
        State.AUTHENTICATED: "321",
        State.CHECKED_ONCE: "321",
        State.VALIDATION_TROUBLE: "321",
        State.TAXONOMY_TROUBLE: "321",
        State.DELIVERING: "420",
        State.DELIVERY_TROUBLE: "420",
    }


def test_a_database_that_is_away_is_one_line_per_growing_pause(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The scheduler's thread waits longer each time, writes no traceback, and works on when it is back."""
    pauses: list[float] = []

    def away(limit: int = 0) -> int:
        raise TechnicalError("the database does not answer: gone", rule="DATABASE")

    monkeypatch.setattr(scheduler_module, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(scheduler_module, "_LONGEST_PAUSE_SECONDS", 0.08)
    wait = office.scheduler._stopping.wait
    monkeypatch.setattr(office.scheduler._stopping, "wait", lambda pause: pauses.append(pause) or wait(pause))
    with caplog.at_level(logging.WARNING), monkeypatch.context() as patch:
        patch.setattr(office.post.runner, "run", away)
        office.scheduler.start()
        until = time.monotonic() + 10
        while len(pauses) < 6 and time.monotonic() < until:
            time.sleep(0.01)
    kenmerk = office.deliver(any_delivery()).kenmerk
    while len(office.codes(kenmerk)) < 9 and time.monotonic() < until:
        time.sleep(0.01)
    office.scheduler.stop()
    assert pauses[:6] == [0.01, 0.02, 0.04, 0.08, 0.08, 0.08]
    lines = [record for record in caplog.records if record.name == scheduler_module.__name__]
    assert all(line.exc_info is None for line in lines)
    assert lines[0].getMessage() == "no jobs are run for 0.0 s: the database does not answer: gone"
    assert len(office.codes(kenmerk)) == 9


def test_the_ring_is_bounded_in_octets(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all events have too many raw bytes together, the oldest lose theirs; what happened stays told."""
    monkeypatch.setattr(events_module, "MAXIMUM_RING_BYTES", 5000)
    monkeypatch.setattr(events_module, "_COUNT_AGAIN", 1000)
    for _ in range(30):
        office.post.record(Event("x", "y", raw=bytes(400)))
    kept = [record.octets for record in office.post.events()]
    assert len(kept) == 30
    assert kept[0] == 400
    assert kept[-1] is None
    assert sum(octets or 0 for octets in kept) <= 6000
