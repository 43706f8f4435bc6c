"""The ways in which a party ends a registration: by message, in the portal, or by returned letter."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.register.messages import MandateMessage
from digipoort_sim.register.queries import find_letter, find_mandate, latest_ended, open_mandate
from digipoort_sim.register.records import Change, change_mandate, open_key
from digipoort_sim.register.rules import Refused, check_own_number, exact_service, tidy_number
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.values import Mandate, Outcome

Side = Literal["gemachtigde", "vertegenwoordigde"]

_EVENTS = {
    "gemachtigde": Event.REVOKED_BY_GEMACHTIGDE,
    "vertegenwoordigde": Event.REVOKED_BY_VERTEGENWOORDIGDE,
}
_REASONS = {
    "gemachtigde": "Ingetrokken door de gemachtigde.",
    "vertegenwoordigde": "Ingetrokken door de vertegenwoordigde.",
}
_REFUSED = "Afgewezen door de vertegenwoordigde."


def revoke_by_message(
    tx: Connection, catalogue: Catalogue, message: MandateMessage, sender: str, now: datetime
) -> Outcome:
    """Revoke the registration that a message of the gemachtigde names, from any state that has not ended.

    Raises:
        Refused: there is none, or it has ended already.
    """
    check_own_number(message.id_gemachtigde, sender)
    service = exact_service(catalogue, message.dienst)
    client = tidy_number(message.id_vertegenwoordigde)
    mandate = open_mandate(tx, open_key(service.full_code, client, sender))
    mandate = mandate or latest_ended(tx, service.full_code, client, sender)
    if mandate is None:
        raise Refused("niet-gevonden", f"You have no {service.full_code} for {client}.")
    return _revoke(tx, mandate, "gemachtigde", message.reden, now)


def revoke_by_id(tx: Connection, mandate_id: str, door: Side, reden: str | None, now: datetime) -> Outcome:
    """Revoke one registration, as either side does in the portal.

    Raises:
        NotFoundError: there is no such mandate.
        Refused: it has ended already.
    """
    return _revoke(tx, find_mandate(tx, mandate_id, lock=True), door, reden, now)


def refuse_by_letter(tx: Connection, letter_id: str, now: datetime) -> Outcome:
    """The client sends the letter back: no consent in the reaction term, a revocation once it is active.

    Raises:
        NotFoundError: there is no such letter.
        Refused: the registration has ended already.
    """
    mandate = find_mandate(tx, find_letter(tx, letter_id).mandate_id, lock=True)
    if mandate.toestand is not State.IN_BEHANDELING:
        return _revoke(tx, mandate, "vertegenwoordigde", None, now)
    change = Change(Event.REFUSED_BY_CLIENT, now, "vertegenwoordigde", _REFUSED, "afgewezen")
    change_mandate(tx, mandate, change)
    return Outcome("afgewezen", f"The client refused {mandate.dienst}.", mandate.id)


def _revoke(tx: Connection, mandate: Mandate, door: Side, reden: str | None, now: datetime) -> Outcome:
    if mandate.ended:
        detail = f"{mandate.dienst} for {mandate.id_vertegenwoordigde} is {mandate.toestand} already."
        raise Refused("al-beeindigd", detail, mandate.id)
    change = Change(_EVENTS[door], now, door, reden or _REASONS[door], f"ingetrokken-door-{door}")
    change_mandate(tx, mandate, change)
    return Outcome("ingetrokken", f"{mandate.dienst} is revoked.", mandate.id)
