"""Moving the clock over many due dates at once is the same as letting time pass."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from digipoort_sim.clock import epoch_milliseconds
from digipoort_sim.config import RegisterSettings, Settings
from digipoort_sim.exchange import leaps, read_clock
from digipoort_sim.exchange.clockrow import write_clock
from digipoort_sim.exchange.leaps import Leaps
from digipoort_sim.exchange.mandates import MandateDesk
from digipoort_sim.ids import SeededIds
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import jobs
from digipoort_sim.store.register_tables import mandates
from tests.exchange.office import Office, any_delivery, open_office
from tests.exchange.population import everything, populate

_MANDATES = 60
_DAYS = 800


class _KilledError(BaseException):
    """The process ends here: nobody catches this, and what was not committed is gone."""


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What 800 days come to when every due date is done by itself, in the ordinary way."""
    file = tmp_path_factory.mktemp("slow") / "slow.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Leaps, "leap", lambda self, clock, target: 0)
        return _after(file, lambda office: office.advance(days=_DAYS))


def _open(store: Store, seed: str = "tests") -> Office:
    """An office whose register has a row of ids of its own: codes and mandates are the same every time."""
    settings = Settings(state=Path("/nowhere"), register=RegisterSettings(mau=True))
    office = open_office(store, seed=seed, settings=settings)
    office.register._ids = SeededIds("register")
    return office


def _after(file: Path, pass_time: Callable[[Office], None]) -> dict[str, list[Any]]:
    store = Store.open(f"sqlite:///{file}")
    office = _open(store)
    populate(office, _MANDATES)
    pass_time(office)
    found = everything(store)
    store.close()
    return found


def test_there_are_contested_and_extended_years(one_by_one: dict[str, list[Any]]) -> None:
    """What is compared here has years that the older scheme extends, and years that two parties want."""
    rows = [dict(zip(mandates.c.keys(), row, strict=True)) for row in one_by_one["mandates"]]
    code_of = {row["id"]: row["code"] for row in rows}
    assert {code_of[row["herkomst"]] for row in rows if row["herkomst"]} > {"SBA_IB", "DM_IB"}
    active = Counter(
        row["id_vertegenwoordigde"] for row in rows if row["code"] == "DM_IB" and row["toestand"] == "ACTIEF"
    )
    assert 2 in active.values()


def _same(found: dict[str, list[Any]], expected: dict[str, list[Any]]) -> None:
    for name, rows in expected.items():
        assert found[name] == rows, name


