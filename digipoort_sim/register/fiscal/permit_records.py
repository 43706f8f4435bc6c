"""Reading and writing the tables of permits: every change goes through the state table and is remembered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update

from digipoort_sim.clock import epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import NotFoundError
from digipoort_sim.register.fiscal.money import from_cents, to_cents
from digipoort_sim.register.fiscal.permit_states import PermitEvent, PermitState, next_state
from digipoort_sim.register.fiscal.permit_values import Permit, PermitChange, PutUp, SecurityForm
from digipoort_sim.register.fiscal.release import YearEnd
from digipoort_sim.register.fiscal.values import PermitKind, Step
from digipoort_sim.store.fiscal_tables import clients, history, permits, securities

_HIGHEST_LIMIT = 1000
_MOMENTS = ("requested", "granted", "ended", "released")


def add_permit(tx: Connection, permit: Permit, detail: str) -> None:
    """Store a permit that was just requested, with its clients."""
    tx.execute(insert(permits).values(_row(permit)))
    for client in permit.clients:
        add_client(tx, permit.id, client, permit.requested)
    _remember(tx, permit.id, None, permit.state, PermitEvent.REQUESTED, permit.requested, detail)


def change_permit(
    tx: Connection, permit: Permit, event: PermitEvent, now: datetime, detail: str, **values: Any
) -> Permit:
    """Let something happen to a permit, and remember it.

    Args:
        values: fields of the permit that change with it.

    Raises:
        ConflictError: it cannot happen in that state.
    """
    following = next_state(permit.state, event)
    changed = replace(permit, state=following, **values)
    tx.execute(update(permits).where(permits.c.id == permit.id).values(_row(changed)))
    _remember(tx, permit.id, permit.state, following, event, now, detail)
    return changed


def add_client(tx: Connection, permit_id: str, client: str, now: datetime) -> None:
    """Store one more client of a permit."""
    row = {"permit_id": permit_id, "client": client, "added": epoch_milliseconds(now)}
    tx.execute(insert(clients).values(row))


def add_put_up(tx: Connection, permit_id: str, put_up: PutUp) -> None:
    """Store that security was put up."""
    tx.execute(
        insert(securities).values(
            permit_id=permit_id,
            form=put_up.form,
            amount=to_cents(put_up.amount),
            put_up=epoch_milliseconds(put_up.put_up),
        )
    )


def keep_sum(tx: Connection, permit_id: str, steps: tuple[Step, ...]) -> None:
    """Keep the written-out sum of a permit's security, in place of one before it."""
    rows = [{name: _text(getattr(step, name)) for name in Step.__slots__} for step in steps]
    written = json.dumps(rows, ensure_ascii=False)
    tx.execute(update(permits).where(permits.c.id == permit_id).values(sum=written))


def read_sum(tx: Connection, permit_id: str) -> tuple[Step, ...]:
    """The written-out sum of a permit's security; empty where an amount was set without one."""
    written = tx.execute(select(permits.c.sum).where(permits.c.id == permit_id)).scalar()
    rows = json.loads(written) if written else []
    return tuple(
        Step(**{**row, "amount": None if row["amount"] is None else Decimal(row["amount"])}) for row in rows
    )


def find_permit(tx: Connection, permit_id: str) -> Permit:
    """The permit with this id.

    Raises:
        NotFoundError: there is none.
    """
    found = _permits(tx, permits.c.id == permit_id, limit=1)
    if not found:
        raise NotFoundError(f"There is no permit {permit_id[:40]!r}.", rule="FISCAL-PERMIT")
    return found[0]


def list_permits(
    tx: Connection,
    *,
    representative: str | None = None,
    client: str | None = None,
    state: PermitState | None = None,
    limit: int = 100,
    after: str | None = None,
) -> list[Permit]:
    """Permits in the order in which they were requested; at most 1000 at a time.

    Args:
        after: id of the last one of the page before.

    Raises:
        NotFoundError: there is no permit `after`.
    """
    conditions: list[ColumnElement[bool]] = []
    if representative is not None:
        conditions.append(permits.c.representative == representative)
    if client is not None:
        conditions.append(permits.c.id.in_(select(clients.c.permit_id).where(clients.c.client == client)))
    if state is not None:
        conditions.append(permits.c.state == state)
    if after is not None:
        find_permit(tx, after)
        conditions.append(permits.c.nr > select(permits.c.nr).where(permits.c.id == after).scalar_subquery())
    return _permits(tx, *conditions, limit=max(1, min(limit, _HIGHEST_LIMIT)))


