"""What the statusinformatieservice is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from digipoort_sim.config import Settings, WusSettings
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.exchange import portion
from digipoort_sim.exchange.values import Identity, Period
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from tests.exchange.office import ALWAYS, ANN, BOB, OB, Office, any_delivery, mandate_delivery, open_office

ANN_AGAIN = replace(ANN, certificate="d" * 64)


def test_new_means_new_to_this_certificate(office: Office) -> None:
    """A status is new until it was returned to this certificate; to another one it still is."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    new = office.post.nieuwe_statussen_proces
    assert len(new(office.call(), kenmerk, ALWAYS)) == 3
    assert new(office.call(), kenmerk, ALWAYS) == []
    office.scheduler.drain()
    assert new(office.call(), kenmerk, ALWAYS)[0].statuscode == "200"
    assert len(new(office.call(ANN_AGAIN), kenmerk, ALWAYS)) == 9
    assert len(office.statuses(kenmerk)) == 9


def test_all_statuses_mark_nothing(office: Office) -> None:
    """getStatussenProces leaves new what is new, so that a lost answer can be recovered."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.statuses(kenmerk)
    assert len(office.post.nieuwe_statussen_proces(office.call(), kenmerk, ALWAYS)) == 3


def test_a_period_has_both_its_bounds_and_leaves_the_rest_new(office: Office) -> None:
    """Bounds are inclusive on tijdstempelStatus; what lies outside stays new."""
    kenmerk = office.deliver(any_delivery(), stub=True).kenmerk
    times = [status.tijdstempel_status for status in office.statuses(kenmerk)]
    middle = Period(times[3], times[5])
    assert len(office.post.statussen_proces(office.call(), kenmerk, middle)) == 3
    assert len(office.post.nieuwe_statussen_proces(office.call(), kenmerk, middle)) == 3
    rest = office.post.nieuwe_statussen_proces(office.call(), kenmerk, ALWAYS)
    assert [s.tijdstempel_status for s in rest] == [*times[:3], *times[6:]]
    later = Period(vanaf=times[-1] + timedelta(milliseconds=1))
    assert office.post.statussen_proces(office.call(), kenmerk, later) == []


def test_anothers_process_and_an_unknown_one_look_the_same(office: Office) -> None:
    """Who did not deliver a message is told nothing of it."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    for other in (kenmerk, "00000000-0000-0000-0000-000000000000", "' OR 1=1"):
        assert office.post.statussen_proces(office.call(BOB), other, ALWAYS) == []
        assert office.post.nieuwe_statussen_proces(office.call(BOB), other, ALWAYS) == []
    assert office.post.processen(office.call(BOB), "TEST", OB) == []
    assert office.post.berichtsoorten(office.call(BOB), OB) == []
    assert len(office.post.nieuwe_statussen_proces(office.call(), kenmerk, ALWAYS)) == 3


def test_an_unknown_kenmerk_can_be_a_fault(tmp_path: Path) -> None:
    """With the switch on an unknown kenmerk is refused, of a process and of a message to fetch alike; a
    known one without news is not.
    """
    settings = Settings(state=Path("/nowhere"), wus=WusSettings(unknown_kenmerk_is_fault=True))
    office = open_office(Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}"), settings=settings)
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.post.nieuwe_statussen_proces(office.call(), kenmerk, ALWAYS)
    assert office.post.nieuwe_statussen_proces(office.call(), kenmerk, ALWAYS) == []
    with pytest.raises(SpecificationRefusal):
        office.post.statussen_proces(office.call(BOB), kenmerk, ALWAYS)
    office.run(mandate_delivery(MessageKind.OPVRAGEN, ""))
    (line,) = office.post.berichten_lijst(office.call(), None, ALWAYS, nieuw=True)
    assert office.post.berichten_kenmerk(office.call(), line.kenmerk, ALWAYS, nieuw=True)
    assert office.post.berichten_kenmerk(office.call(), line.kenmerk, ALWAYS, nieuw=True) == []
    for caller, wanted in ((ANN, "unknown"), (BOB, line.kenmerk)):
        with pytest.raises(SpecificationRefusal):
            office.post.berichten_kenmerk(office.call(caller), wanted, ALWAYS, nieuw=False)


def test_news_comes_in_portions(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit in one answer stays new; together the answers have every status once."""
    for _ in range(3):
        office.run(any_delivery(berichtsoort="Omzetbelasting"))
    monkeypatch.setattr(portion, "LARGEST", 10)
    ask = partial(office.post.nieuwe_statussen, berichtsoort="Omzetbelasting", identity=OB, period=ALWAYS)
    found = []
    while answer := ask(office.call()):
        assert sum(status.statusdetails is not None for status in answer) <= 1
        found += answer
    assert len(found) == len({(s.kenmerk, s.tijdstempel_status, s.statuscode) for s in found}) > 10
    assert sum(status.statusdetails is not None for status in found) == 3


def test_news_of_a_belanghebbende_covers_its_processes(office: Office) -> None:
    """getNieuweStatussen gives all processes of a berichtsoort and belanghebbende, oldest status first."""
    other = Identity("111222333", "BSN")
    first = office.deliver(any_delivery()).kenmerk
    office.deliver(any_delivery(identiteit_belanghebbende=other))
    second = office.deliver(any_delivery()).kenmerk
    same = Identity("001000044b37", "FI")
    found = office.post.nieuwe_statussen(office.call(), "TEST", same, ALWAYS)
    assert {status.kenmerk for status in found} == {first, second}
    assert [s.tijdstempel_status for s in found] == sorted(s.tijdstempel_status for s in found)
    assert office.post.nieuwe_statussen(office.call(), "TEST", same, ALWAYS) == []
    assert office.post.nieuwe_statussen(office.call(), "Omzetbelasting", same, ALWAYS) == []


def test_processes_and_berichtsoorten_of_a_belanghebbende(office: Office) -> None:
    """getProcessen and getBerichtsoorten list what the caller delivered for that party."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.deliver(any_delivery(berichtsoort="Omzetbelasting"))
    assert office.post.berichtsoorten(office.call(), OB) == ["Omzetbelasting", "TEST"]
    assert [process.kenmerk for process in office.post.processen(office.call(), "TEST", OB)] == [kenmerk]
