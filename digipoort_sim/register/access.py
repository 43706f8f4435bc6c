"""The client and service that a message is about, in the words that mandates use."""

from __future__ import annotations

from dataclasses import dataclass

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.errors import ConfigError
from digipoort_sim.register.rules import Refused, client_type, exact_service, tidy_number

_ABOUT_YEAR = {
    "jaar-ontbreekt": "is registered per year: give --year",
    "jaar-niet-toegestaan": "is not bound to a year: leave out --year",
}


@dataclass(frozen=True, slots=True)
class Dossier:
    """A client and a service; every active mandate for both opens what is in it.

    Attributes:
        dienst: the service code with its year.
        nummer: the client's number as mandates have it, with its `type`.
    """

    dienst: str
    nummer: str
    type: str


def dossier(catalogue: Catalogue, code: str, jaar: int | None, nummer: str, type_: str | None) -> Dossier:
    """The dossier that a person names, once a mandate for it could exist.

    Args:
        code: the service code without its year.
        jaar: the tax or benefit year, for a service that has years.
        type_: type of the number; derived from it if None.

    Raises:
        ConfigError: there is no such service, the year is missing or too much, or the number is not good.
    """
    try:
        service = exact_service(catalogue, code if jaar is None else f"{code}_{jaar}")
        number = tidy_number(nummer)
        return Dossier(service.full_code, number, client_type(service.dienst, number, type_))
    except Refused as refused:
        about_year = _ABOUT_YEAR.get(refused.key)
        detail = refused.detail if about_year is None else f"{code} {about_year} (API: jaar)"
        raise ConfigError(detail, rule=refused.key.upper()) from None
