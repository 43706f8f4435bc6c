"""Accounts of the file door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from digipoort_sim.clock import Clocks, FixedClock
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, NotFoundError
from digipoort_sim.exchange.accounts import Account, Accounts
from digipoort_sim.ids import SeededIds
from digipoort_sim.store import Store
from digipoort_sim.store.ftp_tables import ftp_accounts

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OIN = "00000003302162470000"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store.open(f"sqlite:///{tmp_path}/db.sqlite3")
    yield store
    store.close()


@pytest.fixture
def accounts(store: Store) -> Accounts:
    """The accounts in it."""
    clock = FixedClock(NOW)
    return Accounts(store, SeededIds(1), Clocks(clock, clock))


def test_an_account_is_known_by_its_password_until_it_is_removed(accounts: Accounts) -> None:
    """The right password gives the account with its OIN; after its removal nothing does."""
    user, password = accounts.add(OIN)
    assert accounts.verify(user, password) == Account(user, OIN, NOW)
    assert accounts.list() == (Account(user, OIN, NOW),)
    accounts.remove(user)
    assert accounts.list() == ()
    assert accounts.removed() == {user}
    with pytest.raises(AuthenticationRefusal) as caught:
        accounts.verify(user, password)
    assert caught.value.rule == "FTP-LOGIN-ACCOUNT"


def test_a_wrong_password_and_an_unknown_account_are_told_apart(accounts: Accounts) -> None:
    """The rule of the refusal says which it was, for the event."""
    user, _ = accounts.add(OIN)
    with pytest.raises(AuthenticationRefusal) as caught:
        accounts.verify(user, "wrong")
    assert caught.value.rule == "FTP-LOGIN-PASSWORD"


def test_the_password_is_not_stored(accounts: Accounts, store: Store) -> None:
    """Only a salted scrypt digest stands in the store."""
    _, password = accounts.add(OIN)
    with store.read() as tx:
        stored = tx.execute(select(ftp_accounts.c.password)).scalar_one()
    assert stored.startswith("scrypt$")
    assert password not in stored


def test_an_account_needs_an_oin(accounts: Accounts) -> None:
    """Text that is no OIN is a wrong setting of the user."""
    with pytest.raises(ConfigError):
        accounts.add("30216247")


def test_what_is_not_there_cannot_be_removed(accounts: Accounts) -> None:
    """Removing an unknown account is told."""
    with pytest.raises(NotFoundError):
        accounts.remove("ftp-0000000000")
