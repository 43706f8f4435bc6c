"""Mededelingen and kennisgevingen in ``/out``: to whom, which, and once."""

from __future__ import annotations

import errno
import hashlib
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from digipoort_sim.exchange.outgoing import LANES, OutgoingDesk
from digipoort_sim.exchange.values import Content
from digipoort_sim.exchange.wants import NOTHING, parse
from digipoort_sim.ftp.outbox import messages as module
from digipoort_sim.ftp.outbox.files import MessageFiles
from digipoort_sim.store import Store
from tests.exchange.office import ALWAYS, ANN, BOB, CLIENT
from tests.ftp.messages import SUFFIX, Scene
from tests.postgres import database_url, new_name, postgres_server, postgres_url

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts are looked at in every tick."""
    monkeypatch.setattr(module, "_ACCOUNTS_SECONDS", 0.0)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """All of it, on SQLite, with an active mandate of Ann's."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    yield active(Scene.open(store, tmp_path / "state"))
    store.close()


def active(scene: Scene) -> Scene:
    """A scene with a mandate that is active."""
    scene.mandate()
    scene.office.advance(days=41)
    return scene


def test_accounts_are_given_what_they_want_of_what_their_party_may_fetch(
    database_url: str, tmp_path: Path
) -> None:
    """Service messages come as mededelingen, overviews as kennisgevingen, to those who want them; the files
    are those of the ophaalservice, which gives them as new all the same.
    """
    store = Store.open(database_url)
    scene = active(Scene.open(store, tmp_path / "state"))
    scene.ask_for_overview()
    both, news, one, none, stranger = (
        scene.account(wants) for wants in ("all", "kennisgevingen", "SBA_IB", "none", "all")
    )
    stranger = scene.account("all", BOB)
    put = scene.put()
    scene.tick()
    office = scene.office
    listed = {line.kenmerk for line in office.post.berichten_lijst(office.call(), None, ALWAYS, nieuw=True)}
    assert put in listed
    assert set(scene.given(both)) == listed
    by_kind = {kenmerk: fields["soort"] for kenmerk, fields in scene.given(both).items()}
    overview = next(key for key, fields in scene.given(both).items() if fields["soort"] == "kennisgeving")
    assert scene.given(both)[overview]["berichtsoort"] == "MachtigingOverzicht"
    assert set(scene.given(news)) == {overview}
    assert set(scene.given(one)) == listed - {overview}
    assert {by_kind[kenmerk] for kenmerk in scene.given(one)} == {"mededeling"}
    assert scene.names(none) == scene.names(stranger) == []
    for bericht in office.post.berichten(office.call(), "SBA_IB", CLIENT, ALWAYS, nieuw=True):
        fields = scene.given(both)[bericht.kenmerk]
        content = (scene.out(both) / fields["naam"]).read_bytes()
        assert content == bericht.inhoud.inhoud
        assert fields["naam"] == f"SBA_IB_{bericht.kenmerk}.{bericht.inhoud.bestandsnaam.rpartition('.')[2]}"
        assert (fields["sha256"], int(fields["grootte"])) == (
            hashlib.sha256(content).hexdigest(),
            len(content),
        )
        assert (fields["nummer"], fields["type"]) == (CLIENT.nummer, CLIENT.type)
        assert (fields["mimeType"], fields["bestandsnaam"]) == (
            bericht.inhoud.mime_type,
            bericht.inhoud.bestandsnaam,
        )
    store.close()


def test_a_message_that_was_deleted_never_comes_back(scene: Scene) -> None:
    """What a client has removed stays away, also after a restart and where everything is walked again."""
    user = scene.account()
    scene.put()
    scene.tick()
    assert scene.names(user)
    for name in scene.names(user):
        (scene.out(user) / name).unlink()
    scene.restart()
    scene.mandate("SBT_2026")
    scene.tick()
    assert scene.names(user) == []


def test_the_mandate_decides_at_every_moment(tmp_path: Path) -> None:
    """A message that was there before its mandate comes when that is active, and none after a revocation."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    scene = Scene.open(store, tmp_path / "state")
    user = scene.account("SBA_IB")
    early, mandate = scene.put(), scene.mandate()
    scene.tick()
    assert scene.names(user) == []
    scene.office.advance(days=41)
    scene.tick()
    before = set(scene.given(user))
    assert early in before
    scene.office.post.mandates.revoke(mandate, "vertegenwoordigde")
    scene.put()
    scene.tick()
    assert set(scene.given(user)) == before
    other = scene.account("all")
    scene.tick()
    assert scene.names(other) == []
    store.close()


def test_a_mandate_that_is_revoked_while_files_are_prepared_gives_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Openness is looked at once more when the message is marked; hidden files go away."""
    user, real = scene.account(), OutgoingDesk.give
    scene.put()
    with scene.office.post.store.read() as tx:
        mandate = scene.office.register.mandates(tx, gemachtigde=ANN.oin)[0].id

    def revoke_first(desk: OutgoingDesk, *given: Any) -> set[int]:
        monkeypatch.setattr(OutgoingDesk, "give", real)
        scene.office.post.mandates.revoke(mandate, "vertegenwoordigde")
        return real(desk, *given)

    monkeypatch.setattr(OutgoingDesk, "give", revoke_first)
    scene.tick()
    assert scene.names(user) == []


