"""A process that dies between any two steps of a file's road loses nothing and doubles nothing."""

from __future__ import annotations

import contextlib
import ftplib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from digipoort_sim.config import Settings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange import PostOffice
from digipoort_sim.ftp.ledger import Ledger
from digipoort_sim.ftp.road import courier, issuing, resuming, taking
from digipoort_sim.store.ftp_tables import ftp_files
from tests.ftp.conftest import LOON, Door, eventually, loon_name
from tests.ftp.test_restart import claimed
from tests.ftp.test_tls import refused

_STEPS: tuple[tuple[Any, str], ...] = (
    (taking, "_link"),
    (Ledger, "claim"),
    (Ledger, "make_durable"),
    (taking, "leave_in"),
    (PostOffice, "accept_all"),
    (Ledger, "change"),
    (issuing, "begin_document"),
    (issuing, "prepare_document"),
    (issuing, "publish_document"),
    (PostOffice, "notices_done"),
)


class Killed(BaseException):
    """Nothing catches it: what comes after does not happen."""


class Killer:
    """Goes through all steps of the road and dies after one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int) -> None:
        self._left = at
        self.where = ""
        for owner, name in _STEPS:
            patch.setattr(owner, name, self._watched(name, getattr(owner, name)))

    def _watched(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **options: Any) -> Any:
            if args[1:] == ([],):  # nothing to write
                return step(*args, **options)
            if self.where:
                raise Killed
            outcome = step(*args, **options)
            self._left -= 1
            if self._left < 0:
                self.where = name
                raise Killed
            return outcome

        return watched


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Once on SQLite and once on PostgreSQL."""
    return Settings(state=tmp_path / "state", ftp_port=0, database_url=database_url)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_crash_at_any_point_loses_and_doubles_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the point: one message, one receipt, one status; what its owner has removed stays away."""
    passed = []
    for number in range(100):
        name = loon_name(f"k{number}")
        with monkeypatch.context() as patch:
            killer = Killer(patch, number)
            delivers_until_killed(door, name, killer)
        seen = {path.name for path in door.folder("out").iterdir() if path.name.startswith(name)}
        for one in seen:
            (door.folder("out") / one).unlink()
        finish(door, name)
        found = {path.name for path in door.folder("out").iterdir() if name in path.name}
        assert found == {f"{name}.ontvangst.xml", f"{name}.status.xml"} - seen, killer.where
        assert len(door.rooms.office.messages(aanleverkenmerk=f"k{number}")) == 1, killer.where
        if not killer.where:
            break
        passed.append(killer.where)
    assert set(passed) == {name for _, name in _STEPS}
    assert passed.count("change") == 3
    assert list((door.rooms.settings.state / "ftp-work").iterdir()) == []


def delivers_until_killed(door: Door, name: str, killer: Killer) -> None:
    """Deliver a file; the process dies somewhere on its road, or not at all any more."""
    client = door.open().login()
    client.storbinary(f"STOR /in/{name}.tmp", io.BytesIO(LOON))
    with contextlib.suppress(ftplib.Error):
        client.rename(f"/in/{name}.tmp", f"/in/{name}")
    eventually(lambda: expect(bool(killer.where) or is_finished(door, name)))
    client.close()
    door.shut()


def finish(door: Door, name: str) -> None:
    """Start again, and do what a client does that had no reply: rename again if the file is still there."""
    door.open()
    if list(door.folder("in").iterdir()):
        client = door.login()
        assert client.rename(f"/in/{name}.tmp", f"/in/{name}").startswith("250")
        client.quit()
    eventually(lambda: expect(is_finished(door, name)))
    door.shut()


def is_finished(door: Door, name: str) -> bool:
    """Whether nothing will come any more for a file."""
    with door.rooms.store.read() as tx:
        state = tx.execute(select(ftp_files.c.state).where(ftp_files.c.name == name)).scalar()
    return state == "finished" and door.rooms.office.notices("ftp", 1) == []


def expect(condition: bool) -> None:
    """Fail unless it is so."""
    assert condition


def test_what_is_told_is_on_the_disk_first(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, second name and row are forced onto the disk before /in lets go; documents before their names."""
    order: list[str] = []

    def watch(owner: Any, name: str, path_of: int | None = None) -> None:
        step = getattr(owner, name)

        def watched(*args: Any, **options: Any) -> Any:
            order.append(name if path_of is None else f"{name} {Path(args[path_of]).name}")
            return step(*args, **options)

        monkeypatch.setattr(owner, name, watched)

    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    for owner in (taking, issuing):
        watch(owner, "force", 0)
    watch(os, "link", 0)
    for owner, name in _STEPS[1:]:
        if name != "notices_done":
            watch(owner, name)
    client.rename("/in/x.tmp", f"/in/{loon_name()}")
    door.wait_for(f"{loon_name()}.status.xml")
    client.quit()
    door.shut()
    issue = ["begin_document", "prepare_document", "force out", "change", "make_durable"]
    assert order == [
        *("force x.tmp", "link x.tmp", "force ftp-work", "claim", "make_durable", "leave_in", "force in"),
        *("accept_all", "change"),
        *(*issue, "publish_document", "force out"),
        *(*issue, "publish_document", "force out"),
    ]


def watched_steps(patch: pytest.MonkeyPatch, *steps: tuple[Any, str]) -> list[str]:
    """The names of these steps, in the order in which they are done from now on."""
    order: list[str] = []

    def watched(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def done(*args: Any, **options: Any) -> Any:
            order.append(name)
            return step(*args, **options)

        return done

    for owner, name in steps:
        patch.setattr(owner, name, watched(name, getattr(owner, name)))
    return order


def test_a_row_is_on_the_disk_before_the_next_start_lets_go(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash may have come between claim and disk: the rows are forced before files leave /in."""
    claimed(door)
    order = watched_steps(monkeypatch, (Ledger, "make_durable"), (resuming, "leave_in"))
    door.open()
    door.wait_for(f"{loon_name()}.status.xml")
    assert order[:2] == ["make_durable", "leave_in"]


def test_a_claim_that_was_not_answered_is_on_the_disk_before_in_lets_go(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database took the row and went away: 451, then the row is forced, then the file leaves /in."""
    claim = Ledger.claim

    def unanswered(*args: Any, **options: Any) -> None:
        claim(*args, **options)
        raise TechnicalError("the database does not answer", rule="DATABASE")

    client = door.open().login()
    client.storbinary("STOR /in/x.tmp", io.BytesIO(LOON))
    monkeypatch.setattr(Ledger, "claim", unanswered)
    order = watched_steps(monkeypatch, (Ledger, "make_durable"), (courier, "leave_in"))
    assert refused(lambda: client.rename("/in/x.tmp", f"/in/{loon_name()}")).startswith("451")
    door.wait_for(f"{loon_name()}.status.xml")
    assert order[:2] == ["make_durable", "leave_in"]
    assert client.nlst("/in") == []
    client.quit()
