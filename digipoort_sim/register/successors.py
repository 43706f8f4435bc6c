"""A registration that follows from another one of the same client and party, without a request of theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digipoort_sim.ids import IdSource
from digipoort_sim.register.queries import holder_of, latest_ended, open_mandate
from digipoort_sim.register.records import exclusive_key, open_key
from digipoort_sim.register.rows import Keys
from digipoort_sim.register.rules import Service
from digipoort_sim.register.states import State
from digipoort_sim.register.values import Mandate

_NOT_WANTED = (State.INGETROKKEN, State.AFGEWEZEN)


def keys_of_successor(service: Service, parent: Mandate) -> Keys:
    """Open key and exclusive key of a successor."""
    client = parent.id_vertegenwoordigde
    return open_key(service.full_code, client, parent.gemachtigde_oin), exclusive_key(service, client)


def is_wanted(tx: Connection, service: Service, parent: Mandate) -> bool:
    """Whether there is nothing yet that is to be left alone: an open or active registration of this party,
    one that either side ended (s), or an exclusive one of another party.
    """
    own_key, others_key = keys_of_successor(service, parent)
    if open_mandate(tx, own_key or "") or (others_key and holder_of(tx, others_key)):
        return False
    client, party = parent.id_vertegenwoordigde, parent.gemachtigde_oin
    ended = latest_ended(tx, service.full_code, client, party)
    return ended is None or ended.toestand not in _NOT_WANTED


def successor(service: Service, parent: Mandate, at: datetime, ids: IdSource) -> Mandate:
    """The registration that follows, as it came in."""
    return Mandate(
        id=ids.uuid(),
        dienst=service.full_code,
        code=service.dienst.code,
        jaar=service.jaar,
        id_vertegenwoordigde=parent.id_vertegenwoordigde,
        type_vertegenwoordigde=parent.type_vertegenwoordigde,
        id_gemachtigde=parent.id_gemachtigde,
        gemachtigde_oin=parent.gemachtigde_oin,
        toestand=State.ONTVANGEN,
        ontvangen=at,
        herkomst=parent.id,
    )
