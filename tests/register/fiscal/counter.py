"""Permits at a register on a real SQLite file, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from digipoort_sim.ids import SeededIds
from digipoort_sim.register.fiscal.permit_records import find_permit
from digipoort_sim.register.fiscal.permit_values import EndedBy, Permit, PermitApplication, SecurityForm
from digipoort_sim.register.fiscal.permits import Permits
from digipoort_sim.register.fiscal.release import YearEnd
from digipoort_sim.register.fiscal.values import PermitKind
from digipoort_sim.register.foreign import ForeignApplication, register_foreign
from tests.register.desk import OFFICE, Desk

P = ParamSpec("P")
R = TypeVar("R")
GENERAL, LIMITED = PermitKind.GENERAL, PermitKind.LIMITED
REPRESENTATIVE, INSPECTOR = EndedBy.REPRESENTATIVE, EndedBy.INSPECTOR
DEPOSIT, GUARANTEE = SecurityForm.DEPOSIT, SecurityForm.GUARANTEE
ONE, TWO = "999991772", "123456782"


class Counter:
    """Asks for permits, and for mandates of foreign clients at the register behind the same desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.permits = Permits(self.desk.catalogue, SeededIds("permits"))

    def do(self, method: Callable[Concatenate[Connection, P], R], *args: P.args, **more: P.kwargs) -> R:
        """Call something in a transaction of its own."""
        with self.desk.store.begin() as tx:
            return method(tx, *args, **more)

    def request(
        self,
        kind: PermitKind = GENERAL,
        clients: tuple[str, ...] = (ONE,),
        *,
        year_end: str = "12-31",
        representative: str = OFFICE,
    ) -> Permit:
        """Request a permit."""
        application = PermitApplication(representative, kind, clients, YearEnd.parse(year_end))
        return self.do(self.permits.request, application, self.desk.now)

    def set(self, permit: Permit, amount: int | str = 5_000) -> Permit:
        """Set its security."""
        return self.do(self.permits.set_amount, permit.id, Decimal(amount), self.desk.now)

    def put_up(self, permit: Permit, amount: int | str = 5_000, form: SecurityForm = DEPOSIT) -> Permit:
        """Put up security."""
        return self.do(self.permits.put_up, permit.id, form, Decimal(amount), self.desk.now)

    def active(
        self, kind: PermitKind = GENERAL, clients: tuple[str, ...] = (ONE,), representative: str = OFFICE
    ) -> Permit:
        """A permit with its security put up."""
        return self.put_up(self.set(self.request(kind, clients, representative=representative)))

    def end(self, permit: Permit, by: EndedBy = REPRESENTATIVE) -> Permit:
        """End it."""
        return self.do(self.permits.end, permit.id, by, self.desk.now)

    def release(self, permit: Permit) -> Permit:
        """Give back its security."""
        return self.do(self.permits.release, permit.id, self.desk.now)

    def now(self, permit: Permit) -> Permit:
        """The permit as the tables have it."""
        return self.do(find_permit, permit.id)

    def go_to(self, year: int, month: int, day: int) -> None:
        """Move the clock to noon of a day."""
        self.desk.clock.advance(max(datetime(year, month, day, 12, tzinfo=UTC) - self.desk.now, timedelta()))

    def foreign_client(self, name: str = "Muster") -> str:
        """FInr of a business that was registered by the foreign route."""
        application = ForeignApplication(name, "DE", "Weg 1", "Bonn", deed_language="de")
        return self.do(register_foreign, application, SeededIds(name), self.desk.now).finr
