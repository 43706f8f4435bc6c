"""Registrations of the mandate register."""

from __future__ import annotations

from digipoort_sim.web.fields import fields_of, mandate_fields
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
    return as_page("mandates", asked, [mandate_fields(m) for m in found], found[-1].id if found else None)


def show_mandate(asked: Asked) -> Reply:
    """One registration with its history and the id of its letter."""
    register, id_ = asked.rooms.register, asked.path["id"]
    with asked.rooms.store.read() as tx:
        mandate = register.mandate(tx, id_)
        letter = register.letter_of(tx, id_)
        history = register.history(tx, id_)
    return as_json(
        {
            **mandate_fields(mandate),
            "letter": None if letter is None else letter.id,
            "historie": [fields_of(entry, without=("mandate_id",)) for entry in history],
        }
    )
