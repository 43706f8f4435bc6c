"""Accounts of the file door: a name, a password that is shown once, and the OIN that they belong to.

A party may have several; none shows anything of another. Wrong passwords are counted, and one too many in a
row locks the account. Only those count that come with a certificate of the account's own party, so that
nobody else can lock it. The count is in the store: it is the same for all sessions and outlives a restart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from digipoort_sim.clock import Clocks, epoch_milliseconds, from_epoch_milliseconds, wire_time
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, NotFoundError
from digipoort_sim.exchange.wants import NOTHING, Wants, from_json, to_json
from digipoort_sim.ids import IdSource
from digipoort_sim.pki.oin import Oin
from digipoort_sim.store import Store
from digipoort_sim.store.ftp_tables import ftp_accounts

_COST = {"n": 2**12, "r": 8, "p": 1}
"""About 10 ms and 4 MB: enough, since every password is 120 random bits."""

_OF_NOBODY = f"scrypt${_COST['n']}${'00' * 16}${'00' * 64}"
"""What no password matches, so that looking for an account that is not there takes as long."""

_UNLOCKED: dict[str, Any] = {"failed": 0, "locked": None, "locked_until": None}
_LONGEST_LABEL = 80
_a = ftp_accounts.c


@dataclass(frozen=True)
class Account:
    """An account of the file door.

    Attributes:
        oin: the party; its client certificates must carry this OIN.
        removed: since when it cannot be used; None while it can.
        label: the user's own words for it.
        failed: wrong passwords in a row.
        locked: since when it is locked; None while it is not, or never was.
        locked_until: when that ends by itself; None if it has to be unlocked by hand.
        place: the state directory of the server where it last logged in; several may share a database.
    """

    user: str
    oin: str
    created: datetime
    removed: datetime | None = None
    label: str = ""
    wants: Wants = NOTHING
    failed: int = 0
    locked: datetime | None = None
    locked_until: datetime | None = None
    place: str | None = None

    def is_locked(self, now: datetime) -> bool:
        """Whether nobody can log in at this moment of the simulator's clock."""
        return self.locked is not None and (self.locked_until is None or now < self.locked_until)


@dataclass(frozen=True)
class LockRule:
    """When an account is locked.

    Attributes:
        most: so many wrong passwords in a row lock it; 0 for never.
        minutes: how long, by the simulator's clock; 0 for until it is unlocked by hand.
    """

    most: int = 0
    minutes: int = 0

    def until(self, now: datetime) -> datetime | None:
        """When a lock of this moment ends by itself."""
        return now + timedelta(minutes=self.minutes) if self.minutes else None


NEVER_LOCKED = LockRule()


