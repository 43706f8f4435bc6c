"""What a client sends to Logius on paper: the registration letter or a copy of it, or the form
"Afwijzen/intrekken machtigingsregistratie", which needs no letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.register.queries import (
    find_letter,
    find_mandate,
    registrations_for,
)
from digipoort_sim.register.records import Change, change_mandate
from digipoort_sim.register.revocation import revoke
from digipoort_sim.register.rules import Refused, ended_already, exact_service, is_number_of, tidy_number
from digipoort_sim.register.states import TRANSITIONS, Event, State
from digipoort_sim.register.values import Mandate, Outcome

_REFUSED = "Afgewezen door de vertegenwoordigde."


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What a filled-in form says (s): which one registration the client wants to end.

    Args:
        id_vertegenwoordigde: the client's own number.
        id_gemachtigde: OIN of the intermediary, or the KvK number or RSIN in it, as letters have it.
        dienst: code of the service, with its year where it has one (``SBA_IB_2027``).
    """

    id_vertegenwoordigde: str
    id_gemachtigde: str
    dienst: str


def end_by_letter(tx: Connection, letter_id: str, now: datetime) -> Outcome:
    """The client sends the letter or a copy of it: no consent in the reaction term, later a revocation.

    Raises:
        NotFoundError: there is no such letter.
        Refused: the registration has ended already.
    """
    return _end(tx, find_mandate(tx, find_letter(tx, letter_id).mandate_id, lock=True), now)


def end_by_form(tx: Connection, catalogue: Catalogue, form: PaperForm, now: datetime) -> Outcome:
    """The client sends the form: exactly the registration that it names ends, as by its letter.

    Raises:
        Refused: the form names no service, no registration or several, or one that has ended already.
    """
    dienst = exact_service(catalogue, form.dienst.strip()).full_code
    client = tidy_number(form.id_vertegenwoordigde)
    mandate = _still_open(tx, dienst, client, form.id_gemachtigde)
    if mandate is None:
        raise _nothing_open(tx, dienst, client, form.id_gemachtigde)
    return _end(tx, find_mandate(tx, mandate.id, lock=True), now)


def _still_open(tx: Connection, dienst: str, client: str, party: str) -> Mandate | None:
    found = [
        mandate
        for mandate in registrations_for(tx, dienst, client, ended=False)
        if is_number_of(party, mandate.gemachtigde_oin)
    ]
    if len(found) > 1:
        oins = " and ".join(sorted(mandate.gemachtigde_oin for mandate in found))
        raise Refused("niet-eenduidig", f"{dienst} for {client} is with {oins}; name one of these OINs.")
    return found[0] if found else None


def _nothing_open(tx: Connection, dienst: str, client: str, party: str) -> Refused:
    """Why the form ends nothing: what it names has ended already, or never was."""
    ended = [
        mandate
        for mandate in registrations_for(tx, dienst, client, ended=True)
        if is_number_of(party, mandate.gemachtigde_oin)
    ]
    real = [mandate for mandate in ended if mandate.toestand is not State.AFGEKEURD]
    for mandate in [*real, *ended]:
        return ended_already(mandate)
    return Refused("niet-gevonden", f"{party[:40]} has no {dienst} for {client[:40]}.")


def _end(tx: Connection, mandate: Mandate, now: datetime) -> Outcome:
    if (mandate.toestand, Event.REFUSED_BY_CLIENT) not in TRANSITIONS:
        return revoke(tx, mandate, "vertegenwoordigde", None, now)
    change = Change(Event.REFUSED_BY_CLIENT, now, "vertegenwoordigde", _REFUSED, "afgewezen")
    change_mandate(tx, mandate, change)
    return Outcome("afgewezen", f"The client refused {mandate.dienst}.", mandate.id)
