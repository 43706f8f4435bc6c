"""Locked accounts at the real file door: no oracle, one event that tells, and no end to what goes on."""

from __future__ import annotations

import ftplib
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digipoort_sim.clock import FixedClock
from digipoort_sim.exchange.accounts import Accounts
from tests.ftp.conftest import NOW, OTHER_OIN, Door, loon_name


def accounts_of(door: Door) -> Accounts:
    """The accounts behind a door."""
    return Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks)


def guess(door: Door, password: str = "wrong", oin: str | None = None) -> str:
    """The reply to a login that must fail, in a session of its own."""
    client = door.connect(None if oin is None else door.client_files(oin))
    with pytest.raises(ftplib.error_perm) as caught:
        client.login(door.user, password, secure=False)
    client.close()
    return str(caught.value)


def test_guessing_over_many_sessions_ends_after_five(door: Door) -> None:
    """The fifth wrong password locks; from then on the right one gets the same reply as a wrong one, and a
    stranger's guesses change nothing. The events say why and how to unlock; a session that is open goes on.
    """
    inside = door.open().login()
    replies = {guess(door, oin=OTHER_OIN) for _ in range(6)}
    replies |= {guess(door) for _ in range(5)}
    replies |= {guess(door, door.password), guess(door)}
    assert len(replies) == 1
    (locking,) = door.events("FTP-LOCKED")
    for record in (locking, *door.events("FTP-LOGIN-LOCKED", 2)):
        assert f"ftp account unlock {door.user}" in record.event.detail
        assert (record.event.kind, record.event.code) == ("ftp-refused", "530")
    assert door.upload(inside, loon_name()).startswith("250")
    inside.quit()
    door.shut()
    door.open()
    assert guess(door, door.password) in replies
    accounts_of(door).unlock(door.user)
    door.login().quit()


def test_the_profile_says_after_how_many_and_for_how_long(door: Door, simulated: FixedClock) -> None:
    """Two wrong passwords, ten minutes of the simulator's clock, and both interfaces know of it."""
    door.open(replace(door.profile, max_failed_logins=2, locked_minutes=10))
    guess(door)
    guess(door)
    assert accounts_of(door).show(door.user).locked_until == NOW + timedelta(minutes=10)
    door.port = door.ports["ftp_gb"]
    assert guess(door, door.password).startswith("530")
    simulated.advance(timedelta(minutes=10))
    door.login().quit()


def test_a_refusal_takes_as_long_however_long_it_took_to_find(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile's delay begins with PASS: work done for one kind of refusal does not show in its time."""
    real = Accounts.verify

    def slow(accounts: Accounts, *given: Any, **more: Any) -> Any:
        time.sleep(0.9)  # the work itself, not a wait of the test's
        return real(accounts, *given, **more)

    monkeypatch.setattr(Accounts, "verify", slow)
    door.open(replace(door.profile, failed_login_delay_seconds=1.0))
    client = door.connect()
    begin = time.monotonic()
    with pytest.raises(ftplib.error_perm):
        client.login(door.user, "wrong", secure=False)
    assert 1.0 <= time.monotonic() - begin < 1.8
    client.close()
