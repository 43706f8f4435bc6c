"""The client's letter box, which the real portal has not: a tester reads letters and sends them back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from digipoort_sim.errors import NotFoundError
from digipoort_sim.exchange.mandate_office import MandateRefused
from digipoort_sim.register import Letter, Mandate, State
from digipoort_sim.web.api.letters import show_letter
from digipoort_sim.web.guard import SECURITY_HEADERS
from digipoort_sim.web.operations import Parameter, Reply
from digipoort_sim.web.portal.visit import Crumb, PageHandler, Visit
from digipoort_sim.web.portal.wording import (
    PartyWords,
    ServiceWords,
    agent_words,
    last_day,
    service_words,
    state_label,
)

PAGE_ROWS = 20
PAGES = (Parameter("na", "go on behind this letter"),)
_SHEET_INSIDE = {
    "Content-Security-Policy": f"{SECURITY_HEADERS['Content-Security-Policy']}; frame-src 'self'"
}


@dataclass(frozen=True, slots=True)
class LetterWords:
    """A letter as its row tells it."""

    letter: Letter
    service: ServiceWords
    agent: PartyWords
    date: str


def letters(visit: Visit) -> Reply:
    """The letters to who is logged in."""
    words = visit.texts["letters"]
    if visit.who.side != "vertegenwoordigde":
        return visit.page("letters", words["title"], rows=[], following=None, first=None)
    rooms, after = visit.asked.rooms, visit.asked.query.get("na")
    numbers, types = visit.sight.letter_numbers, visit.sight.letter_types
    with rooms.store.read() as tx:
        if after is not None and not visit.sight.has(rooms.register.letter(tx, after)):
            raise NotFoundError(f"There is no letter {after[:40]!r}.", rule="PAGE")
        found = rooms.register.letters_to(tx, numbers, types, limit=PAGE_ROWS + 1, after=after)
    rows = [_words(visit, letter) for letter in found[:PAGE_ROWS]]
    following = rows[-1].letter.id if len(found) > PAGE_ROWS else None
    return visit.page(
        "letters",
        f"{words['title']} ({visit.texts['overview']['continued']})" if after else words["title"],
        rows=rows,
        following=following and visit.to("postvak", na=following),
        first=visit.to("postvak") if after else None,
    )


def one_letter(visit: Visit) -> Reply:
    """One letter, with its code and what can be done."""
    found, mandate = _own_letter(visit)
    words = visit.texts["letters"]
    shown = _words(visit, found)
    return visit.page(
        "letter",
        words["letter_title"].format(dienst=shown.service.name),
        crumbs=(_box_crumb(visit),),
        headers=_SHEET_INSIDE,
        shown=shown,
        ended=mandate.ended,
        state=state_label(visit, mandate),
        open_code=mandate.toestand is State.IN_BEHANDELING,
        until=visit.date(last_day(found.geldig_tot)) if found.geldig_tot else "",
        starts=visit.date(found.ingangsdatum) if found.ingangsdatum else "",
    )


def sheet(form: str) -> PageHandler:
    """The letter itself, as a file of its own.

    Args:
        form: as the control API calls it.
    """

    def shown(visit: Visit) -> Reply:
        _own_letter(visit)
        return show_letter(replace(visit.asked, query={"format": form}))

    return shown


def ask_to_return(visit: Visit) -> Reply:
    """Is this really meant?"""
    found, mandate = _own_letter(visit)
    words = visit.texts["letters"]
    shown = _words(visit, found)
    return visit.page(
        "return_letter",
        f"{words['return_title']}: {shown.service.name}",
        crumbs=(_box_crumb(visit), _letter_crumb(visit, found)),
        shown=shown,
        ended=mandate.ended,
        is_active=mandate.toestand is State.ACTIEF,
    )


def return_letter(visit: Visit) -> Reply:
    """The client sends the letter back."""
    found, _ = _own_letter(visit)
    try:
        visit.asked.rooms.mandates.return_letter(found.id)
    except MandateRefused:  # it ended meanwhile; the page says so
        return replace(ask_to_return(visit), status=409)
    return visit.go(f"postvak/{found.id}/teruggestuurd")


def returned(visit: Visit) -> Reply:
    """What has been done."""
    found, mandate = _own_letter(visit)
    if not mandate.ended:
        return visit.go(f"postvak/{found.id}")
    words = visit.texts["letters"]
    return visit.page(
        "done",
        words["returned_title"],
        crumbs=(_box_crumb(visit), _letter_crumb(visit, found)),
        text=words["returned"].format(state=state_label(visit, mandate).lower()),
    )


def _words(visit: Visit, letter: Letter) -> LetterWords:
    return LetterWords(
        letter,
        service_words(visit, letter.code, letter.dienst, letter.jaar),
        agent_words(visit, letter.gemachtigde_oin),
        visit.date(letter.datum),
    )


def _own_letter(visit: Visit) -> tuple[Letter, Mandate]:
    """The letter of the path, if it lies in the visitor's letter box, and its mandate.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    rooms = visit.asked.rooms
    with rooms.store.read() as tx:
        found = rooms.register.letter(tx, visit.asked.path["id"])
        mandate = rooms.register.mandate(tx, found.mandate_id)
    if not visit.sight.has(found):
        raise NotFoundError(f"There is no letter {found.id[:40]!r}.", rule="LETTER")
    return found, mandate


def _box_crumb(visit: Visit) -> Crumb:
    return "postvak", visit.texts["letters"]["title"]


def _letter_crumb(visit: Visit, letter: Letter) -> Crumb:
    name = service_words(visit, letter.code, letter.dienst, letter.jaar).name
    return f"postvak/{letter.id}", visit.texts["letters"]["letter_title"].format(dienst=name)
