"""A register with mandates in every state that a person can meet, and clients enough for a second page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Call, Caller, Content, Delivery, Event, Identity
from digipoort_sim.pki.numbers import is_number
from digipoort_sim.register import State
from digipoort_sim.register.messages import MandateMessage, MessageKind

OFFICE = "00000003302162470000"
OFFICE_KVK = "30216247"
PERSON = "999993653"
ORGANISATION = "123456782"
PAYROLL = "123456782L01"
PER_DAY = 10
RETURNED = "SBU"
REASON = 'Klant <b>weg</b> & "verhuisd"'


@dataclass(frozen=True)
class Population:
    """Ids to look for: of the person's mandates and letters by service, of a message and of an event."""

    mandates: dict[str, str]
    letters: dict[str, str]
    kenmerk: str
    event: int


def populate(rooms: Rooms) -> Population:
    """Let some months pass in the register.

    Args:
        rooms: with ``letters_per_day`` set to `PER_DAY`.
    """
    mandates = {
        dienst: _request(rooms, dienst) for dienst in ("VIA_2024", "SBA_IB_2025", "DM_IB", "VIA_2023")
    }
    _days(rooms, 15)
    letters = _letters(rooms, mandates)
    for dienst in ("VIA_2024", "DM_IB"):
        rooms.mandates.activate(mandates[dienst], letters[dienst][1])
    _days(rooms, 60)
    rooms.mandates.revoke(mandates["VIA_2024"], "gemachtigde", REASON)
    later = (RETURNED, "SBT_2026", "SBA_IB_2026", "VIA_2025")
    mandates |= {dienst: _request(rooms, dienst) for dienst in later}
    _request(rooms, "SBA_VPB_2026", ORGANISATION, "RSIN")
    _request(rooms, "UWV-ZZ-ZW", PAYROLL, "LHnr")
    _days(rooms, 15)
    letters |= _letters(rooms, mandates)
    rooms.mandates.activate(mandates["VIA_2025"], letters["VIA_2025"][1])
    rooms.mandates.return_letter(letters[RETURNED][0])
    mandates["GWH"] = _request(rooms, "GWH")
    for number in _persons(PER_DAY + 14):
        _request(rooms, "VIA_2025", number)
    mandates["VIA_2022"] = _request(rooms, "VIA_2022")
    kenmerk, event = _traffic(rooms)
    return Population(mandates, {dienst: letter for dienst, (letter, _) in letters.items()}, kenmerk, event)


def states(rooms: Rooms, population: Population) -> set[State]:
    """The states in which the person's mandates are."""
    with rooms.store.read() as tx:
        return {rooms.register.mandate(tx, id_).toestand for id_ in population.mandates.values()}


def _request(rooms: Rooms, dienst: str, number: str = PERSON, type_: str = "BSN") -> str:
    message = MandateMessage(MessageKind.OPVOEREN, dienst, number, type_, OFFICE)
    mandate = rooms.mandates.tell(message, OFFICE).mandate
    assert mandate is not None
    return mandate.id


def _days(rooms: Rooms, days: int) -> None:
    rooms.scheduler.advance(rooms.clocks.simulator.now() + timedelta(days=days))


def _letters(rooms: Rooms, mandates: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Id and code of the letters that have been sent, by service."""
    with rooms.store.read() as tx:
        found = {dienst: rooms.register.letter_of(tx, id_) for dienst, id_ in mandates.items()}
    return {d: (letter.id, letter.activatie_token or "") for d, letter in found.items() if letter is not None}


def _traffic(rooms: Rooms) -> tuple[str, int]:
    """A message that went to its end, with findings, and a refused one of which only an event is left."""
    content = Content("text/xml", "a.xml", b"<a/>")
    party = Identity("001000044B37", "Fi")
    delivery = Delivery("Omzetbelasting", party, "Bedrijf", content, aanleverkenmerk="K<1>")
    receipt = rooms.office.accept(Call(Caller(OFFICE, "a" * 64), "urn:uuid:1"), delivery)
    rooms.scheduler.drain()
    event = Event(
        "wus-refused", "a <bad> one", door="wus", code="ALS100", raw=b"<script>alert()</script>\x00"
    )
    return receipt.kenmerk, rooms.office.record(event)


def _persons(count: int) -> list[str]:
    numbers = (f"{n:09d}" for n in range(100000000, 100001000))
    return [number for number in numbers if is_number("BSN", number)][:count]
