"""Mededelingen and kennisgevingen for the accounts that want them, put in their ``/out``.

For each account the messages of its party are walked along: what came since, and from the beginning whenever
a mandate changed, for that may open older ones. A step is a bounded portion, and nothing is asked of the
database but what is newest as long as nothing changed.

Every message is given once to an account::

    prepared under hidden names ──▶ marked as given ──▶ names given, content first
            │ a crash here: removed, made again   │ a crash here: the names are given at the next start
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clocks
from digipoort_sim.errors import NotFoundError, TechnicalError
from digipoort_sim.exchange import PostOffice
from digipoort_sim.exchange.accounts import Account, Accounts
from digipoort_sim.exchange.outgoing import Outgoing, Receiver
from digipoort_sim.exchange.values import Content, Event
from digipoort_sim.exchange.wants import kind_of
from digipoort_sim.ftp.folders import used_space
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.outbox.files import MessageFiles, files_of, left_hidden
from digipoort_sim.ftp.outbox.walk import Round, Scan
from digipoort_sim.ftp.profile import Profile
from digipoort_sim.store.disk import force

_ACCOUNTS_SECONDS = 0.5
_SETTLE_SECONDS = 30.0
"""Longer than a transaction on PostgreSQL may take: until then a lower number may appear behind a higher."""

_RETRY_SECONDS = 60.0
_WAIT_SECONDS = 5.0
_REST_SECONDS = 2.0
_STEPS = 4
_ROWS = 500
"""So many steps in a tick, each over so many messages at most."""

_AT_ONCE = 20
"""Messages that are prepared and marked together."""

_log = logging.getLogger(__name__)


class _FullError(Exception):
    """There is no room in ``/out``."""


class Messages:
    """Puts messages into ``/out``; used by one thread.

    Args:
        interfaces: by their key; every account says in whose ``/out`` it wants messages.
        place: name of this server's state directory; an account that logs in elsewhere gets them there.
    """

    def __init__(
        self,
        office: PostOffice,
        catalogue: Catalogue,
        clocks: Clocks,
        accounts: Accounts,
        interfaces: Mapping[str, Interface],
        place: str,
    ) -> None:
        self._office = office
        self._catalogue = catalogue
        self._clocks = clocks
        self._accounts = accounts
        self._interfaces = interfaces
        self._place = place
        self._rounds: dict[str, Round] = {}
        self._turn: deque[str] = deque()
        self._newest = (-1, -1)
        self._accounts_at = self._settle_at = float("-inf")
        self._unsure = True
        self._stopping = False
        self._rest_until = 0.0

    def tick(self) -> None:
        """Do some of what there is to do; quick if that is nothing. Never raises: files must not wait."""
        if self._stopping or time.monotonic() < self._rest_until:
            return
        try:
            self._do_some()
            return
        except TechnicalError as error:
            # One line each time: the database may be away for hours.
            _log.warning("messages for /out wait: %s", error.detail.partition("\n")[0])
        except Exception:
            _log.exception("messages for /out wait")
        self._unsure = True
        self._rest_until = time.monotonic() + _REST_SECONDS

    def stop(self) -> None:
        """Begin nothing any more; for other threads."""
        self._stopping = True

    def _do_some(self) -> None:
        self._look_at_accounts()
        if self._unsure:
            self._finish_or_drop()
        if self._rounds:
            self._look_for_news()
            self._take_steps()

    # --- who wants something, and whether there can be anything new

    def _look_at_accounts(self) -> None:
        now = time.monotonic()
        if now - self._accounts_at < _ACCOUNTS_SECONDS:
            return
        self._accounts_at = now
        wanting = {one.user: one for one in self._accounts.wanting() if one.place in (None, self._place)}
        for user in self._rounds.keys() - wanting.keys():
            del self._rounds[user]
        for user, account in wanting.items():
            known = self._rounds.get(user)
            if known is None or known.account.wants != account.wants:
                self._rounds[user] = Round(account)
        self._turn = deque(user for user in dict.fromkeys((*self._turn, *wanting)) if user in wanting)

    def _look_for_news(self) -> None:
        newest, now = self._office.outgoing.newest(), time.monotonic()
        is_settled = self._settle_at <= now
        if newest == self._newest and not (is_settled and self._settle_at > 0):
            return
        is_new, self._newest = newest != self._newest, newest
        # SQLite has one writer, so there a higher number is never seen before a lower one.
        self._settle_at = now + _SETTLE_SECONDS if is_new and not self._office.store.is_sqlite else 0.0
        for one in self._rounds.values():
            one.begin()

    # --- step by step

    def _take_steps(self) -> None:
        steps = 0
        for _ in range(len(self._turn)):
            if steps >= _STEPS or self._stopping:
                return
            user = self._turn[0]
            self._turn.rotate(-1)
            one = self._rounds[user]
            now = time.monotonic()
            one.wake(self._clocks.simulator.now(), now, self._changed(one))
            scan = one.next_scan(now)
            if scan is not None:
                self._step(one, scan)
                steps += 1

    def _step(self, one: Round, scan: Scan) -> None:
        portion = self._office.outgoing.walk(_receiver(one.account), scan.lane, scan.at, _ROWS)
        now = self._clocks.simulator.now()
        wanted = [row for row in portion.open if self._is_wanted(one.account, row)]
        one.note_future(row.opens for row in wanted if row.opens is not None and row.opens > now)
        due = [row for row in wanted if row.opens is None or row.opens <= now]
        batch = due[:_AT_ONCE]
        try:
            self._deliver(one, batch)
        except (_FullError, OSError) as error:
            self._wait(one, error)
            return
        one.is_waiting_told = False
        if len(due) > len(batch):
            scan.go_on(batch[-1].place)
        else:
            scan.finish(portion, time.monotonic())

    def _is_wanted(self, account: Account, row: Outgoing) -> bool:
        kind = kind_of(self._catalogue, row.berichtsoort)
        return account.wants.takes(row.berichtsoort, kind)

    # --- one batch

    def _deliver(self, one: Round, batch: Sequence[Outgoing]) -> None:
        """Prepare, mark and show; where room runs out, as much as there is room for.

        Raises:
            OSError: the disk is full or fails.
            _FullError: there is no room in ``/out`` for the rest.
        """
        if not batch:
            return
        self._office.outgoing.make(batch)
        interface = self._interfaces[one.account.wants.interface]
        interface.homes.make_home(one.account.user)
        folder = interface.homes.outgoing(one.account.user)
        prepared: dict[int, MessageFiles] = {}
        trouble = self._prepare(one, batch, interface.profile, folder, prepared)
        if prepared:
            self._give(one.account, folder, prepared)
        if trouble is not None:
            raise trouble

    def _prepare(
        self,
        one: Round,
        batch: Sequence[Outgoing],
        profile: Profile,
        folder: Path,
        prepared: dict[int, MessageFiles],
    ) -> _FullError | OSError | None:
        """Write the hidden files; gives what kept the rest from being written."""
        moment = self._clocks.simulator.now().timestamp()
        count, size = used_space(folder, "")
        for message in batch:
            content = self._content(one, message)
            if content is None:
                continue
            if count and (count + 2 > profile.max_out_files or size + content.size > profile.max_out_bytes):
                return _FullError(f"it holds {count} files of {size} bytes")
            files = files_of(message, folder, profile)
            try:
                size += files.prepare(
                    message, content, kind_of(self._catalogue, message.berichtsoort), moment
                )
            except OSError as error:
                files.drop()
                return error
            count += 2
            prepared[message.id] = files
        return None

    def _content(self, one: Round, message: Outgoing) -> Content | None:
        """None if it cannot be had now; the others need not wait for it."""
        try:
            content = self._office.outgoing.content(message)
            content.open().close()
        except (NotFoundError, TechnicalError) as error:
            if isinstance(error, TechnicalError) and error.rule != "PAYLOAD":
                raise
            _log.warning("message %s waits: %s", message.kenmerk, error)
            one.try_again(time.monotonic() + _RETRY_SECONDS)
            return None
        return content

    def _give(self, account: Account, folder: Path, prepared: Mapping[int, MessageFiles]) -> None:
        """Mark and show; what was closed meanwhile, as its mandate was revoked, is removed."""
        force(folder)
        given = self._office.outgoing.give(_receiver(account), list(prepared))
        for id_, files in prepared.items():
            if id_ in given:
                files.publish()
            else:
                files.drop()
        force(folder)

    def _finish_or_drop(self) -> None:
        """Take up what a crash, or trouble of the disk or the database, left half done."""
        for interface in self._interfaces.values():
            for user in interface.homes.users():
                folder = interface.homes.outgoing(user)
                found = {one.id: one for one in left_hidden(folder, interface.profile)}
                given = self._office.outgoing.given(Receiver(user, ""), list(found)) if found else set()
                for id_, files in found.items():
                    files.publish() if id_ in given else files.drop()
        self._unsure = False

    # --- no room

    def _changed(self, one: Round) -> int:
        """What differs when something was added to or removed from an account's ``/out``."""
        if not one.is_waiting:
            return 0
        folder = self._interfaces[one.account.wants.interface].homes.outgoing(one.account.user)
        try:
            return folder.stat().st_mtime_ns
        except OSError:
            return 0

    def _wait(self, one: Round, error: Exception) -> None:
        self._unsure = self._unsure or isinstance(error, OSError)
        one.is_waiting = True
        one.wait(time.monotonic() + _WAIT_SECONDS, self._changed(one))
        if one.is_waiting_told:
            return
        one.is_waiting_told = True
        account = one.account
        is_full = isinstance(error, _FullError)
        why = str(error) if is_full else f"the disk says: {error}"
        self._office.record(
            Event(
                kind="ftp-out-waits",
                detail=f"messages for account {account.user} wait, as /out has no room: {why}; they come "
                "when files there are fetched and deleted",
                door="ftp",
                oin=account.oin,
                rule="FTP-OUT-FULL" if is_full else "FTP-OUT-DISK",
            )
        )


def _receiver(account: Account) -> Receiver:
    return Receiver(account.user, account.oin)
