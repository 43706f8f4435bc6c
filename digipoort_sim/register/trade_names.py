"""The trade register's stand-in: a fictitious name for every number, always the same one."""

from __future__ import annotations

import re

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.ids import SeededIds
from digipoort_sim.pki.oin import Oin

_SUFFIX = re.compile(r"(?<=^[0-9]{9})[BL][0-9]{2}$")  # of a btw or loonheffingennummer

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
    "Blauwe Lantaarn",
    "Zeven Molens",
    "Groene Komeet",
    "Koperen Kompas",
    "Stille Sluis",
    "Rode Parasol",
    "Houten Walvis",
    "Vierde Windstreek",
    "Zilveren Passer",
    "Gele Gondel",
    "Achtste Etage",
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


def name_of(number: str, type_: str = "KvK") -> str:
    """The fictitious name that goes with a number.

    Args:
        number: any identification number, or an OIN, which stands for the number in it.
        type_: type of the number; a BSN gives a person's name, all others an organisation's.
    """
    chance = SeededIds(f"name:{_core(number)}")
    if type_.upper() == "BSN":
        initials = "".join(f"{_pick(chance, _INITIALS)}." for _ in range(1 + chance.below(2)))
        return f"{initials} {_pick(chance, _SURNAMES)}"
    return f"{_pick(chance, _TRADES)} {_pick(chance, _WORDS)} {_pick(chance, _FORMS)}"


def _pick(chance: SeededIds, choices: tuple[str, ...] | str) -> str:
    return choices[chance.below(len(choices))]


def _core(number: str) -> str:
    try:
        return Oin.parse(number).core
    except AuthenticationRefusal:
        return _SUFFIX.sub("", number.strip().upper())
