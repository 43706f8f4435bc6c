"""What a letter says: the values that its forms have in common, in Dutch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import TradeRegister

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
        aan: name of the client.
        nummer_naam: what the client's number is called.
        kantoor: trade-register name of the gemachtigde.
        periode: for which year, or for how long.
        laatste_dag: the last whole day on which the code is good, or before silence becomes consent.
        qr_inhoud: what the QR code holds; None in an opt-out letter.
    """

    kenmerk: str
    afzender: str
    aan: str
    nummer: str
    nummer_naam: str
    kantoor: str
    kantoor_nummer: str
    dienst: str
    dienst_naam: str
    periode: str
    datum: str
    laatste_dag: str
    ingangsdatum: str | None
    activatie_token: str | None
    qr_inhoud: str | None


def wording(letter: Letter, catalogue: Catalogue, names: TradeRegister) -> Wording:
    """The printed values of a letter."""
    dienst = catalogue.diensten[letter.code]
    end = letter.geldig_tot or letter.ingangsdatum or letter.datum
    return Wording(
        kenmerk=letter.id,
        afzender=catalogue.agency_of(dienst).name,
        aan=names.name_of(letter.id_vertegenwoordigde, letter.type_vertegenwoordigde),
        nummer=letter.id_vertegenwoordigde,
        nummer_naam=_NUMBER_NAMES.get(letter.type_vertegenwoordigde, letter.type_vertegenwoordigde),
        kantoor=names.name_of(letter.gemachtigde_oin),
        kantoor_nummer=letter.id_gemachtigde,
        dienst=letter.dienst,
        dienst_naam=dienst.name,
        periode=_period(letter, dienst.term),
        datum=dutch_date(letter.datum),
        laatste_dag=dutch_date(end - timedelta(days=1)),
        ingangsdatum=None if letter.ingangsdatum is None else dutch_date(letter.ingangsdatum),
        activatie_token=letter.activatie_token,
        qr_inhoud=qr_content(letter),
    )


def qr_content(letter: Letter) -> str | None:
    """What the QR code holds: the four public fields as JSON (the encoding is the simulator's)."""
    if letter.activatie_token is None:
        return None
    fields = {
        "Dienst": letter.dienst,
        "idVertegenwoordigde": letter.id_vertegenwoordigde,
        "idGemachtigde": letter.id_gemachtigde,
        "activatieToken": letter.activatie_token,
    }
    return json.dumps(fields, ensure_ascii=False)


def dutch_date(moment: datetime) -> str:
    """The day in the Netherlands, such as ``2 maart 2026``."""
    local = moment.astimezone(AMSTERDAM)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def _period(letter: Letter, term: str) -> str:
    if letter.jaar is not None:
        return f"alleen het jaar {letter.jaar}"
    if term == "continuous":
        return "doorlopend: voor alle komende jaren, tot u of uw gemachtigde de machtiging intrekt"
    return "eenmalig: tot u of uw gemachtigde de machtiging intrekt"
