"""The control API's table of what can be done with mandates."""

from __future__ import annotations

from digipoort_sim.register import State
from digipoort_sim.web.api import mandates
from digipoort_sim.web.operations import Operation, Parameter

_FILTERS = (
    Parameter("vertegenwoordigde", "only of the client with this number"),
    Parameter("gemachtigde", "only asked for by the party with this OIN"),
    Parameter("toestand", "only in this toestand", choices=tuple(State)),
    Parameter("ended", "true: only past ones; false: only current ones", choices=("true", "false")),
    Parameter("dienst", "only of this service and year, such as VIA_2025"),
    Parameter("code", "only of this service, of all years"),
    Parameter("jaar", "only of this year", "integer"),
    Parameter("typeVertegenwoordigde", "only where the client's number is of this type"),
    Parameter("vertegenwoordigdePrefix", "only where the client's number begins so; listed by number"),
    Parameter("order", "oldest first unless given", choices=("oldest", "newest")),
)
_PARTY = Parameter("gemachtigdeOin", "OIN of the party that asks, as in its certificate", required=True)
_OWN_NUMBER = Parameter("idGemachtigde", "the number that its message has; its OIN unless given")
_DIENST = Parameter("dienst", "service with its year, such as VIA_2025", required=True)
_CLIENT = Parameter("idVertegenwoordigde", "number of the client", required=True)
_TYPE = Parameter("typeVertegenwoordigde", "type of that number; derived unless given")
_CODE = Parameter("activatieToken", "the activation code of the letter", required=True)
_REASON = Parameter("reden", "why; kept in the history")
_SIDE = Parameter("side", "who revokes", choices=("gemachtigde", "vertegenwoordigde"), required=True)
_NAMED = Parameter("idGemachtigde", "OIN, KvK number or RSIN of the intermediary", required=True)


def mandate_operations(base: str) -> tuple[Operation, ...]:
    """Every operation on mandates.

    Args:
        base: what all paths begin with.
    """
    return (*_looking(f"{base}/mandates"), *_doing(f"{base}/mandates"))


def _looking(path: str) -> tuple[Operation, ...]:
    listing = Operation(
        "GET",
        path,
        "Registrations, oldest first",
        mandates.list_mandates,
        "Mandate",
        many=True,
        pages=True,
        query=_FILTERS,
    )
    one = Operation(
        "GET",
        f"{path}/{{id}}",
        "One registration: meaning of its state, what falls due next, letter, historie",
        mandates.show_mandate,
        "MandateWithHistory",
    )
    return (listing, one)


def _doing(path: str) -> tuple[Operation, ...]:
    same_client = (_PARTY, _DIENST, _CLIENT, _OWN_NUMBER)
    rows = (
        (
            "",
            "Opvoeren: ask for a mandate; 201, or 409 with the register's reason",
            mandates.request_mandate,
            (*same_client, _TYPE),
        ),
        (
            "/activate",
            "Activeren by service and client; 409 with the register's reason",
            mandates.activate_claim,
            (*same_client, _CODE),
        ),
        (
            "/revoke",
            "Intrekken by service and client; 409 with the register's reason",
            mandates.revoke_claim,
            (*same_client, _REASON),
        ),
        ("/form", "The client sends the form that ends it", mandates.return_form, (_CLIENT, _NAMED, _DIENST)),
        ("/{id}/activate", "Activate one registration", mandates.activate_mandate, (_CODE,)),
        ("/{id}/revoke", "One side revokes it, at once", mandates.revoke_mandate, (_SIDE, _REASON)),
    )
    return tuple(
        Operation("POST", f"{path}{below}", summary, handler, "Outcome", body=body, conflict="MandateProblem")
        for below, summary, handler, body in rows
    )
