"""Facts of service messages, and what kinds of them there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from digipoort_sim.ids import IdSource, SeededIds
from digipoort_sim.register import Mandate

Kind = Literal["amount", "number", "text", "date"]

ON_DEMAND = 1000
"""From this number on a message was made because a tester asked for it, beside those that time makes."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact: an amount in euros (``1200`` or ``1200.50``), a whole number, a text or a date.

    Attributes:
        english: its name in an XBRL instance.
        dutch: its name in an XML document, and on paper in words.
    """

    english: str
    dutch: str
    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """Facts that belong together, like those of one vehicle; documents have them, instances do not."""

    dutch: str
    figures: tuple[Figure, ...]


Part = Figure | Line
"""What the data of a message are made of."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about.

    Attributes:
        number: which message of its mandate it is, from 0.
        day: the date on it.
    """

    mandate: Mandate
    number: int
    day: date

    @property
    def year(self) -> int:
        """The tax or benefit year, or that of the day where the service has none."""
        return self.mandate.jaar or self.day.year

    @property
    def client(self) -> str:
        """The client's number."""
        return self.mandate.id_vertegenwoordigde

    @property
    def stage(self) -> int:
        """How far things are: 0 and 1 are provisional, 2 is final, later ones mend what was final."""
        return self.number if self.number < ON_DEMAND else self.number - ON_DEMAND + 3

    @property
    def sequence(self) -> int:
        """The last two digits of its number, which no other message of the mandate has."""
        return (self.number + 1) % 100 if self.number < ON_DEMAND else (self.number - ON_DEMAND + 51) % 100

    def chance(self, what: str = "") -> IdSource:
        """Chance that always gives the same for this client, service and year, and for `what`."""
        return SeededIds(f"figures:{self.client}:{self.mandate.dienst}:{what}")


Maker = Callable[[Subject], Iterable[Part]]
"""Makes the facts of one service's messages."""


def amount(english: str, dutch: str, euros: int) -> Figure:
    """An amount in whole euros."""
    return Figure(english, dutch, "amount", str(euros))


def cents(dutch: str, value: int) -> Figure:
    """An amount in euros, given in cents."""
    sign, value = ("-", -value) if value < 0 else ("", value)
    return Figure("", dutch, "amount", f"{sign}{value // 100}.{value % 100:02d}")


def number(english: str, dutch: str, value: int) -> Figure:
    """A whole number."""
    return Figure(english, dutch, "number", str(value))


def text(english: str, dutch: str, value: str) -> Figure:
    """A text."""
    return Figure(english, dutch, "text", value)


def day(english: str, dutch: str, value: date) -> Figure:
    """A date."""
    return Figure(english, dutch, "date", value.isoformat())
