"""The trade register's stand-in: who goes with a number."""

from __future__ import annotations

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.register import Letter, Mandate
from digipoort_sim.register.trade_names import check_number
from digipoort_sim.web.fields import Fields, name_fields
from digipoort_sim.web.operations import Asked, Reply, as_json


def show_name(asked: Asked) -> Reply:
    """Name and address of a number, and where they come from.

    Raises:
        ConfigError: that is no number.
    """
    number = check_number(asked.path["number"])
    found = asked.rooms.names.find(number, asked.query.get("type", "KvK"))
    return as_json(name_fields(found))


def names_of_parties(rooms: Rooms, about: Letter | Mandate) -> Fields:
    """The names of client and intermediary."""
    names = rooms.names
    return {
        "naamVertegenwoordigde": names.name_of(about.id_vertegenwoordigde, about.type_vertegenwoordigde),
        "naamGemachtigde": names.name_of(about.gemachtigde_oin),
    }
