"""Accounts that are locked after wrong passwords: what counts, for how long, and under concurrent logins."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from digipoort_sim.clock import Clocks, FixedClock
from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.accounts import Account, Accounts, LockRule
from digipoort_sim.ids import SystemIds
from digipoort_sim.store import Store
from tests.postgres import database_url, new_name, postgres_server, postgres_url

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OIN, OTHER = "00000003302162470000", "00000003111111110000"
FIVE = LockRule(5)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, once on SQLite and once on PostgreSQL."""
    store = Store.open(database_url)
    yield store
    store.close()


@pytest.fixture
def clock() -> FixedClock:
    """The simulator's clock."""
    return FixedClock(NOW)


@pytest.fixture
def accounts(store: Store, clock: FixedClock) -> Accounts:
    """The accounts in it."""
    return Accounts(store, SystemIds(), Clocks(clock, clock))


def attempt(
    accounts: Accounts, user: str, password: str, shown: str = OIN, lock: LockRule = FIVE
) -> Account | str:
    """A login: the account, or the rule by which it was refused."""
    try:
        return accounts.verify(user, password, shown, lock=lock)
    except AuthenticationRefusal as refusal:
        return refusal.rule


def test_the_fifth_wrong_password_in_a_row_locks_until_it_is_unlocked(
    accounts: Accounts, clock: FixedClock, store: Store
) -> None:
    """Then even the right one is refused, in whatever process, until somebody unlocks the account."""
    user, password = accounts.add(OIN)
    other, others = accounts.add(OIN)
    rules = [attempt(accounts, user, "wrong") for _ in range(7)]
    assert rules == ["FTP-LOGIN-PASSWORD"] * 4 + ["FTP-LOCKED"] + ["FTP-LOGIN-LOCKED"] * 2
    clock.advance(timedelta(days=400))
    again = Accounts(store, SystemIds(), Clocks(clock, clock))
    assert attempt(again, user, password) == "FTP-LOGIN-LOCKED"
    assert isinstance(attempt(again, other, others), Account)
    shown = again.show(user)
    assert (shown.locked, shown.locked_until, shown.failed) == (NOW, None, 5)
    again.unlock(user)
    unlocked = attempt(again, user, password)
    assert isinstance(unlocked, Account)
    assert again.show(user).failed == 0


def test_the_owner_is_told_why_and_how_to_go_on(accounts: Accounts) -> None:
    """What is for the event names the count, the OIN, the times and the command."""
    user, _ = accounts.add(OIN)
    told = []
    for _ in range(3):
        with pytest.raises(AuthenticationRefusal) as caught:
            accounts.verify(user, "wrong", OIN, lock=LockRule(2, 30))
        told.append(caught.value.detail)
    assert all(f"digipoort-sim ftp account unlock {user}" in text for text in told[1:])
    assert all("2026-03-02T00:30:00" in text for text in told[1:])
    assert f"2 times in a row with certificates of its own OIN {OIN}" in told[1]
    assert "locked since 2026-03-02T00:00:00" in told[2]


def test_a_good_login_forgets_the_wrong_ones(accounts: Accounts) -> None:
    """Only failures in a row count."""
    user, password = accounts.add(OIN)
    for _ in range(3):
        assert [attempt(accounts, user, "wrong") for _ in range(4)] == ["FTP-LOGIN-PASSWORD"] * 4
        assert isinstance(attempt(accounts, user, password), Account)
    assert accounts.show(user).failed == 0


def test_a_stranger_can_lock_nobody_out(accounts: Accounts) -> None:
    """With a certificate of another party nothing counts, and a right password forgets nothing."""
    user, password = accounts.add(OIN)
    attempt(accounts, user, "wrong")
    assert [attempt(accounts, user, "wrong", OTHER) for _ in range(9)] == ["FTP-LOGIN-PASSWORD"] * 9
    assert attempt(accounts, user, password, OTHER) == "FTP-LOGIN-CERTIFICATE"
    assert accounts.show(user).failed == 1
    assert isinstance(attempt(accounts, user, password), Account)


def test_a_lock_may_end_by_the_clock_and_then_counts_anew(accounts: Accounts, clock: FixedClock) -> None:
    """After the minutes of the profile the right password is good, and a wrong one is the first."""
    rule = LockRule(2, 30)
    user, password = accounts.add(OIN)
    for _ in range(2):
        assert [attempt(accounts, user, "wrong", lock=rule) for _ in range(2)] == [
            "FTP-LOGIN-PASSWORD",
            "FTP-LOCKED",
        ]
        clock.advance(timedelta(minutes=29))
        assert attempt(accounts, user, password, lock=rule) == "FTP-LOGIN-LOCKED"
        clock.advance(timedelta(minutes=1))
    assert isinstance(attempt(accounts, user, password, lock=rule), Account)
    assert accounts.show(user).locked is None


def test_without_a_limit_nothing_locks(accounts: Accounts) -> None:
    """max_failed_logins = 0 counts, and never locks."""
    user, password = accounts.add(OIN)
    assert {attempt(accounts, user, "wrong", lock=LockRule(0)) for _ in range(9)} == {"FTP-LOGIN-PASSWORD"}
    assert accounts.show(user).failed == 9
    assert isinstance(attempt(accounts, user, password, lock=LockRule(0)), Account)


def test_sessions_that_guess_at_once_are_counted_one_by_one(accounts: Accounts) -> None:
    """Of many wrong passwords at the same moment each counts once: one locks, and the rest find it locked."""
    user, password = accounts.add(OIN)
    with ThreadPoolExecutor(8) as pool:
        rules = list(pool.map(lambda _: attempt(accounts, user, "wrong"), range(24)))
    assert sorted(rules) == sorted(  # type: ignore[type-var]
        ["FTP-LOGIN-PASSWORD"] * 4 + ["FTP-LOCKED"] + ["FTP-LOGIN-LOCKED"] * 19
    )
    assert accounts.show(user).failed == 5
    assert attempt(accounts, user, password) == "FTP-LOGIN-LOCKED"


def test_good_logins_at_once_do_not_lock(accounts: Accounts) -> None:
    """Many sessions of the owner at the same moment all get in, also after a few wrong passwords."""
    user, password = accounts.add(OIN)
    for _ in range(4):
        attempt(accounts, user, "wrong")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: attempt(accounts, user, password), range(16)))
    assert all(isinstance(one, Account) for one in found)
    assert accounts.show(user).failed == 0
