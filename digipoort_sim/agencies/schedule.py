"""When the agencies make service messages for a mandate (s): a row of moments that follows from its data.

They begin when the request is received: what is made in the reaction term is kept until activation. The VIA
has no such moments. It is made for one client when it is asked for, never for all clients at once: there is
one from 1 March after the tax year, and for two years what banks and others report late leads to a new
version now and then; after that it stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digipoort_sim.catalogue import Dienst
from digipoort_sim.clock import AMSTERDAM, whole_milliseconds
from digipoort_sim.ids import SeededIds
from digipoort_sim.register import Mandate

_SPREAD_MINUTES = 20 * 24 * 60
_MARCH = 3
_REFRESHED_YEARS = 2
_FIRST_VERSIONS = (0, 45, 120)
"""Days after 1 March on which the first versions come, the later ones give or take some days."""

_BETWEEN_VERSIONS = 90
_SPREAD_DAYS = 15


@dataclass(frozen=True, slots=True)
class Plan:
    """How often messages of a dienst are made.

    Attributes:
        every: from one message to the next, give or take some days.
        on_request: they are made only when asked for.
    """

    every: timedelta = timedelta(days=91)
    on_request: bool = False


_PLANS = {
    "VIA": Plan(on_request=True),
    "SBU": Plan(timedelta(days=365)),
}


def plan_of(dienst: Dienst) -> Plan:
    """The plan of a dienst; those without one of their own get a message every quarter."""
    return _PLANS.get(dienst.code, Plan())


def moments(mandate: Mandate, dienst: Dienst) -> Iterator[tuple[int, datetime]]:
    """Number and moment of every message that is made by itself; without end unless the mandate has one."""
    plan, last = plan_of(dienst), mandate.geeindigd
    if plan.on_request:
        return
    spread = SeededIds(f"schedule:{mandate.id}").below(_SPREAD_MINUTES)
    number, moment = 0, mandate.ontvangen
    while last is None or moment <= last:
        yield number, moment
        number += 1
        moment = mandate.ontvangen + number * plan.every + timedelta(minutes=spread)


def version_at(mandate: Mandate, dienst: Dienst, now: datetime) -> int | None:
    """The version of what is made on request; None where nothing is, or not yet."""
    if not plan_of(dienst).on_request:
        return None
    today = now.astimezone(AMSTERDAM).date()
    return sum(day <= today for day in _version_days(mandate)) - 1 if now >= available_from(mandate) else None


def version_day(mandate: Mandate, version: int) -> date:
    """The day as of which a version has the data."""
    return _version_days(mandate)[version]


def is_on_request(dienst: Dienst) -> bool:
    """Whether messages of a dienst are made only when they are asked for."""
    return plan_of(dienst).on_request


def available_from(mandate: Mandate) -> datetime:
    """From when the prefilled data of the mandate's year are there: 1 March after it, Dutch time."""
    assert mandate.jaar is not None
    return whole_milliseconds(datetime(mandate.jaar + 1, _MARCH, 1, tzinfo=AMSTERDAM))


def _version_days(mandate: Mandate) -> list[date]:
    """The days of all versions: of the same client and year they are the same for every gemachtigde."""
    assert mandate.jaar is not None
    chance = SeededIds(f"versions:{mandate.id_vertegenwoordigde}:{mandate.jaar}")
    first = date(mandate.jaar + 1, _MARCH, 1)
    last = date(mandate.jaar + 1 + _REFRESHED_YEARS, _MARCH, 1)
    offset, days = 0, []
    while first + timedelta(days=offset) <= last:
        days.append(first + timedelta(days=offset))
        known = len(days) < len(_FIRST_VERSIONS)
        nominal = _FIRST_VERSIONS[len(days)] if known else offset + _BETWEEN_VERSIONS
        offset = nominal + chance.below(_SPREAD_DAYS)
    return days
