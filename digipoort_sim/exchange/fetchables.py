"""Messages that parties fetch: service messages, overviews, and the stub's TEST messages.

Who may fetch what, now: service messages of active mandates of the caller (the register says which), an
overview by the party that asked for it, TEST messages by anybody on the stub's paths.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select

from digipoort_sim.agencies import Agencies, ServiceMessage
from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clock, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.exchange.portion import portion
from digipoort_sim.exchange.records import Message, identity_key
from digipoort_sim.exchange.values import Bericht, BerichtLijstRegel, Caller, Content, Identity, Period
from digipoort_sim.ids import IdSource
from digipoort_sim.pki.numbers import IDENTITY_TYPES
from digipoort_sim.register import Mandate, Register
from digipoort_sim.register.rules import same_kind_of_number
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import fetch_marks, fetchables

OVERVIEW = "MachtigingOverzicht"
TEST = "TEST"
_TEST_MESSAGES = 2
_TEST_IDENTITY = Identity("001000044B37", "Fi")
_MOST_MESSAGES = 1000
_MOST_LINES = 10_000
_f = fetchables.c
_LINE = (_f.id, _f.kenmerk, _f.berichtsoort, _f.belanghebbende_nummer, _f.belanghebbende_type)
_FULL = (
    *_LINE,
    _f.berichtkenmerk,
    _f.aanleverkenmerk,
    _f.at,
    _f.rol_belanghebbende,
    _f.aanleveraar,
    _f.mime_type,
    _f.bestandsnaam,
    _f.inhoud,
)


@dataclass(frozen=True)
class Wanted:
    """What a caller wants to fetch.

    Attributes:
        nieuw: only what this certificate was not given before; giving it marks it.
    """

    caller: Caller
    stub: bool
    period: Period
    nieuw: bool
    berichtsoort: str | None = None
    identity: Identity | None = None
    kenmerk: str | None = None


class Fetchables:
    """Keeps and gives messages for parties."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        register: Register,
        agencies: Agencies,
        ids: IdSource,
        clock: Clock,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._register = register
        self._agencies = agencies
        self._ids = ids
        self._clock = clock

    def add_overview(self, tx: Connection, asked: Message, document: bytes, at: int) -> None:
        """Keep the register's answer to a query, for the party that asked."""
        self._add(
            tx,
            berichtsoort=OVERVIEW,
            aanleverkenmerk=asked.aanleverkenmerk,
            at=at,
            identity=asked.belanghebbende,
            rol=asked.rol_belanghebbende,
            content=Content("text/xml", "machtiging-overzicht.xml", document),
            owner=asked.sender_oin,
        )

    def add_service_message(self, tx: Connection, mandate: Mandate, message: ServiceMessage) -> None:
        """Keep a message that an agency made for the client of a mandate, unless it is there already."""
        if tx.execute(select(_f.id).where(_f.key == message.key)).first():
            return
        self._add(
            tx,
            berichtsoort=message.berichtsoort,
            aanleverkenmerk=None,
            at=epoch_milliseconds(message.at),
            identity=Identity(mandate.id_vertegenwoordigde, mandate.type_vertegenwoordigde),
            rol="",
            content=Content(message.mime_type, message.bestandsnaam, message.inhoud),
            mandate_id=mandate.id,
            key=message.key,
        )

    def is_made_on_request(self, wanted: Wanted) -> bool:
        """Whether asking for it may make something; then `give` needs a write transaction."""
        row = self._catalogue.berichtsoorten.get(wanted.berichtsoort or "")
        return bool(not wanted.stub and wanted.identity is not None and row is not None and row.dienst)

    def _make_on_request(self, tx: Connection, wanted: Wanted) -> None:
        """Have the agency make what it makes when asked (s: the VIA of today, for one client)."""
        if wanted.identity is None or not self.is_made_on_request(wanted):
            return
        now, client = self._clock.now(), (wanted.identity.nummer, wanted.identity.type)
        oin = wanted.caller.oin
        for mandate in self._register.access(tx, oin, now, berichtsoort=wanted.berichtsoort, client=client):
            message = self._agencies.requested_message(mandate, now)
            if message is not None:
                self.add_service_message(tx, mandate, message)

    def lines(self, tx: Connection, wanted: Wanted) -> list[BerichtLijstRegel]:
        """What there is, without contents; a list marks nothing, so a message stays new until given."""
        query = select(*_LINE).where(*self._conditions(wanted)).order_by(_f.at, _f.id).limit(_MOST_LINES)
        return [
            BerichtLijstRegel(berichtsoort, Identity(nummer, type_), kenmerk)
            for _, kenmerk, berichtsoort, nummer, type_ in tx.execute(query)
        ]

    def give(self, tx: Connection, wanted: Wanted) -> list[Bericht]:
        """The messages; if only new ones are wanted they are marked as given to this certificate."""
        self._make_on_request(tx, wanted)
        if wanted.nieuw:
            self._store.lock(tx, f"fetched by {wanted.caller.certificate}")
        query = select(*_FULL).where(*self._conditions(wanted)).order_by(_f.at, _f.id).limit(_MOST_MESSAGES)
        rows = portion(tx, query, lambda row: cast(bytes, row.inhoud))
        if wanted.nieuw and rows:
            marks = [{"certificate": wanted.caller.certificate, "fetchable_id": row[0]} for row in rows]
            tx.execute(insert(fetch_marks), marks)
        return [_bericht(row) for row in rows]

    def is_open(self, tx: Connection, wanted: Wanted) -> bool:
        """Whether there is such a message for this party, new or not and of whatever time."""
        anything = replace(wanted, nieuw=False, period=Period())
        return tx.execute(select(_f.id).where(*self._conditions(anything)).limit(1)).first() is not None

    def _conditions(self, wanted: Wanted) -> Iterable[ColumnElement[bool]]:
        if wanted.stub:
            yield _f.stub == 1
        else:
            yield self._open_to(wanted)
            if wanted.identity is not None:
                yield _is_about(wanted.identity)
        if wanted.berichtsoort is not None:
            yield _f.berichtsoort == wanted.berichtsoort
        if wanted.kenmerk is not None:
            yield _f.kenmerk == wanted.kenmerk
        if wanted.period.vanaf is not None:
            yield _f.at >= epoch_milliseconds(wanted.period.vanaf)
        if wanted.period.tot is not None:
            yield _f.at <= epoch_milliseconds(wanted.period.tot)
        if wanted.nieuw:
            mine = and_(
                fetch_marks.c.certificate == wanted.caller.certificate, fetch_marks.c.fetchable_id == _f.id
            )
            yield ~exists().where(mine)

    def _open_to(self, wanted: Wanted) -> ColumnElement[bool]:
        """What this party may fetch at this moment; a revoked mandate opens nothing any more."""
        oin = wanted.caller.oin
        active = self._register.accessible_ids(oin)
        return and_(_f.stub == 0, or_(_f.owner_oin == oin, _f.mandate_id.in_(active)))

    def prepare_stub(self) -> None:
        """Make the stub's messages of berichtsoort TEST (i), if they are not there."""
        here = select(_f.id).where(_f.stub == 1).limit(1)
        with self._store.read() as tx:
            if tx.execute(here).first():
                return
        with self._store.begin() as tx:
            self._store.lock(tx, "stub messages")
            if not tx.execute(here).first():
                for number in range(1, _TEST_MESSAGES + 1):
                    self._add_test_message(tx, number)

    def _add_test_message(self, tx: Connection, number: int) -> None:
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<test nummer="{number}"/>\n'.encode()
        self._add(
            tx,
            berichtsoort=TEST,
            aanleverkenmerk=None,
            at=epoch_milliseconds(self._clock.now()),
            identity=_TEST_IDENTITY,
            rol="",
            content=Content("text/xml", f"test-{number}.xml", document),
            stub=1,
        )

    def _add(
        self,
        tx: Connection,
        *,
        berichtsoort: str,
        aanleverkenmerk: str | None,
        at: int,
        identity: Identity,
        rol: str,
        content: Content,
        owner: str | None = None,
        mandate_id: str | None = None,
        key: str | None = None,
        stub: int = 0,
    ) -> None:
        row = self._catalogue.berichtsoorten.get(berichtsoort)
        values = {
            "kenmerk": self._ids.uuid(),
            "berichtsoort": berichtsoort,
            "berichtkenmerk": f"uuid:{self._ids.uuid()}",
            "aanleverkenmerk": aanleverkenmerk,
            "at": at,
            "belanghebbende_nummer": identity.nummer,
            "belanghebbende_type": identity.type,
            "belanghebbende_key": identity_key(identity),
            "rol_belanghebbende": rol,
            "aanleveraar": None if row is None else self._catalogue.agency_of(row).oin,
            "owner_oin": owner,
            "mandate_id": mandate_id,
            "key": key,
            "stub": stub,
            "mime_type": content.mime_type,
            "bestandsnaam": content.bestandsnaam,
            "inhoud": content.inhoud,
        }
        tx.execute(insert(fetchables), values)


def _is_about(identity: Identity) -> ColumnElement[bool]:
    """RSIN, Fi and BTW are one kind of number to the register: a client may be named by any of them."""
    types = {kind for kind in IDENTITY_TYPES.values() if same_kind_of_number(kind, identity.type)}
    keys = {identity_key(Identity(identity.nummer, kind)) for kind in {*types, identity.type}}
    return _f.belanghebbende_key.in_(sorted(keys))


def _bericht(row: Any) -> Bericht:
    return Bericht(
        kenmerk=row.kenmerk,
        berichtsoort=row.berichtsoort,
        berichtkenmerk=row.berichtkenmerk,
        tijdstempel_aangeleverd=from_epoch_milliseconds(row.at),
        identiteit_belanghebbende=Identity(row.belanghebbende_nummer, row.belanghebbende_type),
        rol_belanghebbende=row.rol_belanghebbende,
        inhoud=Content(row.mime_type, row.bestandsnaam, row.inhoud),
        aanleverkenmerk=row.aanleverkenmerk,
        identiteit_aanleveraar=row.aanleveraar,
    )
