"""Agencies outside: couriers carry messages to them, and they set statuses.

The agency is at the other end of an `AgencyLine` here; sockets and SOAP are in tests/wus/test_agency_*.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import AgenciesSettings, ExchangeSettings, Settings
from digipoort_sim.errors import PermissionRefusal, SpecificationRefusal
from digipoort_sim.exchange.external import AgencyReply, AgencyStatus, Parcel
from digipoort_sim.exchange.values import Caller, Content, Fout
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from tests.exchange.agencies import AGENCY, Line, setting
from tests.exchange.office import ANN, BOB, START, Office, any_delivery, mandate_delivery, open_office
from tests.exchange.taxonomies import wait_for

GOOD = ["105", "100", "110", "200", "301", "301", "405", "400"]
OTHER_AGENCY = Caller("00000099000000003000", "d" * 64)
AWAY = AgencyReply("trouble", "no connection (Connection refused)", "AGENCY-CONNECT")


@pytest.fixture
def line() -> Line:
    """The line to the agency of berichtsoort TEST."""
    return Line()


@pytest.fixture
def office(database_url: str, line: Line) -> Iterator[Office]:
    """A post office with that agency outside, on both kinds of database."""
    store = Store.open(database_url)
    office = open_office(store, lines={"stub": line})
    yield office
    office.scheduler.stop()
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store for tests that need a post office of their own."""
    return Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")


def kinds(office: Office) -> list[str]:
    """The kinds of the events, oldest first."""
    return [record.event.kind for record in reversed(office.post.events())]


def test_a_message_goes_out_whole_and_waits_for_the_agency(office: Office, line: Line) -> None:
    """The agency gets all of the message; it stands at 400, also a year later, until the agency sets 500."""
    attachment = Content("text/plain", "b.txt", b"b")
    receipt = office.deliver(any_delivery("mine", bijlagen=(attachment,)))
    office.scheduler.drain()
    (parcel,) = line.parcels
    assert (parcel.kenmerk, parcel.berichtsoort, parcel.aanleverkenmerk) == (receipt.kenmerk, "TEST", "mine")
    assert (parcel.inhoud.inhoud, parcel.bijlagen) == (b"<a/>", (attachment,))
    assert parcel.berichtkenmerk == office.post.message(receipt.kenmerk).berichtkenmerk
    assert parcel.identiteit_aanleveraar == ANN.oin
    assert parcel.identiteit_ontvanger.nummer == AGENCY.oin
    assert parcel.tijdstempel_aangeleverd == receipt.tijdstempel_aangeleverd
    office.advance(days=365)
    assert office.codes(receipt.kenmerk) == GOOD
    status = AgencyStatus("510", Fout("X1", "Niet goed."), "regel 1\nregel 2")
    office.post.agency_desk.set_status(office.call(AGENCY), setting(receipt.kenmerk, status=status))
    last = office.statuses(receipt.kenmerk)[-1]
    assert (last.statuscode, last.status_foutcode) == ("510", Fout("X1", "Niet goed."))
    assert last.statusdetails == "regel 1\nregel 2"
    assert last.statusomschrijving == "Validatie bij de uitvragende partij niet gelukt."
    assert last.tijdstempel_status == office.clock.now()


def test_an_agency_that_is_away_is_tried_every_hour_for_72_hours(office: Office, line: Line) -> None:
    """One 420; after 73 attempts, each with a MessageID of its own, it stays with AFS600 and the reason."""
    line.reply = lambda parcel: AWAY
    receipt = office.deliver(any_delivery())
    office.advance(hours=100)
    statuses = office.statuses(receipt.kenmerk)
    assert [status.statuscode for status in statuses] == [*GOOD[:7], "420", "420"]
    assert statuses[-2].status_foutcode is None
    assert statuses[-1].status_foutcode is not None
    assert statuses[-1].status_foutcode.foutcode == "AFS600"
    assert AWAY.detail in statuses[-1].status_foutcode.foutbeschrijving
    assert statuses[-1].tijdstempel_status == receipt.tijdstempel_aangeleverd + timedelta(hours=72)
    assert len(line.parcels) == len({parcel.message_id for parcel in line.parcels}) == 73
    assert kinds(office) == ["agency-trouble"] * 73
    newest = office.post.events()[0].event
    assert "https://agency.example/aflever), attempt 73: no connection" in newest.detail
    assert newest.kenmerk == receipt.kenmerk


