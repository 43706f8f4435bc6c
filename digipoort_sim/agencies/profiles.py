"""What clients earn and own: made up, and the same in every message about the same client and year."""

from __future__ import annotations

from dataclasses import dataclass

from digipoort_sim.ids import SeededIds
from digipoort_sim.register.trade_names import name_of

_FIRST_YEAR = 2014
_BANKS = ("Denkbeeldige Bank N.V.", "Nergens Spaarbank N.V.", "Zogenaamde Bank N.V.", "Voorbeeldbank B.V.")


@dataclass(frozen=True, slots=True)
class Household:
    """A private person's year, in whole euros.

    Attributes:
        withheld: wage tax that the employer withheld.
        dwelling: value of the home for the WOZ.
        interest: mortgage interest that was paid.
        account: balance of the current account on 1 January.
        savings: balance at the second bank, whose statement comes late.
    """

    employer: str
    wage: int
    withheld: int
    dwelling: int
    mortgage: int
    interest: int
    bank: str
    account: int
    savings_bank: str
    savings: int
    rent: int
    children: int


@dataclass(frozen=True, slots=True)
class Business:
    """An entrepreneur's year, in whole euros."""

    turnover_general: int
    turnover_reduced: int
    input_tax: int
    profit: int


def household(client: str, year: int) -> Household:
    """The year of the person with this number."""
    chance = SeededIds(f"household:{client}")
    growth = 100 + 3 * max(0, year - _FIRST_YEAR)
    wage = (16_000 + chance.below(44_000)) * growth // 100
    dwelling = 1_000 * (160 + chance.below(300)) * growth // 100
    mortgage = dwelling * (30 + chance.below(60)) // 100
    bank = chance.below(len(_BANKS))
    return Household(
        employer=name_of(f"{client}:werkgever"),
        wage=wage,
        withheld=wage * (16 + wage // 5_000) // 100,
        dwelling=dwelling,
        mortgage=mortgage,
        interest=mortgage * (15 + chance.below(30)) // 1_000,
        bank=_BANKS[bank],
        account=300 + chance.below(9_000),
        savings_bank=_BANKS[(bank + 1) % len(_BANKS)],
        savings=1_000 + chance.below(95_000),
        rent=450 + chance.below(380),
        children=chance.below(4),
    )


def business(client: str, year: int) -> Business:
    """The year of the entrepreneur with this number."""
    chance = SeededIds(f"business:{client}")
    growth = 100 + 4 * max(0, year - _FIRST_YEAR)
    turnover = (60_000 + chance.below(900_000)) * growth // 100
    reduced = turnover * chance.below(40) // 100
    return Business(
        turnover_general=turnover - reduced,
        turnover_reduced=reduced,
        input_tax=turnover * (4 + chance.below(8)) // 100,
        profit=turnover * (5 + chance.below(30)) // 100,
    )
