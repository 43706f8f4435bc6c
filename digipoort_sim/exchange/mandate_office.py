"""The register's counter for whoever stands before it in person: portal, letter box, control API.

What is asked here goes the way that a mandate message goes: one transaction under the register's lock, with
the jobs of what follows and an event of what was done. So the next call of anybody sees it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue, MandateOutcome
from digipoort_sim.clock import Clock
from digipoort_sim.errors import AuthenticationRefusal, ConfigError, ConflictError, Refusal
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.jobs import JobTable
from digipoort_sim.exchange.mandates import UNREADABLE, MandateDesk
from digipoort_sim.exchange.values import Event
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register import HistoryEntry, Letter, Mandate, Outcome, PaperForm, Register
from digipoort_sim.register.messages import MandateMessage, MessageKind
from digipoort_sim.register.outlook import Expected, Meaning
from digipoort_sim.store import Store

if TYPE_CHECKING:
    from digipoort_sim.register.revocation import Side

_Ask = Callable[[Connection, datetime], Outcome]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the register said.

    Attributes:
        outcome: key, and the detail in English.
        row: the catalogue's row of that key: statuscode, code, texts and provenance.
        mandate: the registration as it is now; None where the answer is about none.
    """

    outcome: Outcome
    row: MandateOutcome
    mandate: Mandate | None

    @property
    def good(self) -> bool:
        """Whether it was done (500) and not refused (510)."""
        return self.row.good


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration with all that there is to know of it.

    Attributes:
        letter: the letter about it; None while there is none.
        history: every change, in order.
        expected: what falls due next; None if nothing does.
        meaning: what its state means.
        locked: whether no code is good any more.
    """

    mandate: Mandate
    letter: Letter | None
    history: list[HistoryEntry]
    expected: Expected | None
    meaning: Meaning
    locked: bool


class MandateRefused(ConflictError):
    """The register refused, as it would with status 510; `answer` says why in two languages."""

    def __init__(self, answer: Answer) -> None:
        detail = f"{answer.row.text_en} {answer.outcome.detail}".strip()
        super().__init__(detail, rule=answer.row.key.upper(), code=answer.row.code)
        self.answer = answer


class MandateOffice:
    """Asks the register on behalf of a person, and sees to what follows. Safe to share by threads.

    Every method gives the answer when it is committed. Refusals of the register are raised as
    `MandateRefused`, also after the commit: a refused request stays on record, a wrong code is counted.

    Args:
        woken: set when there may be a job to run.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Clock,
        register: Register,
        desk: MandateDesk,
        jobs: JobTable,
        events: EventRing,
        woken: threading.Event,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._register = register
        self._desk = desk
        self._jobs = jobs
        self._events = events
        self._woken = woken

    def show(self, mandate_id: str) -> Registration:
        """One registration.

        Raises:
            NotFoundError: there is none.
        """
        with self._store.read() as tx:
            mandate = self._register.mandate(tx, mandate_id)
            letter = self._register.letter_of(tx, mandate_id)
            history = self._register.history(tx, mandate_id)
        return Registration(
            mandate,
            letter,
            history,
            self._register.expected(mandate, letter, self._clock.now()),
            self._register.meaning(mandate),
            self._register.is_locked(mandate),
        )

    def tell(self, message: MandateMessage, gemachtigde: str) -> Answer:
        """Hand over what a mandate message would say.

        Args:
            gemachtigde: OIN of the party that asks; what the certificate says at the other doors.

        Raises:
            ConfigError: that is no OIN.
            MandateRefused: the register refuses.
        """
        sender = _party(gemachtigde)
        kind = _KINDS[message.kind]
        return self._ask(kind, lambda tx, now: self._register.handle(tx, message, sender, now))

    def activate(self, mandate_id: str, token: str) -> Answer:
        """The gemachtigde activates one registration with the code of its letter.

        Raises:
            NotFoundError: there is no such mandate.
            MandateRefused: the code is not good, or it cannot be activated now.
        """
        return self._ask(
            "mandate-activation", lambda tx, now: self._register.activate(tx, mandate_id, token, now)
        )

    def revoke(self, mandate_id: str, side: Side, reden: str | None = None) -> Answer:
        """Either side revokes one registration; whether it is theirs is for the caller to see.

        Raises:
            NotFoundError: there is no such mandate.
            MandateRefused: it has ended already.
        """
        return self._ask(
            "mandate-revoked",
            lambda tx, now: self._register.revoke(tx, mandate_id, now, door=side, reden=reden),
        )

    def return_letter(self, letter_id: str) -> Answer:
        """The client sends the letter back: a refusal in the reaction term, a revocation afterwards.

        Raises:
            NotFoundError: there is no such letter.
            MandateRefused: the registration has ended already.
        """
        return self._ask(
            "letter-returned", lambda tx, now: self._register.refuse_by_letter(tx, letter_id, now)
        )

    def return_form(self, form: PaperForm) -> Answer:
        """The client sends the form "Afwijzen/intrekken machtigingsregistratie", which needs no letter.

        Raises:
            MandateRefused: it names no registration, several, or one that has ended already.
        """
        return self._ask("form-returned", lambda tx, now: self._register.end_by_form(tx, form, now))

    def _ask(self, kind: str, ask: _Ask) -> Answer:
        with self._store.begin() as tx:
            self._desk.lock(tx)
            now = self._clock.now()  # not before the lock: the clock may have moved while it was waited for
            answer = self._answer(tx, _outcome(tx, ask, now))
            outcome = answer.outcome
            self._jobs.add(tx, self._desk.follow(tx, outcome.dues, outcome.activated, now))
            self._events.add(tx, _event(kind, answer))
        self._woken.set()
        if not answer.good:
            raise MandateRefused(answer)
        return answer

    def _answer(self, tx: Connection, outcome: Outcome) -> Answer:
        id_ = outcome.mandate_id
        mandate = None if id_ is None else self._register.mandate(tx, id_)
        return Answer(outcome, self._catalogue.outcomes[outcome.key], mandate)


_KINDS = {
    MessageKind.OPVOEREN: "mandate-requested",
    MessageKind.ACTIVEREN: "mandate-activation",
    MessageKind.INTREKKEN: "mandate-revoked",
    MessageKind.OPVRAGEN: "mandate-query",
}


def _outcome(tx: Connection, ask: _Ask, now: datetime) -> Outcome:
    try:
        return ask(tx, now)
    except Refusal as refusal:  # text that no message may have either
        return Outcome(UNREADABLE, refusal.detail)


def _party(text: str) -> str:
    try:
        return Oin.parse(text).value
    except AuthenticationRefusal as refusal:
        raise ConfigError(refusal.detail, rule=refusal.rule) from None


def _event(kind: str, answer: Answer) -> Event:
    oin = "" if answer.mandate is None else answer.mandate.gemachtigde_oin
    if answer.good:
        return Event(kind, answer.outcome.detail, door="web", oin=oin)
    return Event(
        "mandate-refused",
        f"{answer.row.text} {answer.outcome.detail}",
        door="web",
        oin=oin,
        rule=answer.row.key.upper(),
        code=answer.row.code,
    )
