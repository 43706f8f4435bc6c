"""The clock and the jobs."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from digipoort_sim.agencies import Agencies
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import Clocks, FixedClock, RealClock, SimulatorClock
from digipoort_sim.config import Settings
from digipoort_sim.errors import ConflictError
from digipoort_sim.exchange import PostOffice, Scheduler, read_clock
from digipoort_sim.exchange import jobs as job_module
from digipoort_sim.exchange.jobs import NewJob
from digipoort_sim.exchange.lifecycle import Step
from digipoort_sim.ids import SystemIds
from digipoort_sim.register import Due, Register
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.register.values import Consequences
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import jobs, statuses
from tests.exchange.office import START, Office, any_delivery, mandate_delivery, open_office


def count_jobs(office: Office) -> int:
    """How many jobs there are."""
    with office.post.store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(jobs)).scalar_one())


def test_dues_are_run_in_order_each_at_its_moment(office: Office, monkeypatch: Any) -> None:
    """Moving the clock over many due dates calls the register once for each, in due order, in its time."""
    seen: list[tuple[str, float]] = []

    def fall_due(self: Register, tx: object, due: Due, now: Any) -> Consequences:
        seen.append((due.mandate_id, (now - START) / timedelta(hours=1)))
        if due.mandate_id == "a":
            return Consequences((Due(START + timedelta(hours=2), "letter", "b"),))
        return Consequences()

    monkeypatch.setattr(Register, "fall_due", fall_due)
    with office.post.store.begin() as tx:
        dues = [Due(START + timedelta(hours=hours), "letter", name) for name, hours in (("c", 3), ("a", 1))]
        office.post.runner.jobs.add(tx, office.post.desk.follow(tx, dues, (), START))
    office.advance(hours=2, minutes=30)
    assert seen == [("a", 1), ("b", 2)]
    office.advance(hours=1)
    assert seen == [("a", 1), ("b", 2), ("c", 3)]
    assert count_jobs(office) == 0


def test_advance_drains_what_is_due_first(office: Office) -> None:
    """Jobs that are due already are done before the clock moves."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.advance(days=1)
    last = office.statuses(kenmerk)[-1]
    assert last.statuscode == "500"
    assert last.tijdstempel_status - START < timedelta(seconds=1)


def test_the_clock_never_goes_back(office: Office) -> None:
    """A moment that has passed is refused, and the clock stays."""
    office.advance(hours=1)
    with pytest.raises(ConflictError):
        office.scheduler.advance(START)
    assert office.clock.now() == START + timedelta(hours=1)


def test_the_clock_runs_and_stands_still(office: Office) -> None:
    """A frozen clock stands; let run, it goes on from where it stood; frozen again, it stands there."""
    office.security.advance(timedelta(hours=5))
    assert office.clock.now() == START
    assert office.scheduler.run() == START
    office.security.advance(timedelta(hours=1))
    assert office.clock.now() == START + timedelta(hours=1)
    office.scheduler.advance(START + timedelta(days=2))
    office.security.advance(timedelta(hours=1))
    assert office.scheduler.freeze() == START + timedelta(days=2, hours=1)
    office.security.advance(timedelta(hours=1))
    assert office.clock.now() == START + timedelta(days=2, hours=1)


def test_every_process_sees_the_clock_and_a_restart_keeps_it(office: Office) -> None:
    """The reading stands in the store: another clock on the same store says the same."""
    office.scheduler.run()
    office.advance(days=30)
    other = SimulatorClock(office.security, lambda: read_clock(office.post.store))
    assert other.now() == office.clock.now() == START + timedelta(days=30)


def test_a_clock_of_real_time_can_be_moved(tmp_path: Path) -> None:
    """With a running clock on real time, a due date is met at its moment and the clock ends at the target."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    rows, ids, real = load_catalogue(), SystemIds(), RealClock()
    clock = SimulatorClock(real, lambda: read_clock(store))
    settings = Settings(state=tmp_path)
    register = Register(rows, settings.register_, ids)
    post = PostOffice(store, rows, Clocks(clock, real), ids, settings, register, Agencies(rows))
    office = Office(post, Scheduler(post), clock, FixedClock(START), register)
    office.run(mandate_delivery(MessageKind.OPVOEREN, f"VIA_{clock.now().year - 1}"))
    target = clock.now() + timedelta(days=20)
    office.scheduler.advance(target)
    assert timedelta() <= clock.now() - target < timedelta(seconds=20)
    with store.read() as tx:
        (letter,) = register.letters(tx)
    assert target - letter.datum > timedelta(days=5)
    frozen = office.scheduler.freeze()
    assert clock.now() == frozen
    assert office.scheduler.run() == frozen
    assert frozen <= clock.now()


def test_the_thread_does_the_work(office: Office) -> None:
    """The scheduler's thread brings an accepted message to its end, and stops when told."""
    office.scheduler.start()
    try:
        kenmerk = office.deliver(any_delivery()).kenmerk
        done = threading.Event()
        for _ in range(500):
            if office.post.message(kenmerk).summary.statuscode == "500":
                break
            done.wait(0.02)
        assert office.post.message(kenmerk).summary.statuscode == "500"
    finally:
        office.scheduler.stop()
    office.deliver(any_delivery())
    assert count_jobs(office) == 1


