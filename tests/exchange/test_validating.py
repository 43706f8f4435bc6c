"""Validation in the flow of messages: two steps, the second one beside the scheduler.

The checks against a taxonomy are a test's own here; Arelle's are in tests/validation/taxonomy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from digipoort_sim.config import AgenciesSettings, Settings, ValidationSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.values import Fout, Status
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.store import Store
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.subject import Delivered
from tests.exchange.office import START, Office, any_delivery, mandate_delivery, open_office
from tests.exchange.taxonomies import CATALOGUE, TAXONOMY_ERROR, Taxonomist, ob_delivery, until, wait_for

BEFORE = ["105", "100", "110", "200"]
GOOD = [*BEFORE, "301", "301", "405", "400", "500"]
WARNING = replace(TAXONOMY_ERROR, severity="warning", rule="FG-X")
NO_LANGUAGE = (' xml:lang="nl"', "")
"""A content that the quick checks are against."""


@pytest.fixture
def taxonomies() -> Taxonomist:
    """Those of the office."""
    return Taxonomist()


@pytest.fixture
def office(database_url: str, taxonomies: Taxonomist) -> Iterator[Office]:
    """A post office that has taxonomies, on both kinds of database."""
    store = Store.open(database_url)
    office = open_office(store, catalogue=CATALOGUE, taxonomies=taxonomies)
    yield office
    office.scheduler.stop()
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store for tests that need a post office of their own."""
    return Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")


def raises(error: Exception) -> Any:
    """An answer that is none."""

    def answer(delivered: Delivered) -> tuple[Finding, ...]:
        raise error

    return answer


def codes(statuses: list[Status]) -> list[str]:
    """Their statuscodes."""
    return [status.statuscode for status in statuses]


def levels(status: Status) -> list[tuple[str | None, str | None]]:
    """Level and id of every msg that has a level, as a client lists them."""
    root = etree.fromstring((status.statusdetails or "<nothing/>").encode())
    return [(msg.get("level"), msg.get("id")) for msg in root.iter("{*}msg") if msg.get("level")]


def kinds(office: Office) -> list[str]:
    """The kinds of the events, oldest first."""
    return [record.event.kind for record in reversed(office.post.events())]


def test_the_second_301_follows_the_taxonomy(office: Office, taxonomies: Taxonomist) -> None:
    """A good return has the nine statuses; its second 301 comes after its taxonomy said nothing, without
    details; nothing that is good pushes an event out of the ring.
    """
    statuses = office.run(ob_delivery())
    assert codes(statuses) == GOOD
    assert [status.statusdetails for status in statuses[:-1]] == [None] * 8
    assert [one.content.inhoud for one in taxonomies.seen] == [ob_delivery().inhoud.inhoud]
    assert taxonomies.seen[0].identity == ("001000044B37", "Fi")
    assert office.post.events() == []


def test_what_the_taxonomy_is_against_is_311_after_the_first_301(
    office: Office, taxonomies: Taxonomist
) -> None:
    """The quick checks gave their 301; 311 has the findings of the taxonomy and VAS500."""
    taxonomies.answer = lambda delivered: (WARNING, TAXONOMY_ERROR)
    statuses = office.run(ob_delivery())
    assert codes(statuses) == [*BEFORE, "301", "311"]
    assert statuses[-1].status_foutcode == Fout(
        "VAS500", "De validatie van het bericht is niet gelukt.\n\nDe som klopt niet."
    )
    assert levels(statuses[-1]) == [("warning", WARNING.rule), ("error", TAXONOMY_ERROR.rule)]
    (event,) = office.post.events()
    assert (event.event.kind, event.event.rule, event.event.code) == (
        "validation-failed",
        TAXONOMY_ERROR.rule,
        "VAS500",
    )
    assert event.event.detail == (
        "1 error, 1 warning (FG-X, xbrl.5.2.5.2:calcInconsistency); the first: The sum is wrong."
    )