def test_a_message_of_tomorrow_comes_tomorrow(scene: Scene) -> None:
    """What a tester puts in for later is delivered when the clock has come there."""
    user = scene.account()
    kenmerk = scene.put(at=scene.office.clock.now() + timedelta(days=1))
    scene.tick()
    assert kenmerk not in scene.given(user)
    scene.office.advance(hours=23)
    scene.tick()
    assert kenmerk not in scene.given(user)
    scene.office.advance(hours=1)
    scene.tick()
    assert kenmerk in scene.given(user)


def test_an_account_says_in_whose_out_folder_and_may_change_its_mind(scene: Scene) -> None:
    """Messages go to the interface that the account names; who wants more later gets what is open then."""
    large, later = scene.account("all", interface="ftp_gb"), scene.account("none")
    kenmerk = scene.put()
    scene.tick()
    assert kenmerk in scene.given(large, "ftp_gb")
    assert scene.names(large) == scene.names(later) == []
    scene.accounts.change(later, wants=parse("mededelingen", "ftp", scene.catalogue))
    scene.tick()
    assert kenmerk in scene.given(later)
    scene.accounts.change(later, wants=NOTHING)
    scene.put()
    before = scene.names(later)
    scene.tick()
    assert scene.names(later) == before


def test_an_account_gets_its_messages_at_the_server_where_it_logs_in(scene: Scene) -> None:
    """Of several servers that share a database only that one delivers; before the first login any may."""
    user = scene.account("SBA_IB")
    scene.accounts.note_place(scene.accounts.show(user), "elsewhere")
    kenmerk = scene.put()
    scene.tick()
    assert scene.names(user) == []
    scene.accounts.note_place(scene.accounts.show(user), "here")
    scene.tick()
    assert kenmerk in scene.given(user)


def test_a_full_folder_stops_messages_until_there_is_room(tmp_path: Path) -> None:
    """Beyond the profile's limit an event says that messages wait; they go on when files are deleted."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    scene = active(Scene.open(store, tmp_path / "state", max_out_files=4))
    user = scene.account("SBA_IB")
    for number in range(5):
        scene.put(f"<eigen nr='{number}'/>")
    seen: set[str] = set()
    while True:
        scene.tick()
        names = scene.names(user)
        assert len(names) <= 4
        if not names:
            break
        assert not seen & set(names)
        seen |= set(names)
        for name in names:
            (scene.out(user) / name).unlink()
    office = scene.office
    listed = office.post.berichten_lijst(office.call(), "SBA_IB", ALWAYS, nieuw=False)
    assert len(seen) == 2 * len(listed)
    told = [one.event for one in office.post.events() if one.event.rule == "FTP-OUT-FULL"]
    assert len(told) == 1
    assert (told[0].oin, user in told[0].detail) == (ANN.oin, True)
    store.close()


def test_a_large_message_goes_by_without_being_held_in_memory(scene: Scene) -> None:
    """A content above what the ophaalservice gives is handed out, piece by piece."""
    user = scene.account("SBA_IB")
    scene.tick()
    size, digest = 24 * 1024 * 1024, hashlib.sha256()
    with scene.office.post.payloads.writing("large") as writing:
        for number in range(24):
            piece = bytes([number]) * (1024 * 1024)
            writing.write(piece)
            digest.update(piece)
    payload = scene.office.post.payloads.at("large", size, writing.sha256)
    kenmerk = scene.put(content=Content("text/xml", "groot.xml", b"", payload))
    tracemalloc.start()
    scene.tick()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    fields = scene.given(user)[kenmerk]
    assert (int(fields["grootte"]), fields["sha256"]) == (size, digest.hexdigest())
    assert (scene.out(user) / fields["naam"]).stat().st_size == size
    assert peak < 8 * 1024 * 1024


def test_nothing_is_asked_but_what_is_newest_while_nothing_changes(scene: Scene) -> None:
    """An idle tick is three small queries, however many messages and accounts there are."""
    for _ in range(3):
        scene.account()
    for number in range(30):
        scene.put(f"<eigen nr='{number}'/>")
    scene.tick(40)
    asked: list[str] = []

    def keep(conn: Any, cursor: Any, statement: str, *more: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    engine = scene.office.post.store._engine
    event.listen(engine, "before_cursor_execute", keep)
    scene.tick(1)
    event.remove(engine, "before_cursor_execute", keep)
    assert len(asked) == 3
    assert all("max(" in statement or "ftp_accounts" in statement for statement in asked)


def test_a_step_looks_at_a_bounded_portion_and_walks_goes_on_behind_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many messages there are, each look is limited, and all are come by."""
    looks: list[int] = []
    real = OutgoingDesk.walk

    def counted(desk: OutgoingDesk, *given: Any) -> Any:
        looks.append(given[-1])
        return real(desk, *given)

    monkeypatch.setattr(OutgoingDesk, "walk", counted)
    monkeypatch.setattr(module, "_ROWS", 7)
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    user = scene.account()
    kenmerken = {scene.put(f"<eigen nr='{number}'/>") for number in range(25)}
    scene.tick(30)
    assert set(looks) == {7}
    assert kenmerken <= set(scene.given(user))
    assert len(LANES) == 2


