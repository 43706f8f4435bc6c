"""Several sessions at one file, several accounts of one party: each file has one fate."""

from __future__ import annotations

import ftplib
import io
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.ftp.road import taking
from digipoort_sim.ftp.sessions import session
from tests.ftp.conftest import LOON, OIN, Door, ReusingFtp, eventually, loon_name
from tests.ftp.test_completing import put
from tests.ftp.test_delivering import fields
from tests.ftp.test_tls import refused
from tests.ftp.test_uploads import BIG

TEMPORARY = f"/in/{loon_name()}.tmp"
FINAL = f"/in/{loon_name()}"


@dataclass
class Held:
    """Lets a file's way out of /in stand still in the middle."""

    reached: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Taking stops before the name is claimed, until the test lets it go on."""
    held, link = Held(), taking._link

    def waiting(*paths: Any) -> None:
        held.reached.set()
        assert held.goes_on.wait(20)
        link(*paths)

    monkeypatch.setattr(taking, "_link", waiting)
    yield held
    held.goes_on.set()


def test_nobody_touches_a_file_on_its_way_out_of_in(door: Door, held: Held) -> None:
    """STOR, APPE, DELE, RNFR and a second RNTO get 450 meanwhile, and 550 or 553 afterwards."""
    first, second = door.open().login(), door.login()
    put(first, f"{loon_name()}.tmp")
    assert second.sendcmd(f"RNFR {TEMPORARY}").startswith("350")
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(first.rename, TEMPORARY, FINAL)
        assert held.reached.wait(20)
        assert refused(lambda: second.sendcmd(f"RNTO {FINAL}")).startswith("450")
        assert refused(lambda: put(second, f"{loon_name()}.tmp")).startswith("450")
        assert refused(lambda: second.storbinary(f"APPE {TEMPORARY}", io.BytesIO())).startswith("450")
        for command in ("DELE", "RNFR"):
            assert refused(lambda command=command: second.sendcmd(f"{command} {TEMPORARY}")).startswith("450")
        held.goes_on.set()
        assert reply.result(20).startswith("250")
    assert refused(lambda: second.rename(TEMPORARY, FINAL)).startswith("550")
    assert refused(lambda: second.delete(TEMPORARY)).startswith("550")
    assert fields(door.wait_for(f"{loon_name()}.ontvangst.xml"))["grootte"] == str(len(LOON))
    assert len(door.rooms.office.messages()) == 1
    first.close()
    second.close()


def test_an_upload_that_was_asked_for_before_touches_nothing_on_its_way_out(
    door: Door, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A STOR that looks at the disk while the file becomes a delivery gets 450, and the file stays whole."""
    asked, room_for = Held(), session.room_for

    def slow_room_for(*args: Any) -> int:
        asked.reached.set()
        assert asked.goes_on.wait(20)
        return room_for(*args)

    first, second = door.open().login(), door.login()
    put(first, f"{loon_name()}.tmp")
    monkeypatch.setattr(session, "room_for", slow_room_for)
    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(refused, lambda: put(second, f"{loon_name()}.tmp", b"another"))
        assert asked.reached.wait(20)
        reply = pool.submit(first.rename, TEMPORARY, FINAL)
        assert held.reached.wait(20)
        asked.goes_on.set()
        assert late.result(20).startswith("450")
        held.goes_on.set()
        assert reply.result(20).startswith("250")
    assert fields(door.wait_for(f"{loon_name()}.ontvangst.xml"))["grootte"] == str(len(LOON))
    first.close()
    second.close()


def test_of_two_files_renamed_to_one_name_one_is_delivered(door: Door) -> None:
    """Sessions that rename at the same time: one gets 250, the other 553, and its file stays in /in."""
    sessions = [door.open().login(), door.login()]
    barrier = threading.Barrier(2)

    def rename(session: ReusingFtp, source: str, target: str) -> str:
        barrier.wait(20)
        try:
            return session.rename(source, target)
        except ftplib.Error as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        for number in range(8):
            target = f"/in/{loon_name(f'race-{number}')}"
            for letter, session in zip("ab", sessions, strict=True):
                put(session, f"{letter}.tmp")
            replies = pool.map(rename, sessions, ("/in/a.tmp", "/in/b.tmp"), (target, target))
            assert sorted(reply[:3] for reply in replies) == ["250", "553"]
            assert len(sessions[0].nlst("/in")) == 1
    eventually(lambda: expect_count(door, 8))
    for session in sessions:
        session.close()


