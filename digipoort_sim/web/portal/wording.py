"""A registration in words: what it is about, how it stands, what happened and what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digipoort_sim.errors import AuthenticationRefusal
from digipoort_sim.exchange.mandate_office import Registration
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register import HistoryEntry, Mandate, State
from digipoort_sim.web.portal.texts import texts_in
from digipoort_sim.web.portal.visit import Visit

_CORES = ("KvK", "RSIN", "Fi")
_REVOKED = ("ingetrokken-door-gemachtigde", "ingetrokken-door-vertegenwoordigde")


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """A service as a visitor reads it.

    Attributes:
        name: in the visitor's language, with its year.
        language: of the name; Dutch where nobody gave an English one.
        dutch: the Dutch name; None if that is the name already.
    """

    name: str
    language: str
    dutch: str | None
    agency: str


@dataclass(frozen=True, slots=True)
class PartyWords:
    """The other side as a visitor reads it."""

    name: str
    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class MandateWords:
    """What stands in a row of the overview.

    Attributes:
        tone: how its state is coloured: ``good``, ``waiting`` or ``over``.
    """

    mandate: Mandate
    service: ServiceWords
    other: PartyWords
    state: str
    tone: str
    requested: str
    ended: str


@dataclass(frozen=True, slots=True)
class HappeningWords:
    """One step in the history.

    Attributes:
        words: those of who made it happen; empty if there are none.
    """

    moment: str
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """Why a registration ended: in the visitor's language, and in the words of who ended it."""

    text: str
    language: str
    words: str


def mandate_words(visit: Visit, mandate: Mandate) -> MandateWords:
    """A registration as its row tells it."""
    waiting = "waiting" if not mandate.ended else "over"
    return MandateWords(
        mandate=mandate,
        service=service_words(visit, mandate.code, mandate.dienst, mandate.jaar),
        other=other_side(visit, mandate),
        state=state_label(visit, mandate),
        tone="good" if mandate.toestand is State.ACTIEF else waiting,
        requested=visit.date(mandate.ontvangen),
        ended="" if mandate.geeindigd is None else visit.date(mandate.geeindigd),
    )


def service_words(visit: Visit, code: str, dienst: str, jaar: int | None) -> ServiceWords:
    """What a service is called.

    Args:
        code: without its year.
        dienst: with its year; shown where the catalogue does not know the service.
    """
    row = visit.asked.rooms.catalogue.diensten.get(code)
    if row is None:
        return ServiceWords(dienst, "nl", None, "")
    agency = visit.asked.rooms.catalogue.agency_of(row).name
    year = f" {jaar}" if jaar is not None else ""
    translated = visit.texts["services"].get(code) or (row.name_en if visit.language == "en" else "")
    if not translated:
        return ServiceWords(f"{row.name}{year}", "nl", None, agency)
    return ServiceWords(f"{translated}{year}", visit.language, row.name, agency)


def other_side(visit: Visit, mandate: Mandate) -> PartyWords:
    """Whom the visitor deals with: a client's intermediary, an intermediary's client."""
    if visit.who.side == "vertegenwoordigde":
        return agent_words(visit, mandate.gemachtigde_oin)
    type_ = mandate.type_vertegenwoordigde
    kind = visit.texts["numbers"].get(type_, visit.texts["numbers"]["onbekend"])
    name = visit.name(mandate.id_vertegenwoordigde, type_)
    return PartyWords(name, kind, mandate.id_vertegenwoordigde)


def agent_words(visit: Visit, oin: str) -> PartyWords:
    """An intermediary: by the number in its OIN, where that is a number that people know."""
    numbers = visit.texts["numbers"]
    try:
        parsed = Oin.parse(oin)
    except AuthenticationRefusal:
        return PartyWords(visit.name(oin), numbers["OIN"], oin)
    if parsed.kind in _CORES:
        return PartyWords(visit.name(oin), numbers[parsed.kind], parsed.core)
    return PartyWords(visit.name(oin), numbers["OIN"], oin)


def state_label(visit: Visit, mandate: Mandate) -> str:
    """What its state is called."""
    label: str = visit.texts["states"][mandate.toestand]["label"]
    return label


def state_meaning(visit: Visit, mandate: Mandate) -> str:
    """What its state means to the visitor."""
    meaning: str = visit.texts["states"][mandate.toestand][visit.who.side]
    return meaning


def period_words(visit: Visit, mandate: Mandate) -> str:
    """For how long it was asked."""
    words = visit.texts["mandate"]
    row = visit.asked.rooms.catalogue.diensten.get(mandate.code)
    if mandate.jaar is not None:
        return str(words["period_year"].format(year=mandate.jaar))
    is_continuous = row is not None and row.term == "continuous"
    return str(words["period_continuous" if is_continuous else "period_once"])


def next_words(visit: Visit, found: Registration) -> str:
    """What happens next and when; empty for one that has ended."""
    step = _next_step(visit, found)
    if step is None:
        return ""
    key, at = step
    text: str = visit.texts["steps"][key][visit.who.side]
    return text.format(date="" if at is None else visit.date(at))


def last_day(until: datetime) -> datetime:
    """A moment in the last day before a term ends at `until`, as letters name it."""
    return until - timedelta(days=1)


def history_words(visit: Visit, history: list[HistoryEntry]) -> list[HappeningWords]:
    """What happened, the latest first."""
    texts = visit.texts["events"]
    return [
        HappeningWords(visit.moment(entry.tijd), texts[entry.event], _own_words(entry))
        for entry in reversed(history)
    ]


def reason_words(visit: Visit, mandate: Mandate) -> ReasonWords | None:
    """Why it ended; None if it has not."""
    if not mandate.ended or mandate.reden is None:
        return None
    key = mandate.reden_code or ""
    known = visit.texts["reasons"].get(key)
    outcome = visit.asked.rooms.catalogue.outcomes.get(key)
    if known is not None:
        words = mandate.reden if key in _REVOKED and not _is_standard(mandate.reden) else ""
        return ReasonWords(known, visit.language, words)
    if outcome is not None:
        text = outcome.text if visit.language == "nl" else outcome.text_en
        return ReasonWords(text, visit.language, "")
    return ReasonWords(mandate.reden, "nl", "")


def _own_words(entry: HistoryEntry) -> str:
    by_person = entry.door != "register" and entry.reden is not None
    return entry.reden or "" if by_person and not _is_standard(entry.reden or "") else ""


def _is_standard(reden: str) -> bool:
    """Whether a reason is the register's own, which the portal says in its own words."""
    return reden in texts_in("nl")["reasons"].values()


def _next_step(visit: Visit, found: Registration) -> tuple[str, datetime | None] | None:
    mandate, expected = found.mandate, found.expected
    if mandate.toestand is State.ONTVANGEN:
        return "received", None
    if expected is None:
        return ("once", None) if mandate.toestand is State.ACTIEF else None
    if expected.kind != "code-expires" or expected.at is None:
        return expected.kind, expected.at
    if mandate.onjuiste_codes >= visit.asked.rooms.settings.register_.max_wrong_codes:
        return "locked", None
    return "code-expires", last_day(expected.at)
