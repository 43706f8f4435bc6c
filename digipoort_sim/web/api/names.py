"""The trade register's stand-in: who goes with a number."""

from __future__ import annotations

from digipoort_sim.errors import ConfigError
from digipoort_sim.web.fields import name_fields
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
    return as_json(name_fields(found))
