"""The ways in which a party ends a registration: by message or in the portal; for paper see `paper`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.register.messages import MandateMessage
from digipoort_sim.register.queries import find_mandate, latest_ended, open_mandate
from digipoort_sim.register.records import Change, change_mandate, open_key
from digipoort_sim.register.rules import Refused, check_own_number, ended_already, exact_service, tidy_number
from digipoort_sim.register.states import Event
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
    if mandate is None:
        raise nothing_open(tx, service.full_code, client, sender)
    return revoke(tx, mandate, "gemachtigde", message.reden, now)


def nothing_open(tx: Connection, dienst: str, client: str, sender: str) -> Refused:
    """Why a message about a registration can do nothing: it has ended already, or never was."""
    ended = latest_ended(tx, dienst, client, sender)
    ended = ended or latest_ended(tx, dienst, client, sender, refused=True)
    if ended is None:
        return Refused("niet-gevonden", f"You have no {dienst} for {client}.")
    return ended_already(ended)


def revoke_by_id(tx: Connection, mandate_id: str, door: Side, reden: str | None, now: datetime) -> Outcome:
    """Revoke one registration, as either side does in the portal.

    Raises:
        NotFoundError: there is no such mandate.
        Refused: it has ended already.
    """
    return revoke(tx, find_mandate(tx, mandate_id, lock=True), door, reden, now)


def revoke(tx: Connection, mandate: Mandate, door: Side, reden: str | None, now: datetime) -> Outcome:
    """Revoke this registration, at once.

    Raises:
        Refused: it has ended already.
    """
    if mandate.ended:
        raise ended_already(mandate)
    change = Change(_EVENTS[door], now, door, reden or _REASONS[door], f"ingetrokken-door-{door}")
    change_mandate(tx, mandate, change)
    return Outcome("ingetrokken", f"{mandate.dienst} is revoked.", mandate.id)
