"""The older scheme (MAU, a setting): from 1 August the agency extends an active registration of that year
to the next year, with a new opt-out letter.

Only the registration of the year itself is extended, not those of past years (i). One that becomes active
later in its year is extended then (i). The new one goes the way of a request: its letter comes after two
weeks, the client may refuse it, and what exists already is left alone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.config import RegisterSettings
from digipoort_sim.ids import IdSource
from digipoort_sim.register.letter_queue import take_place
from digipoort_sim.register.records import Change, try_add_mandate
from digipoort_sim.register.reference_dates import day_of_year
from digipoort_sim.register.rules import Service
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.successors import is_wanted, keys_of_successor, successor
from digipoort_sim.register.terms import local_year
from digipoort_sim.register.values import NOTHING, Consequences, Mandate


def extension_at(
    dienst: Dienst, mandate: Mandate, active: datetime, settings: RegisterSettings
) -> datetime | None:
    """When a registration that is active at that moment is extended to the next year; None if never."""
    if not settings.mau or not dienst.extended_on or mandate.jaar is None:
        return None
    if local_year(active) > mandate.jaar:
        return None
    return max(active, day_of_year(dienst.code, dienst.extended_on, mandate.jaar))


def extend(
    tx: Connection,
    catalogue: Catalogue,
    settings: RegisterSettings,
    ids: IdSource,
    mandate: Mandate,
    at: datetime,
) -> Consequences:
    """Register the next year of an active registration, to be active unless the client refuses."""
    if not settings.mau or mandate.toestand is not State.ACTIEF or mandate.jaar is None:
        return NOTHING
    service = Service(catalogue.diensten[mandate.code], mandate.jaar + 1)
    if not is_wanted(tx, service, mandate):
        return NOTHING
    place = take_place(tx, at, settings)
    changes = (Change(Event.RECEIVED, at), Change(place.event, at))
    new = successor(service, mandate, at, ids)
    if try_add_mandate(tx, new, changes, keys_of_successor(service, mandate)) is None:
        return NOTHING
    return Consequences((place.due(new.id, settings),))
