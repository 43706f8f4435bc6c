"""Contents of service messages, made when somebody wants them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from digipoort_sim.agencies import Agencies
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.values import Bericht
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import fetchables
from tests.exchange.office import ALWAYS, CLIENT, Office, mandate_delivery, open_office


@pytest.fixture
def sba(office: Office) -> Office:
    """An office with some SBA messages that nobody has fetched yet."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "SBA_IB_2026"))
    office.advance(days=300)
    return office


def _fetched(office: Office, *, nieuw: bool = False) -> list[Bericht]:
    return office.post.berichten(office.call(), "SBA_IB", CLIENT, ALWAYS, nieuw=nieuw)


def _made(office: Office) -> tuple[int, int]:
    """How many messages have a content, of how many."""
    with office.post.store.read() as tx:
        counts = tx.execute(select(func.count(fetchables.c.inhoud), func.count())).one()
    return counts[0], counts[1]


def test_time_makes_rows_and_a_fetch_makes_contents(sba: Office) -> None:
    """Nothing has a content until it is fetched; a list needs none; from then on it is kept."""
    assert _made(sba) == (0, 4)
    assert len(sba.post.berichten_lijst(sba.call(), None, ALWAYS, nieuw=False)) == 4
    assert _made(sba) == (0, 4)
    first = _fetched(sba)
    assert _made(sba) == (4, 4)
    assert [message.inhoud for message in _fetched(sba)] == [message.inhoud for message in first]


def test_only_what_is_given_is_made(sba: Office) -> None:
    """Asking for one message makes the content of that one."""
    lines = sba.post.berichten_lijst(sba.call(), None, ALWAYS, nieuw=False)
    (one,) = sba.post.berichten_kenmerk(sba.call(), lines[2].kenmerk, ALWAYS, nieuw=True)
    assert one.inhoud.inhoud.startswith(b"<?xml")
    assert _made(sba) == (1, 4)


def test_two_that_make_at_once_give_the_same(sba: Office, database_url: str) -> None:
    """Two processes that are asked for the same new contents at the same moment give the same octets."""
    stores = [Store.open(database_url) for _ in range(2)]
    offices = [open_office(store, seed=f"process {number}") for number, store in enumerate(stores)]
    answers: list[list[bytes]] = []
    start = threading.Barrier(2)

    def ask(office: Office) -> None:
        start.wait(10)
        answers.append([message.inhoud.inhoud for message in _fetched(office)])

    for office in offices:
        office.clock.adopt(sba.clock.reading())
    threads = [threading.Thread(target=ask, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for store in stores:
        store.close()
    assert len(answers) == 2
    assert answers[0] == answers[1] == [message.inhoud.inhoud for message in _fetched(sba)]
    assert len(answers[0]) == 4


def test_one_that_cannot_be_made_keeps_no_others_back(sba: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A content that fails leaves an event; the others are given, and it comes, still new, when it works."""
    whole = Agencies.content

    def broken(self: Agencies, mandate: Any, number: int, at: Any) -> bytes:
        if number == 1:
            raise ValueError("no figures today")
        return whole(self, mandate, number, at)

    monkeypatch.setattr(Agencies, "content", broken)
    assert len(_fetched(sba, nieuw=True)) == 3
    (event,) = sba.post.events(kind="service-message-failed")
    assert "no figures today" in event.event.detail
    with pytest.raises(TechnicalError, match="kept") as caught:
        _fetched(sba, nieuw=True)
    assert caught.value.rule == "SERVICE-MESSAGE"
    monkeypatch.undo()
    assert len(_fetched(sba, nieuw=True)) == 1
    assert _fetched(sba, nieuw=True) == []
