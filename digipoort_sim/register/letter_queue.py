"""The queue: how many requests are taken up per day when letters per day are limited (s)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.register.terms import start_of_day
from digipoort_sim.store.register_tables import letter_days


def take_place(tx: Connection, now: datetime, letters_per_day: int | None) -> datetime:
    """Take a place in the queue, and say when the request is taken up: `now` if there is none before it.

    A letter goes out a fixed time after its request was taken up, so limiting the one limits the other.
    """
    if letters_per_day is None:
        return now
    today = now.astimezone(AMSTERDAM).toordinal()
    day = max(today, tx.execute(select(func.max(letter_days.c.dag))).scalar() or today)
    while not _take(tx, day, letters_per_day):
        day += 1
    if day == today:
        return now
    first = date.fromordinal(day)
    return start_of_day(first.year, first.month, first.day)


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
