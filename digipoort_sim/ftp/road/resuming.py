"""What is done at the start, before any session: what a crash left half done is brought to an end."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from digipoort_sim.clock import RealClock
from digipoort_sim.exchange import PostOffice
from digipoort_sim.exchange.values import Event
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import PENDING, Entry, Ledger
from digipoort_sim.ftp.road.taking import leave_in

_PAGE = 1000
_log = logging.getLogger(__name__)


def resume(office: PostOffice, interfaces: Mapping[str, Interface], ledger: Ledger) -> None:
    """Take claimed files out of ``/in``, and remove second names and payloads that no row knows.

    Raises:
        TechnicalError: the database is away.
    """
    _finish_taking(interfaces, ledger)
    for folder in {interface.homes.work for interface in interfaces.values()}:
        _sweep(office, ledger, folder)
    with office.store.read() as tx:
        office.payloads.sweep(tx, RealClock().now())


def _finish_taking(interfaces: Mapping[str, Interface], ledger: Ledger) -> None:
    """Bring the taking of all files to its end that are deliveries by their rows."""
    page = ledger.received(_PAGE)
    if page:
        ledger.make_durable()  # a crash may have come before that, and now /in lets go
    while page:
        for entry in page:
            _finish(interfaces[entry.interface], ledger, entry)
        page = ledger.received(_PAGE, page[-1])


def _finish(interface: Interface, ledger: Ledger, entry: Entry) -> None:
    homes = interface.homes
    if (homes.work / entry.work).exists():
        leave_in(homes, interface.profile, entry)
    elif (homes.incoming(entry.user) / entry.source).exists():
        ledger.unclaim(entry)  # its client never had a reply


def _sweep(office: PostOffice, ledger: Ledger, folder: Path) -> None:
    names = [entry.name for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    states = ledger.states_of_works(names)
    for name in names:
        path = folder / name
        if states.get(name) in PENDING:
            continue
        if name in states or path.stat().st_nlink > 1:  # it has its receipt, or still lies in /in
            path.unlink()
        else:
            _tell(office, path)


def _tell(office: PostOffice, path: Path) -> None:
    """A file of which the database knows nothing: another database, or one from a backup."""
    detail = (
        f"{path.name} in {path.parent.name} is a delivery that the database does not know; it stays there"
    )
    _log.warning("%s", detail)
    office.record(Event(kind="ftp-orphan", detail=detail, door="ftp", rule="FTP-FILE-UNKNOWN"))
