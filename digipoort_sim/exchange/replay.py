"""The guard against replays: a MessageID is taken once per certificate while it is valid.

It stands in the store, so it holds across processes and restarts. Freshness itself is the door's business;
after `valid_until` the door refuses the message anyway, and the line here may go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, delete, text

from digipoort_sim.clock import epoch_milliseconds
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange.values import Call
from digipoort_sim.store.exchange_tables import replays

_TAKE = text(
    "INSERT INTO replays (key, valid_until) VALUES (:key, :until) "
    "ON CONFLICT (key) DO UPDATE SET valid_until = excluded.valid_until WHERE replays.valid_until < :now"
)


def replay_key(call: Call) -> str:
    """What the store remembers of a call: a digest, so that its size is bounded."""
    return hashlib.sha256(f"{call.caller.certificate}\n{call.message_id}".encode()).hexdigest()


def take(tx: Connection, calls: Sequence[Call], now: int) -> bool:
    """Remember the MessageIDs of these calls; calls without `valid_until` are let through.

    Args:
        now: milliseconds, by the security clock.

    Returns:
        False if at least one of them was there already; then the transaction must be rolled back.
    """
    rows = [
        {"key": replay_key(call), "until": epoch_milliseconds(call.valid_until), "now": now}
        for call in calls
        if call.valid_until is not None
    ]
    return not rows or tx.execute(_TAKE, rows).rowcount == len(rows)


def guard(tx: Connection, call: Call, now: int) -> None:
    """Remember the MessageID of one call.

    Raises:
        SpecificationRefusal: it was used before (rule ``WSA-REPLAY``).
    """
    if not take(tx, (call,), now):
        raise refusal(call)


def refusal(call: Call) -> SpecificationRefusal:
    """The refusal of a replayed call."""
    return SpecificationRefusal(
        f"wsa:MessageID {call.message_id[:200]!r} was used before by this certificate and is still valid; "
        "give every message a new one",
        rule="WSA-REPLAY",
    )


def forget_expired(tx: Connection, now: int) -> None:
    """Drop the lines whose time is over, by the security clock in milliseconds."""
    tx.execute(delete(replays).where(replays.c.valid_until < now))
