"""What a login sees of the register: its own registrations, and of those what the real portal shows.

For clients the real portal's own text names mandates of the Belastingdienst and Dienst Toeslagen only
(published). Not visible yet are, says that text, clients' mandates on the fiscaal nummer or KvK number of
an organisation, those of UWV on a loonheffingennummer, and intermediaries' on an RSIN; by the news of
November 2024 the first and the last are. A request that was refused at once never was the client's: only who
sent it sees it (s).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import Settings
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register import Letter, Mandate, MandateFilter, State
from digipoort_sim.web.portal.sessions import Number, Session

_CLIENTS_SEE = ("belastingdienst", "toeslagen")
_HIGHEST_SUFFIX = 99
_LETTER_TYPES = {
    "BSN": ("BSN", "Fi", "LHnr"),
    "RSIN": ("RSIN", "Fi", "LHnr"),
    "Fi": ("RSIN", "Fi", "LHnr"),
    "KvK": ("KvK",),
}
"""The letter box is the simulator's own: it holds every letter to the party, also about what is not shown."""


@dataclass(frozen=True)
class Sight:
    """What one session sees.

    Attributes:
        wanted: the registrations that it sees; None if it sees none at all.
        letter_numbers: numbers to which its letters are addressed.
        letter_types: and the types of those; both are empty for intermediaries, who get none.
    """

    wanted: MandateFilter | None
    letter_numbers: tuple[str, ...] = ()
    letter_types: tuple[str, ...] = ()

    def shows(self, mandate: Mandate) -> bool:
        """Whether a registration is one of those."""
        wanted = self.wanted
        if wanted is None or mandate.toestand is wanted.unlike:
            return False
        pairs = (
            (wanted.numbers, mandate.id_vertegenwoordigde),
            (wanted.types, mandate.type_vertegenwoordigde),
            (wanted.codes, mandate.code),
        )
        if any(choices is not None and value not in choices for choices, value in pairs):
            return False
        return wanted.gemachtigde in (None, mandate.gemachtigde_oin)

    def has(self, letter: Letter) -> bool:
        """Whether a letter lies in this letter box."""
        return (
            letter.id_vertegenwoordigde in self.letter_numbers
            and letter.type_vertegenwoordigde in self.letter_types
        )


def sight_of(session: Session, settings: Settings, catalogue: Catalogue) -> Sight:
    """What a session sees under these settings."""
    shows_all = settings.portal.shows == "2024-11"
    if session.side == "gemachtigde":
        hidden = session.number.type == "RSIN" and not shows_all
        return Sight(None if hidden else MandateFilter(gemachtigde=oin_of(session.number)))
    numbers = tuple(text for number in session.numbers for text in _forms(number, "B"))
    types = tuple(type_ for number in session.numbers for type_ in _types(number, shows_all))
    codes = tuple(row.code for row in catalogue.diensten.values() if row.agency in _CLIENTS_SEE)
    wanted = MandateFilter(numbers=numbers, types=types, codes=codes, unlike=State.AFGEKEURD)
    with_payroll = tuple(text for number in session.numbers for text in _forms(number, "L"))
    letter_types = tuple(type_ for number in session.numbers for type_ in _LETTER_TYPES[number.type])
    return Sight(wanted if types else None, (*numbers, *with_payroll), letter_types)


def oin_of(number: Number) -> str:
    """The OIN of who logged in with this number, as its certificates have it."""
    return Oin.from_number(number.type, number.text[:9]).value


def narrowed(sight: Sight, *, ended: bool, number: str | None, code: str | None, jaar: int | None) -> Sight:
    """The same, only current or past ones, and of those what was searched for."""
    if sight.wanted is None:
        return sight
    wanted = replace(sight.wanted, ended=ended, vertegenwoordigde=number, code=code, jaar=jaar)
    return replace(sight, wanted=wanted)


def _types(number: Number, shows_all: bool) -> tuple[str, ...]:
    """The types under which the portal shows registrations to who logged in with this number."""
    if number.type == "BSN":  # the fiscaal nummer of a person is no organisation's
        return ("BSN", "Fi")
    own = ("RSIN",) if number.type == "RSIN" else ()
    further = {"RSIN": ("Fi",), "Fi": ("Fi",), "KvK": ("KvK",)}[number.type]
    return (*own, *further) if shows_all else own


def _forms(number: Number, letter: str) -> tuple[str, ...]:
    """A number as it stands alone and with the suffixes of a btw or loonheffingennummer."""
    if number.type == "KvK" or not number.text.isdigit():
        return (number.text,)
    return (number.text, *(f"{number.text}{letter}{n:02d}" for n in range(1, _HIGHEST_SUFFIX + 1)))
