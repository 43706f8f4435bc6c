"""A register on a real SQLite file with a clock that tests move, and the due dates kept as exchange does."""

from __future__ import annotations

import heapq
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from digipoort_sim.catalogue import Catalogue, load_catalogue
from digipoort_sim.clock import FixedClock
from digipoort_sim.config import RegisterSettings
from digipoort_sim.ids import SeededIds
from digipoort_sim.register import Due, HistoryEntry, Letter, Mandate, Outcome, PaperForm, Register
from digipoort_sim.register.messages import MandateMessage, MessageKind
from digipoort_sim.store.engines import make_engine
from digipoort_sim.store.metadata import metadata
from digipoort_sim.store.store import Store

OFFICE = "00000003302162470000"
OTHER = "00000003876543210000"
BSN = "111222333"
RSIN = "123456782"
LHNR = "123456782L01"
START = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Desk:
    """Sends messages to a register and lets time pass."""

    def __init__(
        self,
        folder: Path,
        settings: RegisterSettings | None = None,
        seed: int = 1,
        catalogue: Catalogue | None = None,
    ) -> None:
        self.catalogue: Catalogue = catalogue or load_catalogue()
        self.settings = settings or RegisterSettings()
        self.register = Register(self.catalogue, self.settings, SeededIds(seed))
        self.clock = FixedClock(START)
        self.engine: Engine = make_engine(f"sqlite:///{folder / 'register.sqlite3'}")
        self.store = Store(self.engine)
        with self.store.begin() as tx:
            metadata.create_all(tx)
        self.activated: list[str] = []
        self._order = itertools.count()
        self._dues: list[tuple[datetime, int, Due]] = []

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return self.clock.now()

    def send(
        self,
        kind: str,
        dienst: str,
        client: str = BSN,
        *,
        sender: str = OFFICE,
        own: str | None = None,
        type_: str | None = None,
        code: str | None = None,
        reden: str | None = None,
    ) -> Outcome:
        """Deliver one message, in a transaction of its own."""
        message = MandateMessage(MessageKind(kind), dienst, client, type_, own or sender, code, reden)
        with self.store.begin() as tx:
            outcome = self.register.handle(tx, message, sender, self.now)
        assert outcome.key in self.catalogue.outcomes
        self._keep(outcome.dues, outcome.activated)
        return outcome

    def request(self, dienst: str, client: str = BSN, **more: str) -> Mandate:
        """Deliver a request that must be good, and give its mandate."""
        outcome = self.send("opvoeren", dienst, client, **more)
        assert self.catalogue.outcomes[outcome.key].statuscode == "500", outcome
        assert outcome.mandate_id
        return self.mandate(outcome.mandate_id)

    def advance(self, **by: float) -> None:
        """Move the clock, running what falls due on the way in due order."""
        target = self.now + timedelta(**by)
        while self._dues and self._dues[0][0] <= target:
            at, _, due = heapq.heappop(self._dues)
            self.clock.advance(max(at - self.now, timedelta()))
            with self.store.begin() as tx:
                consequences = self.register.fall_due(tx, due, self.now)
            self._keep(consequences.dues, consequences.activated)
        self.clock.advance(target - self.now)

    def return_letter(self, letter: Letter) -> Outcome:
        """The client refuses by letter."""
        with self.store.begin() as tx:
            return self.register.refuse_by_letter(tx, letter.id, self.now)

    def send_form(self, dienst: str, client: str = BSN, party: str = OFFICE) -> Outcome:
        """The client sends the form that needs no letter."""
        with self.store.begin() as tx:
            return self.register.end_by_form(tx, PaperForm(client, party, dienst), self.now)

    def revoke(self, mandate: Mandate, door: str) -> Outcome:
        """Either side revokes in the portal."""
        with self.store.begin() as tx:
            return self.register.revoke(tx, mandate.id, self.now, door=door)  # type: ignore[arg-type]

    def mandate(self, mandate_id: str) -> Mandate:
        """The mandate as it is now."""
        with self.store.read() as tx:
            return self.register.mandate(tx, mandate_id)

    def letter(self, mandate: Mandate) -> Letter:
        """The letter about a mandate, which must have been sent."""
        with self.store.read() as tx:
            letter = self.register.letter_of(tx, mandate.id)
        assert letter is not None
        return letter

    def code(self, mandate: Mandate) -> str:
        """The activation code in the letter about a mandate."""
        code = self.letter(mandate).activatie_token
        assert code is not None
        return code

    def history(self, mandate: Mandate) -> list[HistoryEntry]:
        """All changes of a mandate."""
        with self.store.read() as tx:
            return self.register.history(tx, mandate.id)

    def access(self, sender: str = OFFICE, **more: object) -> list[str]:
        """The diensten of the mandates under which a party may fetch now."""
        with self.store.read() as tx:
            return [m.dienst for m in self.register.access(tx, sender, self.now, **more)]  # type: ignore[arg-type]

    def activated_by_code(self, dienst: str, client: str = BSN) -> Mandate:
        """A mandate that went the whole way to ACTIEF with its code."""
        mandate = self.request(dienst, client)
        self.advance(days=14)
        assert self.send("activeren", dienst, client, code=self.code(mandate)).key == "geactiveerd"
        return self.mandate(mandate.id)

    def _keep(self, dues: tuple[Due, ...], activated: tuple[str, ...]) -> None:
        for due in dues:
            heapq.heappush(self._dues, (due.at, next(self._order), due))
        self.activated.extend(activated)