def test_all_findings_of_both_steps_are_in_one_311(office: Office, taxonomies: Taxonomist) -> None:
    """What the quick checks are against gets no 301: the taxonomy is asked too, and 311 has all there is."""
    taxonomies.answer = lambda delivered: (TAXONOMY_ERROR,)
    statuses = office.run(ob_delivery(*NO_LANGUAGE))
    assert codes(statuses) == [*BEFORE, "311"]
    assert levels(statuses[-1]) == [("error", "FR-NL-2.03"), ("error", TAXONOMY_ERROR.rule)]


def test_what_both_steps_find_is_told_once(office: Office, taxonomies: Taxonomist) -> None:
    """A fault that the quick checks and Arelle both see in one line is one msg of 311."""

    def answer(delivered: Delivered) -> tuple[Finding, ...]:
        line = next(n for n, text in enumerate(lines, 1) if "precision" in text)
        return (replace(TAXONOMY_ERROR, rule="xbrl.4.6.4:precision", line=line), TAXONOMY_ERROR)

    delivery = ob_delivery('decimals="INF"', 'precision="4"')
    lines = delivery.inhoud.inhoud.decode().splitlines()
    taxonomies.answer = answer
    statuses = office.run(delivery)
    assert levels(statuses[-1]) == [("error", "FR-NL-5.06"), ("error", TAXONOMY_ERROR.rule)]


def test_what_cannot_be_read_goes_to_no_taxonomy(office: Office, taxonomies: Taxonomist) -> None:
    """A content that is no XML, or too large for the taxonomy, is judged by the quick checks alone."""
    assert codes(office.run(ob_delivery("</xbrli:xbrl>", ""))) == [*BEFORE, "311"]
    assert taxonomies.seen == []


def test_warnings_of_a_valid_message_reach_the_sender(office: Office, taxonomies: Taxonomist) -> None:
    """They stand in the details of the second 301, those of both steps, with level warning."""
    taxonomies.answer = lambda delivered: (WARNING,)
    statuses = office.run(ob_delivery('xmlns:d="urn:test:data"', 'xmlns:d="urn:test:data" xmlns:u="urn:u"'))
    assert codes(statuses) == GOOD
    assert statuses[4].statusdetails is None
    assert levels(statuses[5]) == [("warning", "FG-NL-05"), ("warning", "FG-X")]


def test_what_is_too_large_for_the_taxonomy_is_said(store: Store) -> None:
    """A content above the limit of the settings is valid without its taxonomy, and the details say so."""
    settings = Settings(state=Path("/nowhere"), validation=ValidationSettings(max_taxonomy_bytes=100))
    taxonomies = Taxonomist(raises(TechnicalError("never asked")))
    statuses = open_office(store, catalogue=CATALOGUE, settings=settings, taxonomies=taxonomies).run(
        ob_delivery()
    )
    assert codes(statuses) == GOOD
    assert levels(statuses[5]) == [("info", "XBRL-TAXONOMY-SIZE"), ("info", "XBRL-FORMULA")]


def test_what_was_not_checked_can_be_left_out(store: Store) -> None:
    """With the setting off the recorded flow has no details before 500, whatever was not checked."""
    settings = Settings(state=Path("/nowhere"), validation=ValidationSettings(tell_not_checked=False))
    statuses = open_office(store, catalogue=CATALOGUE, settings=settings).run(ob_delivery())
    assert [status.statusdetails for status in statuses[:-1]] == [None] * 8


def test_without_taxonomies_nothing_waits(store: Store) -> None:
    """Nine statuses, each right after the one before it."""
    statuses = open_office(store, catalogue=CATALOGUE).run(ob_delivery())
    assert codes(statuses) == GOOD
    assert levels(statuses[5]) == [("info", "XBRL-TAXONOMY"), ("info", "XBRL-FORMULA")]
    times = [status.tijdstempel_status for status in statuses]
    assert {later - time_ for time_, later in pairwise(times)} == {timedelta(milliseconds=1)}


