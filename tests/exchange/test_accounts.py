"""Accounts of the file door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import Clocks, FixedClock
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, NotFoundError
from digipoort_sim.exchange import accounts as module
from digipoort_sim.exchange.accounts import Account, Accounts
from digipoort_sim.exchange.wants import NOTHING, Wants, kind_of, parse
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
    assert accounts.verify(user, password, OIN) == Account(user, OIN, NOW)
    assert accounts.list() == (Account(user, OIN, NOW),)
    accounts.remove(user)
    assert accounts.list() == ()
    assert accounts.removed() == {user}
    with pytest.raises(AuthenticationRefusal) as caught:
        accounts.verify(user, password, OIN)
    assert caught.value.rule == "FTP-LOGIN-ACCOUNT"


def test_a_wrong_password_and_an_unknown_account_are_told_apart(accounts: Accounts) -> None:
    """The rule of the refusal says which it was, for the event."""
    user, _ = accounts.add(OIN)
    with pytest.raises(AuthenticationRefusal) as caught:
        accounts.verify(user, "wrong", OIN)
    assert caught.value.rule == "FTP-LOGIN-PASSWORD"


def test_looking_for_nobody_hashes_as_often_as_looking_for_somebody(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One digest is made at a login whether there is such an account or not: time does not tell."""
    user, _ = accounts.add(OIN)
    made: list[str] = []
    real = module.hashlib.scrypt
    monkeypatch.setattr(
        module.hashlib, "scrypt", lambda *args, **more: made.append("") or real(*args, **more)
    )
    counts = []
    for name in (user, "ftp-0000000000"):
        made.clear()
        with pytest.raises(AuthenticationRefusal):
            accounts.verify(name, "wrong", OIN)
        counts.append(len(made))
    assert counts == [1, 1]


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


def test_what_is_not_there_cannot_be_changed(accounts: Accounts) -> None:
    """Whatever is done with an unknown account is told, and so with a removed one."""
    gone, _ = accounts.add(OIN)
    accounts.remove(gone)
    for user in ("ftp-0000000000", gone):
        for act in (accounts.remove, accounts.unlock, accounts.new_password, accounts.show):
            with pytest.raises(NotFoundError, match=user):
                act(user)
        with pytest.raises(NotFoundError):
            accounts.change(user, label="x")


def test_a_party_has_as_many_accounts_as_it_wants_each_with_its_label(accounts: Accounts) -> None:
    """Accounts of one OIN differ by name, password and label; a label is one printable line."""
    made = [accounts.add(OIN, label) for label in ("kantoor", " thuis ", "")]
    assert {account.label for account in accounts.list()} == {"kantoor", "thuis", ""}
    assert len({user for user, _ in made}) == len({password for _, password in made}) == 3
    with pytest.raises(AuthenticationRefusal):
        accounts.verify(made[0][0], made[1][1], OIN)
    user = made[0][0]
    assert accounts.change(user, label="archief").label == "archief"
    assert accounts.change(user, label="").label == ""
    for bad in ("a\nb", "x" * 81):
        with pytest.raises(ConfigError, match="80 printable"):
            accounts.change(user, label=bad)


def test_a_new_password_takes_the_place_of_the_old(accounts: Accounts) -> None:
    """After a new password the old one is wrong."""
    user, old = accounts.add(OIN)
    new = accounts.new_password(user)
    assert accounts.verify(user, new, OIN).user == user
    with pytest.raises(AuthenticationRefusal):
        accounts.verify(user, old, OIN)


def test_what_an_account_wants_is_kept(accounts: Accounts) -> None:
    """Kinds and berichtsoorten are kept as they were said; nothing is the rule."""
    rows = load_catalogue()
    user, _ = accounts.add(OIN, wants=parse("kennisgevingen, SBA_IB,SBA_IB", "ftp_gb", rows))
    assert accounts.show(user).wants == Wants(("kennisgevingen", "SBA_IB"), "ftp_gb")
    assert accounts.wanting() == (accounts.show(user),)
    for text_, wants in (("none", NOTHING), ("", NOTHING), ("all", Wants(("all",)))):
        assert accounts.change(user, wants=parse(text_, "ftp", rows)).wants == wants
        assert parse(wants.text, "ftp", rows) == wants
    for text_, interface in (("brieven", "ftp"), ("all,SBA_IB", "ftp"), ("Omzetbelasting", "ftp"), ("", "x")):
        with pytest.raises(ConfigError) as caught:
            parse(text_, interface, rows)
        assert caught.value.rule == "FTP-WANTS"


@pytest.mark.parametrize(
    ("words", "berichtsoort", "taken"),
    [
        ("all", "SBA_IB", True),
        ("none", "SBA_IB", False),
        ("mededelingen", "SBA_IB", True),
        ("mededelingen", "MachtigingOverzicht", False),
        ("kennisgevingen", "MachtigingOverzicht", True),
        ("kennisgevingen", "SBA_IB", False),
        ("SBA_IB", "SBA_IB", True),
        ("SBA_IB", "SBT", False),
    ],
)
def test_wants_go_by_kind_or_by_berichtsoort(words: str, berichtsoort: str, taken: bool) -> None:
    """Service messages are mededelingen, the register's overviews kennisgevingen."""
    rows = load_catalogue()
    assert parse(words, "ftp", rows).takes(berichtsoort, kind_of(rows, berichtsoort)) is taken


def test_accounts_of_the_last_release_are_open_and_want_nothing(accounts: Accounts, store: Store) -> None:
    """A row that has only what the last release wrote is an account that can be used."""
    stored = module._hashed("secret", b"salt")
    with store.begin() as tx:
        row = {"user": "ftp-old", "password": stored, "oin": OIN, "created": 1772409600000}
        tx.execute(
            text(
                "INSERT INTO ftp_accounts (user, password, oin, created)"
                " VALUES (:user, :password, :oin, :created)"
            ),
            row,
        )
    assert accounts.verify("ftp-old", "secret", OIN) == Account("ftp-old", OIN, NOW)
