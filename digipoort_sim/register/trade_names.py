"""The trade register's stand-in: a name and an address for every number, always the same ones.

A name comes from the user's own file, else from a registration (such as that of a foreign business), else
it is made up. What is made up belongs to nobody: no business is called like that, and no Dutch postcode
begins with a zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.ids import SeededIds
from digipoort_sim.pki.oin import Oin

Origin = Literal["own", "registered", "fictitious"]

_SUFFIX = re.compile(r"(?<=^[0-9]{9})[BL][0-9]{2}$")  # of a btw or loonheffingennummer
_NUMBER = re.compile(r"(NL)?[0-9]{8,20}([BL][0-9]{2})?", re.ASCII | re.IGNORECASE)
_BTW_ID = re.compile(r"^NL(?=[0-9]{9}B[0-9]{2}$)")

_TRADES = (
    "Administratiekantoor",
    "Belastingadvies",
    "Accountantskantoor",
    "Salarisbureau",
    "Boekhoudbureau",
    "Fiscaal Adviesbureau",
)
_WORDS = (
    "Papieren Kraanvogel",
    "Onzichtbare Lantaarn",
    "Zevenenhalve Molen",
    "Gebreide Komeet",
    "Omgekeerd Kompas",
    "Zwevende Sluis",
    "Geruite Parasol",
    "Houten Walvis",
    "Vijfde Windstreek",
    "Rubberen Passer",
    "Fluwelen Gondel",
    "Min Achtste Etage",
)
_FORMS = ("B.V.", "V.O.F.", "& Partners", "Coöperatie U.A.")
_INITIALS = "ABCDEFGHJKLMNPRSTW"
_SURNAMES = (
    "Proefmans",
    "Testerink",
    "van Voorbeeld",
    "de Schijn",
    "Fictieveld",
    "Modelstra",
    "Zogenaamd",
    "Droomberg",
)
_STREETS = (
    "Denkbeeldige Laan",
    "Nergensplein",
    "Voorbeeldkade",
    "Proefballonweg",
    "Verzonnen Gracht",
    "Niemandssteeg",
    "Simulatiesingel",
    "Zogenaamde Dijk",
)
_PLACES = ("Nergenshuizen", "Fictiestad", "Verzonnenbroek", "Proefwoude", "Schijnmeer", "Testerveen")
_POSTCODE_LETTERS = "ABCDEGHJKLMNPRSTVWXZ"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a party lives or has its seat; an empty part is not printed."""

    street: str
    postcode: str
    place: str

    @property
    def lines(self) -> tuple[str, ...]:
        """As they stand on an envelope."""
        # Two blanks between postcode and place, as on Dutch post.
        town = "  ".join(part for part in (self.postcode, self.place) if part)
        return tuple(line for line in (self.street, town) if line)


@dataclass(frozen=True, slots=True)
class TradeName:
    """An entry of the trade register.

    Attributes:
        number: the party's own number, without what an OIN, btw or loonheffingennummer adds to it.
        origin: the user's file, a registration in this simulator, or made up.
    """

    number: str
    name: str
    address: Address
    origin: Origin


Lookup = Callable[[str], TradeName | None]
"""Finds what was registered under a number (as `core_of` gives it); None if nothing was."""


class TradeRegister:
    """Names and addresses by number; safe to share between threads.

    Args:
        own: the user's entries by number (as `core_of` gives it); they win. An entry may lack an address.
        registered: finds names that were registered while the simulator ran.
    """

    def __init__(self, own: Mapping[str, TradeName] | None = None, registered: Lookup | None = None) -> None:
        self._own = MappingProxyType(dict(own or {}))
        self._registered = registered

    def with_registered(self, registered: Lookup) -> TradeRegister:
        """The same with another source of registered names."""
        return TradeRegister(self._own, registered)

    def find(self, number: str, type_: str = "KvK") -> TradeName:
        """The entry of a number; there is one for every number.

        Args:
            number: any identification number, or an OIN, which stands for the number in it.
            type_: type of the number; a BSN has a person's name where it is made up.
        """
        core = core_of(number)
        found = self._entered(core)
        if found is None:
            return TradeName(core, name_of(core, type_), address_of(core), "fictitious")
        return found if found.address.lines else replace(found, address=address_of(core))

    def name_of(self, number: str, type_: str = "KvK") -> str:
        """The name that goes with a number; see `find`."""
        core = core_of(number)
        found = self._entered(core)
        return name_of(core, type_) if found is None else found.name

    def _entered(self, core: str) -> TradeName | None:
        """What somebody entered for a number; None if its name has to be made up."""
        found = self._own.get(core)
        return self._registered(core) if found is None and self._registered is not None else found


@lru_cache(maxsize=4096)
def name_of(number: str, type_: str = "KvK") -> str:
    """The fictitious name that goes with a number, or with any other text.

    Args:
        number: as in `TradeRegister.find`.
        type_: a BSN gives a person's name, all others an organisation's.
    """
    chance = SeededIds(f"name:{core_of(number)}")
    if type_.upper() == "BSN":
        initials = "".join(f"{_pick(chance, _INITIALS)}." for _ in range(1 + chance.below(2)))
        return f"{initials} {_pick(chance, _SURNAMES)}"
    return f"{_pick(chance, _TRADES)} {_pick(chance, _WORDS)} {_pick(chance, _FORMS)}"


def address_of(number: str) -> Address:
    """The fictitious address that goes with a number; its postcode begins with 0, which none does."""
    chance = SeededIds(f"address:{core_of(number)}")
    street = f"{_pick(chance, _STREETS)} {1 + chance.below(400)}"
    letters = _pick(chance, _POSTCODE_LETTERS) + _pick(chance, _POSTCODE_LETTERS)
    return Address(street, f"0{chance.below(1000):03d} {letters}", _pick(chance, _PLACES))


def check_number(text: str) -> str:
    """A text that somebody asks the name of.

    Raises:
        ConfigError: it is no identification number and no OIN.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise ConfigError(
            f"{text[:40]!r} is no number: 8 digits (KvK), 9 (BSN, RSIN, FInr; with B01 or L01 too) or the 20 "
            "of an OIN",
            rule="PARAMETER",
        )
    return text


def core_of(number: str) -> str:
    """The number by which a party is known: of an OIN, btw-id or loonheffingennummer the number in it."""
    text = number.strip().upper()
    try:
        return Oin.parse(text).core
    except AuthenticationRefusal:
        return _SUFFIX.sub("", _BTW_ID.sub("", text))


def _pick(chance: SeededIds, choices: tuple[str, ...] | str) -> str:
    return choices[chance.below(len(choices))]