class Killed(BaseException):
    """The process was killed here."""


STEPS: dict[str, tuple[Any, str, bool, int]] = {
    "the content is written": (MessageFiles, "_document", False, 0),
    "both are written": (OutgoingDesk, "give", False, 0),
    "the mark is committed": (OutgoingDesk, "give", True, 0),
    "the content has its name": (Path, "replace", True, 1),
    "both have their names": (Path, "replace", True, 2),
}
"""What is called there, whether it is done before the end, and how many names are given by then."""


def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at any point and started again, the account has the message once; nothing hidden is left."""
    store = Store.open(database_url)
    scene = active(Scene.open(store, tmp_path / "state"))
    user = scene.account("SBA_IB")
    scene.tick()
    for step, (owner, what, is_done, count) in STEPS.items():
        kenmerk = scene.put()
        name = f"SBA_IB_{kenmerk}.xml"
        with monkeypatch.context() as patched:
            _kill_at(patched, owner, what, is_done, count)
            with pytest.raises(Killed):
                scene.tick()
        seen = [one for one in scene.names(user) if kenmerk in one and not one.startswith(".")]
        assert seen == [name, f"{name}{SUFFIX}"][:count], step
        for one in seen:  # a quick client has fetched and deleted it already
            (scene.out(user) / one).unlink()
        scene.restart()
        scene.tick()
        left = [one for one in scene.names(user) if kenmerk in one]
        assert left == [name, f"{name}{SUFFIX}"][count:], step
    assert not [one for one in scene.names(user) if one.startswith(".")]
    store.close()


def test_what_a_crash_left_prepared_is_not_shown_once_the_mandate_is_gone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hidden files of a message that was never marked go away at the next start."""
    user = scene.account()
    scene.put()
    with monkeypatch.context() as patched:
        _kill_at(patched, OutgoingDesk, "give", False, 0)
        with pytest.raises(Killed):
            scene.tick()
    assert all(name.startswith(".") for name in scene.names(user))
    assert scene.names(user)
    with scene.office.post.store.read() as tx:
        mandate = scene.office.register.mandates(tx, gemachtigde=ANN.oin)[0].id
    scene.office.post.mandates.revoke(mandate, "vertegenwoordigde")
    scene.restart()
    scene.tick()
    assert scene.names(user) == []


def test_a_full_disk_is_told_and_messages_come_when_there_is_room(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk does not take waits, with one event; nothing half is left meanwhile."""
    user = scene.account("SBA_IB")
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.0)
    kenmerk, real = scene.put(), MessageFiles._document

    def full(files: MessageFiles, *given: Any) -> bytes:
        if files.name.startswith(f"SBA_IB_{kenmerk}"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(files, *given)

    with monkeypatch.context() as patched:
        patched.setattr(MessageFiles, "_document", full)
        scene.tick()
    assert not [name for name in scene.names(user) if kenmerk in name or name.startswith(".")]
    told = [one.event for one in scene.office.post.events() if one.event.rule == "FTP-OUT-DISK"]
    assert len(told) == 1
    assert "No space left" in told[0].detail
    scene.tick()
    assert kenmerk in scene.given(user)


def _kill_at(patched: pytest.MonkeyPatch, owner: Any, what: str, is_done: bool, count: int) -> None:
    real, calls = getattr(owner, what), iter(range(1, 9))

    def killed(*given: Any) -> Any:
        done = real(*given) if is_done else None
        if next(calls) >= count:
            raise Killed
        return done

    patched.setattr(owner, what, killed)
