"""The counter for service messages: a tester looks at them, has some made, and puts in his own.

What a tester puts in is for a client and a service (and year), not for one mandate: every gemachtigde with an
active mandate for them may fetch it, also one whose mandate becomes active later. What he has made is for the
mandate that he names, as if the agency had just made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, literal, select

from digipoort_sim.agencies import ON_DEMAND, Agencies
from digipoort_sim.catalogue import Catalogue
from digipoort_sim.catalogue.mandate_messages import year_in_dienst
from digipoort_sim.clock import Clock, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import ConfigError, ConflictError, NotFoundError, SizeRefusal, TechnicalError
from digipoort_sim.exchange.acceptance import MAXIMUM_CONTENT_BYTES, check_name
from digipoort_sim.exchange.content_making import Unmade
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.fetchables import Fetchables
from digipoort_sim.exchange.mandates import REGISTER_LOCK
from digipoort_sim.exchange.openness import opens
from digipoort_sim.exchange.records import identity_key
from digipoort_sim.exchange.values import Content, Event, Identity
from digipoort_sim.pki.numbers import IDENTITY_TYPES
from digipoort_sim.register import Register, State
from digipoort_sim.register.access import Dossier, dossier
from digipoort_sim.register.rules import tidy_number
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import fetchables, payloads
from digipoort_sim.store.payloads import Payload
from digipoort_sim.store.register_tables import mandates

_MIME_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+( *; *[\w.-]+=[\w.\"-]+)*", re.ASCII)
_LONGEST_MIME_TYPE = 255
MAXIMUM_FILE_BYTES = 2 * 1024**3
"""Octets of a message that lies in a file: as many as the file door takes (s)."""
_f = fetchables.c
_SUMMARY = (
    _f.id,
    _f.kenmerk,
    _f.berichtsoort,
    _f.belanghebbende_nummer,
    _f.belanghebbende_type,
    _f.at,
    _f.dienst,
    _f.mandate_id,
    _f.mime_type,
    _f.bestandsnaam,
    func.coalesce(payloads.c.size, func.length(_f.inhoud)).label("octets"),
    _f.replaced,
    mandates.c.dienst.label("of_mandate"),
)

_UNMADE = select(_f.id, _f.kenmerk, _f.mandate_id, _f.number, _f.at).where(
    _f.id == bindparam("which"), _f.inhoud.is_(None)
)


@dataclass(frozen=True, slots=True)
class ServiceMessageSummary:
    """A service message, without its content.

    Attributes:
        id: for paging.
        dienst: service code with its year.
        mandate: id of the mandate that it was made for; None if a tester put it in for all of the client's.
        octets: size of the content; None while it was not wanted yet, and so not made.
        vervangen: when a newer version took its place.
    """

    id: int
    kenmerk: str
    berichtsoort: str
    dienst: str
    identiteit_belanghebbende: Identity
    tijdstempel_aangeleverd: datetime
    mandate: str | None
    mime_type: str
    bestandsnaam: str
    octets: int | None
    vervangen: datetime | None


@dataclass(frozen=True)
class OwnMessage:
    """A message that a tester puts in.

    Attributes:
        type: type of the client's number; derived from it if None.
        jaar: the tax or benefit year, where the service has years.
        at: from when it is there, by the simulator's clock; None is now.
    """

    berichtsoort: str
    nummer: str
    content: Content
    type: str | None = None
    jaar: int | None = None
    at: datetime | None = None


class ServiceDesk:
    """Looks into and adds to the service messages."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Clock,
        register: Register,
        agencies: Agencies,
        fetchables: Fetchables,
        events: EventRing,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._register = register
        self._agencies = agencies
        self._fetchables = fetchables
        self._events = events

    def messages(
        self,
        *,
        berichtsoort: str | None = None,
        vertegenwoordigde: str | None = None,
        mandate: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[ServiceMessageSummary]:
        """Service messages, newest first, replaced ones and those that nobody may fetch yet included.

        Args:
            vertegenwoordigde: number of the client.
            mandate: id of the mandate that they were made for.
            before: only those with a lower `ServiceMessageSummary.id`, for the next page.
        """
        wishes: tuple[tuple[ColumnElement[bool], object], ...] = (
            (_f.berichtsoort == berichtsoort, berichtsoort),
            (_f.belanghebbende_key.in_(_keys(vertegenwoordigde or "")), vertegenwoordigde),
            (_f.mandate_id == mandate, mandate),
            (_f.id < (before or 0), before),
        )
        query = _summaries(*(clause for clause, wish in wishes if wish is not None))
        with self._store.read() as tx:
            rows = tx.execute(query.order_by(_f.id.desc()).limit(limit)).all()
        return [_summary(row) for row in rows]

    def show(self, kenmerk: str) -> tuple[ServiceMessageSummary, list[str]]:
        """One service message, and the OINs of who may fetch it now.

        Raises:
            NotFoundError: there is none with this kenmerk.
        """
        with self._store.read() as tx:
            found = _one(tx, kenmerk)
            return found, self._open_to(tx, found)

    def _open_to(self, tx: Connection, message: ServiceMessageSummary) -> list[str]:
        if message.mandate is not None:
            holder = self._register.mandate(tx, message.mandate)
            return [holder.gemachtigde_oin] if holder.toestand is State.ACTIEF else []
        if message.tijdstempel_aangeleverd > self._clock.now():
            return []
        identity = message.identiteit_belanghebbende
        held = opens(literal(message.dienst), literal(identity.nummer), literal(identity.type))
        return sorted(str(oin) for oin in tx.execute(held.distinct()).scalars())

    def content(self, kenmerk: str) -> Content:
        """The content of a service message, made now if nobody wanted it before.

        Raises:
            NotFoundError: there is none with this kenmerk.
            TechnicalError: it cannot be made.
        """
        with self._store.read() as tx:
            found = _one(tx, kenmerk)
            unmade = tx.execute(_UNMADE, {"which": found.id}).first()
        if unmade is not None and self._fetchables.contents.make([Unmade(*unmade)]):
            raise TechnicalError("the content cannot be made; see the events", rule="SERVICE-MESSAGE")
        with self._store.read() as tx:
            return self._fetchables.content(tx, found.id)

    def make(self, mandate_id: str) -> ServiceMessageSummary:
        """Have the agency make one more message for a mandate, now.

        One that waits for its client's consent gets it when it becomes active. A VIA is the present version,
        which may be there already.

        Raises:
            NotFoundError: there is no such mandate.
            ConflictError: it has ended, its service has no messages, or the VIA is not there yet.
        """
        now = self._clock.now()
        with self._store.begin() as tx:
            self._store.lock(tx, REGISTER_LOCK)
            mandate = self._register.mandate(tx, mandate_id)
            if mandate.ended:
                raise ConflictError(f"mandate {mandate.id} is {mandate.toestand}", rule="MANDATE-STATE")
            self._fetchables.lock_requests(tx, mandate)
            demanded = select(func.count()).where(_f.mandate_id == mandate.id, _f.number >= ON_DEMAND)
            message = self._agencies.demanded_message(mandate, now, tx.execute(demanded).scalar_one())
            self._fetchables.add_service_messages(tx, [message])
            kenmerk = tx.execute(select(_f.kenmerk).where(_f.key == message.key)).scalar_one()
            made = _one(tx, kenmerk)
            self._events.add(tx, _event("service-message-made", made))
        return made

    def put(self, own: OwnMessage) -> ServiceMessageSummary:
        """Keep a message of a tester's own.

        Raises:
            ConfigError: no such berichtsoort, or the year, the number or the mimeType is not good.
            ContentNameRefusal: the bestandsnaam is not good.
            SizeRefusal: the content is larger than the interface can carry.
        """
        where = self._dossier(own)
        _check_content(own.content)
        at = epoch_milliseconds(own.at or self._clock.now())
        row = self._fetchables.row(
            berichtsoort=own.berichtsoort,
            at=at,
            identity=Identity(where.nummer, where.type),
            mime_type=own.content.mime_type,
            bestandsnaam=own.content.bestandsnaam,
        )
        with self._store.begin() as tx:
            row |= {"dienst": where.dienst, "inhoud": own.content.inhoud}
            id_ = tx.execute(insert(fetchables).returning(_f.id), row).scalar_one()
            if own.content.payload is not None:
                tx.execute(insert(payloads), _payload_row(own.content.payload, id_))
            kept = _one(tx, row["kenmerk"])
            self._events.add(tx, _event("service-message-put", kept))
        return kept

    def _dossier(self, own: OwnMessage) -> Dossier:
        services = self._services()
        if own.berichtsoort not in services:
            raise _not_of_service_messages(own.berichtsoort, services)
        return dossier(self._catalogue, services[own.berichtsoort], own.jaar, own.nummer, own.type)

    def _services(self) -> dict[str, str]:
        """The service of every berichtsoort of service messages, also where only its dienst names it."""
        diensten, rows = self._catalogue.diensten.values(), self._catalogue.berichtsoorten.values()
        named = {dienst.berichtsoort: dienst.code for dienst in diensten if dienst.berichtsoort}
        return {**named, **{row.name: row.dienst for row in rows if row.dienst}}


def _not_of_service_messages(given: str, known: Iterable[str]) -> ConfigError:
    year = year_in_dienst(given)
    name = given.removesuffix(f"_{year}")
    if year is not None and name in known:
        hint = f"write {name} with --year {year} (API: jaar)"
    else:
        hint = f"there are: {', '.join(known)}"
    return ConfigError(
        f"berichtsoort {given[:40]!r} is not one of service messages; {hint}", rule="BERICHTSOORT"
    )


def _check_content(content: Content) -> None:
    check_name(content.bestandsnaam)
    if len(content.mime_type) > _LONGEST_MIME_TYPE or not _MIME_TYPE.fullmatch(content.mime_type):
        raise ConfigError(
            f"mimeType {content.mime_type[:40]!r} is not of the form type/subtype", rule="MIME-TYPE"
        )
    most = MAXIMUM_CONTENT_BYTES if content.payload is None else MAXIMUM_FILE_BYTES
    if content.size > most:
        raise SizeRefusal(
            f"the content has {content.size} octets; at most {most} can be fetched", rule="CONTENT-SIZE"
        )


def _payload_row(payload: Payload, fetchable_id: int) -> dict[str, Any]:
    row = {"file": payload.file, "size": payload.size, "sha256": payload.sha256}
    return {**row, "fetchable_id": fetchable_id}


def _summaries(*conditions: ColumnElement[bool]) -> Any:
    of_clients = (_f.mandate_id.is_not(None)) | (_f.dienst.is_not(None))
    joined = fetchables.outerjoin(mandates, mandates.c.id == _f.mandate_id)
    joined = joined.outerjoin(payloads, payloads.c.fetchable_id == _f.id)
    return select(*_SUMMARY).select_from(joined).where(of_clients, *conditions)


def _one(tx: Connection, kenmerk: str) -> ServiceMessageSummary:
    row = tx.execute(_summaries(_f.kenmerk == kenmerk)).first()
    if row is None:
        raise NotFoundError(f"there is no service message with kenmerk {kenmerk[:40]!r}", rule="KENMERK")
    return _summary(row)


def _keys(number: str) -> list[str]:
    """The number under each of its types, as the table's index has them."""
    return [identity_key(Identity(tidy_number(number), kind)) for kind in IDENTITY_TYPES.values()]


def _event(kind: str, message: ServiceMessageSummary) -> Event:
    client = message.identiteit_belanghebbende
    detail = f"{message.dienst} for {client.type} {client.nummer}: {message.bestandsnaam}"
    return Event(kind, detail, kenmerk=message.kenmerk)


def _summary(row: Any) -> ServiceMessageSummary:
    return ServiceMessageSummary(
        id=row.id,
        kenmerk=row.kenmerk,
        berichtsoort=row.berichtsoort,
        dienst=row.dienst or row.of_mandate or "",
        identiteit_belanghebbende=Identity(row.belanghebbende_nummer, row.belanghebbende_type),
        tijdstempel_aangeleverd=from_epoch_milliseconds(row.at),
        mandate=row.mandate_id,
        mime_type=row.mime_type,
        bestandsnaam=row.bestandsnaam,
        octets=row.octets,
        vervangen=None if row.replaced is None else from_epoch_milliseconds(row.replaced),
    )
