"""Who has the last word on a delivery that takes long: the sender who was told that it failed, or the store.

A door gives up after a while when the database does not answer, and tells the sender so. What was
told to have failed must not be stored later all the same. So a delivery is either withdrawn or committed,
whichever comes first.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.values import Receipt

_LOCK = threading.Lock()


class Ticket:
    """The right to commit one delivery."""

    __slots__ = ("_is_committed", "is_withdrawn")

    def __init__(self) -> None:
        self._is_committed = False
        self.is_withdrawn = False

    def withdraw(self) -> bool:
        """See to it that the delivery is never stored; False if it is too late for that."""
        with _LOCK:
            if not self._is_committed:
                self.is_withdrawn = True
            return self.is_withdrawn


def may_commit(tickets: Sequence[Ticket]) -> bool:
    """Whether none of these was withdrawn; from now on none of them can be.

    To be asked when nothing but the commit itself is left to do.
    """
    with _LOCK:
        if any(ticket.is_withdrawn for ticket in tickets):
            return False
        for ticket in tickets:
            ticket._is_committed = True
    return True


@dataclass(frozen=True)
class Staged:
    """A delivery that passed all checks and is being stored.

    Attributes:
        committed: done after the commit; only then may the receipt leave. It fails with
            SpecificationRefusal (rule ``WSA-REPLAY``) or TechnicalError, and then nothing was stored.
        ticket: with it a delivery can be withdrawn that was waited for too long.
    """

    receipt: Receipt
    committed: asyncio.Future[None]
    ticket: Ticket

    async def within(self, seconds: float) -> None:
        """Wait for the commit, but not for ever.

        Raises:
            SpecificationRefusal: it is a replay.
            TechnicalError: it was not stored, and will not be either. Only if the database stands still in
                the very commit that stays unknown: sent again with the same MessageID, the delivery is then
                refused as a replay if it was stored, and accepted if it was not.
        """
        done, _ = await asyncio.wait({self.committed}, timeout=seconds)
        if not done and not self.ticket.withdraw():
            done, _ = await asyncio.wait({self.committed}, timeout=seconds)
        if not done:
            self.committed.cancel()
            raise TechnicalError(f"the database did not answer within {seconds:g} s", rule="DATABASE")
        self.committed.result()