def test_two_schedulers_share_the_work_and_double_nothing(office: Office) -> None:
    """Two processes that run jobs of one store at the same time set each status once."""
    other = open_office(office.post.store, seed="other")
    kenmerken = [office.deliver(any_delivery()).kenmerk for _ in range(60)]

    def work(one: Office) -> None:
        while count_jobs(office):
            one.scheduler.run_due(5)

    threads = [threading.Thread(target=work, args=(one,)) for one in (office, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(office.codes(kenmerk)) == 9 for kenmerk in kenmerken)


def test_a_lost_lease_leads_to_nothing(office: Office, monkeypatch: Any) -> None:
    """Who worked so long that another took the job over writes nothing; the other's work counts."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    other = open_office(office.post.store, seed="other")
    run = office.post.runner._steps.run

    def slow(work: Any) -> None:
        monkeypatch.setattr(office.post.runner._steps, "run", run)
        other.post.runner._real = FixedClock(RealClock().now() + timedelta(minutes=1))
        assert other.scheduler.run_due() == 1
        run(work)

    monkeypatch.setattr(office.post.runner._steps, "run", slow)
    office.scheduler.run_due()
    assert len(office.codes(kenmerk)) == 9
    assert count_jobs(office) == 0


def test_a_job_that_fails_is_tried_again_and_blocks_nobody(office: Office, monkeypatch: Any) -> None:
    """A step that raises unexpectedly leaves an event and is retried with growing pauses; others go on."""
    steps = office.post.runner._steps._steps
    deliver = steps[Step.DELIVER]
    broken = True

    def failing(work: Any) -> Any:
        if broken and work.progress.message.aanleverkenmerk == "bad":
            raise ZeroDivisionError
        return deliver(work)

    monkeypatch.setitem(steps, Step.DELIVER, failing)
    bad = office.deliver(any_delivery("bad")).kenmerk
    good = office.deliver(any_delivery("good")).kenmerk
    office.advance(seconds=5)
    assert office.codes(good)[-1] == "500"
    assert office.codes(bad)[-1] == "110"
    assert {record.event.kind for record in office.post.events()} == {"job-failed"}
    broken = False
    office.advance(minutes=1)
    assert office.codes(bad)[-1] == "500"


def test_leases_of_a_killed_process_are_freed_at_start(tmp_path: Path, monkeypatch: Any) -> None:
    """On SQLite a restarted scheduler takes the jobs of its killed predecessor over without waiting."""
    office = open_office(Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}"))
    office.deliver(any_delivery())
    # No process has this number: it is above the largest that Linux gives out.
    monkeypatch.setattr(os, "getpid", lambda: 2**22 + 1)
    with office.post.store.begin() as tx:
        assert len(office.post.runner.jobs.claim(tx, 10, 10**15, 10**15)) == 1
    monkeypatch.undo()
    after = open_office(office.post.store, seed="after")
    assert after.scheduler.run_due() == 0
    with office.post.store.begin() as tx:
        after.post.runner.jobs.release_dead_leases(tx)
    assert after.scheduler.run_due() == 1


def test_a_batch_is_bounded(office: Office) -> None:
    """One call runs at most as many jobs as it is told, the longest due first."""
    kenmerken = [office.deliver(any_delivery()).kenmerk for _ in range(5)]
    assert office.scheduler.run_due(2) == 2
    assert [len(office.codes(kenmerk)) for kenmerk in kenmerken] == [9, 9, 3, 3, 3]


def test_nothing_due_writes_nothing(office: Office) -> None:
    """A job of later does not keep the scheduler busy."""
    later = int((START + timedelta(days=1)).timestamp() * 1000)
    with office.post.store.begin() as tx:
        office.post.runner.jobs.add(tx, [NewJob(later, job_module.REGISTER, "x", "letter", payload="{}")])
    assert office.scheduler.run_due() == 0
    with office.post.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(statuses)).scalar() == 0
