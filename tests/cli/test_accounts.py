"""``ftp account`` without a server: in the database of the state directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.clock import Clocks, RealClock
from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.accounts import Accounts, LockRule
from digipoort_sim.ids import SystemIds
from digipoort_sim.store import Store
from tests.cli.program import run

OIN = "00000003302162470000"
ACCOUNT = ("ftp", "account")


def test_a_locked_account_is_shown_unlocked_and_given_another_password(tmp_path: Path) -> None:
    """What wrong passwords locked is told by the list, and opened by unlock or by a new password."""
    here = ("--state", tmp_path)
    made = run(*ACCOUNT, "add", "--oin", OIN, "--label", "kantoor", "--json", *here).json
    user = made["user"]
    store = Store.open(f"sqlite:///{tmp_path / 'digipoort.sqlite3'}")
    accounts = Accounts(store, SystemIds(), Clocks(RealClock(), RealClock()))
    for opened in (("unlock", user), ("password", user)):
        with pytest.raises(AuthenticationRefusal):
            accounts.verify(user, "wrong", OIN, lock=LockRule(1))
        assert [row["locked"] for row in run(*ACCOUNT, "list", "--json", *here).json] == [True]
        told = run(*ACCOUNT, *opened, "--json", *here)
        assert told.code == 0, told.err
        password = told.json.get("password", made["password"])
        assert accounts.verify(user, password, OIN).label == "kantoor"
    store.close()


def test_what_an_account_wants_is_set_and_wrong_words_are_told(tmp_path: Path) -> None:
    """What is not given stays; a word that is none says which there are."""
    here = ("--state", tmp_path)
    wanted = ("--deliver", "kennisgevingen", "--interface", "ftp_gb")
    user = run(*ACCOUNT, "add", "--oin", OIN, *wanted, "--json", *here).json["user"]
    shown = run(*ACCOUNT, "set", user, "--label", "archief", "--json", *here).json
    assert (shown["label"], shown["deliver"], shown["interface"]) == ("archief", "kennisgevingen", "ftp_gb")
    for wrong, word in ((("--deliver", "brieven"), "mededelingen"), (("--interface", "sftp"), "ftp_gb")):
        told = run(*ACCOUNT, "set", user, *wrong, *here)
        assert (told.code, word in told.err) == (2, True), told.err
    assert run(*ACCOUNT, "show", user, "--json", *here).json == shown
