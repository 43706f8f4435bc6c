"""The check at mandate requests: who asks for a foreign client needs an active permit of its own (s).

The published page on fiscal representatives does not speak of mandates; that the register looks at permits
is the simulator's choice, and the setting ``register.fiscal_check`` turns it off.
"""

from __future__ import annotations

from sqlalchemy import Connection

from digipoort_sim.register.fiscal.money import euros_en
from digipoort_sim.register.fiscal.permit_records import has_active, list_permits
from digipoort_sim.register.fiscal.permit_states import PermitState
from digipoort_sim.register.fiscal.permit_values import Permit
from digipoort_sim.register.foreign import is_foreign_client
from digipoort_sim.register.rules import Refused

_FINR = 9


def check_representation(tx: Connection, gemachtigde_oin: str, client: str, client_type: str) -> None:
    """Whether this party may ask for mandates of this client.

    Args:
        client: number of the client, and `client_type` its type.

    Raises:
        Refused: geen-vergunning, client-niet-in-vergunning, zekerheid-ontbreekt, vergunning-beeindigd.
    """
    if not is_foreign_client(tx, client, client_type):
        return
    finr = client[:_FINR]
    newest_first = list_permits(tx, representative=gemachtigde_oin, client=finr, limit=1000)[::-1]
    by_state: dict[PermitState, Permit] = {}
    for permit in newest_first:
        by_state.setdefault(permit.state, permit)
    if PermitState.ACTIVE not in by_state:
        raise _refused(tx, gemachtigde_oin, finr, by_state)


def _refused(tx: Connection, gemachtigde_oin: str, finr: str, by_state: dict[PermitState, Permit]) -> Refused:
    whose = f"client {finr} is a foreign business, and {gemachtigde_oin}"
    waiting = by_state.get(PermitState.SECURITY_SET) or by_state.get(PermitState.REQUESTED)
    if waiting is not None:
        return Refused("zekerheid-ontbreekt", f"{whose} {_missing(waiting)} (permit {waiting.id}).")
    ended = by_state.get(PermitState.ENDED) or by_state.get(PermitState.RELEASED)
    if ended is not None and ended.ended is not None:
        return Refused(
            "vergunning-beeindigd", f"{whose} has permit {ended.id}, which ended on {ended.ended:%F}."
        )
    if has_active(tx, gemachtigde_oin):
        return Refused(
            "client-niet-in-vergunning",
            f"{whose} has a permit for others only: add the client to a limited permit, or request one.",
        )
    return Refused("geen-vergunning", f"{whose} has no permit as its fiscal representative.")


def _missing(permit: Permit) -> str:
    if permit.security_set is None:
        return "has asked for a permit, for which no security is set yet"
    put_up, wanted = euros_en(permit.put_up), euros_en(permit.security_set)
    return f"has put up {put_up} of the {wanted} of security for its permit"
