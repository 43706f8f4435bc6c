"""The foreign route: registration, OIN and certificate of foreign businesses; and who has an OIN."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from digipoort_sim.exchange.foreign_office import ForeignOffice
from digipoort_sim.register.foreign import ForeignApplication, ForeignParty
from digipoort_sim.web.fields import camel, fields_of
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page

_ARGUMENTS = {camel(field.name): field.name for field in fields(ForeignApplication)}


def list_foreign(asked: Asked) -> Reply:
    """The foreign businesses, in the order in which they registered."""
    found = ForeignOffice(asked.rooms).parties(asked.limit(), asked.query.get("after"))
    return as_page("foreign", asked, list(map(party_fields, found)), found[-1].finr if found else None)


def show_foreign(asked: Asked) -> Reply:
    """One foreign business with its certificates."""
    return as_json(shown_fields(asked))


def register_foreign(asked: Asked) -> Reply:
    """The tax administration registers a foreign business: it gets an FInr."""
    return as_json(party_fields(ForeignOffice(asked.rooms).register(application_of(asked.body))), status=201)


def give_oin(asked: Asked) -> Reply:
    """The OIN register enters it: it gets an OIN."""
    return as_json(party_fields(ForeignOffice(asked.rooms).give_oin(asked.path["finr"])), status=201)


def issue_certificate(asked: Asked) -> Reply:
    """A certificate is issued to it; the five files of a client lie in the state directory."""
    made = ForeignOffice(asked.rooms).certificate(asked.path["finr"])
    issued = made.issued
    document = {
        "oin": made.oin,
        "serial": issued.serial,
        "subject": issued.certificate.subject.rfc4514_string(),
        "issuer": issued.certificate.issuer.rfc4514_string(),
        "sha1": issued.sha1,
        "sha256": issued.sha256,
        "files": str(made.folder),
        "issuerRule": asked.rooms.authority.profile.foreign_rule,
    }
    return as_json(document, status=201)


def show_oin(asked: Asked) -> Reply:
    """Who has an OIN: what its prefix means, the number in it, and a name if one is known."""
    entry = ForeignOffice(asked.rooms).who_has(asked.path["oin"])
    document = {
        "oin": entry.oin.value,
        "prefix": entry.oin.prefix,
        "kind": entry.register.kind,
        "text": entry.register.text,
        "textEn": entry.register.text_en,
        "number": entry.oin.main,
        "suffix": entry.oin.suffix,
        "foreign": entry.register.foreign,
        "name": entry.name,
        "origin": entry.origin,
        "registration": None if entry.party is None else party_fields(entry.party),
    }
    return as_json(document)


def application_of(body: Any) -> ForeignApplication:
    """The application in the fields of a body; an empty text is for the register to judge."""
    given = {_ARGUMENTS[name]: value for name, value in body.items()}
    texts = dict.fromkeys(("name", "country", "address", "city"), "")
    return ForeignApplication(**{**texts, **given})


def party_fields(party: ForeignParty) -> dict[str, Any]:
    """A foreign business as JSON."""
    return fields_of(party)


def shown_fields(asked: Asked) -> dict[str, Any]:
    """A foreign business with its certificates.

    Raises:
        NotFoundError: there is none with this FInr.
    """
    office = ForeignOffice(asked.rooms)
    party = office.find(asked.path["finr"])
    certificates = [fields_of(row) for row in office.certificates_of(party)]
    return {**party_fields(party), "certificates": certificates}
