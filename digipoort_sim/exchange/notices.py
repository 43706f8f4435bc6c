"""News for the doors: the final status of what came in by them."""

from __future__ import annotations

from sqlalchemy import delete, select

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


def pending(store: Store, door: Door, limit: int) -> list[Notice]:
    """The oldest notices for a door that were not taken yet."""
    with store.read() as tx:
        rows = tx.execute(_QUERY.where(notices.c.door == door).limit(limit)).all()
    return [
        Notice(id_, kenmerk, reference, StatusLine(*line).status(kenmerk, Identity(nummer, type_)))
        for id_, reference, kenmerk, nummer, type_, *line in rows
    ]


def take(store: Store, notice_id: int) -> None:
    """The door has done with a notice; taking one twice does no harm."""
    with store.begin() as tx:
        tx.execute(delete(notices).where(notices.c.id == notice_id))
