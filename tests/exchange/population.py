"""A small register of all kinds of mandates, for tests of time."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from digipoort_sim.register.messages import MandateMessage, MessageKind
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import events, fetchables, jobs
from digipoort_sim.store.register_tables import history, letters, mandates
from tests.exchange.office import ANN, BOB, START, Office

_YEAR = START.year
DIENSTEN = (
    f"SBA_IB_{_YEAR}",
    f"SBA_OB_{_YEAR - 6}",
    f"VIA_{_YEAR - 1}",
    f"SBT_{_YEAR}",
    "SBU",
    "UWV-ZZ-ZW",
    "DM_IB",
    "DM_VPB",
    "DM_TSG",
)


def numbers() -> Iterator[str]:
    """Valid nine-digit numbers (BSN, RSIN), one after the other."""
    for count in itertools.count(1_000_003):
        digits = f"{count:08d}"
        last = sum(w * int(d) for w, d in zip(range(9, 1, -1), digits, strict=True)) % 11
        if last < 10:
            yield f"{digits}{last}"


def populate(office: Office, count: int, seed: int = 1) -> None:
    """Requests of ten days by two parties; after 16 days half of those with a code are activated."""
    chance, clients = random.Random(seed), numbers()
    asked: list[tuple[str, str, str]] = []
    for _ in range(count):
        dienst, client = chance.choice(DIENSTEN), next(clients)
        asked.append((dienst, client + "L01" * dienst.startswith("UWV"), chance.choice((ANN, BOB)).oin))
        at = START - timedelta(milliseconds=chance.randrange(10 * 86_400_000))
        _tell(office, MandateMessage(MessageKind.OPVOEREN, *asked[-1][:2], None, asked[-1][2]), at)
    contested = [next(clients) for _ in range(count // 10)]  # on 1 July one of both parties gets the SBA
    for caller, client in itertools.product((ANN, BOB), contested):
        _tell(office, MandateMessage(MessageKind.OPVOEREN, "DM_IB", client, None, caller.oin), START)
    office.advance(days=14)
    with office.post.store.read() as tx:
        found = office.register.letters(tx, limit=1000)
    for letter in found[::2]:
        if letter.activatie_token:
            _tell(
                office,
                MandateMessage(
                    MessageKind.ACTIVEREN,
                    letter.dienst,
                    letter.id_vertegenwoordigde,
                    None,
                    letter.gemachtigde_oin,
                    letter.activatie_token,
                ),
                office.clock.now(),
            )


def everything(store: Store) -> dict[str, list[Any]]:
    """What the register and the agencies have made, and what is still to come; without what is random."""
    with store.read() as tx:

        def rows(*columns: Any, order: Any) -> list[Any]:
            return [tuple(row) for row in tx.execute(select(*columns).order_by(order))]

        return {
            "mandates": rows(*mandates.c, order=mandates.c.nr),
            "letters": rows(*letters.c, order=letters.c.nr),
            "history": rows(*history.c, order=history.c.nr),
            "jobs": rows(
                jobs.c.due, jobs.c.kind, jobs.c.subject, jobs.c.step, jobs.c.payload, order=jobs.c.id
            ),
            "events": rows(events.c.at, events.c.kind, events.c.detail, order=events.c.id),
            "fetchables": rows(
                fetchables.c.at, fetchables.c.mandate_id, fetchables.c.key, order=fetchables.c.id
            ),
        }


def _tell(office: Office, message: MandateMessage, at: Any) -> None:
    desk = office.post.desk
    with office.post.store.begin() as tx:
        outcome = office.register.handle(tx, message, message.id_gemachtigde, at)
        assert office.post._catalogue.outcomes[outcome.key].statuscode == "500", outcome
        office.post.runner.jobs.add(tx, desk.follow(tx, outcome.dues, outcome.activated, at))
