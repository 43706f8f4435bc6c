"""Registrations of the mandate register: looking at them, and doing by hand what messages and persons do."""

from __future__ import annotations

from typing import Any

from digipoort_sim.exchange.mandate_office import Answer
from digipoort_sim.register import MandateMessage, MessageKind, PaperForm
from digipoort_sim.web.fields import answer_fields, mandate_fields, registration_fields
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page

_ARGUMENTS = {
    "typeVertegenwoordigde": "type_vertegenwoordigde",
    "vertegenwoordigdePrefix": "vertegenwoordigde_prefix",
}


def list_mandates(asked: Asked) -> Reply:
    """The registrations, oldest first unless asked otherwise, ended ones too."""
    wanted = {_ARGUMENTS.get(name, name): value for name, value in asked.query.items()}
    if "ended" in wanted:
        wanted["ended"] = wanted["ended"] == "true"
    wanted["newest_first"] = wanted.pop("order", None) == "newest"
    with asked.rooms.store.read() as tx:
        found = asked.rooms.register.mandates(tx, **{**wanted, "limit": asked.limit()})
    rows = [{**mandate_fields(m), "geblokkeerd": asked.rooms.register.is_locked(m)} for m in found]
    return as_page("mandates", asked, rows, found[-1].id if found else None)


def show_mandate(asked: Asked) -> Reply:
    """One registration: what its state means, what falls due next, its letter and its history."""
    found = asked.rooms.mandates.show(asked.path["id"])
    return as_json(registration_fields(found, asked.rooms.catalogue))


def request_mandate(asked: Asked) -> Reply:
    """Opvoeren: ask for a mandate, as the party with that OIN."""
    return _tell(asked, MessageKind.OPVOEREN, status=201)


def activate_claim(asked: Asked) -> Reply:
    """Activeren: as the message does, by service and client."""
    return _tell(asked, MessageKind.ACTIVEREN)


def revoke_claim(asked: Asked) -> Reply:
    """Intrekken: as the message does, by service and client."""
    return _tell(asked, MessageKind.INTREKKEN)


def activate_mandate(asked: Asked) -> Reply:
    """Activate one registration with its code."""
    return _reply(asked.rooms.mandates.activate(asked.path["id"], asked.body["activatieToken"]))


def revoke_mandate(asked: Asked) -> Reply:
    """One side revokes a registration, as in the portal."""
    body = asked.body
    return _reply(asked.rooms.mandates.revoke(asked.path["id"], body["side"], body.get("reden")))


def return_form(asked: Asked) -> Reply:
    """The client sends the form with which a registration is refused or revoked."""
    body = asked.body
    form = PaperForm(body["idVertegenwoordigde"], body["idGemachtigde"], body["dienst"])
    return _reply(asked.rooms.mandates.return_form(form))


def _tell(asked: Asked, kind: MessageKind, status: int = 200) -> Reply:
    body = asked.body
    message = MandateMessage(
        kind=kind,
        dienst=body["dienst"],
        id_vertegenwoordigde=body["idVertegenwoordigde"],
        type_vertegenwoordigde=body.get("typeVertegenwoordigde"),
        id_gemachtigde=_own_number(body),
        activatie_token=body.get("activatieToken"),
        reden=body.get("reden"),
    )
    return _reply(asked.rooms.mandates.tell(message, body["gemachtigdeOin"]), status)


def _own_number(body: Any) -> str:
    """What a message would have as idGemachtigde; the OIN itself unless another is given."""
    return str(body.get("idGemachtigde") or body["gemachtigdeOin"])


def _reply(answer: Answer, status: int = 200) -> Reply:
    return as_json(answer_fields(answer), status=status)
