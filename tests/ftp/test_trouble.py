"""Disks that are full, files that are gone, databases that are away, servers that share one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.ftp.ledger import Entry, Ledger
from digipoort_sim.ftp.road import aside, courier, inward, issuing, taking
from digipoort_sim.ftp.road.contents import Contents
from digipoort_sim.store.ftp_tables import ftp_files
from tests.ftp.conftest import LOON, NOW, OIN, Door, eventually, loon_name
from tests.ftp.test_completing import put
from tests.ftp.test_delivering import fields
from tests.ftp.test_restart import claimed
from tests.ftp.test_tls import refused


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is tried again soon."""
    monkeypatch.setattr(aside, "_FIRST_SECONDS", 0.05)
    monkeypatch.setattr(courier, "_RETRY_SECONDS", 0.05)


def expect(condition: bool) -> None:
    """Fail unless it is so."""
    assert condition


def another(door: Door) -> Door:
    """The same door, for another account of the party."""
    accounts = Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks)
    other = replace(door)
    other.user, other.password = accounts.add(OIN)
    return other


def test_a_full_disk_delays_the_receipt(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing half is left, others are not held up, and the receipt comes when there is room."""
    client = door.open().login()
    utime = os.utime

    def full(path: Any, *args: Any, **options: Any) -> None:
        if door.user in str(path) and ".part-" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        utime(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", full)
        door.upload(client, loon_name())
        eventually(lambda: expect(caplog.text.count("No space left") >= 2))
        assert list(door.folder("out").iterdir()) == []
        other = another(door)
        session = other.login()
        other.upload(session, loon_name())
        other.wait_for(f"{loon_name()}.status.xml")
        session.close()
    door.wait_for(f"{loon_name()}.status.xml")
    assert len(door.rooms.office.messages()) == 2
    client.quit()


def test_a_file_that_vanished_is_told_to_its_sender(door: Door) -> None:
    """A row whose file is nowhere: an event, and an error file that asks for it again."""
    _, work = claimed(door)
    work.unlink()
    (door.folder("in") / f"{loon_name()}.tmp").unlink()
    door.open()
    fout = fields(door.wait_for(f"{loon_name()}.fout.xml"))
    assert fout["foutcode"] == "ALS400"
    assert door.events("FTP-FILE-LOST")[0].event.code == "ALS400"


def test_files_that_no_row_knows(door: Door) -> None:
    """A second name of a file in /in is removed, a delivery of another database stays and is told of."""
    client = door.open().login()
    put(client, "x.tmp")
    client.quit()
    door.shut()
    folder = door.rooms.settings.state / "ftp-work"
    (folder / "second").hardlink_to(door.folder("in") / "x.tmp")
    (folder / "unknown").write_bytes(LOON)
    door.open()
    assert [path.name for path in folder.iterdir()] == ["unknown"]
    assert "unknown" in door.events("FTP-FILE-UNKNOWN")[0].event.detail


def test_a_disk_that_fails_after_the_second_name(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """451, the file is in /in alone, and no start takes its second name for a delivery that nobody knows."""
    client = door.open().login()
    put(client, f"{loon_name()}.tmp")

    def failing(path: Path) -> None:
        if path.name == "ftp-work":
            raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(taking, "force", failing)
        assert refused(lambda: client.rename(f"/in/{loon_name()}.tmp", f"/in/{loon_name()}")).startswith(
            "451"
        )
    assert list((door.rooms.settings.state / "ftp-work").iterdir()) == []
    client.delete(f"/in/{loon_name()}.tmp")
    client.quit()


def test_a_file_that_is_there_is_not_lost(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something else is gone, such as the folder of payloads, the file waits and is delivered."""
    of, tries = Contents.of, [0]

    def missing(*args: Any) -> Any:
        tries[0] += 1
        if tries[0] == 1:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return of(*args)

    monkeypatch.setattr(Contents, "of", missing)
    client = door.open().login()
    door.upload(client, loon_name())
    door.wait_for(f"{loon_name()}.status.xml")
    assert tries == [2]
    client.quit()


def test_one_bad_file_stops_no_other(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file on which the program stumbles is refused with ALS400; those of the same group are delivered."""
    deliver = inward.delivery_of

    def stumbling(entry: Entry, *rest: Any) -> Any:
        if "bad" in entry.name:
            raise ZeroDivisionError
        return deliver(entry, *rest)

    monkeypatch.setattr(inward, "delivery_of", stumbling)
    monkeypatch.setattr(courier.Courier, "wake", lambda _: None)
    client = door.open().login()
    for reference in ("a", "bad", "c"):
        door.upload(client, loon_name(reference))
    client.quit()
    door.shut()
    door.open()
    assert fields(door.wait_for(f"{loon_name('bad')}.fout.xml"))["foutcode"] == "ALS400"
    for reference in ("a", "c"):
        door.wait_for(f"{loon_name(reference)}.status.xml")
    assert door.events("FTP-TECHNICAL")


@pytest.mark.parametrize("committed", [False, True])
def test_a_database_that_goes_away_at_the_rename(
    door: Door, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """The client gets 451; then the file can be renamed again, or is delivered: never both or neither."""
    claim = Ledger.claim

    def away(ledger: Ledger, entry: Entry, **options: Any) -> None:
        if committed:
            claim(ledger, entry, **options)
        raise TechnicalError("the database does not answer", rule="DATABASE")

    client = door.open().login()
    put(client, f"{loon_name()}.tmp")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "claim", away)
        assert refused(lambda: client.rename(f"/in/{loon_name()}.tmp", f"/in/{loon_name()}")).startswith(
            "451"
        )
    if committed:
        door.wait_for(f"{loon_name()}.status.xml")
        assert refused(lambda: door.upload(client, loon_name())).startswith("553")
    else:
        work = door.rooms.settings.state / "ftp-work"
        eventually(lambda: expect(list(work.iterdir()) == []))
        reply = eventually(lambda: renamed(client))
        assert reply.startswith("250")
        door.wait_for(f"{loon_name()}.status.xml")
    assert len(door.rooms.office.messages()) == 1
    client.quit()


def test_what_a_database_in_trouble_kept_waiting_goes_on_by_itself(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round of the courier that fails is done again, without anybody bringing another file."""
    pending, failed = Ledger.pending, []

    def failing(ledger: Ledger, *args: Any) -> list[Entry]:
        if not failed:
            failed.append(True)
            raise TechnicalError("the database does not answer", rule="DATABASE")
        return pending(ledger, *args)

    client = door.open().login()
    put(client, f"{loon_name()}.tmp")
    monkeypatch.setattr(Ledger, "pending", failing)
    client.rename(f"/in/{loon_name()}.tmp", f"/in/{loon_name()}")
    door.wait_for(f"{loon_name()}.ontvangst.xml")
    assert failed
    client.quit()


def test_a_disk_in_trouble_at_a_rename_stops_no_other_file(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot leave /in after the database came back is delivered all the same, and others too."""
    claim = Ledger.claim

    def away(ledger: Ledger, entry: Entry, **options: Any) -> None:
        claim(ledger, entry, **options)
        raise TechnicalError("the database does not answer", rule="DATABASE")

    def broken(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    client = door.open().login()
    put(client, f"{loon_name()}.tmp")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "claim", away)
        patch.setattr(courier, "leave_in", broken)
        rename = f"/in/{loon_name()}.tmp", f"/in/{loon_name()}"
        assert refused(lambda: client.rename(*rename)).startswith("451")
        door.wait_for(f"{loon_name()}.status.xml")
    door.upload(client, loon_name("other"))
    door.wait_for(f"{loon_name('other')}.status.xml")
    assert len(door.rooms.office.messages()) == 2
    client.quit()


@pytest.mark.parametrize("state", ["receipted", "finished"])
@pytest.mark.parametrize("fails", ["change", "make_durable"])
def test_a_database_that_notes_a_document_and_does_not_say_so(
    door: Door, monkeypatch: pytest.MonkeyPatch, state: str, fails: str
) -> None:
    """The document gets its name soon, not only at the next start."""
    client = door.open().login()
    lost: list[str] = []
    change, make_durable = Ledger.change, Ledger.make_durable

    def changed(ledger: Ledger, changes: Any) -> None:
        change(ledger, changes)
        if not lost and any(values.get("state") == state for _, values in changes):
            lost.append(fails)
            if fails == "change":
                raise TechnicalError("the database does not answer", rule="DATABASE")

    def forced(ledger: Ledger) -> None:
        if lost == ["make_durable"]:
            lost.append("told")
            raise OSError(errno.EIO, "Input/output error")
        make_durable(ledger)

    monkeypatch.setattr(Ledger, "change", changed)
    monkeypatch.setattr(Ledger, "make_durable", forced)
    door.upload(client, loon_name())
    for suffix in ("ontvangst", "status"):
        door.wait_for(f"{loon_name()}.{suffix}.xml")
    assert lost
    client.quit()


def renamed(client: Any) -> str:
    """The reply to the rename; fails as long as the file is busy."""
    try:
        return str(client.rename(f"/in/{loon_name()}.tmp", f"/in/{loon_name()}"))
    except Exception as error:
        raise AssertionError from error


@pytest.fixture
def neighbour(door: Door, tmp_path: Path) -> Iterator[Door]:
    """A door of a second server with a disk of its own on the same database."""
    settings = door.rooms.settings.model_copy(update={"state": tmp_path / "other"})
    neighbour = replace(door, rooms=replace(door.rooms, settings=settings))
    yield neighbour
    neighbour.shut()


def test_servers_that_share_a_database_leave_each_others_files_alone(door: Door, neighbour: Door) -> None:
    """What waits on another disk is neither lost, nor finished, nor answered here, and holds up nothing."""
    claimed(door)
    neighbour.user, neighbour.password = door.user, door.password
    client = neighbour.open().login()
    neighbour.upload(client, loon_name("theirs"))
    neighbour.wait_for(f"{loon_name('theirs')}.status.xml")
    assert refused(lambda: neighbour.upload(client, loon_name())).startswith("553")
    with door.rooms.store.read() as tx:
        state = select(ftp_files.c.state).where(ftp_files.c.name == loon_name())
        assert tx.execute(state).scalar() == "received"
    door.open()
    door.wait_for(f"{loon_name()}.status.xml")
    assert not (neighbour.folder("out") / f"{loon_name()}.ontvangst.xml").exists()
    assert len(door.rooms.office.messages()) == 2
    client.close()


def test_news_of_another_servers_files_waits_for_it(
    door: Door, neighbour: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of notices that are not for this server stay, and do not keep it from its own."""
    with monkeypatch.context() as patch:
        patch.setattr(courier.Courier, "_bring_news", lambda _: None)
        client = door.open().login()
        for number in range(3):
            door.upload(client, loon_name(f"k{number}"))
        client.close()
        eventually(lambda: expect(len(door.rooms.office.notices("ftp", 10)) == 3))
        door.shut()
    names = {f"{loon_name(f'k{number}')}.status.xml" for number in range(3)}
    with monkeypatch.context() as patch:
        patch.setattr(courier, "_NOTICES", 1)
        neighbour.user, neighbour.password = door.user, door.password
        client = neighbour.open().login()
        neighbour.upload(client, loon_name("theirs"))
        neighbour.wait_for(f"{loon_name('theirs')}.status.xml")
        client.close()
        neighbour.shut()
    assert len(door.rooms.office.notices("ftp", 10)) == 3
    door.open()
    eventually(lambda: expect(names <= {path.name for path in door.folder("out").iterdir()}))


def test_who_brings_very_many_files_keeps_nobody_waiting(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a start with hundreds of one account's files, another account's file is among the first."""
    order: list[str] = []
    deliver = inward.delivery_of

    def watched(entry: Entry, *rest: Any) -> Any:
        order.append(entry.user)
        return deliver(entry, *rest)

    monkeypatch.setattr(inward, "delivery_of", watched)
    monkeypatch.setattr(courier, "_FILES", 16)
    entry, work = claimed(door)
    work.unlink()
    (door.folder("in") / f"{loon_name()}.tmp").rename(work.with_name("file"))
    ledger = Ledger(door.rooms.store, (door.rooms.settings.state / "ftp-place").read_text())
    other = another(door)
    for number in range(100):
        user = other.user if number == 99 else door.user
        name = loon_name(f"k{number}")
        work.with_name(f"w{number}").hardlink_to(work.with_name("file"))
        received = NOW + timedelta(seconds=number)
        values = {"user": user, "name": name, "work": f"w{number}", "received": received}
        ledger.claim(replace(entry, source="gone", **values))
    door.open()
    eventually(lambda: expect(order.count(door.user) == 99))
    assert order.index(other.user) < 5
    eventually(lambda: expect(len(list(other.folder("out").iterdir())) == 2))


def test_news_waits_for_the_receipt(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status file of a fast message is never there before its receipt."""
    seen: list[str] = []
    publish = issuing.publish_document

    def watched(folder: Path, name: str) -> None:
        seen.append(name)
        publish(folder, name)

    monkeypatch.setattr(issuing, "publish_document", watched)
    client = door.open().login()
    door.upload(client, loon_name())
    door.wait_for(f"{loon_name()}.status.xml")
    assert seen == [f"{loon_name()}.ontvangst.xml", f"{loon_name()}.status.xml"]
    client.quit()
