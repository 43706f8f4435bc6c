"""The guard against replays: a MessageID is taken once per certificate while it is valid.

It stands in the store, so it holds across processes and restarts. Freshness itself is the door's business;
after `valid_until` the door refuses the message anyway, and the line here may go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select, text

from digipoort_sim.clock import epoch_milliseconds
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange.values import Call
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import replays

_TAKE = text(
    "INSERT INTO replays (key, valid_until) VALUES (:key, :until) "
    "ON CONFLICT (key) DO UPDATE SET valid_until = excluded.valid_until WHERE replays.valid_until < :now"
)
_KEY_BYTES = 16
_SWEEP = 5000


class ReplayGuard:
    """Remembers MessageIDs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._take = store.prepared(_TAKE, ("key", "until", "now"))

    def take(self, tx: Connection, calls: Sequence[Call], now: int) -> bool:
        """Remember the MessageIDs of these calls; calls without `valid_until` are let through.

        Args:
            now: milliseconds, by the security clock.

        Returns:
            False if at least one of them was there already; then the transaction must be rolled back.
        """
        rows = [
            (_key(call), epoch_milliseconds(call.valid_until), now)
            for call in calls
            if call.valid_until is not None
        ]
        return self._take.run(tx, rows) == len(rows)

    def check(self, tx: Connection, call: Call, now: int) -> None:
        """Remember the MessageID of one call.

        Raises:
            SpecificationRefusal: it was used before (rule ``WSA-REPLAY``).
        """
        if not self.take(tx, (call,), now):
            raise refusal(call)

    def forget_expired(self, now: int) -> None:
        """Drop the lines whose time is over, a few thousand at a time so that nobody waits for it.

        Args:
            now: milliseconds, by the security clock.
        """
        with self._store.read() as tx:
            first, last = tx.execute(select(func.min(replays.c.id), func.max(replays.c.id))).one()
        if first is None:
            return
        for start in range(first, last + 1, _SWEEP):
            here = replays.c.id.between(start, start + _SWEEP - 1)
            with self._store.begin() as tx:
                tx.execute(delete(replays).where(here, replays.c.valid_until < now))


def refusal(call: Call) -> SpecificationRefusal:
    """The refusal of a replayed call."""
    return SpecificationRefusal(
        f"wsa:MessageID {call.message_id[:200]!r} was used before by this certificate and is still valid; "
        "give every message a new one",
        rule="WSA-REPLAY",
    )


def _key(call: Call) -> bytes:
    """What is remembered of a call: a digest, because every octet of it costs each delivery time."""
    text_ = f"{call.caller.certificate}\n{call.message_id}"
    return hashlib.blake2b(text_.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()
