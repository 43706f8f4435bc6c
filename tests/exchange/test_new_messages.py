"""What is new, to whom, since when, and how much at a time."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import func, insert, select

from digipoort_sim.clock import epoch_milliseconds
from digipoort_sim.exchange.clockrow import write_clock
from digipoort_sim.exchange.service_desk import OwnMessage
from digipoort_sim.exchange.values import Content, Identity, Period
from digipoort_sim.register import State
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import fetch_marks
from digipoort_sim.store.register_tables import mandates
from tests.exchange.office import ALWAYS, ANN, CLIENT, Office, mandate_delivery, open_office

SECOND = replace(ANN, certificate="d" * 64)
MANY = 2_000


@pytest.fixture
def sba(office: Office) -> Office:
    """An office with an active SBA mandate."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "SBA_IB_2026"))
    office.advance(days=45)
    office.post.berichten(office.call(), None, CLIENT, ALWAYS, nieuw=True)
    return office


def _put(office: Office, count: int, octets: int = 10) -> list[str]:
    """Put in messages a day apart; gives their kenmerken in order."""
    made = []
    for number in range(count):
        content = Content("text/xml", f"{number}.xml", b"x" * octets)
        office.advance(days=1)
        made.append(office.post.service_messages.put(OwnMessage("SBA_IB", CLIENT.nummer, content, jaar=2026)))
    return [one.kenmerk for one in made]


def _new(office: Office, caller: object = ANN, period: Period = ALWAYS) -> list[str]:
    found = office.post.berichten(office.call(caller), None, CLIENT, period, nieuw=True)  # type: ignore[arg-type]
    return [message.kenmerk for message in found]


def test_each_certificate_gets_what_is_new_once(sba: Office) -> None:
    """Two certificates of one party each get a message as new once, oldest first; lists mark nothing, and
    neither does getBerichten.
    """
    kenmerken = _put(sba, 3)
    for _ in range(2):
        lines = sba.post.berichten_lijst(sba.call(), None, ALWAYS, nieuw=True)
        assert [line.kenmerk for line in lines] == kenmerken
        assert len(sba.post.berichten(sba.call(), None, CLIENT, ALWAYS, nieuw=False)) > len(kenmerken)
    assert _new(sba) == kenmerken
    assert _new(sba) == []
    assert sba.post.berichten_lijst(sba.call(), None, ALWAYS, nieuw=True) == []
    assert _new(sba, SECOND)[-3:] == kenmerken
    assert _new(sba, SECOND) == []


def test_a_period_has_both_its_bounds(sba: Office) -> None:
    """Both bounds are inclusive, on tijdstempelAangeleverd, and either may be open; what lies outside stays
    new.
    """
    kenmerken = _put(sba, 4)
    found = sba.post.berichten(sba.call(), None, CLIENT, ALWAYS, nieuw=False)
    moments = [message.tijdstempel_aangeleverd for message in found if message.kenmerk in kenmerken]
    assert moments == sorted(moments)
    second, third, tick = moments[1], moments[2], timedelta(milliseconds=1)
    for period, expected in (
        (Period(second, third), kenmerken[1:3]),
        (Period(second + tick, third - tick), []),
        (Period(third), kenmerken[2:]),
    ):
        lines = sba.post.berichten_lijst(sba.call(), None, period, nieuw=True)
        assert [line.kenmerk for line in lines] == expected
    assert _new(sba, period=Period(None, second)) == kenmerken[:2]
    assert _new(sba) == kenmerken[2:]


def test_what_is_too_much_comes_the_next_time(sba: Office) -> None:
    """Of many large messages an answer holds what it can; the rest comes with the next ones, each once and
    in order.
    """
    kenmerken = _put(sba, 5, octets=12 * 1024 * 1024)
    parts = [_new(sba) for _ in range(4)]
    assert [len(part) for part in parts] == [2, 2, 1, 0]
    assert list(chain(*parts)) == kenmerken


