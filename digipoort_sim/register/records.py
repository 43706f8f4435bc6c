"""Writing the register's tables: every change goes through the state table and leaves a line of history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from digipoort_sim.clock import epoch_milliseconds
from digipoort_sim.errors import ConflictError
from digipoort_sim.register.rules import Service
from digipoort_sim.register.states import Event, State, next_state
from digipoort_sim.register.values import HistoryEntry, Letter, Mandate, Party
from digipoort_sim.store.register_tables import history, letters, mandates

# Made once: building a statement costs more than running it.
_ADD_MANDATE = insert(mandates)
_ADD_HISTORY = insert(history)
_ADD_LETTER = insert(letters)
_CHANGE_MANDATE = update(mandates).where(
    mandates.c.id == bindparam("which"), mandates.c.toestand == bindparam("van")
)
_FIELDS = ("reden", "reden_code", "in_behandeling", "brief", "actief_sinds", "geeindigd", "onjuiste_codes")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happens to a registration.

    Attributes:
        reden: the reason that history shows, and that the mandate keeps if it ends with this change.
        reden_code: the same as a key.
    """

    event: Event
    at: datetime
    door: Party = "register"
    reden: str | None = None
    reden_code: str | None = None


def open_key(full_code: str, client: str, gemachtigde_oin: str) -> str:
    """What only one registration at a time can have that has not ended.

    The number counts, not its type: under two types it is still the same client of that service (i).
    """
    return f"{full_code}|{client}|{gemachtigde_oin}"


def exclusive_key(service: Service, client: str) -> str | None:
    """What keeps other parties out while a registration has not ended; None if nothing does."""
    return f"{service.full_code}|{client}" if service.dienst.exclusive else None


def add_mandate(
    tx: Connection, mandate: Mandate, changes: tuple[Change, ...], keys: tuple[str | None, str | None]
) -> Mandate:
    """Store a new registration that went through these changes at once.

    Args:
        mandate: as it came in; its `toestand` is not looked at, it starts from nothing.
        keys: open key and exclusive key; None for one that ends at once.

    Raises:
        ConflictError: a change that the state table does not know.
        IntegrityError: (of SQLAlchemy) another one has one of the keys.
    """
    state: State | None = None
    entries = []
    for change in changes:
        following = next_state(state, change.event)
        entries.append(_entry(mandate.id, state, following, change))
        mandate = _after(mandate, following, change)
        state = following
    tx.execute(_ADD_MANDATE, {**_mandate_row(mandate), "open_key": keys[0], "exclusive_key": keys[1]})
    tx.execute(_ADD_HISTORY, [_history_row(entry) for entry in entries])
    return mandate


def change_mandate(tx: Connection, mandate: Mandate, change: Change) -> Mandate:
    """Let something happen to a registration, and remember it.

    Args:
        mandate: as it is in the store at this moment.

    Raises:
        ConflictError: it cannot happen in that state, or the registration was changed meanwhile.
    """
    following = next_state(mandate.toestand, change.event)
    changed = _after(mandate, following, change)
    values = {name: _stored(getattr(changed, name)) for name in _FIELDS}
    if changed.ended:
        values |= {"open_key": None, "exclusive_key": None}
    where = {"which": mandate.id, "van": mandate.toestand}
    result = tx.execute(_CHANGE_MANDATE, {**where, "toestand": following, **values})
    if result.rowcount != 1:
        raise ConflictError(f"Mandate {mandate.id} was changed meanwhile.", rule="MANDATE-STATE")
    entry = _entry(mandate.id, mandate.toestand, following, change)
    tx.execute(_ADD_HISTORY, _history_row(entry))
    return changed


def add_letter(tx: Connection, letter: Letter) -> None:
    """Store a letter."""
    names = ("id", "mandate_id", "id_vertegenwoordigde", "activatie_token")
    moments = ("datum", "geldig_tot", "ingangsdatum")
    row = {name: getattr(letter, name) for name in names}
    row |= {name: _stored(getattr(letter, name)) for name in moments}
    tx.execute(_ADD_LETTER, row)


def _after(mandate: Mandate, following: State, change: Change) -> Mandate:
    """The registration after a change, with the moments that the change sets."""
    changed = replace(mandate, toestand=following)
    if change.event is Event.WRONG_CODE:
        return replace(changed, onjuiste_codes=mandate.onjuiste_codes + 1)
    if change.event is Event.LETTER_SENT:
        return replace(changed, brief=change.at)
    if following is State.IN_BEHANDELING:
        return replace(changed, in_behandeling=change.at)
    if following is State.ACTIEF:
        return replace(changed, actief_sinds=change.at)
    if changed.ended:
        return replace(changed, geeindigd=change.at, reden=change.reden, reden_code=change.reden_code)
    return changed


def _entry(mandate_id: str, van: State | None, naar: State, change: Change) -> HistoryEntry:
    return HistoryEntry(mandate_id, van, naar, change.event, change.at, change.door, change.reden)


def _stored(value: Any) -> Any:
    return epoch_milliseconds(value) if isinstance(value, datetime) else value


def _mandate_row(mandate: Mandate) -> dict[str, Any]:
    return {name: _stored(getattr(mandate, name)) for name in Mandate.__slots__}


def _history_row(entry: HistoryEntry) -> dict[str, Any]:
    return {name: _stored(getattr(entry, name)) for name in HistoryEntry.__slots__}
