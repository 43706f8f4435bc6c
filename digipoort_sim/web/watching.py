"""What is new since a moment: events by their ids, statuses of the newest messages.

The tables are asked, not the process, because other processes and replicas write to them too. Every
question goes by a primary key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from digipoort_sim.exchange.records import MESSAGE, STATUS_COLUMNS, Message, StatusLine
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.store.exchange_tables import events, messages, statuses
from digipoort_sim.web.fields import event_fields, status_fields

WATCHED = 200
"""Statuses are watched of so many messages, the newest ones."""

_BATCH = 500


@dataclass(frozen=True)
class News:
    """One thing that happened.

    Attributes:
        kind: ``event`` or ``status``.
        fields: as the control API gives them; a status has its kenmerk and berichtsoort too.
        id: the event's id, to go on from; None for a status.
    """

    kind: str
    fields: dict[str, Any]
    id: int | None = None


class Watcher:
    """Remembers what one reader has seen; not safe for several threads at once.

    Args:
        last_event: id of the last event that the reader has; None starts with what comes next.
    """

    def __init__(self, rooms: Rooms, last_event: int | None = None) -> None:
        self._rooms = rooms
        with rooms.store.read() as tx:
            newest = tx.execute(select(func.max(events.c.id))).scalar() or 0
            self._event = newest if last_event is None else last_event
            self._seen = {message.id: message.status_position for message in _newest(tx)}

    def news(self) -> list[News]:
        """What happened since the last call, in order."""
        # Events are asked for first: then every status that was there before an event comes before it.
        events_ = list(self._events())
        with self._rooms.store.read() as tx:
            return [*self._statuses(tx), *events_]

    def _statuses(self, tx: Connection) -> Iterator[News]:
        before, self._seen = self._seen, {}
        oldest = min(before, default=0)
        for message in reversed(_newest(tx)):
            self._seen[message.id] = message.status_position
            seen = before.get(message.id, -1 if message.id > oldest else message.status_position)
            if message.status_position > seen:
                yield from _statuses_of(tx, message, seen)

    def _events(self) -> Iterator[News]:
        for record in reversed(self._rooms.office.events(after=self._event, limit=_BATCH)):
            self._event = record.id
            yield News("event", event_fields(record), record.id)


def _newest(tx: Connection) -> list[Message]:
    query = select(*MESSAGE).order_by(messages.c.id.desc()).limit(WATCHED)
    return [Message(*row) for row in tx.execute(query)]


def _statuses_of(tx: Connection, message: Message, seen: int) -> Iterator[News]:
    query = (
        select(*(statuses.c[name] for name in STATUS_COLUMNS))
        .where(statuses.c.message_id == message.id, statuses.c.position > seen)
        .order_by(statuses.c.position)
    )
    for row in tx.execute(query):
        status = StatusLine(*row).status(message.kenmerk, message.belanghebbende)
        fields = {"kenmerk": message.kenmerk, "berichtsoort": message.berichtsoort, **status_fields(status)}
        yield News("status", fields)
