"""The vocabulary of mandate messages: kinds, fields, namespaces, entry points and identifier schemes.

All of it is the simulator's own choice, except the names of the fields dienst, idVertegenwoordigde,
idGemachtigde and activatieToken, which are public. The schemas are in ``schemas/machtiging``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

NS_XML: Final = "urn:digipoort-sim:machtiging:2026"
NS_CONCEPTS: Final = "http://digipoort-sim.example/taxonomie/machtiging/2026/dictionary/machtiging-data"
ENTRYPOINTS: Final = "http://digipoort-sim.example/taxonomie/machtiging/2026/entrypoints/"
SCHEMES: Final = "http://digipoort-sim.example/identificatie/"

XML_SCHEMA: Final = "machtiging/machtiging.xsd"
INSTANCE_SCHEMA: Final = "machtiging/instantie/machtiging-instantie.xsd"

MAXIMUM_BYTES: Final = 1_048_576
"""A mandate message that is larger than this is not read."""

FIELDS: Final = (
    "dienst",
    "jaar",
    "idVertegenwoordigde",
    "soortNummer",
    "idGemachtigde",
    "activatieToken",
    "reden",
)
"""Every field that a mandate message can have, in the order of the plain-XML form."""

_PARTIES = frozenset({"idVertegenwoordigde", "idGemachtigde"})
_YEAR_IN_DIENST = re.compile(r"_([12][0-9]{3})\Z")


class MessageKind(StrEnum):
    """What a mandate message asks for; the value is the wire word."""

    OPVOEREN = "opvoeren"
    ACTIVEREN = "activeren"
    INTREKKEN = "intrekken"
    OPVRAGEN = "opvragen"


REQUIRED: Final = {
    MessageKind.OPVOEREN: _PARTIES | {"dienst"},
    MessageKind.ACTIVEREN: _PARTIES | {"dienst", "activatieToken"},
    MessageKind.INTREKKEN: _PARTIES | {"dienst"},
    MessageKind.OPVRAGEN: _PARTIES,
}
"""The fields that a message of a kind must have."""

OPTIONAL: Final = {
    MessageKind.OPVOEREN: frozenset({"jaar", "soortNummer"}),
    MessageKind.ACTIVEREN: frozenset({"jaar", "soortNummer"}),
    MessageKind.INTREKKEN: frozenset({"jaar", "soortNummer", "reden"}),
    MessageKind.OPVRAGEN: frozenset({"dienst", "jaar", "soortNummer"}),
}
"""The fields that a message of a kind may have besides."""


def entrypoint(kind: MessageKind) -> str:
    """The entry point that an XBRL message of this kind refers to."""
    return f"{ENTRYPOINTS}machtiging-{kind}.xsd"


def identifier_scheme(soort_nummer: str | None) -> str:
    """The scheme of the entity identifier for a type of number; ``onbekend`` where none is given."""
    return SCHEMES + (soort_nummer or "onbekend").lower()


def year_in_dienst(dienst: str) -> str | None:
    """The year that a code of a dienst ends with: ``2025`` of ``VIA_2025``, None of ``SBU``."""
    named = _YEAR_IN_DIENST.search(dienst)
    return named[1] if named else None
