"""Foreign businesses: from a registration with the tax administration to a FInr and an OIN.

A company without a KvK number registers as a foreign business, gets a Fiscal Identification Number (FInr),
and with it an OIN in the OIN register. With the registration it shows the deed of incorporation in Dutch,
German or English and, where it is in a Chamber of Commerce of its own country, proof of that (published).
That an FInr is a fiscaal nummer of nine digits with prefix 00000002 is the simulator's choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, insert, select, update

from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.clock import epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.ids import IdSource
from digipoort_sim.pki.checkdigits import passes_eleven_test
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register.rules import Refused
from digipoort_sim.store.foreign_tables import foreign_parties as parties

DEED_LANGUAGES = {"nl": "Dutch", "de": "German", "en": "English"}
"""In which languages the deed of incorporation may be shown (published)."""

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
# In octets of UTF-8, as certificates count theirs: name and city stand in one.
_LONGEST = {"name": 64, "address": 200, "city": 128, "registration_number": 35}
_FINR_TYPES = frozenset({"FI", "RSIN", "BTW", "OB", "LHNR"})
_NINE = 9
_FIRST = "8"
"""FInrs begin with it (s), so that they are told from the numbers that tests use."""

_FINR = re.compile(rf"{_FIRST}[0-9]{{8}}", re.ASCII)

# Made once: building a statement costs more than running it.
_BY_FINR = select(parties).where(parties.c.finr == bindparam("which"))
_BY_OIN = select(parties).where(parties.c.oin == bindparam("which"))
_BY_KEY = select(parties).where(parties.c.identity_key == bindparam("which"))
_IS_FINR = select(exists().where(parties.c.finr == bindparam("which")))


@dataclass(frozen=True, slots=True)
class ForeignApplication:
    """What a foreign business tells and shows when it registers.

    Attributes:
        country: two letters (ISO 3166), not ``NL``.
        registration_number: its number in the Chamber of Commerce of its own country; None if it has none.
        chamber_proof: whether proof of that registration is shown.
        deed_language: language of the copy of the deed of incorporation: ``nl``, ``de`` or ``en``; None if
            no deed is shown.
        kvk: a KvK number; who has one is not on this route.
    """

    name: str
    country: str
    address: str
    city: str
    registration_number: str | None = None
    chamber_proof: bool = False
    deed_language: str | None = None
    kvk: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignParty:
    """A foreign business that is registered.

    Attributes:
        finr: its Fiscal Identification Number, 9 digits that pass the 11-test.
        oin: None until it is in the OIN register.
    """

    finr: str
    name: str
    country: str
    address: str
    city: str
    registration_number: str | None
    chamber_proof: bool
    deed_language: str
    registered: datetime
    oin: str | None = None
    oin_registered: datetime | None = None


def register_foreign(
    tx: Connection, application: ForeignApplication, ids: IdSource, now: datetime
) -> ForeignParty:
    """Register a foreign business and give it an FInr.

    Raises:
        Refused: something is missing or not as it must be, or it is registered already.
    """
    application = checked_application(application)
    key = _identity_key(application)
    known = tx.execute(_BY_KEY, {"which": key}).one_or_none()
    if known is not None:
        raise Refused(
            "buitenland-bestaat-al",
            f"{known.name} in {known.country} is registered already: its FInr is {known.finr}.",
        )
    party = ForeignParty(
        finr=_new_finr(tx, ids),
        name=application.name,
        country=application.country,
        address=application.address,
        city=application.city,
        registration_number=application.registration_number,
        chamber_proof=application.chamber_proof,
        deed_language=application.deed_language or "",
        registered=now,
    )
    tx.execute(insert(parties).values(identity_key=key, **_row_of(party)))
    return party


def register_oin(tx: Connection, finr: str, now: datetime) -> ForeignParty:
    """Enter a foreign business in the OIN register, and give it its OIN.

    Raises:
        Refused: buitenland-onbekend, buitenland-oin-bestaat.
    """
    party = find_foreign(tx, finr)
    if party.oin is not None:
        raise Refused("buitenland-oin-bestaat", f"FInr {party.finr} has OIN {party.oin} already.")
    party = replace(party, oin=Oin.from_fi(party.finr).value, oin_registered=now)
    tx.execute(
        update(parties)
        .where(parties.c.finr == party.finr)
        .values(oin=party.oin, oin_registered=epoch_milliseconds(now))
    )
    return party


def find_foreign(tx: Connection, finr: str) -> ForeignParty:
    """The foreign business with this FInr.

    Raises:
        Refused: buitenland-onbekend.
    """
    row = tx.execute(_BY_FINR, {"which": finr}).one_or_none()
    if row is None:
        raise Refused("buitenland-onbekend", f"no foreign business is registered with FInr {finr[:40]!r}.")
    return _party(row)


def foreign_by_oin(tx: Connection, oin: str) -> ForeignParty | None:
    """The foreign business with this OIN in the OIN register."""
    row = tx.execute(_BY_OIN, {"which": oin}).one_or_none()
    return None if row is None else _party(row)


def list_foreign(tx: Connection, limit: int = 1000, after: str | None = None) -> list[ForeignParty]:
    """Foreign businesses in the order in which they registered.

    Args:
        after: FInr of the last one of the page before.

    Raises:
        Refused: buitenland-onbekend, about `after`.
    """
    query = select(parties).order_by(parties.c.nr).limit(limit)
    if after is not None:
        find_foreign(tx, after)
        behind = select(parties.c.nr).where(parties.c.finr == after).scalar_subquery()
        query = query.where(parties.c.nr > behind)
    return [_party(row) for row in tx.execute(query)]


def may_be_finr(number: str) -> bool:
    """Whether a number looks like one that this route gives; spares a look into the table."""
    return _FINR.fullmatch(number) is not None


def is_foreign_client(tx: Connection, number: str, type_: str) -> bool:
    """Whether a number is that of a foreign business: an FInr that the foreign route gave.

    Args:
        number: a fiscaal nummer, RSIN, btw or loonheffingennummer, or an OIN on an FInr.
        type_: its type, in any case; a BSN or KvK number never is one.
    """
    finr = _finr_in(number.strip().upper(), type_.strip().upper())
    return finr is not None and bool(tx.execute(_IS_FINR, {"which": finr}).scalar())


def check_foreign_sender(catalogue: Catalogue, dienst: Dienst, sender_oin: str) -> None:
    """Whether the agency of a service is open to who asks for a mandate, if that is a foreign business.

    Raises:
        Refused: buitenland-alleen-belastingdienst.
    """
    agency = catalogue.agency_of(dienst)
    if catalogue.is_foreign(sender_oin) and not agency.open_to_foreign:
        raise Refused(
            "buitenland-alleen-belastingdienst",
            f"{dienst.code} is a service of {agency.name}; a foreign business (OIN {sender_oin}) exchanges "
            "with the tax administration only.",
        )


def _finr_in(number: str, type_: str) -> str | None:
    """The FInr that a number of this type would have in it; None if it cannot have one."""
    if type_ in _FINR_TYPES:
        return number[:_NINE]
    if type_ != "OIN":
        return None
    try:
        oin = Oin.parse(number)
    except AuthenticationRefusal:
        return None
    return oin.main if oin.kind == "Fi" else None


def checked_application(application: ForeignApplication) -> ForeignApplication:
    """The application with its texts tidied, if all that must be there is there.

    Raises:
        Refused: the first rule that it breaks.
    """
    tidy = replace(
        application,
        name=_tidy(application.name),
        country=application.country.strip().upper(),
        address=_tidy(application.address),
        city=_tidy(application.city),
        registration_number=_tidy(application.registration_number or "") or None,
        deed_language=(application.deed_language or "").strip().lower() or None,
    )
    _check_country(tidy)
    for field in _LONGEST:
        _check_text(field, getattr(tidy, field))
    _check_documents(tidy)
    return tidy


def _check_country(application: ForeignApplication) -> None:
    if application.kvk is not None and application.kvk.strip():
        raise Refused(
            "buitenland-kvk",
            "a business with a KvK number needs no FInr: its OIN has prefix 00000003 and that number.",
        )
    if application.country == "NL":
        raise Refused(
            "buitenland-nederland",
            "country is NL: a business in the Netherlands has a KvK number and registers with that.",
        )
    if not _COUNTRY.fullmatch(application.country):
        raise Refused(
            "buitenland-land", f"country {application.country[:40]!r} is not two letters such as DE."
        )


def _check_text(field: str, value: str | None) -> None:
    if value is None and field == "registration_number":
        return
    longest = _LONGEST[field]
    if not value or not value.isprintable() or len(value.encode()) > longest:
        raise Refused(
            "buitenland-gegeven",
            f"{field} must be 1 to {longest} printable characters; one outside ASCII counts for 2 to 4.",
        )
    if field == "registration_number" and not any(map(str.isalnum, value)):
        # Only these count when two businesses are told apart.
        raise Refused("buitenland-gegeven", "registration_number has no letter and no digit.")


def _check_documents(application: ForeignApplication) -> None:
    languages = ", ".join(DEED_LANGUAGES.values())
    if application.deed_language is None:
        raise Refused(
            "buitenland-akte-ontbreekt", f"a copy of the deed of incorporation is missing ({languages})."
        )
    if application.deed_language not in DEED_LANGUAGES:
        raise Refused(
            "buitenland-akte-taal",
            f"the deed of incorporation is in {application.deed_language[:40]!r}; it must be in one of "
            f"{languages} (nl, de, en).",
        )
    if application.registration_number is not None and not application.chamber_proof:
        raise Refused(
            "buitenland-uittreksel-ontbreekt",
            "a business with a registration number shows proof of its registration with its Chamber of "
            "Commerce.",
        )


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _identity_key(application: ForeignApplication) -> str:
    """Who it is in its own country: its number there, or its name if it has none."""
    number = application.registration_number
    if number is None:
        return f"{application.country}|name|{application.name.casefold()}"
    return f"{application.country}|number|{''.join(filter(str.isalnum, number.casefold()))}"


def _new_finr(tx: Connection, ids: IdSource) -> str:
    """A number that passes the 11-test and that nobody has yet."""
    while True:
        finr = f"{_FIRST}{ids.below(10**8):08d}"
        if passes_eleven_test(finr) and not tx.execute(_IS_FINR, {"which": finr}).scalar():
            return finr


def _row_of(party: ForeignParty) -> dict[str, Any]:
    row = {name: getattr(party, name) for name in ForeignParty.__slots__}
    return {**row, "registered": epoch_milliseconds(party.registered)}


def _party(row: Row[Any]) -> ForeignParty:
    values = {name: getattr(row, name) for name in ForeignParty.__slots__}
    entered = row.oin_registered
    values["registered"] = from_epoch_milliseconds(row.registered)
    values["oin_registered"] = None if entered is None else from_epoch_milliseconds(entered)
    return ForeignParty(**values)
