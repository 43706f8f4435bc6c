"""Fiscal representatives: the two sums, which change nothing, and permits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.permit_office import PermitOffice, SetBy
from digipoort_sim.register.fiscal import Rules, calculate_liability, calculate_security
from digipoort_sim.register.fiscal.money import read_amount
from digipoort_sim.register.fiscal.permit_states import PermitState
from digipoort_sim.register.fiscal.permit_values import EndedBy, Permit, PermitApplication, SecurityForm
from digipoort_sim.register.fiscal.reading import FIGURES, read_figures, read_kind, read_liability
from digipoort_sim.register.fiscal.release import CALENDAR_YEAR, YearEnd
from digipoort_sim.register.fiscal.values import PermitKind
from digipoort_sim.web.fiscal_fields import (
    liability_fields,
    permit_detail_fields,
    permit_fields,
    security_fields,
)
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page

PERMITS = "fiscal/permits"

Body = Mapping[str, Any]


def security(asked: Asked) -> Reply:
    """How much security a permit needs."""
    rules = Rules(asked.rooms.catalogue.fiscal)
    return as_json(security_fields(calculate_security(rules, read_figures(asked.body))))


def liability(asked: Asked) -> Reply:
    """For how much a representative is liable."""
    rules = Rules(asked.rooms.catalogue.fiscal)
    return as_json(liability_fields(calculate_liability(rules, *read_liability(asked.body))))


def list_permits(asked: Asked) -> Reply:
    """Permits, oldest first."""
    wanted = dict(asked.query)
    if "state" in wanted:
        wanted["state"] = PermitState(wanted["state"])
    found = PermitOffice(asked.rooms).list(**{**wanted, "limit": asked.limit()})
    return as_page(PERMITS, asked, [permit_fields(row) for row in found], found[-1].id if found else None)


def show_permit(asked: Asked) -> Reply:
    """One permit with all that there is to know of it."""
    return as_json(permit_detail_fields(PermitOffice(asked.rooms).show(asked.path["id"])))


def request_permit(asked: Asked) -> Reply:
    """Request a permit; with figures or an amount its security is set at once."""
    return _shown(ask_for_permit(asked), 201)


def ask_for_permit(asked: Asked) -> Permit:
    """The permit that a body asks for.

    Raises:
        ConfigError: a field is missing or wrong.
    """
    body = asked.body
    kind = read_kind(body["kind"])
    year_end = YearEnd.parse(body["yearEnd"]) if body.get("yearEnd") else CALENDAR_YEAR
    application = PermitApplication(body["representative"], kind, _clients(body["clients"]), year_end)
    return PermitOffice(asked.rooms).request(application, _set_by(body, kind))


def set_security(asked: Asked) -> Reply:
    """Set the security by figures or to an amount."""
    return _shown(set_by_body(asked))


def set_by_body(asked: Asked) -> Permit:
    """The permit after its security was set by what a body says.

    Raises:
        ConfigError: it says nothing, or something wrong.
    """
    office, id_ = PermitOffice(asked.rooms), asked.path["id"]
    set_by = _set_by(asked.body, office.show(id_).permit.kind)
    if set_by is None:
        raise ConfigError("give an amount, or figures (category at least)", rule="FISCAL-FIGURES")
    return office.set_security(id_, set_by)


def put_up(asked: Asked) -> Reply:
    """Put up security."""
    form = SecurityForm(asked.body["form"])
    amount = read_amount(asked.body["amount"], "amount")
    return _shown(PermitOffice(asked.rooms).put_up(asked.path["id"], form, amount))


def add_client(asked: Asked) -> Reply:
    """Let a limited permit cover one more client."""
    return _shown(PermitOffice(asked.rooms).add_client(asked.path["id"], asked.body["client"]))


def end_permit(asked: Asked) -> Reply:
    """End a permit, or withdraw the request for it."""
    by = EndedBy(asked.body.get("by", EndedBy.REPRESENTATIVE))
    return _shown(PermitOffice(asked.rooms).end(asked.path["id"], by))


def release(asked: Asked) -> Reply:
    """Give back the security."""
    return _shown(PermitOffice(asked.rooms).release(asked.path["id"]))


def _set_by(body: Body, kind: PermitKind) -> SetBy:
    """What a body sets the security by; nothing if it has neither an amount nor figures."""
    figures = {name: body[name] for name in FIGURES if name != "kind" and body.get(name) is not None}
    if body.get("amount") is None:
        return read_figures(figures, kind) if figures else None
    if figures:
        raise ConfigError("give either an amount or figures, not both", rule="FISCAL-FIGURES")
    return read_amount(body["amount"], "amount")


def _clients(given: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(client, str) for client in given):
        raise ConfigError("clients must be a list of numbers, each a text", rule="FISCAL-CLIENTS")
    return tuple(given)


def _shown(permit: Permit, status: int = 200) -> Reply:
    return as_json(permit_fields(permit), status=status)
