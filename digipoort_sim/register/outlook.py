"""What a registration's state means, and what time will bring it if nobody does anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.register.extension import extension_at
from digipoort_sim.register.reference_dates import next_reference
from digipoort_sim.register.states import State
from digipoort_sim.register.terms import letter_at, year_bound_end
from digipoort_sim.register.values import DueKind, Letter, Mandate


@dataclass(frozen=True, slots=True)
class Meaning:
    """A state in words, in two languages."""

    nl: str
    en: str


MEANINGS: Mapping[State, Meaning] = MappingProxyType(
    {
        State.ONTVANGEN: Meaning("De aanvraag is ontvangen.", "The request has come in."),
        State.WACHTRIJ: Meaning(
            "De aanvraag wacht op haar beurt; er gaan niet meer brieven per dag uit.",
            "The request waits for its turn; no more letters go out per day.",
        ),
        State.IN_BEHANDELING: Meaning(
            "De brief aan de cliënt wordt verstuurd, of de reactietermijn loopt.",
            "The letter to the client is under way, or the client has time to react to it.",
        ),
        State.ACTIEF: Meaning(
            "De gemachtigde kan de serviceberichten ophalen.",
            "The intermediary can fetch the service messages.",
        ),
        State.AFGEKEURD: Meaning(
            "Het register heeft de aanvraag afgekeurd.", "The register refused the request."
        ),
        State.AFGEWEZEN: Meaning(
            "De cliënt heeft de machtiging afgewezen.", "The client refused the mandate."
        ),
        State.INGETROKKEN: Meaning(
            "Een van beide partijen heeft de machtiging ingetrokken.",
            "One of the two sides revoked the mandate.",
        ),
        State.VERLOPEN: Meaning("De termijn is voorbij.", "Its term is over."),
    }
)
"""Every state in words (s)."""

LOCKED = Meaning(
    "Na te veel onjuiste codes is de machtiging geblokkeerd; trek haar in en vraag haar opnieuw aan.",
    "It is locked after too many wrong codes; revoke it and ask anew.",
)
"""What a claim's state means once no code is good any more (s)."""


def is_locked(settings: RegisterSettings, mandate: Mandate) -> bool:
    """Whether a claim had so many wrong codes that the right one does not help any more."""
    waits = mandate.toestand is State.IN_BEHANDELING
    return waits and mandate.onjuiste_codes >= settings.max_wrong_codes


def meaning(settings: RegisterSettings, mandate: Mandate) -> Meaning:
    """What the state of a registration means."""
    return LOCKED if is_locked(settings, mandate) else MEANINGS[mandate.toestand]


@dataclass(frozen=True, slots=True)
class Expected:
    """What time will bring.

    Attributes:
        at: when, or None where that depends on others, as in the queue.
    """

    kind: DueKind
    at: datetime | None


def expected(
    catalogue: Catalogue, settings: RegisterSettings, mandate: Mandate, letter: Letter | None, now: datetime
) -> Expected | None:
    """What falls due next for a registration; None once it has ended, and for one without an end.

    Args:
        letter: the letter about it; None while there is none.
    """
    match mandate.toestand:
        case State.WACHTRIJ:
            return Expected("take-up", None)
        case State.IN_BEHANDELING:
            return _in_reaction_term(settings, mandate, letter)
        case State.ACTIEF:
            return _while_active(catalogue, settings, mandate, now)
        case _:
            return None


def _in_reaction_term(settings: RegisterSettings, mandate: Mandate, letter: Letter | None) -> Expected | None:
    if letter is None:
        return Expected("letter", letter_at(mandate.in_behandeling or mandate.ontvangen, settings))
    if letter.ingangsdatum is not None:
        return Expected("opt-out-ends", letter.ingangsdatum)
    return Expected("code-expires", letter.geldig_tot)


def _while_active(
    catalogue: Catalogue, settings: RegisterSettings, mandate: Mandate, now: datetime
) -> Expected | None:
    if mandate.jaar is not None:
        active = mandate.actief_sinds or mandate.ontvangen
        extended = extension_at(catalogue.diensten[mandate.code], mandate, active, settings)
        if extended is not None and extended > now:
            return Expected("extension", extended)
        return Expected("year-ends", year_bound_end(mandate.jaar, active, settings))
    reference = next_reference(catalogue.diensten[mandate.code], now)
    return None if reference is None else Expected("reference-date", reference)
