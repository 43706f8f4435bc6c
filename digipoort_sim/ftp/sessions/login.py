"""Logging in: an account, its password, and a client certificate of the account's party."""

from __future__ import annotations

from dataclasses import dataclass

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.accounts import Account, LockRule
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.tls.peer import Peer


@dataclass(frozen=True)
class Login:
    """A login that succeeded.

    Attributes:
        home: the account's home folder, absolute.
    """

    account: Account
    home: str


def log_in(desk: Desk, user: str, password: str, peer: Peer | None) -> Login:
    """Check all three, the certificate first; takes some milliseconds, so not for the loop's thread.

    A locked account is refused in the same words. Sessions that are open already go on: the lock is against
    guessing, and who is inside has not guessed.

    Raises:
        AuthenticationRefusal: one is wrong; its rule says which, and the client is not to know.
    """
    if peer is None:
        raise AuthenticationRefusal("there is no client certificate", rule="FTP-LOGIN-CERTIFICATE")
    profile = desk.profile
    account = desk.accounts.verify(
        user,
        password,
        desk.judge(peer),
        lock=LockRule(profile.max_failed_logins, profile.locked_minutes),
        any_oin=not profile.require_account_oin,
    )
    desk.accounts.note_place(account, desk.place)
    return Login(account, str(desk.homes.make_home(user)))
