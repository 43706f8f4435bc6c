"""The table of the portal: every page and form, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from digipoort_sim.web.operations import Asked, Method, Operation, Parameter, Reply
from digipoort_sim.web.portal import letter_box, logins, mandate, overview, paper_form
from digipoort_sim.web.portal.texts import LANGUAGES, Language
from digipoort_sim.web.portal.visit import PATH, PageHandler, Portal, handler
from digipoort_sim.web.templating import HTML, static_file

_STATIC = "/static/portal.css"


@dataclass(frozen=True)
class Row:
    """A page or form of the portal.

    Attributes:
        path: below the language.
        is_open: whether it is there for visitors that are not logged in, too.
        media_type: of what it gives.
    """

    method: Method
    path: str
    summary: str
    page: PageHandler
    query: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    is_open: bool = False
    media_type: str = "text/html"


_NOTICE = (Parameter("melding", "what happened before", choices=("uitgelogd", "sessie", "inloggen")),)
_BSN = (Parameter("bsn", "of the person"),)
_ORGANISATION = (
    Parameter("kant", "which side it is"),
    Parameter("soort", "kind of its number"),
    Parameter("nummer", "its number"),
    Parameter("rsin", "its RSIN, where its number is of the KvK"),
)
_REASON = (Parameter("reden", "why it is revoked"),)
_DONE = (Parameter("machtiging", "the registration that ended"),)

ROWS: tuple[Row, ...] = (
    Row("GET", "", "Start", overview.start, _NOTICE, is_open=True),
    Row("GET", "digid", "DigiD", logins.ask_digid, is_open=True),
    Row("POST", "digid", "Log in with DigiD", logins.log_in_with_digid, body=_BSN, is_open=True),
    Row("GET", "eherkenning", "eHerkenning", logins.ask_eherkenning, is_open=True),
    Row(
        "POST",
        "eherkenning",
        "Log in with eHerkenning",
        logins.log_in_with_eherkenning,
        body=_ORGANISATION,
        is_open=True,
    ),
    Row("POST", "uitloggen", "Log out", logins.log_out, is_open=True),
    Row("GET", "machtigingen", "Current mandates", overview.mandates(ended=False), overview.SEARCH),
    Row("GET", "eerdere-machtigingen", "Past mandates", overview.mandates(ended=True), overview.SEARCH),
    Row("GET", "machtigingen/{id}", "One mandate", mandate.one_mandate),
    Row("GET", "machtigingen/{id}/intrekken", "Revoke?", mandate.ask_to_revoke),
    Row("POST", "machtigingen/{id}/intrekken", "Revoke", mandate.revoke, body=_REASON),
    Row("GET", "machtigingen/{id}/ingetrokken", "Revoked", mandate.revoked),
    Row("GET", "postvak", "Letter box", letter_box.letters, letter_box.PAGES),
    Row("GET", "postvak/{id}", "One letter", letter_box.one_letter),
    Row("GET", "postvak/{id}/brief", "The letter itself", letter_box.sheet("html")),
    Row(
        "GET",
        "postvak/{id}/brief.pdf",
        "The letter as PDF",
        letter_box.sheet("pdf"),
        media_type="application/pdf",
    ),
    Row("GET", "postvak/{id}/terugsturen", "Return the letter?", letter_box.ask_to_return),
    Row("POST", "postvak/{id}/terugsturen", "Return the letter", letter_box.return_letter),
    Row("GET", "postvak/{id}/teruggestuurd", "Returned", letter_box.returned),
    Row("GET", "formulier", "The client's form", paper_form.fill_in, paper_form.FIELDS),
    Row(
        "POST",
        "formulier",
        "Send the form",
        paper_form.send,
        body=(*paper_form.FIELDS, paper_form.CONFIRMED),
    ),
    Row("GET", "formulier/verwerkt", "What the form did", paper_form.sent, _DONE),
)
"""Every page, by its path below the language."""


def portal_operations(portal: Portal) -> tuple[Operation, ...]:
    """Every page and form of the portal, in both languages."""
    return (
        Operation("GET", f"{PATH}/", "The portal in the visitor's language", _choose_language, "text/html"),
        *(_operation(portal, language, row) for language in LANGUAGES for row in ROWS),
        Operation("GET", _STATIC, "portal.css", _style, "text/css"),
    )


def _operation(portal: Portal, language: Language, row: Row) -> Operation:
    answer = handler(portal, language, row.path, row.page, is_open=row.is_open)
    path = f"{PATH}/{language}/{row.path}"
    return Operation(row.method, path, row.summary, answer, row.media_type, query=row.query, body=row.body)


def _choose_language(asked: Asked) -> Reply:
    language = preferred_language(asked.headers.get("accept-language", ""))
    headers = {"Location": f"{PATH}/{language}/", "Vary": "Accept-Language"}
    return Reply(b"", HTML, 303, headers)


def preferred_language(accepted: str) -> Language:
    """The language that an Accept-Language header wants most; Dutch if neither or both alike."""
    weights = dict.fromkeys(LANGUAGES, 0.0)
    for item in accepted[:1000].split(","):
        name, _, parameter = item.strip().partition(";")
        known: Language = "en" if name[:2].lower() == "en" else "nl"
        if name[:2].lower() in weights:
            weights[known] = max(weights[known], _weight(parameter))
    return "en" if weights["en"] > weights["nl"] else "nl"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    return float(value) if value.replace(".", "", 1).isdigit() and value.isascii() else 0.0


def _style(_: Asked) -> Reply:
    return static_file("portal.css", "text/css; charset=utf-8")
