"""Very many mandates, put into the register through its own door."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.register import Letter
from digipoort_sim.register.messages import MandateMessage, MessageKind

_TOGETHER = 500
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Asked:
    """One request: a party, a client and a service, at a moment."""

    dienst: str
    client: str
    party: str
    at: datetime

    def message(self, kind: MessageKind, code: str | None = None) -> MandateMessage:
        """A mandate message about it."""
        return MandateMessage(kind, self.dienst, self.client, None, self.party, code)


def numbers() -> Iterator[str]:
    """Valid nine-digit numbers (BSN, RSIN), one after the other."""
    for count in itertools.count(1_000_003):
        digits = f"{count:08d}"
        last = sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=True)) % 11
        if last < 10:
            yield f"{digits}{last}"


def parties(count: int) -> list[str]:
    """OINs of intermediaries, on KvK numbers."""
    return [f"00000003{30000000 + number}0000" for number in range(count)]


def put_in(rooms: Rooms, requests: Iterable[Asked]) -> None:
    """Have the register take the requests in, many in one transaction, each at its own moment."""
    pending = iter(requests)
    while some := list(itertools.islice(pending, _TOGETHER)):
        _tell(rooms, [(one.message(MessageKind.OPVOEREN), one.at) for one in some])


def activate(rooms: Rooms, wanted: Sequence[Asked], now: datetime) -> None:
    """Activate claims with the codes of their letters."""
    codes = {
        (letter.dienst, letter.id_vertegenwoordigde): letter.activatie_token for letter in _letters(rooms)
    }
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        messages = [one.message(MessageKind.ACTIVEREN, codes[one.dienst, one.client]) for one in some]
        _tell(rooms, [(message, now) for message in messages])


def _letters(rooms: Rooms) -> Iterator[Letter]:
    after = None
    with rooms.store.read() as tx:
        while page := rooms.register.letters(tx, limit=1000, after=after):
            yield from page
            after = page[-1].id


def _tell(rooms: Rooms, messages: Sequence[tuple[MandateMessage, datetime]]) -> None:
    desk, jobs = rooms.office.desk, rooms.office.runner.jobs
    with rooms.store.begin() as tx:
        desk.lock(tx)
        for message, now in messages:
            outcome = rooms.register.handle(tx, message, message.id_gemachtigde, now)
            if rooms.catalogue.outcomes[outcome.key].statuscode != "500":
                raise RuntimeError(f"{message.dienst} for {message.id_vertegenwoordigde}: {outcome}")
            jobs.add(tx, desk.follow(tx, outcome.dues, outcome.activated, now))


def a_year_of(count: int, start: datetime) -> tuple[list[Asked], list[Asked]]:
    """Requests of ten days before the clock is moved, and those of them that are activated by code.

    One in five is continuous; of the others with a code every third is never activated and expires.
    """
    chance = random.Random(1)
    year = start.year
    opt_out = (f"SBA_IB_{year}", f"SBA_VPB_{year}", f"SBA_OB_{year}")
    code = (f"VIA_{year - 1}", f"SBT_{year}", "SBU", "UWV-ZZ-ZW", "UWV-FI-ZWWA", "GWH")
    continuous = ("DM_IB", "DM_VPB", "DM_OB", "DM_TSG")
    offices, clients = parties(max(1, count // 20)), numbers()
    asked: list[Asked] = []
    activated: list[Asked] = []
    for number in range(count):
        kind = number % 10
        dienst = chance.choice(opt_out if kind < 3 else code if kind < 8 else continuous)
        client = next(clients) + ("L01" if dienst.startswith("UWV") else "")
        at = start + timedelta(days=10) * number / count
        asked.append(Asked(dienst, client, chance.choice(offices), at))
        if kind >= 5:
            activated.append(asked[-1])
    return asked, activated


def spread(count: int, start: datetime) -> list[Asked]:
    """Requests as they would lie in a register of some years: one party with a fifth of all, many with tens.

    A client has one to five of them; most become active by silence, the others wait for a code and expire.
    """
    chance = random.Random(2)
    year = start.year
    ib = (f"SBA_IB_{year}", f"SBA_IB_{year - 1}", f"VIA_{year - 1}", f"SBA_IB_{year - 2}", f"SBT_{year}")
    vpb = (f"SBA_VPB_{year}", f"SBA_OB_{year}", f"SBA_VPB_{year - 1}", f"SBA_OB_{year - 1}", "SBU")
    offices, clients = parties(max(2, count // 80)), numbers()
    asked: list[Asked] = []
    while len(asked) < count:
        client = next(clients)
        party = offices[0] if len(asked) % 5 == 0 or chance.random() < 0.05 else chance.choice(offices[1:])
        for dienst in chance.choice((ib, vpb))[: chance.randrange(1, 6)]:
            asked.append(Asked(dienst, client, party, start + timedelta(days=5) * len(asked) / count))
    return asked[:count]
