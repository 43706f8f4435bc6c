"""Accounts of the file door: a name, a password that is shown once, and the OIN that they belong to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from digipoort_sim.clock import Clocks, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, NotFoundError
from digipoort_sim.ids import IdSource
from digipoort_sim.pki.oin import Oin
from digipoort_sim.store import Store
from digipoort_sim.store.ftp_tables import ftp_accounts

_COST = {"n": 2**12, "r": 8, "p": 1}
"""About 10 ms and 4 MB: enough, since every password is 120 random bits."""


@dataclass(frozen=True)
class Account:
    """An account of the file door.

    Attributes:
        oin: the party; its client certificates must carry this OIN.
        removed: since when it cannot be used; None while it can.
    """

    user: str
    oin: str
    created: datetime
    removed: datetime | None = None


class Accounts:
    """The accounts in the store; safe for many threads."""

    def __init__(self, store: Store, ids: IdSource, clocks: Clocks) -> None:
        self._store = store
        self._ids = ids
        self._clocks = clocks

    def add(self, oin: str) -> tuple[str, str]:
        """Make an account for a party and give its name and password; the password is kept nowhere.

        Raises:
            ConfigError: the text is not an OIN (rules ``OIN-...``).
        """
        try:
            party = Oin.parse(oin)
        except AuthenticationRefusal as refusal:
            raise ConfigError(refusal.detail, rule=refusal.rule) from None
        user = f"ftp-{self._ids.token(5).hex()}"
        password = base64.b32encode(self._ids.token(15)).decode().lower()
        row = {
            "user": user,
            "password": _hashed(password, self._ids.token(16)),
            "oin": party.value,
            "created": epoch_milliseconds(self._clocks.simulator.now()),
        }
        with self._store.begin() as tx:
            tx.execute(insert(ftp_accounts).values(**row))
        return user, password

    def list(self) -> tuple[Account, ...]:
        """The accounts that can be used, oldest first."""
        query = (
            select(ftp_accounts)
            .where(ftp_accounts.c.removed.is_(None))
            .order_by(ftp_accounts.c.created, ftp_accounts.c.user)
        )
        with self._store.read() as tx:
            return tuple(_account(row) for row in tx.execute(query))

    def removed(self) -> frozenset[str]:
        """The names of the accounts that cannot be used any more."""
        query = select(ftp_accounts.c.user).where(ftp_accounts.c.removed.is_not(None))
        with self._store.read() as tx:
            return frozenset(tx.execute(query).scalars())

    def remove(self, user: str) -> None:
        """Remove an account; its files stay, its sessions end within a second.

        Raises:
            NotFoundError: there is no such account, or it is removed already.
        """
        now = epoch_milliseconds(self._clocks.simulator.now())
        change = (
            update(ftp_accounts)
            .where(ftp_accounts.c.user == user, ftp_accounts.c.removed.is_(None))
            .values(removed=now)
        )
        with self._store.begin() as tx:
            if tx.execute(change).rowcount == 0:
                raise NotFoundError(f"there is no FTP account {user!r}", rule="FTP-ACCOUNT")

    def verify(self, user: str, password: str) -> Account:
        """The account of this name, if the password is its own; takes equally long either way.

        Raises:
            AuthenticationRefusal: no such account (rule ``FTP-LOGIN-ACCOUNT``) or another password
                (rule ``FTP-LOGIN-PASSWORD``); which of both it was is not for the client to know.
        """
        query = select(ftp_accounts).where(ftp_accounts.c.user == user, ftp_accounts.c.removed.is_(None))
        with self._store.read() as tx:
            row = tx.execute(query).first()
        good = _matches(password, row.password if row is not None else _hashed("", b"nobody"))
        if row is None:
            raise AuthenticationRefusal(f"there is no account {user[:40]!r}", rule="FTP-LOGIN-ACCOUNT")
        if not good:
            raise AuthenticationRefusal(
                f"the password for account {user!r} is wrong", rule="FTP-LOGIN-PASSWORD"
            )
        return _account(row)


def _account(row: Row[tuple[object, ...]]) -> Account:
    removed = None if row.removed is None else from_epoch_milliseconds(row.removed)
    return Account(row.user, row.oin, from_epoch_milliseconds(row.created), removed)


def _hashed(password: str, salt: bytes) -> str:
    digest = hashlib.scrypt(password.encode(), salt=salt, **_COST)
    return f"scrypt${_COST['n']}${salt.hex()}${digest.hex()}"


def _matches(password: str, stored: str) -> bool:
    _, cost, salt, digest = stored.split("$")
    found = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=int(cost), r=_COST["r"], p=_COST["p"]
    )
    return hmac.compare_digest(found.hex(), digest)
