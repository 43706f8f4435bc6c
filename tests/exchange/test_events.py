"""The ring of events, and news for the doors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from digipoort_sim.config import Settings
from digipoort_sim.errors import NotFoundError, TechnicalError
from digipoort_sim.exchange.events import MAXIMUM_RAW_BYTES
from digipoort_sim.exchange.values import Event
from digipoort_sim.store import Store
from tests.exchange.office import Office, any_delivery, open_office

REFUSED = Event("wus-refused", "no signature", door="wus", rule="WSS-SIGNATURE", code="ALS110", raw=b"<x/>")


def test_an_event_keeps_what_was_refused(office: Office) -> None:
    """An event can be looked up by its id, with the bytes that came."""
    event_id = office.post.record(REFUSED)
    record = office.post.event(event_id)
    assert record.event == replace(REFUSED, raw=None)
    assert record.octets == 4
    assert office.post.event_raw(event_id) == b"<x/>"
    assert office.post.events(after=event_id) == []
    assert office.post.events(kind="else") == []


def test_the_ring_is_bounded(tmp_path: Path) -> None:
    """The ring keeps the newest events only, and of each a bounded number of bytes."""
    settings = Settings(state=Path("/nowhere"), event_ring=5)
    office = open_office(Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}"), settings=settings)
    ids = [office.post.record(replace(REFUSED, raw=bytes(MAXIMUM_RAW_BYTES + 1))) for _ in range(8)]
    assert [record.id for record in office.post.events()] == ids[:2:-1]
    assert len(office.post.event_raw(ids[-1])) == MAXIMUM_RAW_BYTES
    with pytest.raises(NotFoundError):
        office.post.event(ids[0])
    with pytest.raises(NotFoundError):
        office.post.event_raw(ids[0])


def test_recording_never_raises(office: Office) -> None:
    """Whatever text an event has it is kept, and a store that is gone is no reason to fail."""
    odd = Event("k" * 500, "a\x00b\ud800c", peer="p" * 500, rule="\x00")
    assert office.post.event(office.post.record(odd)).event.detail.startswith("a\ufffdb")
    assert office.post.record(Event("x", None)) == 0  # type: ignore[arg-type]


def test_a_database_that_is_away_is_one_line_in_the_log(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An event that cannot be kept because the database is away does not fill the log with tracebacks."""

    def away() -> None:
        raise TechnicalError("the database does not answer: gone\nfor long")

    monkeypatch.setattr(office.post.store, "begin", away)
    assert office.post.record(Event("x", "y")) == 0
    (line,) = caplog.records
    assert line.getMessage() == "an event could not be kept: x: the database does not answer: gone"
    assert line.exc_info is None


def test_a_door_gets_news_of_the_final_status_once(office: Office) -> None:
    """A delivery with a door_reference leads to one notice, which stays until the door has done with it."""
    office.deliver(any_delivery(via="ftp", door_reference="ann/a.xml"))
    office.deliver(any_delivery(via="wus"))
    assert office.post.notices("ftp", 10) == []
    office.scheduler.drain()
    (notice,) = office.post.notices("ftp", 10)
    assert office.post.notices("ftp", 10, after=notice.id) == []
    assert (notice.reference, notice.status.statuscode) == ("ann/a.xml", "500")
    assert office.post.notices("wus", 10) == []
    office.post.notices_done([notice.id])
    office.post.notices_done([notice.id])
    assert office.post.notices("ftp", 10) == []


def test_messages_are_listed_newest_first(office: Office) -> None:
    """The listing filters and pages; a message that is not there is told as such."""
    kenmerken = [office.deliver(any_delivery(f"k{number}")).kenmerk for number in range(3)]
    assert [message.kenmerk for message in office.post.messages()] == kenmerken[::-1]
    (middle,) = office.post.messages(aanleverkenmerk="k1")
    assert [message.kenmerk for message in office.post.messages(before=middle.id)] == [kenmerken[0]]
    assert [message.kenmerk for message in office.post.messages(limit=1)] == [kenmerken[2]]
    assert office.post.messages(statuscode="500") == []
    with pytest.raises(NotFoundError):
        office.post.message("nothing")
    with pytest.raises(NotFoundError):
        office.post.content(kenmerken[0], 7)
