"""Logging in: an account, its password, and a client certificate of the account's party."""

from __future__ import annotations

from dataclasses import dataclass

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.accounts import Account
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.peer import Peer


@dataclass(frozen=True)
class Login:
    """A login that succeeded.

    Attributes:
        home: the account's home folder, absolute.
    """

    account: Account
    home: str


def log_in(desk: Desk, user: str, password: str, peer: Peer | None) -> Login:
    """Check all three; takes some milliseconds, so not for the loop's thread.

    Raises:
        AuthenticationRefusal: one is wrong; its rule says which, and the client is not to know.
    """
    account = desk.accounts.verify(user, password)
    if peer is None:
        raise AuthenticationRefusal("there is no client certificate", rule="FTP-LOGIN-CERTIFICATE")
    oin = desk.judge(peer)
    if oin != account.oin:
        raise AuthenticationRefusal(
            f"the client certificate is of OIN {oin}, account {user} belongs to OIN {account.oin}",
            rule="FTP-LOGIN-CERTIFICATE",
        )
    return Login(account, str(desk.homes.make_home(user)))
