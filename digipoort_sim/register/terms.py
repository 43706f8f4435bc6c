"""The register's terms: when something falls due.

Terms are whole days of 24 hours, so that ``clock advance 14d`` is what it says in every season. Only
calendar dates (the turn of a year, a day's first moment) are Dutch local time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from digipoort_sim.clock import AMSTERDAM, whole_milliseconds
from digipoort_sim.config import RegisterSettings


def local_year(moment: datetime) -> int:
    """The year in the Netherlands at that moment."""
    return moment.astimezone(AMSTERDAM).year


def local_day(moment: datetime) -> str:
    """The day in the Netherlands at that moment, as ``2026-03-02``."""
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d}"


def start_of_day(year: int, month: int, day: int) -> datetime:
    """The first moment of a day in the Netherlands, in UTC."""
    return whole_milliseconds(datetime(year, month, day, tzinfo=AMSTERDAM))


def letter_at(taken_up: datetime, settings: RegisterSettings) -> datetime:
    """When the letter goes out; "about 2 weeks" after the request (14 days (s))."""
    return taken_up + timedelta(days=settings.letter_after_days)


def taken_up_for(letter: datetime, settings: RegisterSettings) -> datetime:
    """When a request is taken up whose letter is to go out at that moment."""
    return letter - timedelta(days=settings.letter_after_days)


def code_valid_until(letter: datetime, taken_up: datetime, settings: RegisterSettings) -> datetime:
    """From when the code is no longer good: 8 weeks from the letter, or from IN_BEHANDELING by setting.

    Time in the queue does not count in either case.
    """
    start = letter if settings.code_valid_from == "letter" else taken_up
    return start + timedelta(weeks=settings.code_valid_weeks)


def active_by_silence_at(letter: datetime, settings: RegisterSettings) -> datetime:
    """When an opt-out that nobody refused becomes active: 26 days, counted from the letter (i)."""
    return letter + timedelta(days=settings.opt_out_days)


def year_bound_end(jaar: int, active: datetime, settings: RegisterSettings) -> datetime:
    """When an active year-bound mandate ends: 5 years after its year, at the turn of the year (s).

    Years so old that this has passed already may be asked for all the same (VIA from 2014); the five
    years then count from the year of activation (s).
    """
    end = start_of_day(jaar + settings.year_bound_ends_after_years + 1, 1, 1)
    if end > active:
        return end
    return start_of_day(local_year(active) + settings.year_bound_ends_after_years + 1, 1, 1)
