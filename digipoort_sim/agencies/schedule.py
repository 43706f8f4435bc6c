"""When the agencies make service messages for a mandate (s): a row of moments that follows from its data.

They begin when the request is received: what is made in the reaction term is kept until activation. The VIA
has no such moments: it is made for one client when it is asked for, never for all clients at once.
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
        on_request: they are made only when asked for, from 1 March after the year on.
    """

    every: timedelta = timedelta(days=91)
    on_request: bool = False


_PLANS = {
    "VIA": Plan(on_request=True),
    "SBU": Plan(timedelta(days=365)),
}
_REFRESHED_YEARS = 2


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


def requested_moment(mandate: Mandate, dienst: Dienst, now: datetime) -> datetime | None:
    """As of when a message is that is asked for now; None where nothing is made on request, or not yet.

    It is there from 1 March after the year, and refreshed for two years; later it stays as it was then.
    """
    if mandate.jaar is None or not plan_of(dienst).on_request or now < _first_of_march(mandate.jaar + 1):
        return None
    refreshed_until = max(mandate.ontvangen, _first_of_march(mandate.jaar + 1 + _REFRESHED_YEARS))
    return min(now, refreshed_until)


def _first_of_march(year: int) -> datetime:
    return whole_milliseconds(datetime(year, _MARCH, 1, tzinfo=AMSTERDAM))
