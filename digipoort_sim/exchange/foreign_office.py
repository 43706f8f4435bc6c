"""The counters of the foreign route: the tax administration, the OIN register and the certificate's issuer.

Each step is a transaction of its own and leaves an event. What is refused is raised, with the catalogue's
words for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from digipoort_sim.catalogue import MandateOutcome, OinRegister
from digipoort_sim.errors import ConflictError, DigipoortSimError, NotFoundError
from digipoort_sim.exchange.mandates import REGISTER_LOCK
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Event
from digipoort_sim.pki import CertificateRow, IssuedCertificate, Oin, Seat
from digipoort_sim.register import foreign
from digipoort_sim.register.foreign import ForeignApplication, ForeignParty
from digipoort_sim.register.rules import Refused
from digipoort_sim.register.trade_names import Address, Lookup, TradeName
from digipoort_sim.store import Store

_UNKNOWN = "buitenland-onbekend"
_Answer = TypeVar("_Answer")


class ForeignRefused(ConflictError):
    """A step of the foreign route is refused.

    Attributes:
        row: the catalogue's line: code, reason in Dutch and in English, provenance.
    """

    def __init__(self, row: MandateOutcome, detail: str) -> None:
        super().__init__(f"{row.text_en} {detail}", rule=row.key.upper(), code=row.code)
        self.row = row


@dataclass(frozen=True, slots=True)
class OinEntry:
    """What the OIN register says of an OIN.

    Attributes:
        register: what the prefix means.
        name: who has it, if that is known.
        origin: where the name comes from: ``registered``, ``agency``, ``own`` or ``fictitious``.
        party: its registration, if it came by the foreign route.
    """

    oin: Oin
    register: OinRegister
    name: str
    origin: str
    party: ForeignParty | None


@dataclass(frozen=True, slots=True)
class ForeignCertificate:
    """A certificate that was issued to a foreign business.

    Attributes:
        oin: that in its subject.
        folder: where the five files of the client lie.
    """

    oin: str
    issued: IssuedCertificate
    folder: Path


class ForeignOffice:
    """The foreign route in one simulator. Safe for many threads."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def register(self, application: ForeignApplication) -> ForeignParty:
        """The tax administration registers a foreign business, and gives it an FInr.

        Raises:
            ForeignRefused: the application breaks a rule, or the business is registered already.
        """
        ids = self._rooms.ids
        party = self._write(lambda tx, now: foreign.register_foreign(tx, application, ids, now))
        self._record("foreign-registered", f"{party.name} ({party.country}) has FInr {party.finr}", party)
        return party

    def give_oin(self, finr: str) -> ForeignParty:
        """The OIN register enters a foreign business, and gives it its OIN.

        Raises:
            NotFoundError: nobody has that FInr.
            ForeignRefused: it has an OIN already.
        """
        party = self._write(lambda tx, now: foreign.register_oin(tx, finr, now))
        self._record("foreign-oin", f"{party.name} (FInr {party.finr}) has OIN {party.oin}", party)
        return party

    def find(self, finr: str) -> ForeignParty:
        """The foreign business with this FInr.

        Raises:
            NotFoundError: there is none.
        """
        with self._told(), self._rooms.store.read() as tx:
            return foreign.find_foreign(tx, finr)

    def parties(self, limit: int, after: str | None = None) -> list[ForeignParty]:
        """Foreign businesses in the order in which they registered, from the one behind `after` on.

        Raises:
            NotFoundError: nobody has the FInr `after`.
        """
        with self._told(), self._rooms.store.read() as tx:
            return foreign.list_foreign(tx, limit, after)

    def certificate(self, finr: str) -> ForeignCertificate:
        """Issue a certificate to a foreign business; its files go to ``foreign/<OIN>`` in the state.

        Raises:
            NotFoundError: nobody has that FInr.
            ForeignRefused: it has no OIN yet.
        """
        party = self.find(finr)
        if party.oin is None:
            detail = f"{party.name} (FInr {party.finr}) is not in the OIN register yet."
            raise ForeignRefused(self._rooms.catalogue.outcomes["buitenland-geen-oin"], detail)
        authority = self._rooms.authority
        seat = Seat(party.country, party.city)
        issued = authority.issue_client(Oin.parse(party.oin), party.name, seat=seat)
        folder = self._rooms.settings.state / "foreign" / party.oin
        authority.write_client_files(issued, folder)
        detail = f"certificate {issued.serial} for {party.name} ({party.country}), OIN {party.oin}"
        self._record("foreign-certificate", detail, party)
        return ForeignCertificate(party.oin, issued, folder)

    def certificates_of(self, party: ForeignParty) -> list[CertificateRow]:
        """The certificates with its OIN, oldest first."""
        if party.oin is None:
            return []
        return [row for row in self._rooms.authority.list_certificates() if row.oin == party.oin]

    def who_has(self, oin: str) -> OinEntry:
        """What the OIN register says of an OIN.

        Raises:
            NotFoundError: the text is no OIN.
        """
        rooms = self._rooms
        try:
            parsed = Oin.parse(oin)
        except DigipoortSimError as error:
            raise NotFoundError(error.detail, rule=error.rule) from None
        register = rooms.catalogue.oin_registers[parsed.prefix]
        with rooms.store.read() as tx:
            party = foreign.foreign_by_oin(tx, parsed.value)
        if party is not None:
            return OinEntry(parsed, register, party.name, "registered", party)
        agency = next((row for row in rooms.catalogue.agencies.values() if row.oin == parsed.value), None)
        if agency is not None:
            return OinEntry(parsed, register, agency.name, "agency", None)
        found = rooms.names.find(parsed.value)
        return OinEntry(parsed, register, found.name, found.origin, None)

    def _write(self, work: Callable[[Connection, datetime], _Answer]) -> _Answer:
        store = self._rooms.store
        with self._told(), store.begin() as tx:
            store.lock(tx, REGISTER_LOCK)
            return work(tx, self._rooms.clocks.simulator.now())

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raise what the register refuses with the catalogue's words for it."""
        try:
            yield
        except Refused as refused:
            row = self._rooms.catalogue.outcomes[refused.key]
            if refused.key == _UNKNOWN:
                raise NotFoundError(refused.detail, rule=row.key.upper(), code=row.code) from None
            raise ForeignRefused(row, refused.detail) from None

    def _record(self, kind: str, detail: str, party: ForeignParty) -> None:
        self._rooms.office.record(Event(kind, detail, oin=party.oin or ""))


def registered_names(store: Store) -> Lookup:
    """Finds the name and address of a foreign business by its FInr, for the trade register's stand-in."""

    def lookup(number: str) -> TradeName | None:
        if not foreign.may_be_finr(number):
            return None
        with store.read() as tx:
            try:
                party = foreign.find_foreign(tx, number)
            except Refused:
                return None
        address = Address(party.address, "", f"{party.city} ({party.country})")
        return TradeName(party.finr, party.name, address, "registered")

    return lookup
