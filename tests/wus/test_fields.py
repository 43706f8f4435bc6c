"""The meaning of the fields and of "new", as a client sees it at the door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.clock import AMSTERDAM, RealClock, parse_time, wire_time
from digipoort_sim.wus import names
from tests.wus.door_kit import IDENTITY, Answer, RunningDoor, delivery, path_of, running_door, signed
from tests.wus.tls_kit import client_folder

AANLEVEREN = names.OPERATIONS["aanleveren"]
ALLE = names.OPERATIONS["getStatussenProces"]
NIEUWE = names.OPERATIONS["getNieuweStatussenProces"]
GOOD = ["105", "100", "110", "200", "301", "301", "405", "400", "500"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door."""
    with running_door(tmp_path_factory.mktemp("state")) as running:
        yield running


def delivered(door: RunningDoor, content: str, **how: str) -> Answer:
    """The answer to a delivery on the pre-production path, its flow done."""
    answer = door.call(AANLEVEREN, content, **how)
    assert answer.status == 200, answer.fault
    door.inner.scheduler.drain()
    return answer


def kenmerk_of(answer: Answer) -> str:
    """The kenmerk in an answer, as a request has it."""
    return f"<kenmerk>{answer.text('kenmerk')}</kenmerk>"


def codes(answer: Answer) -> list[str | None]:
    """The statuscodes in an answer."""
    assert answer.status == 200, answer.fault
    return [one.text for one in answer.root.iter("{*}statuscode")]


def test_the_same_aanleverkenmerk_twice(door: RunningDoor) -> None:
    """Each delivery gets a kenmerk of its own, a UUID in lower case, whatever its aanleverkenmerk (s)."""
    first, second = (delivered(door, delivery(aanleverkenmerk="mine")).text("kenmerk") for _ in range(2))
    assert first != second
    assert all(len(one or "") == 36 and one == (one or "").lower() for one in (first, second))


def test_a_kenmerk_adds_to_its_process(door: RunningDoor) -> None:
    """A delivery with a kenmerk is added to that process (i): same kenmerk, no new statuses; an unknown
    kenmerk is refused.
    """
    first = delivered(door, delivery())
    added = delivered(door, kenmerk_of(first) + delivery(aanleverkenmerk="more"))
    assert added.text("kenmerk") == first.text("kenmerk")
    assert len(door.inner.office.message(first.text("kenmerk") or "").contents) == 2
    assert codes(door.call(ALLE, kenmerk_of(first))) == GOOD
    refused = door.call(AANLEVEREN, "<kenmerk>unknown</kenmerk>" + delivery())
    assert refused.fault[0] == "ALS100"
    assert door.last_event().rule == "KENMERK"


def test_what_comes_back(door: RunningDoor) -> None:
    """eerderAanleverkenmerk and rolOntvanger come back as sent; the ontvanger is the agency, whoever was
    named; an empty rol is a rol.
    """
    content = (
        delivery()
        .replace("</aanleverkenmerk>", "</aanleverkenmerk><eerderAanleverkenmerk>e</eerderAanleverkenmerk>")
        .replace(
            "<rolBelanghebbende>Bedrijf</rolBelanghebbende>",
            "<rolBelanghebbende/><identiteitOntvanger><nummer>1</nummer><type>OIN</type></identiteitOntvanger>"
            "<rolOntvanger>r</rolOntvanger>",
        )
    )
    answer = delivered(door, content)
    assert (answer.text("eerderAanleverkenmerk"), answer.text("rolOntvanger")) == ("e", "r")
    assert answer.text("rolBelanghebbende") is None
    numbers = [one.text for one in answer.root.iter("{*}nummer")]
    assert numbers == ["001000044B37", "00000099000000006000"]
    assert [etree.QName(one).localname for one in answer.root[1][0]] == [
        "kenmerk", "berichtsoort", "aanleverkenmerk", "eerderAanleverkenmerk", "tijdstempelAangeleverd",
        "identiteitBelanghebbende", "rolBelanghebbende", "identiteitOntvanger", "rolOntvanger",
        "autorisatieAdres",
    ]  # fmt: skip


def test_the_responsemessage_names_the_delivery(door: RunningDoor) -> None:
    """MessageId is the berichtkenmerk (the delivery's MessageID), RefersToMessageId the kenmerk (i)."""
    answer = delivered(door, delivery(), message_id="urn:uuid:the-berichtkenmerk")
    kenmerk = answer.text("kenmerk") or ""
    assert door.inner.office.message(kenmerk).berichtkenmerk == "urn:uuid:the-berichtkenmerk"
    details = door.call(ALLE, kenmerk_of(answer)).text("statusdetails") or ""
    assert "<MessageId>urn:uuid:the-berichtkenmerk</MessageId>" in details
    assert f"<RefersToMessageId>{kenmerk}</RefersToMessageId>" in details


def test_new_is_new_to_a_certificate(door: RunningDoor, tmp_path: Path) -> None:
    """A status is new until this certificate was given it; another certificate of the same OIN has its own
    marks, and getStatussenProces marks nothing.
    """
    other = client_folder(door.inner.authority, tmp_path / "other")
    given = kenmerk_of(delivered(door, delivery()))
    assert codes(door.call(ALLE, given)) == GOOD
    assert codes(door.call(NIEUWE, given)) == GOOD
    empty = door.call(NIEUWE, given)
    assert b"<getNieuweStatussenProcesReturn></getNieuweStatussenProcesReturn>" in empty.body
    raw = signed(NIEUWE, given, other)
    assert codes(door.post(path_of(NIEUWE), raw, connection=door.connect(other))) == GOOD
    assert codes(door.call(ALLE, given)) == GOOD


