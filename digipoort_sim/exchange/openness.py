"""Who may fetch what, at this moment, as conditions on the table of messages for parties.

A message is open to the party that asked for it (an overview), to who holds the active mandate that it was
made for, or to everybody with an active mandate for its service and client (what a tester put in). The
mandates are looked at in the same query that reads the messages, so a revocation that is committed closes
the very next fetch, in whatever process.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all

from digipoort_sim.clock import epoch_milliseconds
from digipoort_sim.exchange.records import identity_key
from digipoort_sim.exchange.values import Identity, Wanted
from digipoort_sim.pki.numbers import IDENTITY_TYPES
from digipoort_sim.register import Register, State
from digipoort_sim.register.rules import same_kind_of_number
from digipoort_sim.store.exchange_tables import fetch_marks, fetchables
from digipoort_sim.store.register_tables import mandates

_f = fetchables.c
_m = mandates.c


def open_now(register: Register, wanted: Wanted, now: datetime) -> Iterator[ColumnElement[bool]]:
    """What keeps to the question and is open to who asks."""
    if wanted.stub:
        yield _f.stub == 1
    else:
        yield _f.stub == 0
        # A tester may put in a message of tomorrow.
        yield or_(_f.dienst.is_(None), _f.at <= epoch_milliseconds(now))
        yield _is_open(register, wanted)
        if wanted.identity is not None:
            yield is_about(wanted.identity)
    if wanted.kenmerk is None:
        yield _f.replaced.is_(None)
    else:
        yield _f.kenmerk == wanted.kenmerk
    if wanted.berichtsoort is not None:
        yield _f.berichtsoort == wanted.berichtsoort
    yield from _bounds(wanted)


def is_about(identity: Identity) -> ColumnElement[bool]:
    """RSIN, Fi and BTW are one kind of number to the register: a client may be named by any of them."""
    types = {kind for kind in IDENTITY_TYPES.values() if same_kind_of_number(kind, identity.type)}
    keys = {identity_key(Identity(identity.nummer, kind)) for kind in {*types, identity.type}}
    return _f.belanghebbende_key.in_(sorted(keys))


def opens(
    dienst: ColumnElement[str], number: ColumnElement[str], type_: ColumnElement[str]
) -> Select[tuple[str]]:
    """The OINs of who holds an active mandate for a service and client."""
    one_number = ("RSIN", "Fi")
    same_kind = or_(
        _m.type_vertegenwoordigde == type_,
        and_(_m.type_vertegenwoordigde.in_(one_number), type_.in_(one_number)),
    )
    active = _m.toestand == State.ACTIEF
    return select(_m.gemachtigde_oin).where(
        _m.id_vertegenwoordigde == number, _m.dienst == dienst, active, same_kind
    )


def _is_open(register: Register, wanted: Wanted) -> ColumnElement[bool]:
    oin = wanted.caller.oin
    mine = register.accessible_ids(oin)
    for_all = opens(_f.dienst, _f.belanghebbende_nummer, _f.belanghebbende_type).where(
        _m.gemachtigde_oin == oin
    )
    own_dienst = and_(_f.dienst.is_not(None), for_all.correlate(fetchables).exists())
    if wanted.identity is not None or wanted.kenmerk is not None:
        # Few messages are meant, so each is asked for its mandate.
        held = mine.where(_m.id == _f.mandate_id).correlate(fetchables).exists()
        return or_(_f.owner_oin == oin, and_(_f.mandate_id.is_not(None), held), own_dienst)
    # All are meant, so one begins with the mandates. Each part goes by an index; OR would look at every row.
    candidates = fetchables.alias("candidates")
    c = candidates.c
    for_all = opens(c.dienst, c.belanghebbende_nummer, c.belanghebbende_type).where(_m.gemachtigde_oin == oin)
    parts = union_all(
        select(c.id).where(c.owner_oin == oin),
        select(c.id).where(c.mandate_id.in_(mine)),
        select(c.id).where(c.dienst.is_not(None), for_all.correlate(candidates).exists()),
    )
    return _f.id.in_(parts)


def _bounds(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.period.vanaf is not None:
        yield _f.at >= epoch_milliseconds(wanted.period.vanaf)
    if wanted.period.tot is not None:
        yield _f.at <= epoch_milliseconds(wanted.period.tot)
    if wanted.nieuw:
        given = select(fetch_marks.c.fetchable_id).where(
            fetch_marks.c.certificate == wanted.caller.certificate, fetch_marks.c.fetchable_id == _f.id
        )
        yield ~given.correlate(fetchables).exists()
