"""Files that wait: whatever looks at them in between, each is tried again when its time has come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.ftp.road import aside
from digipoort_sim.ftp.road.aside import Aside
from tests.ftp.conftest import NOW, OIN, eventually


def entry(work: str) -> Entry:
    """A file."""
    return Entry("ftp", "u", "n", "s", work, OIN, "0" * 64, NOW)


def test_who_looks_at_the_list_does_not_make_it_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose time comes between two looks is due once, and then no more."""
    monkeypatch.setattr(aside, "_FIRST_SECONDS", 0.02)
    files = Aside()
    files.put(entry("a"), OSError("full"))
    assert set(files.waiting()) == {"a"}
    assert not files.is_due()
    eventually(lambda: expect_none(files))
    assert files.is_due()
    assert not files.is_due()


def expect_none(files: Aside) -> None:
    """Fail as long as a file waits."""
    assert not files.waiting()


def test_there_is_an_end_to_being_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Very many files that wait stop the trying of others only until their time has come."""
    monkeypatch.setattr(aside, "_FIRST_SECONDS", 0.02)
    monkeypatch.setattr(aside, "_MOST", 3)
    files = Aside()
    for work in "abc":
        files.put(entry(work), OSError("full"))
    assert files.is_full
    eventually(lambda: expect_none(files))
    assert not files.is_full
    assert files.is_due()


def test_each_time_it_waits_longer(caplog: pytest.LogCaptureFixture) -> None:
    """The pause doubles up to a minute, and begins anew when the file has gone on."""
    files = Aside()
    for _ in range(7):
        files.put(entry("a"), OSError("full"))
    files.take(entry("a"))
    files.put(entry("a"), OSError("full"))
    pauses = [record.args[1] for record in caplog.records if isinstance(record.args, tuple)]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 2]


def test_threads_may_put_files_aside_while_another_looks() -> None:
    """Large files are read in other threads, and those may find the disk in trouble."""
    files = Aside()
    works = [f"{letter}{number}" for letter in "abcd" for number in range(2000)]

    def put(some: list[str]) -> None:
        for work in some:
            files.put(entry(work), OSError("full"))

    with ThreadPoolExecutor(4) as pool:
        putting = [pool.submit(put, works[start::4]) for start in range(4)]
        while not all(one.done() for one in putting):
            files.waiting()
    assert set(files.waiting()) == set(works)
