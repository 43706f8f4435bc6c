"""Who may fetch what, at this moment, as conditions on the table of messages for parties.

A message is open to the party that asked for it (an overview), to who holds the active mandate that it was
made for, or to everybody with an active mandate for its service and client (what a tester put in). The
mandates are looked at in the same query that reads the messages, so a revocation that is committed closes
the very next fetch, in whatever process.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

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


Conditions = tuple[ColumnElement[bool], ...]


def open_now(register: Register, wanted: Wanted, now: datetime) -> tuple[Conditions, ...]:
    """What keeps to the question and is open to who asks: each of these, no message in two of them.

    They are several because each goes by an index of its own, in the order of time; OR would look at every
    message of the party.
    """
    if wanted.stub:
        ways: tuple[Conditions, ...] = ((_f.stub == 1,),)
    else:
        common = [_f.stub == 0, *(() if wanted.identity is None else (is_about(wanted.identity),))]
        ways = tuple((*common, way) for way in _ways(register, wanted, now))
    return tuple((*way, *_bounds(wanted)) for way in ways)


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


def own_of(register: Register, oin: str) -> ColumnElement[bool]:
    """The messages made for this party itself: what it asked for, and what its active mandates open."""
    mandate = register.accessible_ids(oin).where(_m.id == _f.mandate_id).correlate(fetchables).exists()
    return and_(_f.owner_oin == oin, or_(_f.mandate_id.is_(None), mandate))


def put_in_for(oin: str) -> ColumnElement[bool]:
    """The messages that a tester put in for a client of this party, those of tomorrow too."""
    for_all = opens(_f.dienst, _f.belanghebbende_nummer, _f.belanghebbende_type)
    # The key says the same as the other conditions, and is found at once among very many mandates.
    key = _f.dienst.concat("|").concat(_f.belanghebbende_nummer).concat(f"|{oin}")
    mine = for_all.where(_m.gemachtigde_oin == oin, _m.open_key == key).correlate(fetchables).exists()
    # Written so, the services are a range of their index.
    return and_(_f.dienst > "", mine)


def not_given_to(certificate: str) -> ColumnElement[bool]:
    """The messages that were not given as new to this certificate."""
    given = select(fetch_marks.c.fetchable_id).where(
        fetch_marks.c.certificate == certificate, fetch_marks.c.fetchable_id == _f.id
    )
    return ~given.correlate(fetchables).exists()


def _ways(register: Register, wanted: Wanted, now: datetime) -> tuple[ColumnElement[bool], ...]:
    own = own_of(register, wanted.caller.oin)
    put_in = and_(put_in_for(wanted.caller.oin), _f.at <= epoch_milliseconds(now))
    if wanted.identity is not None or wanted.kenmerk is not None:
        return (or_(own, put_in),)  # few messages are meant, by an index on the client or the kenmerk
    return own, put_in


def _bounds(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.kenmerk is None:
        yield _f.replaced.is_(None)
    else:
        yield _f.kenmerk == wanted.kenmerk
    if wanted.berichtsoort is not None:
        yield _f.berichtsoort == wanted.berichtsoort
    if wanted.period.vanaf is not None:
        yield _f.at >= epoch_milliseconds(wanted.period.vanaf)
    if wanted.period.tot is not None:
        yield _f.at <= epoch_milliseconds(wanted.period.tot)
    if wanted.nieuw:
        yield not_given_to(wanted.caller.certificate)
