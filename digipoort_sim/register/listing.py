"""Listing mandates: by party, client, state and service, in pages, oldest or newest first."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, func, null, select, tuple_

from digipoort_sim.errors import NotFoundError
from digipoort_sim.register.ledger import settle
from digipoort_sim.register.queries import MAXIMUM_ROWS, to_mandate
from digipoort_sim.register.rules import tidy_number
from digipoort_sim.register.states import State
from digipoort_sim.register.values import Mandate
from digipoort_sim.store.register_tables import mandates

_m = mandates.c
_SYMBOLS = string.digits + string.ascii_uppercase
"""What numbers are written with, in an order that every collation has."""


@dataclass(frozen=True, slots=True)
class MandateFilter:
    """Which mandates are wanted; None is any.

    Attributes:
        gemachtigde: OIN of the party that asked for them.
        vertegenwoordigde: number of the client.
        vertegenwoordigde_prefix: how the client's number begins; they are listed by number then.
        type_vertegenwoordigde: type of that number, as the register keeps it (``BSN``, ``Fi`` ...).
        ended: only past ones, or only current ones.
        dienst: the service code with its year.
        code: the service code without its year.
        numbers: the client's number is one of these.
        types: and its type one of these.
        codes: the service code without its year is one of these.
        unlike: not in this state.
    """

    gemachtigde: str | None = None
    vertegenwoordigde: str | None = None
    vertegenwoordigde_prefix: str | None = None
    type_vertegenwoordigde: str | None = None
    toestand: State | None = None
    ended: bool | None = None
    dienst: str | None = None
    code: str | None = None
    jaar: int | None = None
    numbers: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    unlike: State | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What the rows have to fulfil."""
        equal = ("type_vertegenwoordigde", "toestand", "dienst", "code", "jaar")
        given = ((name, getattr(self, name)) for name in equal)
        yield from (self._also(_m[name]) == value for name, value in given if value is not None)
        if self.gemachtigde is not None:
            yield _m.gemachtigde_oin == self.gemachtigde
        if self.vertegenwoordigde is not None:
            yield _m.id_vertegenwoordigde == tidy_number(self.vertegenwoordigde)
        if self.vertegenwoordigde_prefix is not None:
            yield from _begins_with(tidy_number(self.vertegenwoordigde_prefix))
        yield from self._one_of()
        if self.unlike is not None:
            yield _m.toestand != self.unlike
        if self.ended is not None:
            yield self._is_ended() if self.ended else ~self._is_ended()

    @property
    def _of_client(self) -> bool:
        return self.numbers is not None or self.vertegenwoordigde is not None

    def _also(self, column: Column[Any]) -> ColumnElement[Any]:
        """A column that is looked at besides: a client has few rows, which the client's index gives.

        Without figures of its own SQLite would rather walk along all rows of a service, or all current ones.
        """
        return func.coalesce(column, null()) if self._of_client else column

    def _is_ended(self) -> ColumnElement[bool]:
        return self._also(_m.geeindigd).is_not(None)

    def _one_of(self) -> Iterator[ColumnElement[bool]]:
        if self.numbers is not None:
            yield _m.id_vertegenwoordigde.in_(self.numbers)
        if self.types is not None:
            yield self._also(_m.type_vertegenwoordigde).in_(self.types)
        if self.codes is not None:
            yield self._also(_m.code).in_(self.codes)


def list_mandates(
    tx: Connection, wanted: MandateFilter, *, limit: int, after: str | None, newest_first: bool
) -> list[Mandate]:
    """One page of mandates, from the one behind `after` on, in the order in which they came.

    Raises:
        NotFoundError: there is no mandate `after`.
    """
    settle(tx)
    order: list[Any] = (
        [_m.nr] if wanted.vertegenwoordigde_prefix is None else [_m.id_vertegenwoordigde, _m.nr]
    )
    query = select(mandates).where(*wanted.conditions())
    if after is not None:
        behind, here = tuple_(*order), tuple_(*_place(tx, order, after))
        query = query.where(behind < here if newest_first else behind > here)
    query = query.order_by(*(column.desc() if newest_first else column for column in order))
    return [to_mandate(row) for row in tx.execute(query.limit(max(1, min(limit, MAXIMUM_ROWS))))]


def _place(tx: Connection, order: list[Any], mandate_id: str) -> tuple[Any, ...]:
    row = tx.execute(select(*order).where(_m.id == mandate_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no row {mandate_id[:40]!r} to continue after.", rule="PAGE")
    return tuple(row)


def _begins_with(prefix: str) -> Iterator[ColumnElement[bool]]:
    """Numbers that begin so: a range, which an index can give, and exactly these of it."""
    if not set(prefix) <= set(_SYMBOLS):  # no number begins so; a refused one may be written in any way
        yield _m.id_vertegenwoordigde == prefix
        return
    yield _m.id_vertegenwoordigde >= prefix
    above = _next(prefix)
    if above is not None:
        yield _m.id_vertegenwoordigde < above
    yield func.substr(_m.id_vertegenwoordigde, 1, len(prefix)) == prefix


def _next(prefix: str) -> str | None:
    """The first text above all that begin with the prefix; None if there is none."""
    begin = prefix.rstrip(_SYMBOLS[-1])
    if not begin:
        return None
    return begin[:-1] + _SYMBOLS[_SYMBOLS.index(begin[-1]) + 1]
