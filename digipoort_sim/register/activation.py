"""Activation: by the code from the letter, or by silence; both end in `activate`."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.register.codes import tidy_code
from digipoort_sim.register.extension import extension_at
from digipoort_sim.register.messages import MandateMessage
from digipoort_sim.register.queries import find_mandate, latest_ended, letter_of, open_mandate
from digipoort_sim.register.records import Change, change_mandate, open_key
from digipoort_sim.register.reference_dates import next_reference
from digipoort_sim.register.revocation import nothing_open
from digipoort_sim.register.rules import (
    Refused,
    Service,
    check_own_number,
    ended_already,
    exact_service,
    tidy_number,
)
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.terms import local_day, year_bound_end
from digipoort_sim.register.values import Due, Letter, Mandate, Outcome, Party


def activate_by_code(
    tx: Connection,
    catalogue: Catalogue,
    settings: RegisterSettings,
    message: MandateMessage,
    sender: str,
    now: datetime,
) -> Outcome:
    """Activate the claim that a message names, if its code is the one in the letter.

    A wrong code is counted; after so many (a setting) the claim is locked for good (s).

    Raises:
        Refused: there is no such claim, it cannot be activated now, or the code is not good.
    """
    check_own_number(message.id_gemachtigde, sender)
    service = exact_service(catalogue, message.dienst)
    if service.dienst.consent != "code":
        raise _no_code(service.full_code)
    mandate = _claim(tx, service, tidy_number(message.id_vertegenwoordigde), sender)
    return _with_code(tx, catalogue, settings, mandate, message.activatie_token, now)


def activate_by_id(
    tx: Connection,
    catalogue: Catalogue,
    settings: RegisterSettings,
    mandate_id: str,
    token: str,
    now: datetime,
) -> Outcome:
    """Activate one claim with its code, as the gemachtigde's message would.

    Raises:
        NotFoundError: there is no such mandate.
        Refused: it cannot be activated now, or the code is not good.
    """
    mandate = find_mandate(tx, mandate_id, lock=True)
    if mandate.ended:
        raise _ended(mandate)
    if catalogue.diensten[mandate.code].consent != "code":
        raise _no_code(mandate.dienst)
    return _with_code(tx, catalogue, settings, mandate, token, now)


def _with_code(
    tx: Connection,
    catalogue: Catalogue,
    settings: RegisterSettings,
    mandate: Mandate,
    token: str | None,
    now: datetime,
) -> Outcome:
    """Activate a registration that has not ended, if it waits for this code."""
    if mandate.toestand is State.ACTIEF:
        raise _active(tx, mandate, token)
    letter = _letter(tx, mandate)
    if mandate.onjuiste_codes >= settings.max_wrong_codes:
        raise _locked(mandate)
    if letter.geldig_tot is not None and now >= letter.geldig_tot:
        raise Refused(
            "code-verlopen", f"The code was valid until {local_day(letter.geldig_tot)}.", mandate.id
        )
    if not _same_code(token, letter.activatie_token):
        raise _wrong_code(tx, mandate, settings, now)
    active, dues = activate(tx, catalogue, mandate, Event.ACTIVATED_BY_CODE, now, settings)
    return Outcome("geactiveerd", f"{active.dienst} is active.", active.id, dues, (active.id,))


def activate(
    tx: Connection,
    catalogue: Catalogue,
    mandate: Mandate,
    event: Event,
    at: datetime,
    settings: RegisterSettings,
) -> tuple[Mandate, tuple[Due, ...]]:
    """Make a registration active, and say when it ends by itself.

    Raises:
        ConflictError: it cannot become active from its state.
    """
    door: Party = "gemachtigde" if event is Event.ACTIVATED_BY_CODE else "register"
    active = change_mandate(tx, mandate, Change(event, at, door))
    return active, dues_of_active(catalogue, active, at, settings)


def dues_of_active(
    catalogue: Catalogue, mandate: Mandate, at: datetime, settings: RegisterSettings
) -> tuple[Due, ...]:
    """When an active mandate calls back next: at its end, its reference date, or to be extended."""
    dienst = catalogue.diensten[mandate.code]
    if mandate.jaar is not None:
        end = Due(year_bound_end(mandate.jaar, at, settings), "year-ends", mandate.id)
        extended = extension_at(dienst, mandate, at, settings)
        return (end,) if extended is None else (end, Due(extended, "extension", mandate.id))
    reference = next_reference(dienst, at)
    return () if reference is None else (Due(reference, "reference-date", mandate.id),)


def _claim(tx: Connection, service: Service, client: str, sender: str) -> Mandate:
    mandate = open_mandate(tx, open_key(service.full_code, client, sender))
    if mandate is not None:
        return mandate
    ended = latest_ended(tx, service.full_code, client, sender)
    if ended is not None:
        raise _ended(ended)
    raise nothing_open(tx, service.full_code, client, sender)


def _ended(mandate: Mandate) -> Refused:
    if mandate.reden_code == "code-verlopen":
        detail = f"The claim has expired; request {mandate.dienst} anew."
        return Refused("code-verlopen", detail, mandate.id)
    return ended_already(mandate)


def _active(tx: Connection, mandate: Mandate, token: str | None) -> Refused:
    letter = letter_of(tx, mandate.id)
    used = letter is not None and _same_code(token, letter.activatie_token)
    detail = f"{mandate.dienst} for {mandate.id_vertegenwoordigde} is active already."
    return Refused("code-gebruikt" if used else "al-actief", detail, mandate.id)


def _no_code(dienst: str) -> Refused:
    return Refused("geen-code-nodig", f"{dienst} becomes active unless the client refuses.")


def _letter(tx: Connection, mandate: Mandate) -> Letter:
    letter = letter_of(tx, mandate.id)
    if letter is None:
        raise Refused("nog-geen-brief", f"{mandate.dienst} is {mandate.toestand}; no letter yet.", mandate.id)
    return letter


def _same_code(given: str | None, expected: str | None) -> bool:
    tidy = tidy_code(given or "")
    return tidy is not None and expected is not None and compare_digest(tidy, expected)


def _wrong_code(tx: Connection, mandate: Mandate, settings: RegisterSettings, now: datetime) -> Refused:
    changed = change_mandate(tx, mandate, Change(Event.WRONG_CODE, now, "gemachtigde"))
    left = settings.max_wrong_codes - changed.onjuiste_codes
    if left <= 0:
        return _locked(changed)
    tries = f"{left} {'try' if left == 1 else 'tries'} left"
    return Refused("code-onjuist", f"activatieToken is not the code of the letter; {tries}.", mandate.id)


def _locked(mandate: Mandate) -> Refused:
    detail = f"After {mandate.onjuiste_codes} wrong codes {mandate.dienst} is locked; revoke it and ask anew."
    return Refused("geblokkeerd", detail, mandate.id)
