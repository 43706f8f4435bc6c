"""Checks against taxonomies that several processes share, and what a ``kill -9`` leaves of them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from digipoort_sim.clock import FixedClock, RealClock
from digipoort_sim.config import Settings, ValidationSettings
from digipoort_sim.exchange.jobs import EXAMINATION, JobTable, NewJob
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import jobs, messages, validations
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.subject import Delivered
from tests.exchange.office import Office, open_office
from tests.exchange.taxonomies import CATALOGUE, TAXONOMY_ERROR, Taxonomist, ob_delivery, until, wait_for

ROOT = Path(__file__).parents[2]
GOOD = ["105", "100", "110", "200", "301", "301", "405", "400", "500"]
FOUR = Settings(state=Path("/nowhere"), validation=ValidationSettings(processes=4))


def count(office: Office, table: object) -> int:
    """How many lines a table has."""
    with office.post.store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_a_process_that_is_killed_in_the_middle_loses_and_doubles_nothing(database_url: str) -> None:
    """What was under way is checked again by who starts next; every message has its statuses once."""
    Store.open(database_url).close()
    command = [sys.executable, "-m", "tests.exchange.examiner", database_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        # All eight places are taken, so some checks have ended and others hang.
        assert [process.stdout.readline() for _ in range(9)][-1]
        process.kill()

    taxonomies = Taxonomist()
    store = Store.open(database_url)
    office = open_office(store, settings=FOUR, seed="after", taxonomies=taxonomies, catalogue=CATALOGUE)
    with store.begin() as tx:
        office.post.runner.jobs.release_dead_leases(tx)
    # Leases are by real time; on PostgreSQL they run out by themselves.
    later = FixedClock(RealClock().now() + timedelta(hours=1))
    office.post.runner._real = office.post.errands._real = later  # type: ignore[assignment]
    office.scheduler.drain()
    with store.read() as tx:
        kenmerken = list(tx.execute(select(messages.c.kenmerk)).scalars())
    assert len(kenmerken) >= 8
    assert all(office.codes(kenmerk) == GOOD for kenmerk in kenmerken)
    assert 6 <= len(taxonomies.seen) <= len(kenmerken)
    assert count(office, validations) == len(kenmerken)
    assert count(office, jobs) == 0
    store.close()


def test_two_processes_share_the_checks(database_url: str) -> None:
    """Of messages that wait for their taxonomy each is checked by one of two processes, once."""
    contents = Counter[bytes]()
    both = threading.Barrier(2, timeout=20)
    met = threading.Event()

    def check(delivered: Delivered) -> tuple[Finding, ...]:
        if not met.is_set():
            both.wait()  # one of each process
            met.set()
        contents[delivered.content.inhoud] += 1
        return ()

    one = Settings(state=Path("/nowhere"))
    offices = [
        open_office(
            Store.open(database_url),
            settings=one,
            seed=seed,
            taxonomies=Taxonomist(check),
            catalogue=CATALOGUE,
        )
        for seed in ("one", "two")
    ]
    kenmerken = [offices[0].deliver(ob_delivery("12</d:Owed>", f"{n}</d:Owed>")).kenmerk for n in range(20)]
    for office in offices:
        office.scheduler.start()
    wait_for(lambda: all(offices[0].codes(kenmerk) == GOOD for kenmerk in kenmerken))
    for office in offices:
        office.scheduler.stop()
    assert set(contents.values()) == {1}
    assert len(contents) == 20
    for office in offices:
        office.post.store.close()


def test_who_lost_its_lease_writes_nothing(database_url: str) -> None:
    """A check that lasted longer than its lease is thrown away: what the other one said counts."""
    awake = threading.Event()
    slow = Taxonomist(lambda delivered: until(awake))
    office = open_office(Store.open(database_url), seed="slow", taxonomies=slow, catalogue=CATALOGUE)
    kenmerk = office.deliver(ob_delivery()).kenmerk
    office.scheduler.run_due()
    office.post.errands.dispatch()
    wait_for(lambda: len(slow.seen) == 1)
    quick = Taxonomist(lambda delivered: (TAXONOMY_ERROR,))
    other = open_office(Store.open(database_url), seed="quick", taxonomies=quick, catalogue=CATALOGUE)
    other.post.errands._real = FixedClock(RealClock().now() + timedelta(hours=1))  # type: ignore[assignment]
    other.scheduler.drain()
    assert office.codes(kenmerk) == [*GOOD[:5], "311"]
    awake.set()
    wait_for(lambda: not office.post.errands._under_way.total())
    assert office.codes(kenmerk) == [*GOOD[:5], "311"]
    assert [record.event.kind for record in office.post.events()] == ["validation-failed"]
    for one in (office, other):
        one.post.store.close()


def test_a_check_that_failed_before_waits_for_those_that_did_not(database_url: str) -> None:
    """A content that eats all of its time at each attempt keeps the others waiting once, not five times."""
    store = Store.open(database_url)
    table = JobTable(store, "here")
    with store.begin() as tx:
        table.add(tx, [NewJob(due, EXAMINATION, f"{due}", "VALIDATE", tried) for due, tried in _TRIED])
        subjects = [
            table.claim_errand(tx, EXAMINATION, "VALIDATE", 1, now=9, real=0, until=1)[0].subject
            for _ in _TRIED
        ]
    assert subjects == ["3", "4", "2", "1"]
    store.close()


_TRIED = [(1, 2), (2, 1), (3, 0), (4, 0)]
"""When jobs are due, and how often they were tried in vain."""


def test_a_queue_of_checks_needs_no_scheduler_between(database_url: str) -> None:
    """Who is at the checks goes on by itself: a scheduler that rests does not slow them down."""
    taxonomies = Taxonomist()
    office = open_office(Store.open(database_url), taxonomies=taxonomies, catalogue=CATALOGUE)
    for _ in range(10):
        office.deliver(ob_delivery())
    while office.scheduler.run_due():
        pass
    assert office.post.errands.dispatch() == 1
    end = time.monotonic() + 20
    while len(taxonomies.seen) < 10:
        assert time.monotonic() < end
    office.scheduler.stop()
    office.post.store.close()
