"""Messages for accounts of the file door: what a party may fetch now and one account was not given yet.

The door walks along the messages of a party in portions of bounded size and in the order of an index, so that
no look costs more because there are many. What is open is judged as for the ophaalservice. A message is given
once to an account, by a mark of its own that getNieuwe... of the same party does not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, tuple_

from digipoort_sim.clock import Clock, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.exchange.content_making import Unmade
from digipoort_sim.exchange.fetchables import Fetchables
from digipoort_sim.exchange.openness import not_given_to, own_of, put_in_for
from digipoort_sim.exchange.values import Content, Identity
from digipoort_sim.register import Register
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import fetch_marks, fetchables
from digipoort_sim.store.register_tables import history

_f = fetchables.c
Lane = Literal["own", "put-in"]
LANES: tuple[Lane, ...] = ("own", "put-in")
"""The party's own messages, in the order of time; those that a tester put in, in the order of services."""

_ORDER: dict[Lane, tuple[Any, Any]] = {"own": (_f.at, _f.id), "put-in": (_f.dienst, _f.id)}
_NEWEST = (select(func.max(_f.id)), select(func.max(history.c.nr)))


@dataclass(frozen=True)
class Receiver:
    """An account that messages are given to.

    Attributes:
        reader: stands where a certificate stands in the marks of the ophaalservice.
    """

    user: str
    oin: str

    @property
    def reader(self) -> str:
        """By what its marks are known."""
        return f"ftp:{self.user}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that a party may fetch and an account was not given, without its content.

    Attributes:
        place: where it stands in its lane.
        opens: from when on the party may fetch it, if that may be later.
        unmade: what makes its content; None if it has one.
    """

    id: int
    place: tuple[Any, int]
    kenmerk: str
    berichtsoort: str
    aanleverkenmerk: str | None
    identiteit_belanghebbende: Identity
    at: datetime
    mime_type: str
    bestandsnaam: str
    opens: datetime | None
    unmade: Unmade | None


@dataclass(frozen=True, slots=True)
class Portion:
    """What one look at a lane gave.

    Attributes:
        open: the messages that are open, or will be.
        last: where the last message that was looked at stands; None if there was none.
        is_end: whether there is nothing behind it.
    """

    open: tuple[Outgoing, ...]
    last: tuple[Any, int] | None
    is_end: bool


class OutgoingDesk:
    """Finds and marks messages for accounts; safe for many threads."""

    def __init__(self, store: Store, register: Register, fetchables: Fetchables, clock: Clock) -> None:
        self._store = store
        self._register = register
        self._fetchables = fetchables
        self._clock = clock

    def newest(self) -> tuple[int, int]:
        """What changes whenever a message was added or a mandate changed."""
        with self._store.read() as tx:
            message, change = (tx.execute(query).scalar() or 0 for query in _NEWEST)
        return message, change

    def walk(self, to: Receiver, lane: Lane, after: tuple[Any, int] | None, most: int) -> Portion:
        """Look at the next messages of a lane, at most so many."""
        with self._store.read() as tx:
            rows = tx.execute(self._walk(to, lane, after).limit(most)).all()
        found = tuple(_outgoing(row, lane) for row in rows if row.is_open)
        return Portion(found, _place(rows[-1], lane) if rows else None, len(rows) < most)

    def _walk(self, to: Receiver, lane: Lane, after: tuple[Any, int] | None) -> Select[Any]:
        order = _ORDER[lane]
        of_lane = (_f.owner_oin == to.oin, _f.stub == 0) if lane == "own" else (_f.dienst > "",)
        columns = (
            *(_f.id, _f.kenmerk, _f.berichtsoort, _f.aanleverkenmerk, _f.belanghebbende_nummer),
            *(_f.belanghebbende_type, _f.at, _f.dienst, _f.mime_type, _f.bestandsnaam),
            *(_f.mandate_id, _f.number, _f.inhoud.is_(None).label("is_unmade")),
            self._opens(to, lane).label("is_open"),
        )
        query = select(*columns).where(*of_lane).order_by(*order)
        return query if after is None else query.where(tuple_(*order) > tuple_(*after))

    def _opens(self, to: Receiver, lane: Lane) -> ColumnElement[bool]:
        way = own_of(self._register, to.oin) if lane == "own" else put_in_for(to.oin)
        return and_(way, _f.replaced.is_(None), not_given_to(to.reader))

    def make(self, messages: Iterable[Outgoing]) -> None:
        """Have contents made that nobody wanted before; of one that cannot be made there is an event."""
        unmade = [message.unmade for message in messages if message.unmade is not None]
        if unmade:
            self._fetchables.contents.make(unmade)

    def content(self, message: Outgoing) -> Content:
        """The content, wherever it lies.

        Raises:
            NotFoundError: it could not be made, or the message is not there any more.
        """
        with self._store.read() as tx:
            return self._fetchables.content(tx, message.id)

    def give(self, to: Receiver, ids: Sequence[int]) -> set[int]:
        """Mark messages as given to an account; those that are still open to it and are marked now."""
        if not ids:
            return set()
        now = epoch_milliseconds(self._clock.now())
        ways = [self._opens(to, lane) for lane in LANES]
        still = select(_f.id).where(_f.id.in_(ids), or_(*ways), or_(_f.dienst.is_(None), _f.at <= now))
        with self._store.begin() as tx:
            self._store.lock(tx, f"fetched by {to.reader}")
            given = set(tx.execute(still).scalars())
            if given:
                marks = [{"certificate": to.reader, "fetchable_id": one} for one in sorted(given)]
                tx.execute(insert(fetch_marks), marks)
        return given

    def given(self, to: Receiver, ids: Sequence[int]) -> set[int]:
        """Which of these messages are marked as given to an account."""
        marks = fetch_marks.c
        query = select(marks.fetchable_id).where(marks.certificate == to.reader, marks.fetchable_id.in_(ids))
        with self._store.read() as tx:
            return set(tx.execute(query).scalars())


def _place(row: Any, lane: Lane) -> tuple[Any, int]:
    return (row.at if lane == "own" else row.dienst, row.id)


def _outgoing(row: Any, lane: Lane) -> Outgoing:
    unmade = None
    if row.is_unmade:
        unmade = Unmade(row.id, row.kenmerk, row.mandate_id, row.number, row.at)
    return Outgoing(
        id=row.id,
        place=_place(row, lane),
        kenmerk=row.kenmerk,
        berichtsoort=row.berichtsoort,
        aanleverkenmerk=row.aanleverkenmerk,
        identiteit_belanghebbende=Identity(row.belanghebbende_nummer, row.belanghebbende_type),
        at=from_epoch_milliseconds(row.at),
        mime_type=row.mime_type,
        bestandsnaam=row.bestandsnaam,
        opens=None if lane == "own" else from_epoch_milliseconds(row.at),
        unmade=unmade,
    )
