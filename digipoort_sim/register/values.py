"""What the register says to others: mandates, letters, history, outcomes and due dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from digipoort_sim.register.states import ENDED_STATES, Event, State

Party = Literal["gemachtigde", "vertegenwoordigde", "register"]
"""Who made a change; ``register`` where time or a rule did."""

DueKind = Literal[
    "take-up", "letter", "code-expires", "opt-out-ends", "year-ends", "reference-date", "extension"
]


@dataclass(frozen=True, slots=True)
class Mandate:
    """One registration (machtigingsregistratie).

    Attributes:
        dienst: the service code with its year (``SBA_IB_2026``), as it was asked for.
        code: the service code without its year.
        jaar: the tax or benefit year; None if the service has none.
        type_vertegenwoordigde: type of the client's number; ``onbekend`` where the request was refused
            before it was known.
        id_gemachtigde: the intermediary's number as it was given.
        gemachtigde_oin: OIN of the certificate that asked for it; only this party has access.
        reden: why it was refused or ended, in Dutch, or in the words of who revoked it.
        reden_code: the same as a key, such as that of the catalogue's outcome.
        herkomst: id of the mandate that made this one, a continuous one or (MAU) that of the year before;
            None if a request did.
        brief: date of the letter.
        onjuiste_codes: how often a wrong activation code was sent.
    """

    id: str
    dienst: str
    code: str
    jaar: int | None
    id_vertegenwoordigde: str
    type_vertegenwoordigde: str
    id_gemachtigde: str
    gemachtigde_oin: str
    toestand: State
    ontvangen: datetime
    reden: str | None = None
    reden_code: str | None = None
    herkomst: str | None = None
    in_behandeling: datetime | None = None
    brief: datetime | None = None
    actief_sinds: datetime | None = None
    geeindigd: datetime | None = None
    onjuiste_codes: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.toestand in ENDED_STATES


@dataclass(frozen=True, slots=True)
class Letter:
    """A registration letter (registratiebrief) to the client.

    Attributes:
        activatie_token: the activation code; None in an opt-out letter.
        geldig_tot: the moment from which the code is no longer accepted; None in an opt-out letter.
        ingangsdatum: the moment at which silence becomes consent; None in a letter with a code.
        herkomst: id of the registration that the register extended to this one (MAU); None if a request
            made it.
    """

    id: str
    mandate_id: str
    dienst: str
    code: str
    jaar: int | None
    id_vertegenwoordigde: str
    type_vertegenwoordigde: str
    id_gemachtigde: str
    gemachtigde_oin: str
    datum: datetime
    activatie_token: str | None = None
    geldig_tot: datetime | None = None
    ingangsdatum: datetime | None = None
    herkomst: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a registration; `van` is None for its first."""

    mandate_id: str
    van: State | None
    naar: State
    event: Event
    tijd: datetime
    door: Party
    reden: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A moment at which the register wants to be called back, once, about one mandate."""

    at: datetime
    kind: DueKind
    mandate_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The register's answer to a message or to a person.

    Attributes:
        key: key of the catalogue's outcomes, from which 500 or 510 and the Dutch text follow.
        detail: English sentence that names what was wrong or what was done.
        mandate_id: the registration that it is about; None if there is none.
        dues: when to call back.
        activated: ids of mandates that became active.
        overview: the document that a query asked for.
    """

    key: str
    detail: str
    mandate_id: str | None = None
    dues: tuple[Due, ...] = ()
    activated: tuple[str, ...] = ()
    overview: bytes | None = None


@dataclass(frozen=True, slots=True)
class Consequences:
    """What followed from a due date: new due dates, and ids of mandates that became active."""

    dues: tuple[Due, ...] = ()
    activated: tuple[str, ...] = ()


NOTHING = Consequences()
"""Nothing followed, because the registration had gone another way by then."""
