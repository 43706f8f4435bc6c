"""Whether the register can work with the services of the catalogue; a user's own lines may be wrong."""

from __future__ import annotations

import re

from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.catalogue.mandate_messages import year_in_dienst
from digipoort_sim.errors import ConfigError
from digipoort_sim.pki.numbers import IDENTITY_TYPES
from digipoort_sim.register.reference_dates import day_of_year, references_of

_CODE = re.compile(r"[A-Za-z0-9_-]{1,35}")  # with its year, what the messages' schemas take
_ANY_YEAR = 2001  # without 29 February, which is no day of every year


def check_services(catalogue: Catalogue) -> None:
    """Check every dienst for what it names: agency, kinds of number, days, other services.

    Raises:
        ConfigError: a line names what does not exist; it says which line and field.
    """
    for dienst in catalogue.diensten.values():
        if dienst.agency not in catalogue.agencies:
            raise _wrong(dienst, "agency", f"there is no agency {dienst.agency!r}")
        unknown = set(dienst.client_types) - set(IDENTITY_TYPES.values())
        if unknown or not dienst.client_types:
            known = ", ".join(IDENTITY_TYPES.values())
            raise _wrong(dienst, "client_types", f"must be some of {known}")
        if _CODE.fullmatch(dienst.code) is None or year_in_dienst(dienst.code) is not None:
            raise _wrong(
                dienst, "code", "must be 1 to 35 of A-Z, a-z, 0-9, _ and -, and not end like _<year>"
            )
        _check_days(catalogue, dienst)


def _check_days(catalogue: Catalogue, dienst: Dienst) -> None:
    if dienst.extended_on:
        day_of_year(dienst.code, dienst.extended_on, _ANY_YEAR)
    for reference in references_of(dienst):
        made = catalogue.diensten.get(reference.code)
        if made is None or made.term != "year":
            raise _wrong(dienst, "reference_dates", f"there is no yearly dienst {reference.code!r}")


def _wrong(dienst: Dienst, field: str, problem: str) -> ConfigError:
    return ConfigError(f"diensten.toml [{dienst.code}].{field}: {problem}", rule="CATALOGUE")
