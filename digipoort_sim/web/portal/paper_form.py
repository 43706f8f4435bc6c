"""The form "Afwijzen/intrekken machtigingsregistratie", as a client fills it in on paper."""

from __future__ import annotations

import re
from typing import Any

from digipoort_sim.errors import NotFoundError
from digipoort_sim.exchange.mandate_office import Answer, MandateRefused
from digipoort_sim.register import PaperForm
from digipoort_sim.register.rules import tidy_number
from digipoort_sim.web.operations import Parameter, Reply
from digipoort_sim.web.portal.errors import Errors, FieldError
from digipoort_sim.web.portal.visit import Visit
from digipoort_sim.web.portal.wording import service_words

FIELDS = (
    Parameter("eigen", "the client's own number"),
    Parameter("dienst", "the service, without its year"),
    Parameter("jaar", "its year"),
    Parameter("gemachtigde", "number of the intermediary"),
)
CONFIRMED = Parameter("bevestigd", "ja once it has been checked", choices=("ja", "nee"))
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)


def fill_in(visit: Visit) -> Reply:
    """The empty form, or one that a letter filled in."""
    _check_client(visit)
    given = {"eigen": visit.who.number.text, **visit.asked.query}
    return _form(visit, given, ())


def send(visit: Visit) -> Reply:
    """The filled-in form: to be checked, to be changed, or to be sent."""
    _check_client(visit)
    given = {name: value.strip() for name, value in visit.asked.body.items()}
    errors = _errors(visit, given)
    if errors or given.get("bevestigd") == "nee":
        return _form(visit, given, errors)
    if given.get("bevestigd") != "ja":
        return _check_page(visit, given)
    try:
        answer = visit.asked.rooms.mandates.return_form(_paper(given))
    except MandateRefused as refused:
        return _form(visit, given, (FieldError("dienst", _refusal(visit, refused.answer)),))
    return visit.go("formulier/verwerkt", machtiging=answer.outcome.mandate_id)


def sent(visit: Visit) -> Reply:
    """What the form did."""
    _check_client(visit)
    rooms, words = visit.asked.rooms, visit.texts["form"]
    with rooms.store.read() as tx:
        mandate = rooms.register.mandate(tx, visit.asked.query.get("machtiging", ""))
    if mandate.id_vertegenwoordigde not in visit.sight.letter_numbers or not mandate.ended:
        raise NotFoundError("There is no such form.", rule="MANDATE")
    state = visit.texts["states"][mandate.toestand]["label"].lower()
    return visit.page(
        "done",
        words["done_title"],
        crumbs=(("postvak", visit.texts["letters"]["title"]),),
        text=words["done"].format(state=state),
    )


def _form(visit: Visit, given: Any, errors: Errors) -> Reply:
    diensten = visit.asked.rooms.catalogue.diensten
    return visit.page(
        "form",
        visit.texts["form"]["title"],
        crumbs=(("postvak", visit.texts["letters"]["title"]),),
        status=400 if errors else 200,
        errors=errors,
        given=given,
        services=[(code, service_words(visit, code, code, None)) for code in diensten],
    )


def _check_page(visit: Visit, given: Any) -> Reply:
    code, jaar = given["dienst"], given.get("jaar")
    words = visit.texts["form"]
    return visit.page(
        "check_form",
        words["check_title"],
        crumbs=(("postvak", visit.texts["letters"]["title"]), ("formulier", words["crumb"])),
        given=given,
        service=service_words(visit, code, code, int(jaar) if jaar else None),
    )


def _errors(visit: Visit, given: Any) -> Errors:
    words = visit.texts["form"]
    checks = (
        ("eigen", tidy_number(given.get("eigen", "")) in visit.sight.letter_numbers, "error_number"),
        ("dienst", given.get("dienst") in visit.asked.rooms.catalogue.diensten, "error_service"),
        ("jaar", not given.get("jaar") or bool(_YEAR.fullmatch(given["jaar"])), "error_year"),
        ("gemachtigde", bool(_NUMBER.fullmatch(tidy_number(given.get("gemachtigde", "")))), "error_agent"),
    )
    return tuple(FieldError(field, words[key]) for field, good, key in checks if not good)


def _paper(given: Any) -> PaperForm:
    dienst = given["dienst"] + (f"_{given['jaar']}" if given.get("jaar") else "")
    return PaperForm(tidy_number(given["eigen"]), tidy_number(given["gemachtigde"]), dienst)


def _refusal(visit: Visit, answer: Answer) -> str:
    text = answer.row.text if visit.language == "nl" else answer.row.text_en
    return f"{visit.texts['form']['refused']} {text}"


def _check_client(visit: Visit) -> None:
    if visit.who.side != "vertegenwoordigde":
        raise NotFoundError("Only clients send this form.", rule="MANDATE")
