"""What is said of permits: the permit itself, its security, its history, and a request for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from digipoort_sim.register.fiscal.permit_states import PermitEvent, PermitState
from digipoort_sim.register.fiscal.release import CALENDAR_YEAR, YearEnd
from digipoort_sim.register.fiscal.values import PermitKind


class SecurityForm(StrEnum):
    """How security is put up: a cash deposit, a bank guarantee, or another way."""

    DEPOSIT = "deposit"
    GUARANTEE = "guarantee"
    OTHER = "other"


class EndedBy(StrEnum):
    """Who ends a permit."""

    REPRESENTATIVE = "representative"
    INSPECTOR = "inspector"


@dataclass(frozen=True, slots=True)
class PermitApplication:
    """A request for a permit.

    Attributes:
        representative: OIN of the representative.
        clients: FInr of each client.
        year_end: the last day of the representative's financial year.
    """

    representative: str
    kind: PermitKind
    clients: tuple[str, ...]
    year_end: YearEnd = CALENDAR_YEAR


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit of a fiscal representative, from its request on.

    Attributes:
        clients: FInr of each client, in the order in which they came.
        security_set: the amount that the tax administration set, in euros; None while it has not.
        put_up: what was put up so far, in euros.
        release_from: the first day on which the security may be given back; None while the permit goes on.
    """

    id: str
    representative: str
    kind: PermitKind
    state: PermitState
    clients: tuple[str, ...]
    year_end: YearEnd
    requested: datetime
    security_set: Decimal | None = None
    put_up: Decimal = Decimal(0)
    granted: datetime | None = None
    ended: datetime | None = None
    release_from: date | None = None
    released: datetime | None = None


@dataclass(frozen=True, slots=True)
class PutUp:
    """Security that was put up."""

    form: SecurityForm
    amount: Decimal
    put_up: datetime


@dataclass(frozen=True, slots=True)
class PermitChange:
    """One change of a permit; `before` is None for its first."""

    before: PermitState | None
    after: PermitState
    event: PermitEvent
    at: datetime
    detail: str
