"""Messages that parties fetch: service messages, overviews, and the stub's TEST messages.

Who may fetch what, now: service messages of active mandates of the caller (the register says which), an
overview by the party that asked for it, TEST messages by anybody on the stub's paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    exists,
    insert,
    select,
    union_all,
    update,
)

from digipoort_sim.agencies import Agencies, ServiceMessage
from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import Clock, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import NotFoundError, PermissionRefusal, SpecificationRefusal
from digipoort_sim.exchange.content_making import ContentMaker, Unmade
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.openness import open_now
from digipoort_sim.exchange.portion import portion
from digipoort_sim.exchange.records import Message, identity_key
from digipoort_sim.exchange.values import Bericht, BerichtLijstRegel, Content, Identity, Period, Wanted
from digipoort_sim.ids import IdSource
from digipoort_sim.register import Mandate, Register
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import fetch_marks, fetchables, payloads
from digipoort_sim.store.payloads import Payload, Payloads

_REGISTER = "register"
TEST = "TEST"
_TEST_MESSAGES = 2
_TEST_IDENTITY = Identity("001000044B37", "Fi")
_MOST_MESSAGES = 1000
_MOST_LINES = 10_000
_f = fetchables.c
_LINE = (_f.id, _f.kenmerk, _f.berichtsoort, _f.belanghebbende_nummer, _f.belanghebbende_type, _f.at)
_FULL = (
    *_LINE,
    _f.berichtkenmerk,
    _f.aanleverkenmerk,
    _f.rol_belanghebbende,
    _f.aanleveraar,
    _f.mime_type,
    _f.bestandsnaam,
    _f.inhoud,
)
_IS_LARGE = exists().where(payloads.c.fetchable_id == _f.id)
"""It lies in a file; the ophaalservice, whose contents are of 20 MiB at most, never hands it out."""


class Fetchables:
    """Keeps and gives messages for parties.

    Attributes:
        contents: makes the contents of service messages.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        register: Register,
        agencies: Agencies,
        ids: IdSource,
        clock: Clock,
        events: EventRing,
        payloads: Payloads,
        *,
        without_mandate: Literal["empty", "fault"],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._register = register
        self._agencies = agencies
        self._ids = ids
        self._clock = clock
        self._payloads = payloads
        self._without_mandate = without_mandate
        self.contents = ContentMaker(store, register, agencies, events)

    def add_overview(self, tx: Connection, asked: Message, document: bytes, at: int) -> None:
        """Keep the register's answer to a query, for the party that asked."""
        row = self.row(
            berichtsoort=self._overview_name(),
            at=at,
            identity=asked.belanghebbende,
            mime_type="text/xml",
            bestandsnaam="machtiging-overzicht.xml",
        )
        mine = {
            "aanleverkenmerk": asked.aanleverkenmerk,
            "rol_belanghebbende": asked.rol_belanghebbende,
            "owner_oin": asked.sender_oin,
        }
        tx.execute(insert(fetchables), {**row, **mine, "inhoud": document})

    def _overview_name(self) -> str:
        """The name of the register's own kind of message; the last line in the catalogue that is one."""
        rows = self._catalogue.berichtsoorten.values()
        return [row.name for row in rows if row.direction == "out" and row.agency == _REGISTER][-1]

    def add_service_messages(self, tx: Connection, messages: Sequence[ServiceMessage]) -> None:
        """Keep messages that agencies made for clients of mandates, but for those that are there already.

        Their contents are made when they are first fetched, see `content_making`.
        """
        keys = [message.key for message in messages]
        there = set(tx.execute(select(_f.key).where(_f.key.in_(keys))).scalars()) if keys else set()
        new = [message for message in messages if message.key not in there]
        if not new:
            return
        for message in new:
            if message.replaces:
                _replace(tx, message)
        tx.execute(insert(fetchables), [self._service_row(message) for message in new])

    def _service_row(self, message: ServiceMessage) -> dict[str, Any]:
        return {
            **self.row(
                berichtsoort=message.berichtsoort,
                at=epoch_milliseconds(message.at),
                identity=Identity(message.nummer, message.type),
                mime_type=message.mime_type,
                bestandsnaam=message.bestandsnaam,
            ),
            "owner_oin": message.gemachtigde_oin,
            "mandate_id": message.mandate_id,
            "number": message.number,
            "key": message.key,
        }

    def make(self, wanted: Wanted) -> int:
        """Have made, outside any transaction, what is to be given; gives how many could not be made."""
        if wanted.stub:
            return 0
        self._make_on_request(wanted)
        columns = (_f.id, _f.kenmerk, _f.mandate_id, _f.number, _f.at)
        query = self._query(wanted, columns, _MOST_MESSAGES, _f.inhoud.is_(None))
        with self._store.read() as tx:
            rows = tx.execute(query).all()
        return self.contents.make([Unmade(*row) for row in rows]) if rows else 0

    def _make_on_request(self, wanted: Wanted) -> None:
        """Have the agency make what it makes when asked (s: the VIA of today, for one client)."""
        row = self._catalogue.berichtsoorten.get(wanted.berichtsoort or "")
        if wanted.identity is None or row is None or not row.dienst:
            return
        now, client = self._clock.now(), (wanted.identity.nummer, wanted.identity.type)
        oin = wanted.caller.oin
        with self._store.read() as tx:
            mandates = self._register.access(tx, oin, now, berichtsoort=row.name, client=client)
            made = [(one, self._agencies.requested_message(one, now)) for one in mandates]
            new = [(one, message) for one, message in made if message and not _is_kept(tx, message)]
        for mandate, message in new:
            with self._store.begin() as tx:
                self.lock_requests(tx, mandate)
                self.add_service_messages(tx, [message])

    def lock_requests(self, tx: Connection, mandate: Mandate) -> None:
        """Let of two that ask for the same message at once the second one find what the first one made."""
        self._store.lock(tx, f"requested for {mandate.id}")

    def lines(self, tx: Connection, wanted: Wanted) -> list[BerichtLijstRegel]:
        """What there is, without contents; a list marks nothing, so a message stays new until given."""
        query = self._query(wanted, _LINE, _MOST_LINES)
        found = [
            BerichtLijstRegel(berichtsoort, Identity(nummer, type_), kenmerk)
            for _, kenmerk, berichtsoort, nummer, type_, _ in tx.execute(query)
        ]
        if not found:
            self._check_mandate(tx, wanted)
        return found

    def give(self, tx: Connection, wanted: Wanted) -> list[Bericht]:
        """The messages; if only new ones are wanted they are marked as given to this certificate."""
        if wanted.nieuw:
            self._store.lock(tx, f"fetched by {wanted.caller.certificate}")
        # What came after `make` was called has no content yet; it waits for the next call.
        query = self._query(wanted, _FULL, _MOST_MESSAGES, _f.inhoud.is_not(None), ~_IS_LARGE)
        rows = portion(tx, query, lambda row: cast(bytes, row.inhoud))
        if not rows:
            self._check_mandate(tx, wanted)
            self._check_small(tx, wanted)
        if wanted.nieuw and rows:
            marks = [{"certificate": wanted.caller.certificate, "fetchable_id": row[0]} for row in rows]
            tx.execute(insert(fetch_marks), marks)
        return [_bericht(row) for row in rows]

    def _check_mandate(self, tx: Connection, wanted: Wanted) -> None:
        """Refuse who has no active mandate for what is wanted, if the settings want that.

        What a kenmerk stands for is not told: of another party's message, of one without a mandate and of
        none at all the same is said.

        Raises:
            PermissionRefusal: there is no mandate (rule NO-MANDATE).
        """
        if self._without_mandate == "empty" or wanted.stub or self.is_open(tx, wanted):
            return
        row = self._catalogue.berichtsoorten.get(wanted.berichtsoort or "")
        if wanted.berichtsoort is not None and (row is None or not row.dienst):
            return  # such as overviews, which need no mandate
        about = None if wanted.identity is None else (wanted.identity.nummer, wanted.identity.type)
        held = self._register.accessible_ids(
            wanted.caller.oin, berichtsoort=wanted.berichtsoort, client=about
        )
        if wanted.kenmerk is not None or tx.execute(held.limit(1)).first() is None:
            raise PermissionRefusal(
                "you have no active mandate for what you want to fetch", rule="NO-MANDATE"
            )

    def _check_small(self, tx: Connection, wanted: Wanted) -> None:
        """Refuse who could only be given messages that are too large for the ophaalservice.

        Raises:
            SpecificationRefusal: there is such a message (rule FETCH-SIZE).
        """
        found = tx.execute(self._query(wanted, (_f.id, _f.kenmerk, _f.at), 1, _IS_LARGE)).first()
        if found is not None:
            size = tx.execute(select(payloads.c.size).where(payloads.c.fetchable_id == found.id)).scalar()
            raise SpecificationRefusal(
                f"the message with kenmerk {found.kenmerk} has {size} octets; this service gives at most "
                "20 MiB. It can be fetched by FTP, from /out of an account that wants such messages",
                rule="FETCH-SIZE",
            )

    def content(self, tx: Connection, fetchable_id: int) -> Content:
        """The content of a message, wherever it lies; open it with `Content.open`.

        Raises:
            NotFoundError: there is no such message, or its content was not made yet.
        """
        columns = select(_f.mime_type, _f.bestandsnaam, _f.inhoud).where(_f.id == fetchable_id)
        row = tx.execute(columns).first()
        if row is None or row.inhoud is None:
            raise NotFoundError("there is no such message, or no content of it yet", rule="KENMERK")
        return Content(*row, None if row.inhoud else self._payload(tx, fetchable_id))

    def _payload(self, tx: Connection, fetchable_id: int) -> Payload | None:
        its = payloads.c.fetchable_id == fetchable_id
        row = tx.execute(select(payloads.c.file, payloads.c.size, payloads.c.sha256).where(its)).first()
        return None if row is None else self._payloads.at(*row)

    def is_open(self, tx: Connection, wanted: Wanted) -> bool:
        """Whether there is such a message for this party, new or not and of whatever time."""
        anything = replace(wanted, nieuw=False, period=Period())
        return tx.execute(self._query(anything, (_f.id, _f.at), 1)).first() is not None

    def _query(
        self, wanted: Wanted, columns: tuple[Any, ...], most: int, *more: ColumnElement[bool]
    ) -> Select[Any] | CompoundSelect[Any]:
        """The first messages that are open to who asks, the oldest first."""
        ways = open_now(self._register, wanted, self._clock.now())
        parts = [select(*columns).where(*way, *more) for way in ways]
        query = parts[0] if len(parts) == 1 else union_all(*parts)
        return query.order_by("at", "id").limit(most)

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
        row = self.row(
            berichtsoort=TEST,
            at=epoch_milliseconds(self._clock.now()),
            identity=_TEST_IDENTITY,
            mime_type="text/xml",
            bestandsnaam=f"test-{number}.xml",
        )
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<test nummer="{number}"/>\n'.encode()
        tx.execute(insert(fetchables), {**row, "stub": 1, "inhoud": document})

    def row(
        self, *, berichtsoort: str, at: int, identity: Identity, mime_type: str, bestandsnaam: str
    ) -> dict[str, Any]:
        """What every row has; the caller adds to whom it is open, and the content if there is one."""
        row = self._catalogue.berichtsoorten.get(berichtsoort)
        return {
            "kenmerk": self._ids.uuid(),
            "berichtsoort": berichtsoort,
            "berichtkenmerk": f"uuid:{self._ids.uuid()}",
            "at": at,
            "belanghebbende_nummer": identity.nummer,
            "belanghebbende_type": identity.type,
            "belanghebbende_key": identity_key(identity),
            "rol_belanghebbende": "",
            "aanleveraar": None if row is None else self._catalogue.agency_of(row).oin,
            "stub": 0,
            "mime_type": mime_type,
            "bestandsnaam": bestandsnaam,
        }


def _is_kept(tx: Connection, message: ServiceMessage) -> bool:
    return tx.execute(select(_f.id).where(_f.key == message.key)).first() is not None


def _replace(tx: Connection, message: ServiceMessage) -> None:
    """Take older versions of a message out of all lists.

    The VIA is one thing that is rebuilt, so there is one at a time (s). Who fetched an older version may do
    so again by its kenmerk.
    """
    older = (_f.mandate_id == message.mandate_id) & (_f.number < message.number) & _f.replaced.is_(None)
    tx.execute(update(fetchables).where(older).values(replaced=epoch_milliseconds(message.at)))


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