def general_of(tx: Connection, client: str) -> str | None:
    """Id of the active general permit for a client; None if there is none."""
    found: str | None = tx.execute(select(permits.c.id).where(permits.c.general_key == client)).scalar()
    return found


def has_active(tx: Connection, representative: str) -> bool:
    """Whether a representative has any active permit."""
    mine = (permits.c.representative == representative) & (permits.c.state == PermitState.ACTIVE)
    return bool(tx.execute(select(exists().where(mine))).scalar())


def put_up_of(tx: Connection, permit_id: str) -> list[PutUp]:
    """What was put up for a permit, in order."""
    query = select(securities).where(securities.c.permit_id == permit_id).order_by(securities.c.nr)
    return [
        PutUp(SecurityForm(row.form), from_cents(row.amount), from_epoch_milliseconds(row.put_up))
        for row in tx.execute(query)
    ]


def history_of(tx: Connection, permit_id: str) -> list[PermitChange]:
    """Every change of a permit, in order."""
    query = select(history).where(history.c.permit_id == permit_id).order_by(history.c.nr)
    return [
        PermitChange(
            None if row.before is None else PermitState(row.before),
            PermitState(row.after),
            PermitEvent(row.event),
            from_epoch_milliseconds(row.at),
            row.detail,
        )
        for row in tx.execute(query)
    ]


def _permits(tx: Connection, *conditions: ColumnElement[bool], limit: int) -> list[Permit]:
    rows = tx.execute(select(permits).where(*conditions).order_by(permits.c.nr).limit(limit)).all()
    ids = [row.id for row in rows]
    covered, put_up = _clients_of(tx, ids), _put_up_per_permit(tx, ids)
    return [_permit(row, tuple(covered[row.id]), put_up.get(row.id, 0)) for row in rows]


def _clients_of(tx: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    query = select(clients.c.permit_id, clients.c.client).where(clients.c.permit_id.in_(ids))
    for row in tx.execute(query.order_by(clients.c.nr)):
        found[row.permit_id].append(row.client)
    return found


def _put_up_per_permit(tx: Connection, ids: Sequence[str]) -> dict[str, int]:
    total = func.sum(securities.c.amount).label("total")
    query = select(securities.c.permit_id, total).where(securities.c.permit_id.in_(ids))
    return {row.permit_id: int(row.total) for row in tx.execute(query.group_by(securities.c.permit_id))}


def _remember(
    tx: Connection,
    permit_id: str,
    before: PermitState | None,
    after: PermitState,
    event: PermitEvent,
    at: datetime,
    detail: str,
) -> None:
    tx.execute(
        insert(history).values(
            permit_id=permit_id,
            before=before,
            after=after,
            event=event,
            at=epoch_milliseconds(at),
            detail=detail,
        )
    )


def _row(permit: Permit) -> dict[str, Any]:
    active_general = permit.kind is PermitKind.GENERAL and permit.state is PermitState.ACTIVE
    moments = {name: _milliseconds(getattr(permit, name)) for name in _MOMENTS}
    return {
        "id": permit.id,
        "representative": permit.representative,
        "kind": permit.kind,
        "state": permit.state,
        "year_end": str(permit.year_end),
        "security_set": None if permit.security_set is None else to_cents(permit.security_set),
        "release_from": None if permit.release_from is None else permit.release_from.isoformat(),
        "general_key": permit.clients[0] if active_general else None,
        **moments,
    }


def _permit(row: Row[Any], covered: tuple[str, ...], put_up: int) -> Permit:
    return Permit(
        id=row.id,
        representative=row.representative,
        kind=PermitKind(row.kind),
        state=PermitState(row.state),
        clients=covered,
        year_end=YearEnd.parse(row.year_end),
        requested=from_epoch_milliseconds(row.requested),
        security_set=None if row.security_set is None else from_cents(row.security_set),
        put_up=from_cents(put_up),
        granted=_moment(row.granted),
        ended=_moment(row.ended),
        release_from=None if row.release_from is None else date.fromisoformat(row.release_from),
        released=_moment(row.released),
    )


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else epoch_milliseconds(moment)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_epoch_milliseconds(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
