"""When the agencies make service messages for a mandate (s): a row of moments that follows from its data.

They begin when the request is received: what is made in the reaction term is kept until activation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from digipoort_sim.catalogue import Dienst
from digipoort_sim.clock import AMSTERDAM, whole_milliseconds
from digipoort_sim.ids import SeededIds
from digipoort_sim.register import Mandate

_SPREAD_MINUTES = 20 * 24 * 60
_MARCH = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How often messages of a dienst are made.

    Attributes:
        every: from one message to the next, give or take some days.
        after_year: whether the first comes on 1 March after the year, and refreshing stops in 2 years.
    """

    every: timedelta = timedelta(days=91)
    after_year: bool = False


_PLANS = {
    "VIA": Plan(timedelta(days=182), after_year=True),
    "SBU": Plan(timedelta(days=365)),
}
_REFRESHED_YEARS = 2


def plan_of(dienst: Dienst) -> Plan:
    """The plan of a dienst; those without one of their own get a message every quarter."""
    return _PLANS.get(dienst.code, Plan())


def first_moment(mandate: Mandate, dienst: Dienst) -> datetime:
    """When the first message is made: with the request, VIA not before 1 March after its year."""
    if mandate.jaar is None or not plan_of(dienst).after_year:
        return mandate.ontvangen
    return max(mandate.ontvangen, _first_of_march(mandate.jaar + 1))


def moments(mandate: Mandate, dienst: Dienst) -> Iterator[tuple[int, datetime]]:
    """Number and moment of every message, in order; without end unless the plan or the mandate has one."""
    plan, first, last = plan_of(dienst), first_moment(mandate, dienst), _last_moment(mandate, dienst)
    spread = SeededIds(f"schedule:{mandate.id}").below(_SPREAD_MINUTES)
    number, moment = 0, first
    while last is None or moment <= last:
        yield number, moment
        number += 1
        moment = first + number * plan.every + timedelta(minutes=spread)


def _last_moment(mandate: Mandate, dienst: Dienst) -> datetime | None:
    ends = [mandate.geeindigd] if mandate.geeindigd else []
    if mandate.jaar is not None and plan_of(dienst).after_year:
        first = first_moment(mandate, dienst)
        ends.append(max(first, _first_of_march(mandate.jaar + 1 + _REFRESHED_YEARS)))
    return min(ends, default=None)


def _first_of_march(year: int) -> datetime:
    return whole_milliseconds(datetime(year, _MARCH, 1, tzinfo=AMSTERDAM))
