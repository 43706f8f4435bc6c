"""Status requests about another party than the requester, which may need an autorisatieAdres.

The XSD's text says that they need one. Clients of Digipoort do without, so it is a switch
(``exchange.autorisatie_adres_for_others``), off by default. The address is not fetched; being there is all.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange.values import Caller, Identity
from digipoort_sim.pki.oin import Oin
from digipoort_sim.store.exchange_tables import messages

_NINE_DIGITS = frozenset({"rsin", "fi", "btw", "lhnr"})
_BY_KENMERK = select(messages.c.belanghebbende_nummer, messages.c.belanghebbende_type)


def check_autorisatie_adres(
    tx: Connection, caller: Caller, kenmerk: str | None, identity: Identity, autorisatie_adres: str | None
) -> None:
    """Check that a status request about another party names an autorisatieAdres.

    Args:
        kenmerk: the process that is asked about; None if `identity` says who it is about.

    Raises:
        SpecificationRefusal: AUTORISATIEADRES, it is missing.
    """
    if autorisatie_adres:
        return
    if kenmerk is not None:
        mine = (messages.c.kenmerk == kenmerk) & (messages.c.sender_oin == caller.oin)
        row = tx.execute(_BY_KENMERK.where(mine)).first()
        if row is None:
            return  # of what is not the caller's nothing is told, not even this
        identity = Identity(*row)
    if not is_own_number(Oin.parse(caller.oin), identity):
        raise SpecificationRefusal(
            "autorisatieAdres is required in a request about another party than the requester: the "
            f"certificate has OIN {caller.oin}, the request is about {identity.type} {identity.nummer}",
            rule="AUTORISATIEADRES",
        )


def is_own_number(oin: Oin, identity: Identity) -> bool:
    """Whether an identity is the organisation of an OIN: that OIN itself, or the number in it."""
    nummer, type_ = identity.nummer.strip().upper(), identity.type.strip().lower()
    if type_ == "oin":
        return nummer == oin.value.upper()
    if oin.kind == "KvK":
        return type_ == "kvk" and nummer == oin.core
    return oin.kind in ("RSIN", "Fi") and type_ in _NINE_DIGITS and nummer[:9] == oin.core
