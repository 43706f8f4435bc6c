"""A crash at any point between the rename and the receipt neither loses nor doubles a delivery."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from digipoort_sim.errors import TechnicalError
from digipoort_sim.ftp.folders import Homes
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.place import place_of
from digipoort_sim.ftp.road import courier
from digipoort_sim.store.exchange_tables import notices
from digipoort_sim.store.ftp_tables import ftp_files
from tests.ftp.conftest import LOON, NOW, OIN, Door, eventually, loon_name


def claimed(door: Door, *, linked: bool = True) -> tuple[Entry, Path]:
    """A row as it is written just before the file leaves /in; the file is in /in and is being processed."""
    client = door.open().login()
    client.storbinary(f"STOR /in/{loon_name()}.tmp", io.BytesIO(LOON))
    client.quit()
    door.shut()
    entry = Entry(
        interface="ftp",
        user=door.user,
        name=loon_name(),
        source=f"{loon_name()}.tmp",
        work="0" * 32,
        oin=OIN,
        certificate=hashlib.sha256(b"certificate").hexdigest(),
        received=NOW,
    )
    state = door.rooms.settings.state
    work = Homes(state, "ftp").work / entry.work
    if linked:
        work.hardlink_to(door.folder("in") / entry.source)
    ledger = Ledger(door.rooms.store, place_of(state, door.rooms.ids))
    ledger.claim(entry)
    return entry, work


def test_a_row_without_a_file_gives_the_name_back(door: Door) -> None:
    """As the last release left it: the file is still in /in and can be renamed again."""
    claimed(door, linked=False)
    client = door.open().login()
    eventually(lambda: expect_row(door, None))
    assert client.rename(f"/in/{loon_name()}.tmp", f"/in/{loon_name()}").startswith("250")
    door.wait_for(f"{loon_name()}.status.xml")
    assert len(door.rooms.office.messages()) == 1
    client.quit()


def test_a_crash_after_the_claim_delivers_the_file(door: Door) -> None:
    """The file leaves /in at the next start; who renames again is told that there is none."""
    claimed(door)
    client = door.open().login()
    assert client.nlst("/in") == []
    door.wait_for(f"{loon_name()}.status.xml")
    assert len(door.rooms.office.messages()) == 1
    client.quit()


def test_a_file_that_the_last_release_accepted_is_not_accepted_again(door: Door) -> None:
    """A row of before has no place; its file has the MessageID that it had, so a second time is a replay."""
    _, work = claimed(door)
    with door.rooms.store.begin() as tx:
        tx.execute(update(ftp_files).values(place=None))
    door.open()
    door.wait_for(f"{loon_name()}.status.xml")
    door.shut()
    (message,) = door.rooms.office.messages()
    old = f"ftp:{door.user}:{loon_name()}"
    assert door.rooms.office.message(message.kenmerk).berichtkenmerk == old
    work.write_bytes(LOON)
    with door.rooms.store.begin() as tx:
        tx.execute(update(ftp_files).values(state="received", kenmerk=None, accepted=None))
    door.open()
    eventually(lambda: expect_row(door, "receipted"))
    assert len(door.rooms.office.messages()) == 1


@pytest.mark.parametrize("state", ["received", "accepted", "receipted"])
def test_a_crash_at_any_later_point_repeats_the_rest(door: Door, state: str) -> None:
    """Accepted but not noted, noted but no receipt, receipt but no status: one delivery, all its files."""
    _, work = claimed(door)
    door.open()
    door.wait_for(f"{loon_name()}.status.xml")
    eventually(lambda: expect_row(door, "finished"))
    door.shut()
    kenmerk = door.rooms.office.messages()[0].kenmerk
    for path in door.folder("out").iterdir():
        path.unlink()
    assert not work.exists()
    work.write_bytes(LOON)
    with door.rooms.store.begin() as tx:
        tx.execute(update(ftp_files).values(state=state))
        if state == "received":
            tx.execute(update(ftp_files).values(kenmerk=None, accepted=None))
        tx.execute(delete(notices))
    door.open()
    if state != "receipted":
        assert kenmerk in door.wait_for(f"{loon_name()}.ontvangst.xml").decode()
        eventually(lambda: expect_row(door, "receipted"))
    assert [one.kenmerk for one in door.rooms.office.messages()] == [kenmerk]


def expect_row(door: Door, state: str | None) -> None:
    """Fail as long as the file is not in this state (None: not known)."""
    with door.rooms.store.read() as tx:
        assert tx.execute(select(ftp_files.c.state)).scalar() == state


def test_news_that_comes_twice_is_written_once(door: Door) -> None:
    """A notice that is given again after a crash is taken without writing the status anew."""
    client = door.open().login()
    door.upload(client, loon_name())
    door.wait_for(f"{loon_name()}.status.xml")
    client.delete(f"/out/{loon_name()}.status.xml")
    door.shut()
    with door.rooms.store.begin() as tx:
        row = {"door": "ftp", "message_id": 1, "position": 0, "reference": f"{door.user}/{loon_name()}"}
        tx.execute(notices.insert().values(**row))
    door.open()
    eventually(lambda: expect_no_notice(door))
    assert not (door.folder("out") / f"{loon_name()}.status.xml").exists()
    client.close()


def expect_no_notice(door: Door) -> None:
    """Fail as long as the post office has news for the door."""
    assert door.rooms.office.notices("ftp", 10) == []


def test_a_database_that_is_away_is_one_line_for_the_courier(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The courier tries again later, writes one line and no traceback, and delivers when it is back."""

    def away(*_: object) -> None:
        raise TechnicalError("the database does not answer: gone\nfor long")

    monkeypatch.setattr(courier, "_RETRY_SECONDS", 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(courier.Courier, "tick", away)
        door.open()
        eventually(lambda: expect(len(caplog.records) >= 3))
    client = door.login()
    client.storbinary(f"STOR /in/{loon_name()}.tmp", io.BytesIO(LOON))
    client.rename(f"/in/{loon_name()}.tmp", f"/in/{loon_name()}")
    door.wait_for(f"{loon_name()}.status.xml")
    client.quit()
    lines = [record for record in caplog.records if record.name == courier.__name__]
    assert {line.getMessage() for line in lines} == {
        "the file door's courier will try again: the database does not answer: gone"
    }
    assert all(line.exc_info is None for line in lines)


def expect(condition: bool) -> None:
    """Fail unless it is so."""
    assert condition
