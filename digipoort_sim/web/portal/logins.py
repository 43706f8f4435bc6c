"""The simulated logins: DigiD with a BSN, eHerkenning with a KvK number, RSIN or fiscaal nummer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from digipoort_sim.pki.numbers import is_number
from digipoort_sim.register import Mandate, MandateFilter
from digipoort_sim.register.revocation import Side
from digipoort_sim.web.operations import Reply
from digipoort_sim.web.portal.errors import Errors, FieldError
from digipoort_sim.web.portal.sessions import Number, NumberType
from digipoort_sim.web.portal.visit import Visit
from digipoort_sim.web.portal.wording import agent_words

_LOOKED_AT = 300
_OFFERED = 8
_KINDS: tuple[NumberType, ...] = ("KvK", "RSIN", "Fi")
_SIDES: tuple[Side, ...] = ("vertegenwoordigde", "gemachtigde")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom the register knows, to be chosen instead of typed."""

    name: str
    kind: str
    number: str
    type: str
    side: Side


def ask_digid(visit: Visit) -> Reply:
    """Who logs in with DigiD?"""
    return _digid(visit, "", ())


def log_in_with_digid(visit: Visit) -> Reply:
    """A person logs in."""
    given = _tidy(visit.asked.body.get("bsn", ""))
    if is_number("BSN", given):
        cookie = visit.portal.sessions.begin("digid", "vertegenwoordigde", (Number("BSN", given),))
        return visit.go("machtigingen", cookie)
    text = visit.texts["login"]["error_bsn" if given else "error_bsn_empty"]
    return _digid(visit, visit.asked.body.get("bsn", ""), (FieldError("bsn", text),))


def ask_eherkenning(visit: Visit) -> Reply:
    """Which organisation logs in with eHerkenning?"""
    return _eherkenning(visit, {}, ())


def log_in_with_eherkenning(visit: Visit) -> Reply:
    """An organisation logs in, as one side or the other."""
    given = visit.asked.body
    errors = _errors(visit, given)
    if errors:
        return _eherkenning(visit, given, errors)
    number = Number(cast(NumberType, given["soort"]), _tidy(given["nummer"]))
    rsin = _tidy(given.get("rsin", ""))
    numbers = (number, Number("RSIN", rsin)) if rsin else (number,)
    return visit.go("machtigingen", visit.portal.sessions.begin("eherkenning", given["kant"], numbers))


def log_out(visit: Visit) -> Reply:
    """The session ends."""
    return visit.go("", visit.portal.sessions.end(visit.session), melding="uitgelogd")


def _errors(visit: Visit, given: Any) -> Errors:
    words = visit.texts["login"]
    kind, number, rsin = given.get("soort"), _tidy(given.get("nummer", "")), _tidy(given.get("rsin", ""))
    errors = []
    if given.get("kant") not in _SIDES:
        errors.append(FieldError("kant-vertegenwoordigde", words["error_side"]))
    if kind not in _KINDS:
        errors.append(FieldError("soort-KvK", words["error_kind"]))
    if not number:
        errors.append(FieldError("nummer", words["error_number_empty"]))
    elif kind in _KINDS and not is_number(kind, number):
        errors.append(FieldError("nummer", words[f"error_{kind}"]))
    if rsin and (kind != "KvK" or given.get("kant") != "vertegenwoordigde"):
        errors.append(FieldError("rsin", words["error_rsin_not_here"]))
    elif rsin and not is_number("RSIN", rsin):
        errors.append(FieldError("rsin", words["error_RSIN"]))
    return tuple(errors)


def _digid(visit: Visit, bsn: str, errors: Errors) -> Reply:
    words = visit.texts["login"]
    return visit.page(
        "digid",
        words["digid_title"],
        status=400 if errors else 200,
        errors=errors,
        bsn=bsn,
        known=_clients(visit, _newest(visit), ("BSN",)),
    )


def _eherkenning(visit: Visit, given: Any, errors: Errors) -> Reply:
    newest = _newest(visit)
    return visit.page(
        "eherkenning",
        visit.texts["login"]["eherkenning_title"],
        status=400 if errors else 200,
        errors=errors,
        given=given,
        kinds=_KINDS,
        sides=_SIDES,
        clients=_clients(visit, newest, _KINDS),
        agents=_agents(visit, newest),
    )


def _newest(visit: Visit) -> list[Mandate]:
    with visit.asked.rooms.store.read() as tx:
        return visit.asked.rooms.register.find(tx, MandateFilter(), limit=_LOOKED_AT)


def _clients(visit: Visit, mandates: Iterable[Mandate], types: tuple[str, ...]) -> list[Known]:
    """The latest clients of these mandates that have a number of one of these types."""
    kinds = visit.texts["numbers"]
    parties = {(m.type_vertegenwoordigde, m.id_vertegenwoordigde): None for m in mandates}
    good = ((type_, number) for type_, number in parties if type_ in types and is_number(type_, number))
    return [
        Known(visit.name(number, type_), kinds[type_], number, type_, "vertegenwoordigde")
        for type_, number in islice(good, _OFFERED)
    ]


def _agents(visit: Visit, mandates: Iterable[Mandate]) -> list[Known]:
    """The latest parties that asked for these mandates and have a number with which one can log in."""
    kinds = {visit.texts["numbers"][type_]: type_ for type_ in _KINDS}
    parties = islice({m.gemachtigde_oin: None for m in mandates}, _OFFERED)
    return [
        Known(agent.name, agent.kind, agent.number, kinds[agent.kind], "gemachtigde")
        for agent in (agent_words(visit, oin) for oin in parties)
        if agent.kind in kinds and is_number(kinds[agent.kind], agent.number)
    ]


def _tidy(number: str) -> str:
    """A number without what people put between its digits."""
    return "".join(c for c in number if c not in " .-\u00a0").upper()
