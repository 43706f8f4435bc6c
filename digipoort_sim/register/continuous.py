"""Continuous mandates: on a reference date they register the mandate of a year, active and without a letter.

Current and past years are not covered, and what is made this way is revoked separately.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.ids import IdSource
from digipoort_sim.register.activation import dues_of_active
from digipoort_sim.register.records import Change, try_add_mandate
from digipoort_sim.register.reference_dates import references_on
from digipoort_sim.register.rules import Service
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.successors import is_wanted, keys_of_successor, successor
from digipoort_sim.register.values import NOTHING, Consequences, Due, Mandate


def run_reference_date(
    tx: Connection,
    catalogue: Catalogue,
    settings: RegisterSettings,
    ids: IdSource,
    mandate: Mandate,
    at: datetime,
) -> Consequences:
    """Register what an active continuous mandate gives on this day, and wait for its next date."""
    if mandate.toestand is not State.ACTIEF:
        return NOTHING
    dues: list[Due] = []
    activated: list[str] = []
    for code, jaar in references_on(catalogue.diensten[mandate.code], at):
        made = _register(tx, Service(catalogue.diensten[code], jaar), mandate, at, ids)
        if made is not None:
            activated.append(made.id)
            dues.extend(dues_of_active(catalogue, made, at, settings))
    dues.extend(dues_of_active(catalogue, mandate, at, settings))
    return Consequences(tuple(dues), tuple(activated))


def _register(
    tx: Connection, service: Service, parent: Mandate, at: datetime, ids: IdSource
) -> Mandate | None:
    """The mandate of a year, active; None where one exists, either side ended it, or another party has it."""
    if not is_wanted(tx, service, parent):
        return None
    changes = (Change(Event.RECEIVED, at), Change(Event.ACTIVE_BY_CONTINUOUS, at))
    return try_add_mandate(
        tx, successor(service, parent, at, ids), changes, keys_of_successor(service, parent)
    )
