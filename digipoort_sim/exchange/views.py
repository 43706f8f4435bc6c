"""What the web door shows of the messages; for who owns the simulator, not for parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.errors import NotFoundError
from digipoort_sim.exchange.records import MESSAGE, STATUS_COLUMNS, ContentReader, Message, StatusLine
from digipoort_sim.exchange.values import Content, Identity, Status
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import contents, messages, payloads, statuses, validations
from digipoort_sim.store.payloads import Payloads
from digipoort_sim.validation.report_json import KeptReport, unpacked

_CONTENTS = contents.outerjoin(
    payloads,
    (payloads.c.message_id == contents.c.message_id) & (payloads.c.position == contents.c.position),
)


@dataclass(frozen=True)
class MessageSummary:
    """A message in a listing; `statuscode` is the last one."""

    id: int
    kenmerk: str
    berichtsoort: str
    aanleverkenmerk: str | None
    identiteit_belanghebbende: Identity
    identiteit_ontvanger: Identity
    statuscode: str
    state: str
    via: str
    stub: bool
    sender_oin: str
    received: datetime


@dataclass(frozen=True)
class ContentSummary:
    """A content of a message, without its octets; position 0 is the berichtInhoud."""

    position: int
    mime_type: str
    bestandsnaam: str
    octets: int


@dataclass(frozen=True)
class MessageDetail:
    """All about a message but its contents' octets.

    Attributes:
        validation: what validation said of it; None if it has not said anything.
    """

    summary: MessageSummary
    berichtkenmerk: str
    eerder_aanleverkenmerk: str | None
    rol_belanghebbende: str
    rol_ontvanger: str | None
    autorisatie_adres: str | None
    sender_certificate: str
    statuses: tuple[Status, ...]
    contents: tuple[ContentSummary, ...]
    validation: KeptReport | None = None


def list_messages(
    store: Store,
    *,
    limit: int,
    before: int | None,
    berichtsoort: str | None,
    statuscode: str | None,
    aanleverkenmerk: str | None,
) -> list[MessageSummary]:
    """Messages, newest first."""
    wishes: list[tuple[ColumnElement[bool], object]] = [
        (messages.c.id < (before or 0), before),
        (messages.c.berichtsoort == berichtsoort, berichtsoort),
        (messages.c.statuscode == statuscode, statuscode),
        (messages.c.aanleverkenmerk == aanleverkenmerk, aanleverkenmerk),
    ]
    query = select(*MESSAGE).where(*(clause for clause, wish in wishes if wish is not None))
    with store.read() as tx:
        rows = tx.execute(query.order_by(messages.c.id.desc()).limit(limit)).all()
    return [_summary(Message(*row)) for row in rows]


def show_message(store: Store, kenmerk: str) -> MessageDetail:
    """One message.

    Raises:
        NotFoundError: there is no message with this kenmerk.
    """
    with store.read() as tx:
        row = tx.execute(_by_kenmerk(kenmerk)).first()
        if row is None:
            raise _no_message(kenmerk)
        message = Message(*row)
        lines = tx.execute(
            select(*(statuses.c[name] for name in STATUS_COLUMNS))
            .where(statuses.c.message_id == message.id)
            .order_by(statuses.c.position)
        ).all()
        parts = tx.execute(
            select(
                contents.c.position,
                contents.c.mime_type,
                contents.c.bestandsnaam,
                func.coalesce(payloads.c.size, func.length(contents.c.inhoud)),
            )
            .select_from(_CONTENTS)
            .where(contents.c.message_id == message.id)
            .order_by(contents.c.position)
        ).all()
        report = tx.execute(
            select(validations.c.report).where(validations.c.message_id == message.id)
        ).scalar()
    return MessageDetail(
        summary=_summary(message),
        berichtkenmerk=message.berichtkenmerk,
        eerder_aanleverkenmerk=message.eerder_aanleverkenmerk,
        rol_belanghebbende=message.rol_belanghebbende,
        rol_ontvanger=message.rol_ontvanger,
        autorisatie_adres=message.autorisatie_adres,
        sender_certificate=message.sender_certificate,
        statuses=tuple(StatusLine(*line).status(kenmerk, message.belanghebbende) for line in lines),
        contents=tuple(ContentSummary(*part) for part in parts),
        validation=None if report is None else unpacked(report),
    )


def show_content(store: Store, files: Payloads, kenmerk: str, position: int) -> Content:
    """A content of a message with its octets, or where they are.

    Args:
        files: the folder of large contents.

    Raises:
        NotFoundError: there is no such message or content.
    """
    with store.read() as tx:
        row = tx.execute(_by_kenmerk(kenmerk)).first()
        content = None if row is None else ContentReader(store, files).read(tx, row[0], position)
    if content is None:
        raise _no_message(kenmerk)
    return content


def _by_kenmerk(kenmerk: str) -> Select[Any]:
    return select(*MESSAGE).where(messages.c.kenmerk == kenmerk)


def _no_message(kenmerk: str) -> NotFoundError:
    return NotFoundError(f"there is no message with kenmerk {kenmerk[:40]!r}", rule="KENMERK")


def _summary(message: Message) -> MessageSummary:
    return MessageSummary(
        id=message.id,
        kenmerk=message.kenmerk,
        berichtsoort=message.berichtsoort,
        aanleverkenmerk=message.aanleverkenmerk,
        identiteit_belanghebbende=message.belanghebbende,
        identiteit_ontvanger=message.ontvanger,
        statuscode=message.statuscode,
        state=message.state,
        via=message.via,
        stub=bool(message.stub),
        sender_oin=message.sender_oin,
        received=from_epoch_milliseconds(message.received),
    )
