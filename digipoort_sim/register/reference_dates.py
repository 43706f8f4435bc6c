"""Reference dates of continuous mandates: when they register the mandate of a year, and for which year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from digipoort_sim.catalogue import Dienst
from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.errors import ConfigError
from digipoort_sim.register.terms import local_year, start_of_day

_ANY_YEAR = 2001  # without 29 February, which is no day of every year
_FORM = re.compile(r"(\d{2})-(\d{2}) (\S+) (\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    """On this day of every year the service `code` is registered, for so many years ahead."""

    month: int
    day: int
    code: str
    years_ahead: int

    def at(self, year: int) -> datetime:
        """The first moment of the day in that year, Dutch time."""
        return start_of_day(year, self.month, self.day)


def day_of_year(code: str, text: str, year: int) -> datetime:
    """The first moment of a day that the catalogue names as month and day (``08-01``), Dutch time.

    Raises:
        ConfigError: the dienst `code` has it written otherwise.
    """
    try:
        month, day = text.split("-")
        return start_of_day(year, int(month), int(day))
    except ValueError:
        raise ConfigError(
            f"diensten.toml [{code}].extended_on: {text!r} is not like '08-01'", rule="CATALOGUE"
        ) from None


def references_of(dienst: Dienst) -> tuple[Reference, ...]:
    """The reference dates of a dienst, from its line in the catalogue.

    Raises:
        ConfigError: one is not written as ``12-01 VIA 0``.
    """
    return tuple(_parse(dienst.code, text) for text in dienst.reference_dates)


def next_reference(dienst: Dienst, after: datetime) -> datetime | None:
    """The first reference date after that moment; None for a dienst without them."""
    years = (local_year(after), local_year(after) + 1)
    moments = (reference.at(year) for reference in references_of(dienst) for year in years)
    return min((moment for moment in moments if moment > after), default=None)


def references_on(dienst: Dienst, at: datetime) -> tuple[tuple[str, int], ...]:
    """The service codes that are registered on the day of that moment, each with its year."""
    local = at.astimezone(AMSTERDAM)
    return tuple(
        (reference.code, local.year + reference.years_ahead)
        for reference in references_of(dienst)
        if (reference.month, reference.day) == (local.month, local.day)
    )


def _parse(code: str, text: str) -> Reference:
    match = _FORM.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        reference = Reference(int(match[1]), int(match[2]), match[3], int(match[4]))
        reference.at(_ANY_YEAR)
    except ValueError:
        raise ConfigError(
            f"diensten.toml [{code}].reference_dates: {text!r} is not like '12-01 VIA 0'", rule="CATALOGUE"
        ) from None
    return reference
