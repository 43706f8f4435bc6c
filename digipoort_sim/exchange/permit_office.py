"""The counter for permits of fiscal representatives: one transaction under the register's lock per wish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from digipoort_sim.exchange.mandates import REGISTER_LOCK
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Event
from digipoort_sim.register.fiscal import permit_records as records
from digipoort_sim.register.fiscal.permit_states import PermitState
from digipoort_sim.register.fiscal.permit_values import (
    EndedBy,
    Permit,
    PermitApplication,
    PermitChange,
    PutUp,
    SecurityForm,
)
from digipoort_sim.register.fiscal.permits import Permits
from digipoort_sim.register.fiscal.values import Figures, Step

SetBy = Figures | Decimal | None
"""What a security is set by: figures, an amount that the tax administration names, or nothing yet."""

_Wish = Callable[[Connection, datetime], Permit]


@dataclass(frozen=True, slots=True)
class PermitDetail:
    """A permit with all that there is to know of it.

    Attributes:
        put_up: what was put up, in order.
        history: every change, in order.
        sum: how its security was calculated; empty where an amount was set without a sum.
    """

    permit: Permit
    put_up: list[PutUp]
    history: list[PermitChange]
    sum: tuple[Step, ...]


class PermitOffice:
    """Does what a representative or the tax administration wants done with permits.

    Every method that changes something answers when it is committed, and leaves an event. What it raises is
    told at the method of `Permits` that it calls.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._permits = Permits(rooms.catalogue, rooms.ids)

    def request(self, application: PermitApplication, set_by: SetBy) -> Permit:
        """Request a permit, and have its security set at once if there is something to set it by."""

        def wish(tx: Connection, now: datetime) -> Permit:
            permit = self._permits.request(tx, application, now)
            return permit if set_by is None else self._set(tx, permit.id, set_by, now)

        return self._do(wish)

    def set_security(self, permit_id: str, set_by: Figures | Decimal) -> Permit:
        """Set the security, or set it anew."""
        return self._do(lambda tx, now: self._set(tx, permit_id, set_by, now))

    def put_up(self, permit_id: str, form: SecurityForm, amount: Decimal) -> Permit:
        """Put up security."""
        return self._do(lambda tx, now: self._permits.put_up(tx, permit_id, form, amount, now))

    def add_client(self, permit_id: str, client: str) -> Permit:
        """Let a limited permit cover one more client."""
        return self._do(lambda tx, now: self._permits.add_client(tx, permit_id, client, now))

    def end(self, permit_id: str, by: EndedBy) -> Permit:
        """End a permit, or withdraw the request for it."""
        return self._do(lambda tx, now: self._permits.end(tx, permit_id, by, now))

    def release(self, permit_id: str) -> Permit:
        """Give back the security."""
        return self._do(lambda tx, now: self._permits.release(tx, permit_id, now))

    def list(
        self,
        *,
        representative: str | None = None,
        client: str | None = None,
        state: PermitState | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> list[Permit]:
        """Permits in the order in which they were requested; see `permit_records.list_permits`."""
        with self._rooms.store.read() as tx:
            return records.list_permits(
                tx, representative=representative, client=client, state=state, limit=limit, after=after
            )

    def show(self, permit_id: str) -> PermitDetail:
        """One permit.

        Raises:
            NotFoundError: there is none.
        """
        with self._rooms.store.read() as tx:
            return PermitDetail(
                records.find_permit(tx, permit_id),
                records.put_up_of(tx, permit_id),
                records.history_of(tx, permit_id),
                records.read_sum(tx, permit_id),
            )

    def _set(self, tx: Connection, permit_id: str, set_by: Figures | Decimal, now: datetime) -> Permit:
        if isinstance(set_by, Decimal):
            return self._permits.set_amount(tx, permit_id, set_by, now)
        return self._permits.calculate(tx, permit_id, set_by, now)

    def _do(self, wish: _Wish) -> Permit:
        rooms = self._rooms
        with rooms.store.begin() as tx:
            rooms.store.lock(tx, REGISTER_LOCK)
            permit = wish(tx, rooms.clocks.simulator.now())
            change = records.history_of(tx, permit.id)[-1]
        detail = f"permit {permit.id}: {change.event}, now {permit.state}: {change.detail}"
        rooms.office.record(Event("permit-changed", detail, door="web", oin=permit.representative))
        return permit
