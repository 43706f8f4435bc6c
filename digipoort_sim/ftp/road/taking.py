"""From ``/in`` to the folder where files are processed: the moment at which a file becomes a delivery.

::

    /in/x.tmp ──link──▶ work ──claim──▶ a row, committed and on the disk ──▶ out of /in ──▶ 250

Until the claim nothing has happened: the second name is taken away again, and the file lies in ``/in``.
From the claim on the file is a delivery, whatever happens to the process, the machine or the client: what
is left to do is done by `leave_in` at the next start. So a row always has its file.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from digipoort_sim.errors import ConflictError, NotFoundError
from digipoort_sim.ftp.desk import Desk
from digipoort_sim.ftp.folders import Homes
from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.ftp.profile import Profile
from digipoort_sim.ftp.road.receipts import remove_answers
from digipoort_sim.ftp.road.uploads import check_complete, role_of
from digipoort_sim.store.disk import force

_log = logging.getLogger(__name__)


class UnsureError(Exception):
    """Whether a file became a delivery shows only when the database is back; its cause says why."""


def take_in(desk: Desk, entry: Entry) -> None:
    """Make a file in ``/in`` a delivery: its name is used up and it leaves ``/in``.

    Writes to disk and store, so not for the loop's thread. Afterwards nothing can lose it.

    Raises:
        ConflictError: the name was used before, or the upload was cut off.
        NotFoundError: the file is gone.
        UnsureError: the database went away; the courier finds out what became of it.
    """
    homes, profile = desk.homes, desk.profile
    source, work = homes.incoming(entry.user) / entry.source, homes.work / entry.work
    check_complete(source)
    if entry.source != entry.name:
        check_may_move(desk, entry.user, source)
    entry = _summed(desk, entry, source)
    _link(source, work)
    try:
        desk.ledger.claim(entry, again=_forgetting(homes, profile, entry))
    except ConflictError:
        work.unlink(missing_ok=True)
        raise
    except Exception as error:
        raise UnsureError from error
    try:
        desk.ledger.make_durable()
        leave_in(homes, profile, entry)
    except OSError as error:
        # It is a delivery all the same; at the next start at the latest it leaves /in.
        _log.warning("%s is not out of /in: %s", entry.reference, error)
    desk.wake()


def check_may_move(desk: Desk, user: str, source: Path) -> None:
    """Check that a file in ``/in`` is none that was delivered and stays there (`processed_files` = kept).

    Raises:
        ConflictError: it is (rule ``FTP-NAME-KEPT``).
    """
    kept = desk.profile.processed_files == "kept" and role_of(source.name, desk.profile) == "final"
    if kept and desk.ledger.find(desk.interface.key, user, source.name) is not None:
        raise ConflictError(
            f"{source.name} was delivered; it can only be deleted, or stay", rule="FTP-NAME-KEPT"
        )


def leave_in(homes: Homes, profile: Profile, entry: Entry) -> None:
    """Take a file that is a delivery out of ``/in``, or let it stay under its final name; may be repeated.

    Raises:
        OSError: the disk says no.
    """
    source = homes.incoming(entry.user) / entry.source
    if not _is_same(source, homes.work / entry.work):
        return
    if profile.processed_files == "moved":
        source.unlink()
    elif entry.source != entry.name:
        source.replace(source.with_name(entry.name))
    force(source.parent)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names are there and stand for one file."""
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except FileNotFoundError:
        return False


def _forgetting(homes: Homes, profile: Profile, entry: Entry) -> Callable[[], None] | None:
    """What removes the answers to an earlier file of this name.

    The courier sees a claim at once, and may write the new answers before anything else is done here.
    """
    if profile.used_names != "free-when-done":
        return None
    return lambda: remove_answers(homes.outgoing(entry.user), entry.name, profile)


def _summed(desk: Desk, entry: Entry, source: Path) -> Entry:
    """The entry with the file's size and SHA-256, known from when it came in."""
    try:
        found = desk.sums.of(source)
    except FileNotFoundError:
        raise _gone(source) from None
    return replace(entry, size=found.size, sha256=found.sha256)


def _gone(source: Path) -> NotFoundError:
    return NotFoundError(f"{source.name} is gone from /in", rule="FTP-NO-FILE")


def _link(source: Path, work: Path) -> None:
    try:
        force(source)
        os.link(source, work, follow_symlinks=False)
    except FileNotFoundError:
        raise _gone(source) from None
    try:
        force(work.parent)
    except OSError:
        work.unlink(missing_ok=True)  # else the next start finds a delivery that nobody knows
        raise