class Accounts:
    """The accounts in the store; safe for many threads."""

    def __init__(self, store: Store, ids: IdSource, clocks: Clocks) -> None:
        self._store = store
        self._ids = ids
        self._clocks = clocks

    def add(self, oin: str, label: str = "", wants: Wants = NOTHING) -> tuple[str, str]:
        """Make an account for a party and give its name and password; the password is kept nowhere.

        Raises:
            ConfigError: the text is not an OIN (rules ``OIN-...``), or the label is not a good one.
        """
        try:
            party = Oin.parse(oin)
        except AuthenticationRefusal as refusal:
            raise ConfigError(refusal.detail, rule=refusal.rule) from None
        user = f"ftp-{self._ids.token(5).hex()}"
        password, stored = self._new_password()
        row = {
            "user": user,
            "password": stored,
            "oin": party.value,
            "created": epoch_milliseconds(self._now()),
            "label": _checked_label(label),
            "wants": to_json(wants),
        }
        with self._store.begin() as tx:
            tx.execute(insert(ftp_accounts).values(**row))
        return user, password

    def list(self) -> tuple[Account, ...]:
        """The accounts that can be used, locked ones too, oldest first."""
        query = select(ftp_accounts).where(_a.removed.is_(None)).order_by(_a.created, _a.user)
        with self._store.read() as tx:
            return tuple(_account(row) for row in tx.execute(query))

    def wanting(self) -> tuple[Account, ...]:
        """The accounts that may want messages in ``/out``."""
        return tuple(account for account in self.list() if account.wants.what)

    def show(self, user: str) -> Account:
        """One account.

        Raises:
            NotFoundError: there is no such account, or it is removed.
        """
        with self._store.read() as tx:
            row = _find(tx, user)
        if row is None:
            raise _unknown(user)
        return _account(row)

    def removed(self) -> frozenset[str]:
        """The names of the accounts that cannot be used any more."""
        query = select(_a.user).where(_a.removed.is_not(None))
        with self._store.read() as tx:
            return frozenset(tx.execute(query).scalars())

    def remove(self, user: str) -> None:
        """Remove an account; its files stay, its sessions end within a second.

        Raises:
            NotFoundError: there is no such account, or it is removed already.
        """
        self._write(user, removed=epoch_milliseconds(self._now()))

    def unlock(self, user: str) -> None:
        """Let an account log in again, and forget its wrong passwords; no harm if it was not locked.

        Raises:
            NotFoundError: there is no such account.
        """
        self._write(user, **_UNLOCKED)

    def new_password(self, user: str) -> str:
        """Give an account another password, which unlocks it too; its open sessions go on.

        Raises:
            NotFoundError: there is no such account.
        """
        password, stored = self._new_password()
        self._write(user, password=stored, **_UNLOCKED)
        return password

    def change(self, user: str, *, label: str | None = None, wants: Wants | None = None) -> Account:
        """Change what is given, and give the account as it is then.

        Raises:
            NotFoundError: there is no such account.
            ConfigError: the label is not a good one.
        """
        values: dict[str, Any] = {}
        if label is not None:
            values["label"] = _checked_label(label)
        if wants is not None:
            values["wants"] = to_json(wants)
        if values:
            self._write(user, **values)
        return self.show(user)

    def note_place(self, account: Account, place: str) -> None:
        """Keep at which server an account logs in: there its messages are put."""
        if account.place != place:
            self._write(account.user, place=place)

    def verify(
        self,
        user: str,
        password: str,
        shown: str,
        *,
        lock: LockRule = NEVER_LOCKED,
        any_oin: bool = False,
    ) -> Account:
        """The account of this name, if password and certificate are its own; takes equally long either way.

        Args:
            shown: the OIN of the client's certificate.
            any_oin: whether the certificate may be another party's.

        Raises:
            AuthenticationRefusal: no such account (rule ``FTP-LOGIN-ACCOUNT``), another password
                (``FTP-LOGIN-PASSWORD``; ``FTP-LOCKED`` where that locked it), another party's certificate
                (``FTP-LOGIN-CERTIFICATE``), or it is locked (``FTP-LOGIN-LOCKED``); which it was is not for
                the client to know.
        """
        with self._store.read() as tx:
            row = _find(tx, user)
        good = _matches(password, _OF_NOBODY if row is None else row.password)
        if row is None:
            raise AuthenticationRefusal(f"there is no account {user[:40]!r}", rule="FTP-LOGIN-ACCOUNT")
        is_own = shown == row.oin
        if not good:
            self._refuse_password(user, lock, counts=is_own)
        if not (is_own or any_oin):
            raise AuthenticationRefusal(
                f"the client certificate is of OIN {shown}, account {user} belongs to OIN {row.oin}",
                rule="FTP-LOGIN-CERTIFICATE",
            )
        return self._let_in(user)

    def _let_in(self, user: str) -> Account:
        """The account as it is after its password was looked at: others may have locked it meanwhile."""
        with self._store.read() as tx:
            account = _present(tx, user)
        if not account.failed and account.locked is None:
            return account
        with self._store.begin() as tx:
            account = _present(tx, user, lock=True)
            if account.is_locked(self._now()):
                raise _is_locked(account)
            tx.execute(update(ftp_accounts).where(_a.user == user).values(**_UNLOCKED))
        return account

    def _refuse_password(self, user: str, lock: LockRule, *, counts: bool) -> None:
        wrong = f"the password for account {user!r} is wrong"
        if not counts:
            raise AuthenticationRefusal(
                f"{wrong}; it does not count, as the certificate is not of the account's party",
                rule="FTP-LOGIN-PASSWORD",
            )
        now = self._now()
        with self._store.begin() as tx:
            before = _present(tx, user, lock=True)
            if before.is_locked(now):
                raise _is_locked(before)
            failed = 1 if before.locked is not None else before.failed + 1  # a lock that is over counts anew
            locks = 0 < lock.most <= failed
            until = lock.until(now) if locks else None
            values = {
                "failed": failed,
                "locked": epoch_milliseconds(now) if locks else None,
                "locked_until": None if until is None else epoch_milliseconds(until),
            }
            tx.execute(update(ftp_accounts).where(_a.user == user).values(**values))
        if not locks:
            raise AuthenticationRefusal(f"{wrong}, {_times(failed)} in a row", rule="FTP-LOGIN-PASSWORD")
        raise AuthenticationRefusal(
            f"{wrong}, {_times(failed)} in a row with certificates of its own OIN {before.oin}: the account "
            f"is locked now; {_how_to_unlock(user, until)}",
            rule="FTP-LOCKED",
        )

    def _new_password(self) -> tuple[str, str]:
        password = base64.b32encode(self._ids.token(15)).decode().lower()
        return password, _hashed(password, self._ids.token(16))

    def _write(self, user: str, **values: Any) -> None:
        change = update(ftp_accounts).where(_a.user == user, _a.removed.is_(None)).values(**values)
        with self._store.begin() as tx:
            if tx.execute(change).rowcount == 0:
                raise _unknown(user)

    def _now(self) -> datetime:
        return self._clocks.simulator.now()


