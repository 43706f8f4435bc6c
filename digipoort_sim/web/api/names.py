"""The trade register's stand-in: who goes with a number."""

from __future__ import annotations

from digipoort_sim.errors import ConfigError
from digipoort_sim.web.operations import Asked, Reply, as_json

_LONGEST = 40


def show_name(asked: Asked) -> Reply:
    """Name and address of a number, and where they come from.

    Raises:
        ConfigError: that is too long for a number.
    """
    number = asked.path["number"]
    if len(number) > _LONGEST:
        raise ConfigError(f"a number has at most {_LONGEST} characters", rule="PARAMETER")
    found = asked.rooms.names.find(number, asked.query.get("type", "KvK"))
    address = found.address
    return as_json(
        {
            "nummer": found.number,
            "naam": found.name,
            "adres": {"straat": address.street, "postcode": address.postcode, "plaats": address.place},
            "origin": found.origin,
        }
    )
