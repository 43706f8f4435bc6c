"""Makes the contents of service messages when somebody wants them, and keeps them from then on.

Time makes the rows only. A year passes in seconds for a register with very many mandates, and nobody ever
looks at most of their messages, so making the contents beforehand would be time and space thrown away. An
agency makes the same content of the same message at any time and in any process; two that make it at once
write the same octets, and who is killed in between has lost nothing. It is kept all the same: what was given
once must not change when the program that made it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, update

from digipoort_sim.agencies import Agencies
from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.values import Event
from digipoort_sim.register import Register
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import fetchables

_AT_ONCE = 50
_KEEP = (
    update(fetchables)
    .where((fetchables.c.id == bindparam("message")) & fetchables.c.inhoud.is_(None))
    .values(inhoud=bindparam("content"))
)


@dataclass(frozen=True, slots=True)
class Unmade:
    """A service message that has no content yet; `at` in milliseconds."""

    id: int
    kenmerk: str
    mandate_id: str
    number: int
    at: int


class ContentMaker:
    """Has the agencies make contents."""

    def __init__(self, store: Store, register: Register, agencies: Agencies, events: EventRing) -> None:
        self._store = store
        self._register = register
        self._agencies = agencies
        self._events = events

    def make(self, unmade: Sequence[Unmade]) -> int:
        """Make and keep contents, outside any transaction; gives how many could not be made.

        Those stay as they are, are tried again when they are next wanted, and leave an event.
        """
        made = 0
        for start in range(0, len(unmade), _AT_ONCE):
            part = unmade[start : start + _AT_ONCE]
            with self._store.read() as tx:
                contents = [self._made(tx, one) for one in part]
            good = [
                {"message": one.id, "content": content}
                for one, content in zip(part, contents, strict=True)
                if isinstance(content, bytes)
            ]
            if good:
                # Nobody waits for the making: the transaction that writes begins when it is done.
                with self._store.begin() as tx:
                    tx.execute(_KEEP, good)
            for one, content in zip(part, contents, strict=True):
                if isinstance(content, Exception):
                    self._tell(one, content)
            made += len(good)
        return len(unmade) - made

    def _made(self, tx: Connection, one: Unmade) -> bytes | Exception:
        try:
            mandate = self._register.mandate(tx, one.mandate_id)
            return self._agencies.content(mandate, one.number, from_epoch_milliseconds(one.at))
        except Exception as error:  # one that cannot be made must not keep the others from their receiver
            return error

    def _tell(self, one: Unmade, error: Exception) -> None:
        rule = error.rule if isinstance(error, DigipoortSimError) else "SERVICE-MESSAGE"
        detail = error.detail if isinstance(error, DigipoortSimError) else repr(error)
        detail = f"the content of a service message could not be made: {detail}"
        self._events.record(Event("service-message-failed", detail, rule=rule, kenmerk=one.kenmerk))
