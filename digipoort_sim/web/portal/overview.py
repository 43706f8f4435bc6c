"""The overview: current and past mandates of who is logged in, in pages, and for intermediaries a search."""

from __future__ import annotations

import re

from digipoort_sim.errors import NotFoundError
from digipoort_sim.register import Mandate
from digipoort_sim.web.operations import Parameter, Reply
from digipoort_sim.web.portal.errors import Errors, FieldError
from digipoort_sim.web.portal.sight import Sight, narrowed
from digipoort_sim.web.portal.visit import PageHandler, Visit
from digipoort_sim.web.portal.wording import ServiceWords, mandate_words, service_words

PAGE_ROWS = 20
SEARCH = (
    Parameter("nummer", "only of the client with this number"),
    Parameter("dienst", "only this service, without a year"),
    Parameter("jaar", "only of this year"),
    Parameter("na", "go on behind this mandate"),
)
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)


def start(visit: Visit) -> Reply:
    """What the portal is, and the two logins."""
    notices = {"uitgelogd": "logged_out", "sessie": "no_session", "inloggen": "no_session"}
    words = visit.texts["start"]
    notice = notices.get(visit.asked.query.get("melding", ""))
    is_out_of_date = notice == "logged_out" and visit.session is not None
    return visit.page(
        "start", words["title"], notice=None if notice is None or is_out_of_date else words[notice]
    )


def mandates(*, ended: bool) -> PageHandler:
    """The page of current, or of past mandates."""

    def shown(visit: Visit) -> Reply:
        given = visit.asked.query
        errors = _errors(visit) if visit.who.side == "gemachtigde" else ()
        found = () if errors else _rows(visit, ended)
        rows = [mandate_words(visit, mandate) for mandate in found[:PAGE_ROWS]]
        following = rows[-1].mandate.id if len(found) > PAGE_ROWS else None
        words = visit.texts["overview"]
        title = words["title_past" if ended else "title"]
        return visit.page(
            "mandates",
            f"{title} ({words['continued']})" if given.get("na") else title,
            status=400 if errors else 200,
            errors=errors,
            ended=ended,
            rows=rows,
            given=given,
            is_search=any(given.get(name) for name in ("nummer", "dienst", "jaar")),
            services=_services(visit),
            following=None if following is None else visit.to(visit.path, **{**given, "na": following}),
            first=visit.to(visit.path, **{**given, "na": None}) if given.get("na") else None,
            hidden=hidden_words(visit),
        )

    return shown


def hidden_words(visit: Visit) -> str:
    """What the portal does not show to this visitor though it exists; empty if nothing."""
    words, settings = visit.texts["hidden"], visit.asked.rooms.settings
    shows_all = settings.portal.shows == "2024-11"
    if visit.who.side == "vertegenwoordigde":
        return str(words["client_news" if shows_all else "client"])
    return "" if shows_all else str(words["agent"])


def _rows(visit: Visit, ended: bool) -> list[Mandate]:
    given = visit.asked.query
    is_agent = visit.who.side == "gemachtigde"
    sight: Sight = narrowed(
        visit.sight,
        ended=ended,
        number=given.get("nummer") if is_agent else None,
        code=given.get("dienst") if is_agent else None,
        jaar=int(given["jaar"]) if is_agent and "jaar" in given else None,
    )
    if sight.wanted is None:
        return []
    rooms, after = visit.asked.rooms, given.get("na")
    with rooms.store.read() as tx:
        if after is not None and not visit.sight.shows(rooms.register.mandate(tx, after)):
            raise NotFoundError(f"There is no mandate {after[:40]!r}.", rule="PAGE")
        return rooms.register.find(tx, sight.wanted, limit=PAGE_ROWS + 1, after=after)


def _services(visit: Visit) -> list[tuple[str, ServiceWords]]:
    diensten = visit.asked.rooms.catalogue.diensten
    return [(code, service_words(visit, code, code, None)) for code in diensten]


def _errors(visit: Visit) -> Errors:
    given, words = visit.asked.query, visit.texts["overview"]
    errors = []
    if "nummer" in given and not _NUMBER.fullmatch("".join(given["nummer"].split()).upper()):
        errors.append(FieldError("nummer", words["error_number"]))
    if "dienst" in given and given["dienst"] not in visit.asked.rooms.catalogue.diensten:
        errors.append(FieldError("dienst", words["error_service"]))
    if "jaar" in given and not _YEAR.fullmatch(given["jaar"]):
        errors.append(FieldError("jaar", words["error_year"]))
    return tuple(errors)
