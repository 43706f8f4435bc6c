"""The console's pages on fiscal representatives: the two sums, and the permits with what can be done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from digipoort_sim.errors import ConfigError, DigipoortSimError
from digipoort_sim.exchange.permit_office import PermitOffice
from digipoort_sim.register.fiscal.liability import MOST_ASSESSMENTS
from digipoort_sim.register.fiscal.permit_states import TRANSITIONS, PermitEvent
from digipoort_sim.register.fiscal.permit_values import EndedBy, Permit, SecurityForm
from digipoort_sim.register.fiscal.reading import ASSESSMENT_COLUMNS, TRANSACTION_COLUMNS, read_csv
from digipoort_sim.register.fiscal.security import MOST_TRANSACTIONS
from digipoort_sim.register.fiscal.values import PermitKind
from digipoort_sim.web.api import fiscal as api
from digipoort_sim.web.console.rendering import page, see_other
from digipoort_sim.web.fiscal_fields import permit_detail_fields
from digipoort_sim.web.operations import Asked, Handler, Reply
from digipoort_sim.web.problems import problem

Body = Mapping[str, Any]

_ACTIONS = {
    "set": PermitEvent.SECURITY_SET,
    "secure": PermitEvent.PUT_UP_IN_PART,
    "clients": PermitEvent.CLIENT_ADDED,
    "withdraw": PermitEvent.WITHDRAWN,
    "end": PermitEvent.ENDED_BY_REPRESENTATIVE,
    "release": PermitEvent.RELEASED,
}
"""What a person can do with a permit, and the event by which the state table knows it."""


def permits(asked: Asked) -> Reply:
    """The permits, and the form with which one is requested."""
    return _permits_page(asked, {}, None)


def request(asked: Asked) -> Reply:
    """Request a permit and show it; what is wrong is told beside the form."""
    clients = asked.body.get("clients", "").replace(",", " ").split()
    try:
        body = {"representative": "", **_figures(asked.body), "clients": clients}
        permit = api.ask_for_permit(replace(asked, body=body))
    except DigipoortSimError as error:
        return _permits_page(asked, asked.body, error)
    return see_other(f"/fiscal/permits/{permit.id}")


def permit(asked: Asked) -> Reply:
    """One permit, its sum, its history, and what can be done with it."""
    return _permit_page(asked, None)


def calculator(asked: Asked) -> Reply:
    """The form of the security's sum, empty."""
    return _sum_page("fiscal_security", asked, None, None)


def calculate(asked: Asked) -> Reply:
    """The security's sum, written out below its form."""
    return _summed("fiscal_security", asked, api.security, _figures)


def liability_form(asked: Asked) -> Reply:
    """The form of the liability's sum, empty."""
    return _sum_page("fiscal_liability", asked, None, None)


def liability(asked: Asked) -> Reply:
    """The liability's sum, written out below its form."""
    return _summed("fiscal_liability", asked, api.liability, _assessments)


def set_security(asked: Asked) -> Reply:
    """Set the security to an amount, or by figures with a line of CSV per transaction."""
    return api.set_security(replace(asked, body=_figures(asked.body)))


def acting(handler: Handler, needed: tuple[str, ...]) -> Handler:
    """A form of a permit's page: does what an operation of the control API does, and shows the permit.

    Args:
        needed: fields that must be filled in.
    """

    def act(asked: Asked) -> Reply:
        try:
            _check_filled(asked, needed)
            handler(asked)
        except DigipoortSimError as error:
            return _permit_page(asked, error)
        return see_other(f"/fiscal/permits/{asked.path['id']}")

    return act


def _check_filled(asked: Asked, needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in asked.body]
    if missing:
        raise ConfigError(f"{missing[0]} is not filled in", rule="PARAMETER")


def _figures(form: Body) -> Body:
    """The fields of a form with its transactions read, where it has any."""
    if "transactions" not in form:
        return form
    rows = read_csv(form["transactions"], TRANSACTION_COLUMNS, MOST_TRANSACTIONS)
    return {**form, "transactions": rows}


def _assessments(form: Body) -> Body:
    rows = read_csv(form.get("assessments", ""), ASSESSMENT_COLUMNS, MOST_ASSESSMENTS)
    return {**form, "assessments": rows}


def _summed(template: str, asked: Asked, handler: Handler, read: Callable[[Body], Body]) -> Reply:
    try:
        answer = handler(replace(asked, body=read(asked.body)))
    except DigipoortSimError as error:
        return _sum_page(template, asked, None, error)
    return _sum_page(template, asked, json.loads(answer.content), None)


def _sum_page(template: str, asked: Asked, found: Body | None, error: DigipoortSimError | None) -> Reply:
    titles = {"fiscal_security": "Security for a permit", "fiscal_liability": "Liability of a representative"}
    return page(
        template,
        status=_status(error),
        title=titles[template],
        form=asked.body,
        found=found,
        error=error,
        kinds=tuple(PermitKind),
    )


def _permits_page(asked: Asked, form: Any, error: DigipoortSimError | None) -> Reply:
    answer = api.list_permits(asked if error is None else replace(asked, query={}))
    following = answer.headers.get("Link", "").partition("?")[2].partition(">")[0]
    return page(
        "fiscal",
        status=_status(error),
        title="Fiscal representatives",
        rows=json.loads(answer.content),
        following=following,
        form=form,
        error=error,
        kinds=tuple(PermitKind),
    )


def _permit_page(asked: Asked, error: DigipoortSimError | None) -> Reply:
    detail = PermitOffice(asked.rooms).show(asked.path["id"])
    return page(
        "fiscal_permit",
        status=_status(error),
        title="Permit of a fiscal representative",
        permit=permit_detail_fields(detail),
        actions=_possible(detail.permit),
        forms=tuple(SecurityForm),
        enders=tuple(EndedBy),
        form=asked.body,
        error=error,
    )


def _possible(permit: Permit) -> set[str]:
    """What the state table allows in this state; a general permit takes no further client."""
    found = {name for name, event in _ACTIONS.items() if (permit.state, event) in TRANSITIONS}
    return found - {"clients"} if permit.kind is PermitKind.GENERAL else found


def _status(error: DigipoortSimError | None) -> int:
    return 200 if error is None else problem(error).status