def test_period_bounds(door: RunningDoor) -> None:
    """Bounds are inclusive, on tijdstempelStatus; a time without a zone is Dutch local time (s)."""
    given = kenmerk_of(delivered(door, delivery()))
    all_ = door.call(ALLE, given)
    times = [parse_time(one.text or "") for one in all_.root.iter("{*}tijdstempelStatus")]
    vanaf, tot = wire_time(times[2]), wire_time(times[4])
    local = times[2].astimezone(AMSTERDAM).replace(tzinfo=None).isoformat(timespec="milliseconds")
    shifted = times[2].astimezone(AMSTERDAM).isoformat(timespec="milliseconds")
    for start in (vanaf, local, shifted):
        period = f"<tijdstempelVanaf>{start}</tijdstempelVanaf><tijdstempelTot>{tot}</tijdstempelTot>"
        assert codes(door.call(ALLE, given + period)) == GOOD[2:5], start
    later = wire_time(times[2] + timedelta(milliseconds=1))
    assert codes(door.call(ALLE, f"{given}<tijdstempelVanaf>{later}</tijdstempelVanaf>")) == GOOD[3:]


def test_lists_of_a_belanghebbende(door: RunningDoor) -> None:
    """getBerichtsoorten, getProcessen and getNieuweStatussen look at what was delivered for a belanghebbende,
    whose type is compared without regard to case (i).
    """
    mine = IDENTITY.replace("001000044B37", "111222333").replace("Fi", "fi")
    kenmerk = delivered(door, delivery().replace(IDENTITY, mine)).text("kenmerk")
    asked = mine.replace(">fi<", ">FI<")
    soorten = door.call(names.OPERATIONS["getBerichtsoorten"], asked)
    assert [one.text for one in soorten.root.iter("{*}berichtsoort")] == ["TEST"]
    test = f"<berichtsoort>TEST</berichtsoort>{asked}"
    processes = door.call(names.OPERATIONS["getProcessen"], test)
    assert [one.text for one in processes.root.iter("{*}kenmerk")] == [kenmerk]
    assert codes(door.call(names.OPERATIONS["getNieuweStatussen"], test)) == GOOD
    assert codes(door.call(names.OPERATIONS["getNieuweStatussen"], test)) == []
    other = door.call(names.OPERATIONS["getProcessen"], f"<berichtsoort>ICP</berichtsoort>{asked}")
    assert b"<getProcessenReturn></getProcessenReturn>" in other.body


def test_an_unknown_kenmerk(tmp_path: Path, door: RunningDoor) -> None:
    """An unknown kenmerk is an empty result, or by a switch the fault x100 of the service."""
    asked = "<kenmerk>unknown</kenmerk>"
    fetch = names.OPERATIONS["getBerichtenKenmerk"]
    assert codes(door.call(ALLE, asked)) == []
    assert b"<getBerichtenKenmerkReturn></getBerichtenKenmerkReturn>" in door.call(fetch, asked).body
    with running_door(tmp_path, unknown_kenmerk_is_fault=True) as strict:
        assert strict.call(ALLE, asked).fault[0] == "STS100"
        assert strict.call(fetch, asked).fault[0] == "OPS100"


def test_two_times(tmp_path: Path) -> None:
    """A clock that was moved shows in tijdstempels and statuses; requests and answers live in real time."""
    with running_door(tmp_path) as door:
        door.inner.scheduler.advance(door.inner.clocks.simulator.now() + timedelta(days=400))
        answer = delivered(door, delivery())
        now = RealClock().now()
        moved = parse_time(answer.text("tijdstempelAangeleverd") or "")
        assert moved - now > timedelta(days=399)
        created, expires = (parse_time(answer.text(name) or "") for name in ("Created", "Expires"))
        assert abs(created - now) < timedelta(minutes=1)
        assert expires - created == timedelta(minutes=10)
        last = door.call(ALLE, kenmerk_of(answer))
        assert parse_time(last.text("tijdstempelStatus") or "") >= moved


def test_freshness_settings(tmp_path: Path) -> None:
    """How far Created may lie ahead, how long a request without Expires holds, and the guard against replays
    are settings.
    """

    def without_expires(root: etree._Element) -> None:
        for one in list(root.iter(f"{{{names.WSU}}}Expires")):
            one.getparent().remove(one)

    settings = {"future_skew_seconds": 3600, "validity_seconds": 7200, "replay_guard": False}
    with running_door(tmp_path, **settings) as door:
        for minutes, good in ((-50, True), (-70, False), (100, True), (130, False)):
            created = RealClock().now() - timedelta(minutes=minutes)
            raw = signed(AANLEVEREN, delivery(), door.folder, created=created, spoil=without_expires)
            for _ in range(2):
                assert (door.post(path_of(AANLEVEREN), raw).status == 200) is good, minutes


def test_the_stub_looks_at_nothing(door: RunningDoor) -> None:
    """On the stub's paths contents and names are not looked at; statuses follow the scenario only."""
    odd = (
        delivery("Omzetbelasting", "Afleverfout", inhoud="bm8gWE1M")
        .replace("001000044B37", "x")
        .replace("application/xml", "a/b")
    )
    answer = door.call(AANLEVEREN, odd, stub=True)
    assert codes(door.call(ALLE, kenmerk_of(answer), stub=True))[-1] == "410"
    assert door.call(AANLEVEREN, odd).fault[0] == "ALS140"
    ordinary = delivered(door, delivery(aanleverkenmerk="Afleverfout"))
    assert codes(door.call(ALLE, kenmerk_of(ordinary))) == GOOD