@pytest.mark.parametrize("rows", [3, 7, 400])
def test_at_once_is_as_one_by_one(
    one_by_one: dict[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """However many due dates a leap takes, mandates, letters, history, events and messages are the same."""
    monkeypatch.setattr(leaps, "_ROWS", rows)
    _same(_after(tmp_path / "fast.sqlite3", lambda office: office.advance(days=_DAYS)), one_by_one)


def test_in_steps_is_as_one_by_one(one_by_one: dict[str, list[Any]], tmp_path: Path) -> None:
    """Steps of any size come to the same as one step over all of them."""

    def pass_time(office: Office) -> None:
        chance, left = random.Random(4), _DAYS * 86_400_000
        while left:
            step = min(left, chance.randrange(40 * 86_400_000))
            office.advance(milliseconds=step)
            left -= step

    _same(_after(tmp_path / "steps.sqlite3", pass_time), one_by_one)


def test_on_postgresql_it_is_the_same(one_by_one: dict[str, list[Any]], postgres_url: str) -> None:
    """PostgreSQL comes to the same rows as SQLite."""
    store = Store.open(postgres_url)
    office = _open(store)
    populate(office, _MANDATES)
    office.advance(days=_DAYS)
    _same(everything(store), one_by_one)
    store.close()


def test_killed_on_the_way(
    one_by_one: dict[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies again and again in the middle of a leap loses nothing and does nothing twice."""
    monkeypatch.setattr(leaps, "_ROWS", 25)
    store = Store.open(f"sqlite:///{tmp_path / 'killed.sqlite3'}")
    office = _open(store)
    populate(office, _MANDATES)
    target = office.clock.now() + timedelta(days=_DAYS)
    deaths = 0
    for countdown in range(11, 1000, 17):
        ids = office.register._ids._random  # type: ignore[attr-defined]
        with monkeypatch.context() as patch:
            patch.setattr(MandateDesk, "step", _dying(MandateDesk.step, countdown))
            patch.setattr(Leaps, "_make", _rewinding(Leaps._make, ids))
            try:
                office.scheduler.advance(target)
                break
            except _KilledError:
                deaths += 1
        office = _reopened(store, ids.getstate(), f"after {deaths} deaths")
    assert deaths > 5
    _same(everything(store), one_by_one)
    store.close()


def _dying(step: Any, countdown: int) -> Any:
    left = iter(range(countdown))

    def dying(self: Any, *arguments: Any) -> None:
        if next(left, None) is None:
            raise _KilledError
        step(self, *arguments)

    return dying


def _rewinding(make: Any, ids: random.Random) -> Any:
    """What is rolled back has drawn from the row of ids; it is set back, so that both rows are the same."""

    def rewinding(self: Any, *arguments: Any) -> Any:
        state = ids.getstate()
        try:
            return make(self, *arguments)
        except BaseException:
            ids.setstate(state)
            raise

    return rewinding


def _reopened(store: Store, state: Any, seed: str) -> Office:
    reading = read_clock(store)
    office = _open(store, seed)
    with store.begin() as tx:
        write_clock(tx, reading)
    office.clock.adopt(reading)
    office.register._ids._random.setstate(state)  # type: ignore[attr-defined]
    return office


def test_other_jobs_have_their_turn(office: Office) -> None:
    """A message whose next step falls due between due dates of the register is done at its own moment."""
    populate(office, 12)
    start = office.clock.now()
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.advance(days=100)
    last = office.statuses(kenmerk)[-1]
    assert last.statuscode == "500"
    assert last.tijdstempel_status - start < timedelta(seconds=1)


def test_what_fails_is_left_to_the_ordinary_way(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """One due date that fails is put off with an event; all others are done at their moments."""
    populate(office, 30)
    with office.post.store.read() as tx:
        dues = tx.execute(select(jobs.c.subject, jobs.c.due).order_by(jobs.c.due)).all()
    bad = dues[4].subject
    step = MandateDesk.step

    def failing(self: Any, tx: Any, job: Any, *rest: Any) -> None:
        if job.subject == bad:
            raise RuntimeError("this one cannot be done")
        step(self, tx, job, *rest)

    monkeypatch.setattr(MandateDesk, "step", failing)
    office.advance(days=30)
    failed = office.post.events(kind="job-failed")
    assert [bad in event.event.detail for event in failed] == [True]
    until = epoch_milliseconds(office.clock.now())
    with office.post.store.read() as tx:
        left = tx.execute(select(jobs.c.subject, jobs.c.due).where(jobs.c.subject != bad)).all()
        put_off = tx.execute(select(jobs.c.attempts).where(jobs.c.subject == bad)).scalars().all()
    assert min(row.due for row in left) > until
    assert max(put_off) > 3


def test_another_process_may_move_the_clock_too(office: Office) -> None:
    """Two schedulers that move the clock at a time do every due date once."""
    populate(office, 30)
    target = office.clock.now() + timedelta(days=400)
    other = leaps.Leaps(office.post.store, office.post.runner.jobs, office.post.desk)
    milliseconds = round(target.timestamp() * 1000)
    for _ in _alternating(other, office, milliseconds):
        pass
    office.scheduler.advance(target)
    found = everything(office.post.store)
    letters = [row[2] for row in found["letters"]]
    assert len(letters) == len(set(letters))
    sent = [(row[1], row[4]) for row in found["history"] if row[4] != "wrong-code"]
    assert len(sent) == len(set(sent))


def _alternating(other: Leaps, office: Office, target: int) -> Iterator[int]:
    mine = leaps.Leaps(office.post.store, office.post.runner.jobs, office.post.desk)
    while done := other.leap(office.clock, target) + mine.leap(office.clock, target):
        yield done


def test_an_idle_register_does_nothing(office: Office) -> None:
    """While nothing is due, one look at the due table is all; an hour that passes writes the clock only."""
    populate(office, 20)
    office.scheduler.drain()
    seen: list[str] = []

    def keep(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement != "BEGIN":
            seen.append(statement)

    event.listen(office.post.store._engine, "before_cursor_execute", keep)
    assert office.scheduler.run_due() == 0
    assert [statement.split("\n")[0] for statement in seen] == ["SELECT jobs.id "]
    seen.clear()
    office.advance(milliseconds=1)
    assert {statement.split()[1] for statement in seen if not statement.startswith("SELECT")} == {"clock"}