def expect_count(door: Door, count: int) -> None:
    """Fail unless so many messages were accepted and all are done."""
    found = door.rooms.office.messages()
    assert [one.statuscode for one in found] == ["500"] * count


def begun(session: ReusingFtp, command: str) -> Any:
    """An upload that has sent a part."""
    session.voidcmd("TYPE I")
    connection: Any = session.transfercmd(command)
    connection.sendall(BIG[:100_000])
    return connection


@pytest.mark.parametrize("what", ["STOR", "APPE", "DELE"])
def test_who_comes_later_ends_an_upload_of_another_session(door: Door, what: str) -> None:
    """STOR, APPE and DELE of a file that another session uploads end that upload with 426."""
    first, second = door.open().login(), door.login()
    connection = begun(first, f"STOR {TEMPORARY}")
    eventually((door.folder("in") / f"{loon_name()}.tmp").stat)
    if what == "DELE":
        assert second.delete(TEMPORARY).startswith("250")
    else:
        assert second.storbinary(f"{what} {TEMPORARY}", io.BytesIO(LOON)).startswith("226")
    assert refused(first.voidresp).startswith("426")
    connection.close()
    assert first.nlst("/in") == ([] if what == "DELE" else [f"{loon_name()}.tmp"])
    assert door.events("FTP-TAKEN-OVER")
    first.close()
    second.close()


def test_what_is_being_uploaded_is_not_renamed(door: Door) -> None:
    """RNTO to a final name gets 553, to another temporary one 450; the upload goes on and ends well."""
    first, second = door.open().login(), door.login()
    connection = begun(first, f"STOR {TEMPORARY}")
    eventually((door.folder("in") / f"{loon_name()}.tmp").stat)
    assert refused(lambda: second.rename(TEMPORARY, FINAL)).startswith("553")
    assert refused(lambda: second.rename(TEMPORARY, "/in/x.tmp")).startswith("450")
    connection.sendall(BIG[100_000:])
    connection.unwrap()
    connection.close()
    assert first.voidresp().startswith("226")
    assert second.rename(TEMPORARY, FINAL).startswith("250")
    assert fields(door.wait_for(f"{loon_name()}.ontvangst.xml"))["grootte"] == str(len(BIG))
    first.close()
    second.close()


def test_two_accounts_of_one_party_have_names_of_their_own(door: Door) -> None:
    """The same name by each account is a delivery each, with its answers in the account's own /out."""
    client = door.open().login()
    door.upload(client, loon_name())
    mine = fields(door.wait_for(f"{loon_name()}.status.xml"))["kenmerk"]
    accounts = Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks)
    other = replace(door)
    other.user, other.password = accounts.add(OIN)
    second = other.login()
    other.upload(second, loon_name())
    theirs = fields(other.wait_for(f"{loon_name()}.status.xml"))["kenmerk"]
    assert mine != theirs
    assert fields(door.wait_for(f"{loon_name()}.ontvangst.xml"))["kenmerk"] == mine
    client.quit()
    second.quit()


@pytest.mark.parametrize("what", ["STOR", "DELE"])
def test_who_comes_later_ends_an_upload_that_has_no_connection_yet(door: Door, what: str) -> None:
    """It gets 426 and its port closes: else it would write to the file after that was delivered."""
    first, second = door.open().login(), door.login()
    first.voidcmd("TYPE I")
    address = first.makepasv()
    assert first.sendcmd(f"STOR {TEMPORARY}").startswith("150")
    if what == "DELE":
        assert second.delete(TEMPORARY).startswith("250")
    put(second, f"{loon_name()}.tmp")
    assert refused(first.voidresp).startswith("426")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
    assert second.rename(TEMPORARY, FINAL).startswith("250")
    assert fields(door.wait_for(f"{loon_name()}.ontvangst.xml"))["grootte"] == str(len(LOON))
    assert door.events("FTP-TAKEN-OVER")
    first.close()
    second.close()
