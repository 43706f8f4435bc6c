"""The ring of events: refusals and what else happened, with the bytes that came."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from digipoort_sim.clock import Clocks, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import NotFoundError, TechnicalError
from digipoort_sim.exchange.values import Event
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import events

MAXIMUM_RAW_BYTES = 1_048_576
"""What is kept of the bytes of one event."""

MAXIMUM_RING_BYTES = 64 * 1024 * 1024
"""What is kept of the bytes of all events together, give or take `_COUNT_AGAIN` for each process."""

_COUNT_AGAIN = MAXIMUM_RING_BYTES // 8

_MAXIMUM_DETAIL = 20_000
_LIMITS = {
    "kind": 40,
    "door": 16,
    "peer": 80,
    "oin": 40,
    "certificate": 64,
    "rule": 80,
    "code": 40,
    "kenmerk": 40,
}
# In the order of the fields of `Event`.
_FIELDS = ("kind", "detail", "door", "peer", "oin", "certificate", "rule", "code", "kenmerk")
_LIST = select(
    events.c.id,
    events.c.at,
    events.c.security_at,
    *(events.c[name] for name in _FIELDS),
    func.length(events.c.raw).label("octets"),
)
_RAW_SO_FAR = func.sum(func.length(events.c.raw)).over(order_by=events.c.id.desc())
_BEHIND = select(events.c.id, _RAW_SO_FAR.label("sum"))
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EventRecord:
    """An event in the ring.

    Attributes:
        at: when, by the simulator's clock.
        event: without its raw bytes.
        security_at: when, by the security clock; None in events of an older version.
        octets: how many raw bytes are kept; None if there are none.
    """

    id: int
    at: datetime
    security_at: datetime | None
    event: Event
    octets: int | None


class EventRing:
    """Keeps the last events.

    Args:
        size: how many.
    """

    def __init__(self, store: Store, clocks: Clocks, size: int) -> None:
        self._store = store
        self._clocks = clocks
        self._size = size
        self._uncounted = _COUNT_AGAIN

    def record(self, event: Event) -> int:
        """Keep an event; gives its id, or 0 if it could not be kept. Never raises."""
        try:
            with self._store.begin() as tx:
                return self.add(tx, event)
        except TechnicalError as error:
            _log.warning("an event could not be kept: %s: %s", event.kind, error.detail.partition("\n")[0])
        except Exception:  # an event must never be the reason that something else fails
            _log.exception("an event could not be kept: %s", event.kind)
        return 0

    def add(self, tx: Connection, event: Event) -> int:
        """Keep an event in an open transaction; gives its id."""
        row = self._row(epoch_milliseconds(self._clocks.simulator.now()), event)
        key = tx.execute(insert(events).values(row)).inserted_primary_key
        assert key is not None
        tx.execute(delete(events).where(events.c.id <= int(key[0]) - self._size))
        self._keep_small(tx, len(event.raw or b""))
        return int(key[0])

    def add_together(self, tx: Connection, new: Sequence[tuple[int, Event]]) -> None:
        """Keep events that tell of these moments (milliseconds by the simulator's clock), without raw bytes.

        Of more than the ring holds, the last ones are kept.
        """
        rows = [self._row(at, event) for at, event in new[-self._size :]]
        if not rows:
            return
        tx.execute(insert(events).inline(), rows)
        newest = tx.execute(select(func.max(events.c.id))).scalar_one()
        tx.execute(delete(events).where(events.c.id <= newest - self._size))

    def _row(self, at: int, event: Event) -> dict[str, object]:
        return {
            "at": at,
            "security_at": epoch_milliseconds(self._clocks.security.now()),
            "raw": None if event.raw is None else event.raw[:MAXIMUM_RAW_BYTES],
            **{name: _clean(name, getattr(event, name)) for name in _FIELDS},
        }

    def rewrite(self, tx: Connection, event_id: int, detail: str) -> bool:
        """Give an event another detail, in an open transaction; False if it has left the ring."""
        changed = update(events).where(events.c.id == event_id).values(detail=_clean("detail", detail))
        return tx.execute(changed).rowcount == 1

    def _keep_small(self, tx: Connection, octets: int) -> None:
        """Take their raw bytes from the oldest events when all have too many together.

        They are counted only now and then, as many bytes later as the limit may be exceeded by.
        """
        self._uncounted += octets
        if self._uncounted < _COUNT_AGAIN:
            return
        self._uncounted = 0
        behind = _BEHIND.subquery()
        too_old = select(behind.c.id).where(behind.c.sum > MAXIMUM_RING_BYTES)
        tx.execute(update(events).where(events.c.id.in_(too_old), events.c.raw.is_not(None)).values(raw=None))

    def newest(
        self, *, limit: int = 100, after: int = 0, before: int | None = None, kind: str | None = None
    ) -> list[EventRecord]:
        """The newest events, newest first.

        Args:
            after: only those with a higher id.
            before: only those with a lower id.
        """
        query = _LIST.where(events.c.id > after).order_by(events.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.id < before)
        if kind is not None:
            query = query.where(events.c.kind == kind)
        with self._store.read() as tx:
            return [_record(tuple(row)) for row in tx.execute(query)]

    def get(self, event_id: int) -> EventRecord:
        """One event, without its raw bytes.

        Raises:
            NotFoundError: it never was there or has left the ring.
        """
        with self._store.read() as tx:
            row = tx.execute(_LIST.where(events.c.id == event_id)).first()
        if row is None:
            raise _no_event(event_id)
        return _record(tuple(row))

    def raw(self, event_id: int) -> bytes:
        """The raw bytes of an event; empty if it had none.

        Raises:
            NotFoundError: it never was there or has left the ring.
        """
        with self._store.read() as tx:
            row = tx.execute(select(events.c.raw).where(events.c.id == event_id)).first()
        if row is None:
            raise _no_event(event_id)
        return row.raw or b""


def _clean(name: str, value: str) -> str:
    # PostgreSQL keeps no NUL in a text, and what is refused may hold anything.
    text = value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return text[: _LIMITS.get(name, _MAXIMUM_DETAIL)]


def _record(row: tuple[object, ...]) -> EventRecord:
    id_, at, security_at, *values, octets = row
    kind, detail, door, peer, oin, certificate, rule, code, kenmerk = map(str, values)
    event = Event(kind, detail, door, peer, oin, certificate, rule, code, kenmerk)
    assert isinstance(id_, int)
    assert isinstance(at, int)
    assert security_at is None or isinstance(security_at, int)
    assert octets is None or isinstance(octets, int)
    judged = None if security_at is None else from_epoch_milliseconds(security_at)
    return EventRecord(id_, from_epoch_milliseconds(at), judged, event, octets)


def _no_event(event_id: int) -> NotFoundError:
    return NotFoundError(f"there is no event {event_id} (any more)", rule="EVENT")
