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
from digipoort_sim.register.queries import holder_of, latest_ended, open_mandate
from digipoort_sim.register.records import Change, exclusive_key, open_key, try_add_mandate
from digipoort_sim.register.reference_dates import references_on
from digipoort_sim.register.rules import Service
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.values import NOTHING, Consequences, Due, Mandate

_NOT_WANTED = (State.INGETROKKEN, State.AFGEWEZEN)


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
    """The mandate of a year, active; None where one exists, the client ended it, or another party has it."""
    client, party = parent.id_vertegenwoordigde, parent.gemachtigde_oin
    own_key, others_key = open_key(service.full_code, client, party), exclusive_key(service, client)
    if open_mandate(tx, own_key) or (others_key and holder_of(tx, others_key)):
        return None
    ended = latest_ended(tx, service.full_code, client, party)
    if ended is not None and ended.toestand in _NOT_WANTED:
        return None
    mandate = Mandate(
        id=ids.uuid(),
        dienst=service.full_code,
        code=service.dienst.code,
        jaar=service.jaar,
        id_vertegenwoordigde=client,
        type_vertegenwoordigde=parent.type_vertegenwoordigde,
        id_gemachtigde=parent.id_gemachtigde,
        gemachtigde_oin=party,
        toestand=State.ONTVANGEN,
        ontvangen=at,
        herkomst=parent.id,
    )
    changes = (Change(Event.RECEIVED, at), Change(Event.ACTIVE_BY_CONTINUOUS, at))
    return try_add_mandate(tx, mandate, changes, (own_key, others_key))
