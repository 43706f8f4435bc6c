"""When security may be given back: no earlier than five years after the financial year of the end."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal.release import YearEnd, release_date
from tests.register.fiscal.figures import RULES


@pytest.mark.parametrize(
    ("ended", "year_end", "first"),
    [
        # The calendar year 2026 ends on 31 December 2026; five years later it is 1 January 2032.
        ("2026-03-02", "12-31", "2032-01-01"),
        ("2026-12-31", "12-31", "2032-01-01"),
        ("2027-01-01", "12-31", "2033-01-01"),
        # A year to 30 June: an end in March 2026 lies in 2025/26, one on 1 July 2026 in 2026/27.
        ("2026-03-02", "06-30", "2031-07-01"),
        ("2026-06-30", "06-30", "2031-07-01"),
        ("2026-07-01", "06-30", "2032-07-01"),
        # A year to the end of February: 29 February 2028, then 28 February 2029.
        ("2028-02-29", "02-29", "2033-03-01"),
        ("2028-03-01", "02-29", "2034-03-01"),
        # A year to 28 February, always: in a leap year the day after is the 29th, which 2033 has not.
        ("2028-02-28", "02-28", "2033-03-01"),
        # ... but 2023 + 5 = 2028 is reckoned from 1 March 2023.
        ("2023-02-28", "02-28", "2028-03-01"),
    ],
)
def test_five_years_after_the_end_of_the_financial_year(ended: str, year_end: str, first: str) -> None:
    """The first day is the one after the end of the financial year, five years later."""
    found = release_date(RULES, date.fromisoformat(ended), YearEnd.parse(year_end))
    assert found == date.fromisoformat(first)


@given(st.dates(date(1950, 1, 1), date(2400, 1, 1)), st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_security_is_kept_between_five_and_six_years(ended: date, day: date) -> None:
    """Whatever the financial year, the security is kept more than five and at most six years and a day."""
    end = YearEnd.parse(f"{day.month:02}-{day.day:02}")
    kept = (release_date(RULES, ended, end) - ended).days
    assert 5 * 365 + 1 <= kept <= 6 * 365 + 3


@pytest.mark.parametrize("text", ["", "31-12", "13-01", "00-10", "02-30", "1-1", "12-31-26", "٠١-٠١"])
def test_what_is_no_end_of_a_year_is_refused(text: str) -> None:
    """Only a month and a day that exist are the end of a financial year."""
    with pytest.raises(ConfigError, match="MM-DD"):
        YearEnd.parse(text)


def test_end_of_all_dates_is_refused() -> None:
    """A release behind the year 9999 is refused, not a crash."""
    with pytest.raises(ConfigError):
        release_date(RULES, date(9995, 1, 1), YearEnd())
