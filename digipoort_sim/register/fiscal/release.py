"""When a security may be given back, by financial years that need not be calendar years."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta

from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal.sums import Rules

_FORM = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
_LEAP_YEAR = 2000
_LAST_OF_FEBRUARY = (2, 29)


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The last day of a financial year; 29 February stands for the last day of February."""

    month: int = 12
    day: int = 31

    @classmethod
    def parse(cls, text: str) -> YearEnd:
        """Read ``MM-DD``, such as ``06-30``.

        Raises:
            ConfigError: it is no day of a year.
        """
        match = _FORM.fullmatch(text.strip())
        month, day = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(_LEAP_YEAR, month)[1]:
            raise ConfigError(
                f"the end of a financial year must be MM-DD such as 12-31, not {text[:20]!r}",
                rule="FISCAL-YEAR-END",
            )
        return cls(month, day)

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"

    def in_year(self, year: int) -> date:
        """That day in a calendar year."""
        if (self.month, self.day) == _LAST_OF_FEBRUARY:
            return date(year, 2, calendar.monthrange(year, 2)[1])
        return date(year, self.month, self.day)

    def first_from(self, day: date) -> date:
        """The end of the financial year in which a day lies."""
        end = self.in_year(day.year)
        return end if day <= end else self.in_year(day.year + 1)


CALENDAR_YEAR = YearEnd()
"""The financial year that is not said to be another."""


def release_date(rules: Rules, ended: date, year_end: YearEnd) -> date:
    """The first day on which the security of a permit may be given back.

    Args:
        ended: the day on which the permit ended, in the Netherlands.

    Raises:
        ConfigError: it lies behind the end of all dates.
    """
    years = int(rules.number("teruggave"))
    if ended.year + years + 2 > MAXYEAR:
        raise ConfigError("the security would be given back behind the end of all dates", rule="FISCAL-DATE")
    first = year_end.first_from(ended) + timedelta(days=1)
    if (first.month, first.day) == _LAST_OF_FEBRUARY and not calendar.isleap(first.year + years):
        return date(first.year + years, 3, 1)
    return first.replace(year=first.year + years)