def test_two_at_once_get_each_message_once(sba: Office) -> None:
    """Of calls at the same moment by the same certificate one gets a new message and the others do not."""
    kenmerken = _put(sba, 6)
    answers: list[str] = []
    start = threading.Barrier(4)

    def ask(number: int) -> None:
        call = replace(sba.call(), message_id=f"urn:uuid:at-once-{number}")
        start.wait(10)
        found = sba.post.berichten(call, None, CLIENT, ALWAYS, nieuw=True)
        answers.extend(message.kenmerk for message in found)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == sorted(kenmerken)


def test_a_revocation_counts_at_once_in_another_process(sba: Office, database_url: str) -> None:
    """What one process revokes, another one does not give any more at its very next fetch."""
    (kenmerk,) = _put(sba, 1)
    store = Store.open(database_url)
    now = sba.clock.reading()
    other = open_office(store, seed="another process")
    with store.begin() as tx:
        write_clock(tx, now)
    other.clock.adopt(now)
    sba.clock.adopt(now)
    assert other.post.berichten_kenmerk(other.call(), kenmerk, ALWAYS, nieuw=False) != []
    assert sba.run(mandate_delivery(MessageKind.INTREKKEN, "SBA_IB_2026"))[-1].statuscode == "500"
    for nieuw in (False, True):
        assert other.post.berichten_kenmerk(other.call(), kenmerk, ALWAYS, nieuw=nieuw) == []
        assert other.post.berichten(other.call(), None, CLIENT, ALWAYS, nieuw=nieuw) == []
        assert other.post.berichten_lijst(other.call(), None, ALWAYS, nieuw=nieuw) == []
    store.close()


def test_nothing_after_the_end_of_its_years(office: Office) -> None:
    """A mandate that has run out after its years opens nothing any more, old messages neither."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "SBA_IB_2021"))
    office.advance(days=45)
    assert _new(office, SECOND)
    office.advance(days=366)
    with office.post.store.read() as tx:
        (mandate,) = office.register.mandates(tx)
    assert mandate.toestand is State.VERLOPEN
    assert _new(office) == []


def test_a_party_with_thousands_of_mandates_gets_everything_once(office: Office) -> None:
    """Of 2,000 mandates for one client's services every message is listed, and given as new in portions of a
    thousand: each once, none forgotten, oldest first.
    """
    _many_mandates(office)
    lines = [line.kenmerk for line in office.post.berichten_lijst(office.call(), None, ALWAYS, nieuw=True)]
    assert len(set(lines)) == len(lines) == MANY
    portions = [_new(office) for _ in range(3)]
    assert [len(portion) for portion in portions] == [1000, 1000, 0]
    assert list(chain(*portions)) == lines
    with office.post.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(fetch_marks)).scalar() == MANY


def _many_mandates(office: Office) -> None:
    """As many active mandates for the client as there are years to think of, each with one message."""
    now = epoch_milliseconds(office.clock.now())
    with office.post.store.begin() as tx:
        rows = [
            {
                "id": f"many-{number}",
                "dienst": f"SBT_{number}",
                "code": "SBT",
                "jaar": 2025,
                "id_vertegenwoordigde": CLIENT.nummer,
                "type_vertegenwoordigde": "BSN",
                "id_gemachtigde": ANN.oin,
                "gemachtigde_oin": ANN.oin,
                "toestand": State.ACTIEF,
                "ontvangen": now,
                "actief_sinds": now,
                "onjuiste_codes": 0,
            }
            for number in range(MANY)
        ]
        tx.execute(insert(mandates), rows)
        ids = [f"many-{number}" for number in range(MANY)]
        office.post.runner.jobs.add(tx, office.post.desk.follow(tx, (), ids, office.clock.now()))


def test_a_client_is_found_however_its_number_is_written(sba: Office) -> None:
    """The type of a number may be in any case, with blanks around it; another type is another number."""
    _put(sba, 1)
    for kind, is_found in (("bsn", True), (" BSN ", True), ("RSIN", False), ("", False)):
        found = sba.post.berichten(sba.call(), None, Identity(CLIENT.nummer, kind), ALWAYS, nieuw=False)
        assert bool(found) == is_found
