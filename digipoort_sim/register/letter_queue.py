"""The queue: when a request is taken up while letters per day are limited (s)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.config import RegisterSettings
from digipoort_sim.register.states import Event
from digipoort_sim.register.terms import letter_at, start_of_day, taken_up_for
from digipoort_sim.register.values import Due
from digipoort_sim.store.register_tables import letter_days


@dataclass(frozen=True, slots=True)
class Place:
    """A request's place: when it is taken up, and whether it waits until then."""

    taken_up: datetime
    waits: bool

    @property
    def event(self) -> Event:
        """What happens to the request now."""
        return Event.QUEUED if self.waits else Event.TAKEN_UP

    def due(self, mandate_id: str, settings: RegisterSettings) -> Due:
        """When the register wants to be called back about it: to take it up, or for its letter."""
        if self.waits:
            return Due(self.taken_up, "take-up", mandate_id)
        return Due(letter_at(self.taken_up, settings), "letter", mandate_id)


def take_place(tx: Connection, now: datetime, settings: RegisterSettings) -> Place:
    """Take a place in the queue: the first Dutch day that has room for a letter, behind all that wait.

    A letter goes out a fixed time after its request was taken up, so the request waits until that time
    before the letter's day begins.
    """
    if settings.letters_per_day is None:
        return Place(now, waits=False)
    first = letter_at(now, settings).astimezone(AMSTERDAM).toordinal()
    day = max(first, tx.execute(select(func.max(letter_days.c.dag))).scalar() or first)
    while not _take(tx, day, settings.letters_per_day):
        day += 1
    if day == first:
        return Place(now, waits=False)
    letter = date.fromordinal(day)
    return Place(taken_up_for(start_of_day(letter.year, letter.month, letter.day), settings), waits=True)


def _take(tx: Connection, day: int, letters_per_day: int) -> bool:
    """Take one of a day's places, if one is left; two transactions cannot take the same one."""
    more = update(letter_days).where(letter_days.c.dag == day).values(aantal=letter_days.c.aantal + 1)
    if tx.execute(more.where(letter_days.c.aantal < letters_per_day)).rowcount:
        return True
    try:
        with tx.begin_nested():
            tx.execute(insert(letter_days).values(dag=day, aantal=1))
    except IntegrityError:
        # The day is there already: full, or another transaction began it just now.
        return bool(tx.execute(more.where(letter_days.c.aantal < letters_per_day)).rowcount)
    return True