def test_a_taxonomy_that_hangs_holds_nothing_up(store: Store) -> None:
    """While it hangs, receipts are given, other messages reach their end and the clock moves on by a year;
    when it wakes up, what waited goes on.
    """
    awake = threading.Event()
    taxonomies = Taxonomist(lambda delivered: until(awake))
    settings = Settings(
        state=Path("/nowhere"),
        agencies=AgenciesSettings(patience_seconds=0.1),
        validation=ValidationSettings(processes=2),
    )
    office = open_office(store, catalogue=CATALOGUE, settings=settings, taxonomies=taxonomies)
    office.scheduler.start()
    hanging = [office.deliver(ob_delivery()).kenmerk for _ in range(5)]
    wait_for(lambda: len(taxonomies.seen) == 2)
    started = time.monotonic()
    mandate = office.deliver(mandate_delivery(MessageKind.OPVOEREN, "VIA_2025")).kenmerk
    other = office.deliver(any_delivery()).kenmerk
    wait_for(lambda: office.codes(mandate)[-1] == office.codes(other)[-1] == "500")
    office.advance(days=365)
    assert time.monotonic() - started < 5
    assert [office.codes(kenmerk) for kenmerk in hanging] == [[*BEFORE, "301"]] * 5
    assert len(taxonomies.seen) == 2
    awake.set()
    wait_for(lambda: all(office.codes(kenmerk) == GOOD for kenmerk in hanging))
    assert len(taxonomies.seen) == 5
    office.scheduler.stop()


def test_moving_the_clock_waits_for_the_taxonomy(office: Office, taxonomies: Taxonomist) -> None:
    """A slow check is waited for: after `clock advance` the message is at its end, at its own time."""

    def slowly(delivered: Delivered) -> tuple[Finding, ...]:
        time.sleep(0.2)
        return ()

    taxonomies.answer = slowly
    kenmerk = office.deliver(ob_delivery()).kenmerk
    office.advance(days=1)
    assert office.codes(kenmerk) == GOOD
    assert office.statuses(kenmerk)[-1].tijdstempel_status - START < timedelta(seconds=1)


def test_a_pool_in_trouble_is_321_and_goes_on_when_it_recovers(
    office: Office, taxonomies: Taxonomist
) -> None:
    """After the first 301 there is one 321 without a foutcode; later the second 301 and the rest follow."""
    taxonomies.answer = raises(TechnicalError("the check took longer than 60 s", rule="TAXONOMY-TIME"))
    kenmerk = office.deliver(ob_delivery()).kenmerk
    office.advance(seconds=80)
    assert office.codes(kenmerk) == [*BEFORE, "301", "321"]
    assert office.statuses(kenmerk)[-1].status_foutcode is None
    assert len(taxonomies.seen) == 3
    assert set(kinds(office)) == {"validation-trouble"}
    taxonomies.answer = lambda delivered: ()
    office.advance(minutes=11)
    assert office.codes(kenmerk) == [*BEFORE, "301", "321", *GOOD[5:]]
    assert "the check took longer" in office.post.events(kind="validation-trouble")[0].event.detail


@pytest.mark.parametrize("error", [TechnicalError("no memory", rule="TAXONOMY-MEMORY"), ZeroDivisionError()])
def test_a_pool_that_stays_in_trouble_ends_in_vas400(
    office: Office, taxonomies: Taxonomist, error: Exception
) -> None:
    """After five attempts 321 is final with VAS400, whatever the trouble is."""
    taxonomies.answer = raises(error)
    kenmerk = office.deliver(ob_delivery()).kenmerk
    office.advance(hours=3)
    statuses = office.statuses(kenmerk)
    assert codes(statuses) == [*BEFORE, "301", "321", "321"]
    assert statuses[-1].status_foutcode is not None
    assert statuses[-1].status_foutcode.foutcode == "VAS400"
    assert len(taxonomies.seen) == 5


def test_the_sender_is_not_told_what_a_process_said_when_it_died(
    office: Office, taxonomies: Taxonomist
) -> None:
    """The foutbeschrijving says what failed; the last words of the process, with paths, are in the event."""
    said = "The process that checks against taxonomies has failed: Traceback, /srv/secret.py, line 7"
    taxonomies.answer = raises(TechnicalError(said, rule="XBRL-PROCESS"))
    kenmerk = office.deliver(ob_delivery()).kenmerk
    office.advance(hours=3)
    fault = office.statuses(kenmerk)[-1].status_foutcode
    assert fault is not None
    assert fault.foutbeschrijving.endswith("The process that checks against taxonomies has failed.")
    assert "/srv/secret.py" in office.post.events(kind="validation-trouble")[0].event.detail


