"""One mandate, and revoking it: the only thing that can be done in the portal."""

from __future__ import annotations

from digipoort_sim.errors import NotFoundError
from digipoort_sim.exchange.mandate_office import MandateRefused
from digipoort_sim.register import Mandate, State
from digipoort_sim.web.operations import Reply
from digipoort_sim.web.portal.errors import Errors, FieldError
from digipoort_sim.web.portal.visit import Crumb, Visit
from digipoort_sim.web.portal.wording import (
    history_words,
    mandate_words,
    next_words,
    period_words,
    reason_words,
    state_meaning,
)

LONGEST_REASON = 200


def one_mandate(visit: Visit) -> Reply:
    """Everything about one registration."""
    found = _own_mandate(visit)
    whole = visit.asked.rooms.mandates.show(found.id)
    shown = mandate_words(visit, found)
    origin = found.herkomst
    return visit.page(
        "mandate",
        f"{shown.service.name} – {shown.other.name}",
        crumbs=(_list_crumb(visit, found),),
        shown=shown,
        meaning=state_meaning(visit, found),
        dates=_dates(visit, found),
        period=period_words(visit, found),
        next=next_words(visit, whole),
        reason=reason_words(visit, found),
        history=history_words(visit, whole.history),
        origin=origin if origin is not None and _is_own(visit, origin) else None,
    )


def ask_to_revoke(visit: Visit) -> Reply:
    """Is this really meant? A page of its own, so that nothing happens by a slip."""
    found = _own_mandate(visit)
    return _already(visit, found, 200) if found.ended else _confirmation(visit, found, "", ())


def revoke(visit: Visit) -> Reply:
    """The mandate ends, at once."""
    found = _own_mandate(visit)
    reason = " ".join(visit.asked.body.get("reden", "").split())
    words = visit.texts["revoke"]
    if len(reason) > LONGEST_REASON:
        text = words["error_reason"].format(limit=LONGEST_REASON)
        return _confirmation(visit, found, reason, (FieldError("reden", text),))
    if not reason.isprintable():
        return _confirmation(visit, found, reason, (FieldError("reden", words["error_characters"]),))
    try:
        visit.asked.rooms.mandates.revoke(found.id, visit.who.side, reason or None)
    except MandateRefused:  # it ended meanwhile, or the page was old
        return _already(visit, _own_mandate(visit), 409)
    return visit.go(f"machtigingen/{found.id}/ingetrokken")


def revoked(visit: Visit) -> Reply:
    """What has been done."""
    found = _own_mandate(visit)
    if found.toestand is not State.INGETROKKEN or found.geeindigd is None:
        return visit.go(f"machtigingen/{found.id}")
    words = visit.texts["revoke"]
    return visit.page(
        "revoked",
        words["done_title"],
        crumbs=(_list_crumb(visit, found), _own_crumb(visit, found)),
        shown=mandate_words(visit, found),
        done=words["done"].format(moment=visit.moment(found.geeindigd)),
    )


def _dates(visit: Visit, found: Mandate) -> list[tuple[str, str]]:
    moments = (
        ("requested", found.ontvangen),
        ("taken_up", found.in_behandeling),
        ("letter", found.brief),
        ("active", found.actief_sinds),
        ("ended", found.geeindigd),
    )
    return [(name, visit.date(moment)) for name, moment in moments if moment is not None]


def _confirmation(visit: Visit, found: Mandate, reason: str, errors: Errors) -> Reply:
    words = visit.texts["revoke"]
    shown = mandate_words(visit, found)
    return visit.page(
        "revoke",
        f"{words['title']}: {shown.service.name}",
        crumbs=(_list_crumb(visit, found), _own_crumb(visit, found)),
        status=400 if errors else 200,
        errors=errors,
        shown=shown,
        period=period_words(visit, found),
        reason=reason,
        limit=LONGEST_REASON,
    )


def _already(visit: Visit, found: Mandate, status: int) -> Reply:
    shown = mandate_words(visit, found)
    words = visit.texts["revoke"]
    return visit.page(
        "already_ended",
        words["already_title"],
        crumbs=(_list_crumb(visit, found), _own_crumb(visit, found)),
        status=status,
        shown=shown,
        text=words["already"].format(state=shown.state.lower()),
    )


def _own_mandate(visit: Visit) -> Mandate:
    """The mandate of the path, if the visitor sees it.

    Raises:
        NotFoundError: there is none, or it is not his to see.
    """
    rooms = visit.asked.rooms
    with rooms.store.read() as tx:
        found = rooms.register.mandate(tx, visit.asked.path["id"])
    if not visit.sight.shows(found):
        raise NotFoundError(f"There is no mandate {found.id[:40]!r}.", rule="MANDATE")
    return found


def _is_own(visit: Visit, mandate_id: str) -> bool:
    rooms = visit.asked.rooms
    with rooms.store.read() as tx:
        return visit.sight.shows(rooms.register.mandate(tx, mandate_id))


def _list_crumb(visit: Visit, found: Mandate) -> Crumb:
    overview = visit.texts["overview"]
    if found.ended:
        return "eerdere-machtigingen", overview["title_past"]
    return "machtigingen", overview["title"]


def _own_crumb(visit: Visit, found: Mandate) -> Crumb:
    return f"machtigingen/{found.id}", mandate_words(visit, found).service.name