def test_an_agency_that_comes_back_gets_the_message(office: Office, line: Line) -> None:
    """After some hours of 420 comes 400, and then what the agency says with its answer."""
    line.reply = lambda parcel: AWAY
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.advance(hours=5)
    assert office.codes(kenmerk) == [*GOOD[:7], "420"]
    line.reply = lambda parcel: AgencyReply("taken", status=AgencyStatus("500", details="goed"))
    office.advance(hours=1)
    assert office.codes(kenmerk) == [*GOOD[:7], "420", "400", "500"]
    assert office.statuses(kenmerk)[-1].statusdetails == "goed"
    assert len(line.parcels) == 7


def test_a_refusal_is_410_with_the_catalogues_text(office: Office, line: Line) -> None:
    """AFO100 is 410 at once, with the agency's words in the catalogue's text; a whole text is not doubled."""
    whole = load_catalogue().fault_text("AFO100", "Nee.")
    for text in ("Nee.", whole):
        line.reply = lambda parcel, text=text: AgencyReply("refused", "AFO100", fout=Fout("AFO100", text))
        last = office.run(any_delivery())[-1]
        assert (last.statuscode, last.status_foutcode) == ("410", Fout("AFO100", whole))
    assert kinds(office) == ["agency-refused"] * 2


def test_a_status_that_means_nothing_is_told_and_no_more(office: Office, line: Line) -> None:
    """A message that the agency takes with a status of no meaning stands at 400; an event says so."""
    status = AgencyStatus("105")
    line.reply = lambda parcel: AgencyReply("taken", "status 105 means nothing here", status=status)
    assert [status.statuscode for status in office.run(any_delivery())] == GOOD
    assert kinds(office) == ["agency-status-ignored"]


def test_what_can_never_be_sent_is_given_up_at_once(store: Store) -> None:
    """A message that the interface cannot carry ends without 72 hours of attempts, by the same switch."""
    line = Line(lambda parcel: AgencyReply("hopeless", "too large", "CONTENT-SIZE"))
    settings = Settings(state=Path("/nowhere"), exchange=ExchangeSettings(last_attempt_statuscode="425"))
    office = open_office(store, settings=settings, lines={"stub": line})
    last = office.run(any_delivery())[-1]
    assert last.statuscode == "425"
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == "AFS600"


def test_the_stand_in_may_answer_for_an_agency_outside(office: Office, line: Line) -> None:
    """With `answers = stand-in` the message is really delivered, and 500 comes from the stand-in; the agency
    may not set a status then.
    """
    line.sets_status = False
    statuses = office.run(any_delivery())
    assert [status.statuscode for status in statuses] == [*GOOD, "500"]
    assert "<Responsemessage" in (statuses[-1].statusdetails or "")
    assert len(line.parcels) == 1
    with pytest.raises(SpecificationRefusal, match="stand-in"):
        office.post.agency_desk.set_status(office.call(AGENCY), setting(statuses[0].kenmerk))


