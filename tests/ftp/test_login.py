"""Who gets in: account, password and certificate together."""

from __future__ import annotations

import ftplib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.ftp.sessions.securing import Securing
from tests.ftp.conftest import OIN, OTHER_OIN, Door, eventually


def refusal(client: ftplib.FTP_TLS, user: str, password: str) -> str:
    """The reply to a login that must fail."""
    with pytest.raises(ftplib.error_perm) as caught:
        client.login(user, password, secure=False)
    client.close()
    return str(caught.value)


def test_the_client_is_not_told_which_of_the_three_was_wrong_but_the_event_is(door: Door) -> None:
    """A wrong account, password or certificate gives the same 530; the events name the culprit."""
    door.open()
    other = door.client_files(OTHER_OIN)
    replies = {
        refusal(door.connect(), "ftp-0000000000", door.password),
        refusal(door.connect(), door.user, "wrong"),
        refusal(door.connect(other), door.user, door.password),
    }
    assert len(replies) == 1
    assert replies.pop().startswith("530")
    for rule in ("FTP-LOGIN-ACCOUNT", "FTP-LOGIN-PASSWORD", "FTP-LOGIN-CERTIFICATE"):
        (record,) = door.events(rule)
        assert (record.event.kind, record.event.door, record.event.code) == ("ftp-refused", "ftp", "530")
    assert door.events("FTP-LOGIN-CERTIFICATE")[0].event.oin == OTHER_OIN


@pytest.mark.parametrize(
    ("kind", "rule"), [("no-oin", "OIN-MISSING"), ("short-oin", "OIN-LENGTH"), ("ca", "CERT-IS-A-CA")]
)
def test_a_certificate_that_openssl_lets_through_is_refused_at_login(
    door: Door, bad_files: Callable[[str], Path], kind: str, rule: str
) -> None:
    """What OpenSSL does not see about a certificate gives 530, with the rule in the event."""
    client = door.open().connect(bad_files(kind))
    assert refusal(client, door.user, door.password).startswith("530")
    assert door.events(rule)


def test_the_third_wrong_login_ends_the_session(door: Door) -> None:
    """After three refused logins the connection is closed."""
    client = door.open().connect()
    for _ in range(3):
        with pytest.raises(ftplib.error_perm):
            client.login(door.user, "wrong", secure=False)
    with pytest.raises((EOFError, OSError)):
        client.voidcmd("NOOP")
    client.close()


def test_the_session_of_a_removed_account_ends(door: Door) -> None:
    """Removing an account ends its open session within a second, and it cannot log in again."""
    client = door.open().login()
    Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks).remove(door.user)
    eventually(lambda: expect_end(client), 5)
    assert refusal(door.connect(), door.user, door.password).startswith("530")


def test_trouble_in_looking_at_sessions_does_not_end_the_looking(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong once with one session keeps no later removal of an account from ending it."""
    client = door.open().login()
    still_good, failed = Securing.still_good, threading.Event()

    def failing(session: Securing) -> bool:
        if not failed.is_set():
            failed.set()
            raise OSError("a disk")
        return still_good(session)

    monkeypatch.setattr(Securing, "still_good", failing)
    assert failed.wait(20)
    Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks).remove(door.user)
    client.sock.settimeout(20)  # type: ignore[union-attr]
    assert client.getline().startswith("421")
    client.close()


def expect_end(client: ftplib.FTP) -> None:
    """Fail as long as the session still answers well."""
    try:
        reply = client.voidcmd("NOOP")
    except (ftplib.Error, EOFError, ConnectionError):
        client.close()
        return
    raise AssertionError(reply)


def test_commands_that_come_before_the_reply_to_pass_wait_for_it(door: Door) -> None:
    """A client that sends PASS and more in one go gets its replies in order."""
    client = door.open().connect()
    assert client.sock is not None
    client.sock.sendall(f"USER {door.user}\r\nPASS {door.password}\r\nPWD\r\nCWD /in\r\nPWD\r\n".encode())
    replies = [client.getresp() for _ in range(5)]
    assert [reply[:3] for reply in replies] == ["331", "230", "257", "250", "257"]
    client.quit()


def test_an_account_belongs_to_one_oin(door: Door) -> None:
    """The certificate of the account's own OIN gets in."""
    client = door.open().login(door.client_files(OIN))
    assert client.pwd() == "/"
    client.quit()


def test_a_noop_is_answered_in_plain_words(door: Door) -> None:
    """Before the login as well."""
    client = door.open().connect()
    assert client.voidcmd("NOOP") == "200 Nothing was done."
    client.close()
