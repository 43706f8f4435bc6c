"""Writing the register's tables: every change goes through the state table and leaves a line of history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from digipoort_sim.errors import ConflictError
from digipoort_sim.register import rows
from digipoort_sim.register.ledger import ledger_of
from digipoort_sim.register.rows import Keys
from digipoort_sim.register.rules import Service
from digipoort_sim.register.states import Event, State, next_state
from digipoort_sim.register.values import HistoryEntry, Letter, Mandate, Party


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


def add_mandate(tx: Connection, mandate: Mandate, changes: tuple[Change, ...], keys: Keys) -> Mandate:
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
    ledger = ledger_of(tx)
    if ledger is not None:
        ledger.add(mandate, keys, entries)
    else:
        rows.insert_mandates(tx, [(mandate, keys)])
        rows.insert_history(tx, entries)
    return mandate


def try_add_mandate(
    tx: Connection, mandate: Mandate, changes: tuple[Change, ...], keys: Keys
) -> Mandate | None:
    """As `add_mandate`, for who has looked whether the keys are free; None if they are taken all the same."""
    if ledger_of(tx) is not None:  # nobody else works in the register, so they are free still
        return add_mandate(tx, mandate, changes, keys)
    try:
        with tx.begin_nested():
            return add_mandate(tx, mandate, changes, keys)
    except IntegrityError:
        return None


def change_mandate(tx: Connection, mandate: Mandate, change: Change) -> Mandate:
    """Let something happen to a registration, and remember it.

    Args:
        mandate: as it is in the store at this moment.

    Raises:
        ConflictError: it cannot happen in that state, or the registration was changed meanwhile.
    """
    following = next_state(mandate.toestand, change.event)
    changed = _after(mandate, following, change)
    entry = _entry(mandate.id, mandate.toestand, following, change)
    ledger = ledger_of(tx)
    if ledger is not None:
        ledger.change(mandate, changed, entry)
        return changed
    if not rows.update_mandates(tx, [(changed, mandate.toestand)]):
        raise ConflictError(f"Mandate {mandate.id} was changed meanwhile.", rule="MANDATE-STATE")
    rows.insert_history(tx, [entry])
    return changed


def add_letter(tx: Connection, letter: Letter) -> None:
    """Store a letter."""
    ledger = ledger_of(tx)
    if ledger is not None:
        ledger.add_letter(letter)
    else:
        rows.insert_letters(tx, [letter])


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
