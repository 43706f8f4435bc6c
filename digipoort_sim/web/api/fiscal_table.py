"""The control API's table of what can be done about fiscal representatives."""

from __future__ import annotations

from digipoort_sim.register.fiscal.permit_states import PermitState
from digipoort_sim.register.fiscal.permit_values import EndedBy, SecurityForm
from digipoort_sim.register.fiscal.values import PermitKind
from digipoort_sim.web.api import fiscal
from digipoort_sim.web.operations import Operation, Parameter

KIND = Parameter("kind", "kind of permit", choices=tuple(PermitKind), required=True)
INSPECTOR = Parameter("inspector", "higher amount at a heightened risk of fraud", "amount")
MONTHS = Parameter("months", "how many months the figures cover; 12 unless given", "integer")
CATEGORY = Parameter("category", "1, 2 or 1+2; may stand with each transaction instead")
PAID = Parameter("paid", "VAT paid over these months after deduction of input tax", "amount")
REPRESENTATIVE = Parameter("representative", "OIN of the representative", required=True)
YEAR_END = Parameter("yearEnd", "end of its financial year, MM-DD; 12-31 unless given")
AMOUNT_SET = Parameter("amount", "the security in euros, where no figures are given", "amount")
FORM = Parameter("form", "how it is put up", choices=tuple(SecurityForm), required=True)
PUT_UP = Parameter("amount", "in euros", "amount", required=True)
CLIENT = Parameter("client", "FInr of the client", required=True)
BY = Parameter("by", "who ends it; the representative unless given", choices=tuple(EndedBy))
SECURITY = Parameter("security", "the security as set, in euros", "amount", required=True)
FILTERS = (
    Parameter("representative", "only of the representative with this OIN"),
    Parameter("client", "only those that cover the client with this FInr"),
    Parameter("state", "only in this state", choices=tuple(PermitState)),
)
_TRANSACTIONS = Parameter(
    "transactions", "objects with kind, amount, rate, ordinary, goods, category, responsible", "array"
)
_ASSESSMENTS = Parameter("assessments", "objects with year, tax, interest, fines, client", "array")
_CLIENTS = Parameter("clients", "FInr of each client", "array", required=True)
_FIGURES = (MONTHS, CATEGORY, PAID, INSPECTOR, _TRANSACTIONS)


def fiscal_operations(base: str) -> tuple[Operation, ...]:
    """Every operation about fiscal representatives.

    Args:
        base: what all paths begin with.
    """
    return (*_sums(f"{base}/fiscal"), *_looking(f"{base}/fiscal/permits"), *_doing(f"{base}/fiscal/permits"))


def _sums(path: str) -> tuple[Operation, ...]:
    return (
        Operation(
            "POST",
            f"{path}/security",
            "How much security a permit needs, with the sum written out; changes nothing",
            fiscal.security,
            "FiscalSecurity",
            body=(KIND, *_FIGURES),
        ),
        Operation(
            "POST",
            f"{path}/liability",
            "For how much a representative is liable, with the sum written out; changes nothing",
            fiscal.liability,
            "FiscalLiability",
            body=(KIND, SECURITY, _ASSESSMENTS),
        ),
    )


def _looking(path: str) -> tuple[Operation, ...]:
    return (
        Operation(
            "GET",
            path,
            "Permits, oldest first",
            fiscal.list_permits,
            "FiscalPermit",
            many=True,
            pages=True,
            query=FILTERS,
        ),
        Operation(
            "GET",
            f"{path}/{{id}}",
            "One permit with its securities, its history and the sum of its security",
            fiscal.show_permit,
            "FiscalPermitWithHistory",
        ),
    )


def _doing(path: str) -> tuple[Operation, ...]:
    asked = (REPRESENTATIVE, KIND, _CLIENTS, YEAR_END, AMOUNT_SET, *_FIGURES)
    rows = (
        ("", "Request a permit; with figures or an amount its security is set", fiscal.request_permit, asked),
        ("/{id}/set", "Set the security", fiscal.set_security, (AMOUNT_SET, *_FIGURES)),
        (
            "/{id}/secure",
            "Put up security; once it is all there, the permit is active",
            fiscal.put_up,
            (FORM, PUT_UP),
        ),
        ("/{id}/clients", "Let a limited permit cover one more client", fiscal.add_client, (CLIENT,)),
        ("/{id}/end", "End a permit, or withdraw the request for it", fiscal.end_permit, (BY,)),
        ("/{id}/release", "Give back the security", fiscal.release, ()),
    )
    return tuple(
        Operation(
            "POST",
            f"{path}{tail}",
            summary,
            handler,
            "FiscalPermit",
            body=body,
            conflict="Problem",
        )
        for tail, summary, handler, body in rows
    )
