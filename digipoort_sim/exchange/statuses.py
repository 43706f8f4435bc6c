"""What the statusinformatieservice asks: berichtsoorten, processes, statuses and new statuses.

A party sees the processes that its own OIN delivered, and nothing of anybody else's; an unknown kenmerk and
another party's look the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, select

from digipoort_sim.clock import epoch_milliseconds
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange.portion import portion
from digipoort_sim.exchange.records import STATUS_COLUMNS, StatusLine, identity_key
from digipoort_sim.exchange.values import Caller, Identity, Period, Process, Status
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import messages, status_marks, statuses

_MOST_STATUSES = 10_000
_MOST_PROCESSES = 10_000
_m = messages.c
_s = statuses.c
_STATUS = select(
    *(_s[name] for name in STATUS_COLUMNS), _m.kenmerk, _m.belanghebbende_nummer, _m.belanghebbende_type
).join(messages, _m.id == _s.message_id)
_PROCESS = select(
    _m.kenmerk,
    _m.berichtsoort,
    _m.belanghebbende_nummer,
    _m.belanghebbende_type,
    _m.ontvanger_nummer,
    _m.ontvanger_type,
)


@dataclass(frozen=True)
class Asked:
    """Which processes are asked about: those of one kenmerk, or of a belanghebbende.

    Attributes:
        nieuw: only statuses that this certificate was not given before; giving them marks them.
    """

    caller: Caller
    kenmerk: str | None = None
    identity: Identity | None = None
    berichtsoort: str | None = None
    period: Period = field(default_factory=Period)
    nieuw: bool = False


class StatusDesk:
    """Answers questions about processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def berichtsoorten(self, tx: Connection, asked: Asked) -> list[str]:
        """All berichtsoorten that the caller delivered on behalf of a belanghebbende."""
        query = select(_m.berichtsoort).where(*_processes(asked)).distinct().order_by(_m.berichtsoort)
        return [str(name) for name in tx.execute(query).scalars()]

    def processes(self, tx: Connection, asked: Asked) -> list[Process]:
        """All processes of the caller, oldest first."""
        query = _PROCESS.where(*_processes(asked)).order_by(_m.id).limit(_MOST_PROCESSES)
        return [
            Process(kenmerk, soort, Identity(nummer, type_), Identity(ontvanger, ontvanger_type))
            for kenmerk, soort, nummer, type_, ontvanger, ontvanger_type in tx.execute(query)
        ]

    def exists(self, tx: Connection, asked: Asked) -> bool:
        """Whether the caller has such a process."""
        return tx.execute(select(_m.id).where(*_processes(asked)).limit(1)).first() is not None

    def statuses(self, tx: Connection, asked: Asked) -> list[Status]:
        """Statuses, oldest first; new ones are marked as given to the caller's certificate.

        What does not fit in one answer any more stays new, for the next question.
        """
        if asked.nieuw:
            self._store.lock(tx, f"statuses for {asked.caller.certificate}")
        query = _STATUS.where(*_processes(asked), *_bounds(asked))
        query = query.order_by(_s.at, _s.message_id, _s.position).limit(_MOST_STATUSES)
        rows = portion(tx, query, lambda row: cast("str | None", row.details))
        if asked.nieuw and rows:
            mine = asked.caller.certificate
            marks = [{"certificate": mine, "message_id": row[0], "position": row[1]} for row in rows]
            tx.execute(insert(status_marks), marks)
        return [
            StatusLine(*line).status(kenmerk, Identity(nummer, type_))
            for *line, kenmerk, nummer, type_ in rows
        ]


def unknown_kenmerk(kenmerk: str, what: str) -> SpecificationRefusal:
    """The refusal of a question about what is not the caller's, where the settings make it a fault."""
    return SpecificationRefusal(
        f"kenmerk {kenmerk[:40]!r} is not that of a {what} of this party", rule="KENMERK-UNKNOWN"
    )


def _processes(asked: Asked) -> Iterable[ColumnElement[bool]]:
    yield _m.sender_oin == asked.caller.oin
    if asked.kenmerk is not None:
        yield _m.kenmerk == asked.kenmerk
    if asked.identity is not None:
        yield _m.belanghebbende_key == identity_key(asked.identity)
    if asked.berichtsoort is not None:
        yield _m.berichtsoort == asked.berichtsoort


def _bounds(asked: Asked) -> Iterable[ColumnElement[bool]]:
    if asked.period.vanaf is not None:
        yield _s.at >= epoch_milliseconds(asked.period.vanaf)
    if asked.period.tot is not None:
        yield _s.at <= epoch_milliseconds(asked.period.tot)
    if asked.nieuw:
        mine = and_(
            status_marks.c.certificate == asked.caller.certificate,
            status_marks.c.message_id == _s.message_id,
            status_marks.c.position == _s.position,
        )
        yield ~exists().where(mine)