def test_a_bad_content_does_not_wait_for_a_pool_in_trouble(office: Office, taxonomies: Taxonomist) -> None:
    """What the quick checks found is told at once; the details and an event say that the taxonomy was not."""
    taxonomies.answer = raises(TechnicalError("the process died", rule="TAXONOMY-PROCESS"))
    statuses = office.run(ob_delivery(*NO_LANGUAGE))
    assert codes(statuses) == [*BEFORE, "311"]
    assert levels(statuses[-1]) == [("error", "FR-NL-2.03"), ("info", "XBRL-TAXONOMY-TROUBLE")]
    assert kinds(office) == ["validation-trouble", "validation-failed"]


def test_packages_that_are_taken_away_in_between_are_missed_by_nobody(
    office: Office, taxonomies: Taxonomist
) -> None:
    """A message that waited for its taxonomy gets its second 301 without it, with what was not checked."""
    kenmerk = office.deliver(ob_delivery()).kenmerk
    office.scheduler.run_due()
    assert office.codes(kenmerk) == [*BEFORE, "301"]
    taxonomies.at_hand = False
    office.scheduler.drain()
    assert office.codes(kenmerk) == GOOD
    assert levels(office.statuses(kenmerk)[5]) == [("info", "XBRL-TAXONOMY"), ("info", "XBRL-FORMULA")]


@pytest.mark.parametrize("change", [("", ""), NO_LANGUAGE])
def test_who_has_no_taxonomies_any_more_ends_what_waited(store: Store, change: tuple[str, str]) -> None:
    """After a restart without taxonomies what waited for one is judged without it."""
    office = open_office(store, catalogue=CATALOGUE, taxonomies=Taxonomist())
    kenmerk = office.deliver(ob_delivery(*change)).kenmerk
    office.scheduler.run_due()
    plain = open_office(store, catalogue=CATALOGUE, seed="plain")
    plain.post.errands.start()
    plain.scheduler.drain()
    assert plain.codes(kenmerk) == ([*BEFORE, "311"] if any(change) else GOOD)


def test_a_delay_lies_between_the_taxonomy_and_delivery(store: Store) -> None:
    """A berichtsoort's delay between its steps holds after the taxonomy too."""
    slow = replace(CATALOGUE.berichtsoorten["Omzetbelasting"], step_delay_seconds=60.0)
    catalogue = replace(CATALOGUE, berichtsoorten={**CATALOGUE.berichtsoorten, slow.name: slow})
    office = open_office(store, catalogue=catalogue, taxonomies=Taxonomist())
    kenmerk = office.deliver(ob_delivery()).kenmerk
    office.advance(minutes=2, seconds=30)
    assert office.codes(kenmerk) == GOOD[:6]
    office.advance(minutes=10)
    assert office.codes(kenmerk) == GOOD


def test_attachments_come_along_where_they_are_allowed(store: Store) -> None:
    """The bijlagen of a message are validated with it, if its berichtsoort may have any."""
    with_attachments = replace(CATALOGUE.berichtsoorten["Omzetbelasting"], attachments=2)
    catalogue = replace(
        CATALOGUE, berichtsoorten={**CATALOGUE.berichtsoorten, with_attachments.name: with_attachments}
    )
    taxonomies = Taxonomist()
    office = open_office(store, catalogue=catalogue, taxonomies=taxonomies)
    part = replace(ob_delivery().inhoud, bestandsnaam="b.xml", inhoud=b"<b/>")
    assert codes(office.run(replace(ob_delivery(), bijlagen=(part,)))) == GOOD
    ((bijlage,),) = (one.bijlagen for one in taxonomies.seen)
    assert (bijlage.bestandsnaam, bijlage.inhoud, bijlage.mime_type) == ("b.xml", b"<b/>", "text/xml")
