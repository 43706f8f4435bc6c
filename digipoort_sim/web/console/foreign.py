"""The console's page on foreign businesses: the list, the registration, and the steps that follow it."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.exchange.foreign_office import ForeignOffice
from digipoort_sim.register.foreign import DEED_LANGUAGES
from digipoort_sim.web.api import foreign as api
from digipoort_sim.web.api.foreign_table import APPLICATION
from digipoort_sim.web.console.rendering import page, see_other
from digipoort_sim.web.fields import fields_of
from digipoort_sim.web.operations import Asked, Operation, Parameter, Reply
from digipoort_sim.web.problems import problem

_HTML = "text/html"
_FORM = tuple(replace(row, required=False) for row in APPLICATION)
"""What is left open is told beside the form, by the register."""


def foreign_pages() -> tuple[Operation, ...]:
    """The page and its forms."""
    shown = Parameter("finr", "show this one")
    return (
        Operation("GET", "/foreign", "Foreign businesses", parties, _HTML, pages=True, query=(shown,)),
        Operation("POST", "/foreign", "Register", register, _HTML, body=_FORM),
        Operation("POST", "/foreign/{finr}/oin", "Enter in the OIN register", enter, _HTML),
        Operation("POST", "/foreign/{finr}/certificate", "Issue a certificate", issue, _HTML),
    )


def parties(asked: Asked) -> Reply:
    """The list, one of them in detail, and the form with which one registers."""
    return _page(asked, None)


def register(asked: Asked) -> Reply:
    """Register a foreign business and show it; what is wrong is told beside the form."""
    try:
        party = ForeignOffice(asked.rooms).register(api.application_of(asked.body))
    except DigipoortSimError as error:
        return _page(asked, error)
    return _show(party.finr)


def enter(asked: Asked) -> Reply:
    """Enter one in the OIN register and show it."""
    try:
        ForeignOffice(asked.rooms).give_oin(asked.path["finr"])
    except DigipoortSimError as error:
        return _page(asked, error)
    return _show(asked.path["finr"])


def issue(asked: Asked) -> Reply:
    """Issue a certificate to one and show it."""
    try:
        ForeignOffice(asked.rooms).certificate(asked.path["finr"])
    except DigipoortSimError as error:
        return _page(asked, error)
    return _show(asked.path["finr"])


def _show(finr: str) -> Reply:
    return see_other(f"/foreign?finr={quote(finr, safe='')}")


def _page(asked: Asked, error: DigipoortSimError | None) -> Reply:
    office, rooms = ForeignOffice(asked.rooms), asked.rooms
    answer = api.list_foreign(asked)
    following = answer.headers.get("Link", "").partition("?")[2].partition(">")[0]
    finr = asked.query.get("finr")
    party = None if finr is None else office.find(finr)
    certificates = [] if party is None else [fields_of(row) for row in office.certificates_of(party)]
    folder = rooms.settings.state / "foreign" / (party.oin or "") if party is not None else None
    return page(
        "foreign",
        status=200 if error is None else problem(error).status,
        title="Foreign businesses",
        rows=json.loads(answer.content),
        following=following,
        party=None if party is None else api.party_fields(party),
        certificates=certificates,
        certified={row.oin for row in rooms.authority.list_certificates()},
        folder=folder if certificates else None,
        rule=rooms.authority.profile.foreign_rule,
        languages=DEED_LANGUAGES,
        form=asked.body,
        error=error,
        reason="" if error is None else json.loads(problem(error).content).get("text", ""),
    )
