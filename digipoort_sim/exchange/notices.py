"""News for the doors: the final status of what came in by them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from digipoort_sim.exchange.progress import Progress
from digipoort_sim.exchange.records import STATUS_COLUMNS, StatusLine
from digipoort_sim.exchange.values import Door, Identity, Notice
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages, notices, statuses

_QUERY = (
    select(
        notices.c.id,
        notices.c.reference,
        messages.c.kenmerk,
        messages.c.belanghebbende_nummer,
        messages.c.belanghebbende_type,
        *(statuses.c[name] for name in STATUS_COLUMNS),
    )
    .join(messages, messages.c.id == notices.c.message_id)
    .join(
        statuses,
        (statuses.c.message_id == notices.c.message_id) & (statuses.c.position == notices.c.position),
    )
    .order_by(notices.c.id)
)


def pending(store: Store, door: Door, limit: int, after: int) -> list[Notice]:
    """The oldest notices for a door that were not taken yet, behind the one of an id."""
    here = (notices.c.door == door) & (notices.c.id > after)
    with store.read() as tx:
        rows = tx.execute(_QUERY.where(here).limit(limit)).all()
    return [
        Notice(id_, kenmerk, reference, StatusLine(*line).status(kenmerk, Identity(nummer, type_)))
        for id_, reference, kenmerk, nummer, type_, *line in rows
    ]


def tell(tx: Connection, group: Sequence[tuple[int, Progress]]) -> None:
    """Leave news of those messages, given with their ids, that have ended and came by a door that asks."""
    rows = [
        {
            "door": progress.message.via,
            "message_id": id_,
            "position": progress.last_position,
            "reference": progress.message.door_reference,
        }
        for id_, progress in group
        if progress.is_done and progress.message.door_reference is not None
    ]
    if rows:
        tx.execute(insert(notices), rows)


def take(store: Store, notice_ids: Sequence[int]) -> None:
    """The door has done with these notices; taking one twice does no harm."""
    if notice_ids:
        with store.begin() as tx:
            tx.execute(delete(notices).where(notices.c.id.in_(notice_ids)))