def test_a_call_that_ends_while_it_is_waited_for_is_not_missed(
    office: Office, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows from a call is done too when the call ends just as the scheduler asks for it."""
    line.sets_status = False
    end = threading.Event()

    def reply(parcel: Parcel) -> AgencyReply:
        end.wait(20)
        return AgencyReply("taken")

    line.reply = reply
    hold_up = office.post.errands.hold_up

    def ended(moment: int) -> bool:
        end.set()
        if line.parcels:
            wait_for(lambda: not hold_up(moment))
        return hold_up(moment)

    monkeypatch.setattr(office.post.errands, "hold_up", ended)
    assert office.run(any_delivery())[-1].statuscode == "500"


def test_without_an_answer_400_is_final(store: Store, line: Line) -> None:
    """A berichtsoort whose agency does not answer ends with 400, whatever the agency says besides."""
    line.reply = lambda parcel: AgencyReply("taken", status=AgencyStatus("500"))
    rows = load_catalogue()
    mute = replace(rows.berichtsoorten["TEST"], answers=False)
    catalogue = replace(rows, berichtsoorten={**rows.berichtsoorten, "TEST": mute})
    office = open_office(store, catalogue=catalogue, lines={"stub": line})
    statuses = office.run(any_delivery())
    assert [status.statuscode for status in statuses] == GOOD
    assert office.post.message(statuses[0].kenmerk).summary.state == "done"


def test_an_agency_that_hangs_holds_nothing_up(store: Store, line: Line) -> None:
    """While it hangs, other messages reach their end, other agencies theirs, and the clock moves on; when it
    wakes up, its messages go on.
    """
    awake = threading.Event()
    line.reply = lambda parcel: AgencyReply("taken") if awake.wait(20) else AWAY
    other = Line()
    settings = Settings(state=Path("/nowhere"), agencies=AgenciesSettings(patience_seconds=0.1))
    office = open_office(store, settings=settings, lines={"stub": line, "belastingdienst": other})
    office.scheduler.start()
    hanging = [office.deliver(any_delivery()).kenmerk for _ in range(5)]
    wait_for(lambda: len(line.parcels) == line.connections)
    started = time.monotonic()
    mandate = office.deliver(mandate_delivery_of_register()).kenmerk
    office.advance(hours=90)
    assert time.monotonic() - started < 5
    assert office.codes(mandate)[-1] == "500"
    assert {office.codes(kenmerk)[-1] for kenmerk in hanging} == {"405"}
    assert len(line.parcels) == line.connections
    awake.set()
    wait_for(lambda: {office.codes(kenmerk)[-1] for kenmerk in hanging} == {"400"})
    office.scheduler.stop()


def mandate_delivery_of_register() -> Any:
    """A message whose receiver is inside."""
    return mandate_delivery(MessageKind.OPVOEREN, "VIA_2025")


def test_a_status_that_comes_before_the_answer_counts(office: Office, line: Line) -> None:
    """An agency that sets 500 while it is still answering has the message: 400 and 500; its answer adds
    nothing any more.
    """

    def eager(parcel: Parcel) -> AgencyReply:
        office.post.agency_desk.set_status(office.call(AGENCY), setting(parcel.kenmerk))
        return AWAY

    line.reply = eager
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.advance(hours=2)
    assert office.codes(kenmerk) == [*GOOD, "500"]
    assert len(line.parcels) == 1
    assert kinds(office) == []


def test_of_two_statuses_at_once_one_counts(office: Office, line: Line) -> None:
    """Two calls that set a status of one message at the same time: one is stored, the other refused."""
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.drain()
    gate, outcomes = threading.Barrier(2), []

    def set_one(code: str) -> None:
        gate.wait()
        try:
            office.post.agency_desk.set_status(office.call(AGENCY), setting(kenmerk, code))
            outcomes.append(code)
        except SpecificationRefusal as refusal:
            outcomes.append(refusal.rule)

    threads = [threading.Thread(target=set_one, args=(code,)) for code in ("500", "510")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "STATUS-ORDER" in outcomes
    assert office.codes(kenmerk) == [*GOOD, next(one for one in outcomes if one != "STATUS-ORDER")]


def test_an_agency_sees_its_own_messages_only(office: Office) -> None:
    """Another agency's message, the stub's and an unknown kenmerk give the same answer; who is no agency gets
    another; nothing changes.
    """
    kenmerk = office.deliver(any_delivery()).kenmerk
    stub = office.deliver(any_delivery("Happyflow"), stub=True).kenmerk
    office.scheduler.drain()
    told = []
    for caller, asked in ((OTHER_AGENCY, kenmerk), (AGENCY, stub), (AGENCY, "0" * 40)):
        with pytest.raises(SpecificationRefusal) as refused:
            office.post.agency_desk.set_status(office.call(caller), setting(asked))
        assert refused.value.rule == "KENMERK-UNKNOWN"
        told.append(refused.value.detail.replace(asked, "KENMERK"))
    assert len(set(told)) == 1
    for caller in (ANN, BOB):
        with pytest.raises(PermissionRefusal):
            office.post.agency_desk.set_status(office.call(caller), setting(kenmerk))
    assert office.codes(kenmerk) == GOOD


@pytest.mark.parametrize("code", ["400", "410", "105", "999", ""])
def test_other_statuses_are_refused(store: Store, line: Line, code: str) -> None:
    """Only what the table of a message's life has after 400 may be set; the refusal names it and the last."""
    office = open_office(store, lines={"stub": line})
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.drain()
    with pytest.raises(SpecificationRefusal, match="may not follow 400") as refused:
        office.post.agency_desk.set_status(office.call(AGENCY), setting(kenmerk, code))
    assert refused.value.rule == "STATUS-ORDER"
    assert office.codes(kenmerk) == GOOD


def test_a_status_needs_a_delivery_and_its_own_berichtkenmerk(store: Store, line: Line) -> None:
    """Before the message was sent, and with the berichtkenmerk of another one, a status is refused."""
    office = open_office(store, lines={"stub": line})
    kenmerk = office.deliver(any_delivery()).kenmerk
    desk = office.post.agency_desk
    with pytest.raises(SpecificationRefusal, match="may not follow 110"):
        desk.set_status(office.call(AGENCY), setting(kenmerk))
    office.scheduler.drain()
    with pytest.raises(SpecificationRefusal, match="berichtkenmerk"):
        desk.set_status(office.call(AGENCY), setting(kenmerk, berichtkenmerk="urn:uuid:another"))
    desk.set_status(office.call(AGENCY), setting(kenmerk, berichtkenmerk=line.parcels[0].berichtkenmerk))
    assert office.codes(kenmerk)[-1] == "500"


def test_a_replayed_zet_status_is_refused(office: Office) -> None:
    """The guard against replays holds for agencies too."""
    first, second = (office.deliver(any_delivery()).kenmerk for _ in range(2))
    office.scheduler.drain()
    call = office.call(AGENCY, valid_until=START + timedelta(hours=1))
    office.post.agency_desk.set_status(call, setting(first))
    with pytest.raises(SpecificationRefusal) as refused:
        office.post.agency_desk.set_status(call, setting(second))
    assert refused.value.rule == "WSA-REPLAY"
    assert office.codes(second) == GOOD


def test_a_call_whose_end_was_lost_is_made_again_as_the_same(store: Store, line: Line) -> None:
    """A process that dies after the agency's answer and before the commit: its successor sends the message
    once more, with the same MessageID, and the statuses come once.
    """
    office = open_office(store, lines={"stub": line})
    died = threading.Event()

    def dies(parcel: Parcel) -> AgencyReply:
        office.post.errands._stopping = True  # what is not written any more, as after a kill -9
        died.set()
        return AgencyReply("taken")

    line.reply = dies
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.run_due()
    office.post.errands.dispatch()
    assert died.wait(10)
    office.scheduler.stop()
    assert office.codes(kenmerk)[-1] == "405"
    line.reply = lambda parcel: AgencyReply("taken")
    successor = open_office(store, lines={"stub": line}, seed="successor")
    successor.scheduler.start()
    wait_for(lambda: successor.codes(kenmerk)[-1] == "400")
    successor.scheduler.stop()
    assert successor.codes(kenmerk) == GOOD
    assert len(line.parcels) == 2
    assert line.parcels[0] == line.parcels[1]


def test_who_stops_leaves_its_deliveries_to_others_at_once(office: Office, line: Line) -> None:
    """A stop in the middle of a call gives up its lease: another process need not wait for its end."""
    awake = threading.Event()
    line.reply = lambda parcel: AgencyReply("taken") if awake.wait(20) else AWAY
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.run_due()
    office.post.errands.dispatch()
    wait_for(lambda: len(line.parcels) == 1)
    other = open_office(office.post.store, seed="other", lines={"stub": line})
    assert other.post.errands.dispatch() == 0
    office.scheduler.stop()
    assert other.post.errands.dispatch() == 1
    awake.set()
    wait_for(lambda: other.codes(kenmerk)[-1] == "400")
    assert other.codes(kenmerk) == GOOD
    other.scheduler.stop()


def test_a_delivery_to_an_agency_that_is_outside_no_more_goes_to_the_stand_in(store: Store) -> None:
    """When the settings lose an endpoint, the stand-in answers what waited for it, after the restart."""
    office = open_office(store, lines={"stub": Line(lambda parcel: AWAY)})
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.drain()
    assert office.codes(kenmerk)[-1] == "420"
    plain = open_office(store, seed="plain")
    plain.post.errands.start()
    plain.advance(hours=2)
    assert plain.codes(kenmerk) == [*GOOD[:7], "420", "400", "500"]


def test_a_line_that_breaks_loses_nothing(store: Store, line: Line) -> None:
    """An error of our own in a line leaves an event, and the message is tried again."""

    def broken(parcel: Parcel) -> AgencyReply:
        raise ZeroDivisionError

    line.reply = broken
    office = open_office(store, lines={"stub": line})
    kenmerk = office.deliver(any_delivery()).kenmerk
    office.scheduler.drain()
    assert office.codes(kenmerk)[-1] == "405"
    assert kinds(office) == ["job-failed"]
    line.reply = lambda parcel: AgencyReply("taken")
    office.advance(minutes=1)
    assert office.codes(kenmerk) == GOOD
