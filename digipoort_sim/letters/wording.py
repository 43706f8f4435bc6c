"""The values that a letter prints: names, numbers and dates, in Dutch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import TradeName, TradeRegister

_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_NUMBER_NAMES = {"Fi": "fiscaal nummer", "LHnr": "loonheffingennummer", "KvK": "KvK-nummer"}


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter's values as they are printed.

    Attributes:
        afzender: the agency's name.
        client: the client's entry in the trade register (or what stands for it with persons).
        nummer_naam: what the client's number is called.
        kantoor: the gemachtigde's entry in the trade register.
        kantoor_nummer: its number as it was given in the request.
        soort_jaar: ``belastingjaar`` or ``toeslagjaar``.
        termijn: the reaction term in words, such as ``8 weken``.
        laatste_dag: the last whole day on which the code is good, or before silence becomes consent.
        ingangsdatum: the day on which silence becomes consent; None in a letter with a code.
        verlenging: whether the register made the registration of its own accord from that of the year
            before (MAU).
    """

    kenmerk: str
    afzender: str
    client: TradeName
    nummer: str
    nummer_naam: str
    kantoor: TradeName
    kantoor_nummer: str
    dienst: Dienst
    dienst_code: str
    jaar: int | None
    soort_jaar: str
    datum: str
    termijn: str
    laatste_dag: str
    ingangsdatum: str | None
    activatie_token: str | None
    verlenging: bool


def wording(letter: Letter, catalogue: Catalogue, names: TradeRegister) -> Wording:
    """The printed values of a letter."""
    dienst = catalogue.diensten[letter.code]
    end = letter.geldig_tot or letter.ingangsdatum or letter.datum
    return Wording(
        kenmerk=letter.id,
        afzender=catalogue.agency_of(dienst).name,
        client=names.find(letter.id_vertegenwoordigde, letter.type_vertegenwoordigde),
        nummer=letter.id_vertegenwoordigde,
        nummer_naam=_NUMBER_NAMES.get(letter.type_vertegenwoordigde, letter.type_vertegenwoordigde),
        kantoor=names.find(letter.gemachtigde_oin),
        kantoor_nummer=letter.id_gemachtigde,
        dienst=dienst,
        dienst_code=letter.dienst,
        jaar=letter.jaar,
        soort_jaar="toeslagjaar" if dienst.agency == "toeslagen" else "belastingjaar",
        datum=dutch_date(letter.datum),
        termijn=_term(end - letter.datum),
        laatste_dag=dutch_date(end - timedelta(days=1)),
        ingangsdatum=None if letter.ingangsdatum is None else dutch_date(letter.ingangsdatum),
        activatie_token=letter.activatie_token,
        verlenging=letter.herkomst is not None,
    )


def dutch_date(moment: datetime) -> str:
    """The day in the Netherlands, such as ``2 maart 2026``."""
    local = moment.astimezone(AMSTERDAM)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def dutch_day(month: int, day: int) -> str:
    """A day of every year, such as ``1 december``."""
    return f"{day} {_MONTHS[month - 1]}"


def _term(length: timedelta) -> str:
    days = max(0, length.days)
    weeks, rest = divmod(days, 7)
    if weeks and not rest:
        return f"{weeks} weken" if weeks > 1 else "1 week"
    return f"{days} dagen" if days != 1 else "1 dag"