def _find(tx: Connection, user: str, *, lock: bool = False) -> Row[Any] | None:
    """An account's row; with `lock` no other transaction changes it until this one ends."""
    query = select(ftp_accounts).where(_a.user == user, _a.removed.is_(None))
    return tx.execute(query.with_for_update() if lock else query).first()


def _present(tx: Connection, user: str, *, lock: bool = False) -> Account:
    row = _find(tx, user, lock=lock)
    if row is None:
        raise AuthenticationRefusal(f"account {user!r} was just removed", rule="FTP-LOGIN-ACCOUNT")
    return _account(row)


def _is_locked(account: Account) -> AuthenticationRefusal:
    since = "" if account.locked is None else wire_time(account.locked)
    return AuthenticationRefusal(
        f"account {account.user!r} is locked since {since}, after {_times(account.failed)} a wrong password "
        f"in a row; {_how_to_unlock(account.user, account.locked_until)}",
        rule="FTP-LOGIN-LOCKED",
    )


def _how_to_unlock(user: str, until: datetime | None) -> str:
    by_itself = "" if until is None else f"it ends at {wire_time(until)} by the simulator's clock, or "
    return f"{by_itself}unlock it: digipoort-sim ftp account unlock {user}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _unknown(user: str) -> NotFoundError:
    return NotFoundError(
        f"there is no FTP account {user[:40]!r}; see: digipoort-sim ftp account list", rule="FTP-ACCOUNT"
    )


def _checked_label(label: str) -> str | None:
    tidy = label.strip()
    if len(tidy) > _LONGEST_LABEL or not tidy.isprintable():
        raise ConfigError(
            f"a label has at most {_LONGEST_LABEL} printable characters", rule="FTP-ACCOUNT-LABEL"
        )
    return tidy or None


def _account(row: Row[Any]) -> Account:
    return Account(
        user=row.user,
        oin=row.oin,
        created=from_epoch_milliseconds(row.created),
        removed=_moment(row.removed),
        label=row.label or "",
        wants=from_json(row.wants),
        failed=row.failed,
        locked=_moment(row.locked),
        locked_until=_moment(row.locked_until),
        place=row.place,
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_epoch_milliseconds(value)


def _hashed(password: str, salt: bytes) -> str:
    digest = hashlib.scrypt(password.encode(), salt=salt, **_COST)
    return f"scrypt${_COST['n']}${salt.hex()}${digest.hex()}"


def _matches(password: str, stored: str) -> bool:
    _, cost, salt, digest = stored.split("$")
    found = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=int(cost), r=_COST["r"], p=_COST["p"]
    )
    return hmac.compare_digest(found.hex(), digest)
