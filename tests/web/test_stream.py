"""Server-sent events: what happens, as it happens."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Connection

from digipoort_sim.exchange.values import Content, Delivery, Event
from digipoort_sim.web.watching import News, Watcher
from tests.web.conftest import CLIENT, House, deliver

Item = tuple[str, str, dict[str, str]]


def items(answer: httpx.Response) -> Iterator[Item]:
    """The items of a stream that stands: kind, id and data."""
    lines = answer.iter_lines()
    assert next(lines) == ": SIMULATOR"
    return _items(lines)


def _items(lines: Iterator[str]) -> Iterator[Item]:
    fields: dict[str, str] = {}
    for line in lines:
        if not line and "data" in fields:
            yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
        if not line:
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def test_events_and_statuses_arrive(house: House) -> None:
    """A delivery's statuses come in order, and an event comes with its id."""
    with house.client() as client, client.stream("GET", "/api/v1/events/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = items(answer)
        delivery = Delivery("TEST", CLIENT, "Bedrijf", Content("text/xml", "b.xml", b"<b/>"))
        kenmerk = deliver(house.inner, delivery, "urn:uuid:stream")
        event = house.inner.office.record(Event("test-event", "for the stream"))
        found = _until(stream, "event")
    statuses = [item[2]["statuscode"] for item in found if item[2].get("kenmerk") == kenmerk]
    assert statuses[0] == "105"
    assert statuses[-1] == "500"
    assert found[-1][:2] == ("event", str(event))


def test_a_reader_goes_on_where_it_was(house: House) -> None:
    """With Last-Event-ID the stream begins with the events that came after it."""
    first = house.inner.office.record(Event("missed", "one"))
    second = house.inner.office.record(Event("missed", "two"))
    headers = {"Last-Event-ID": str(first)}
    with house.client(headers=headers) as client, client.stream("GET", "/api/v1/events/stream") as answer:
        found = _until(items(answer), "event")
    assert found[-1][1] == str(second)


def _until(stream: Iterator[Item], kind: str) -> list[Item]:
    found: list[Item] = []
    for item in stream:
        found.append(item)
        if item[0] == kind:
            break
    return found


def test_a_status_from_before_an_event_comes_before_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens while the news are gathered: never an event without the statuses that preceded it."""
    watcher = Watcher(house.inner)
    gather = watcher._statuses
    delivery = Delivery("TEST", CLIENT, "Bedrijf", Content("text/xml", "b.xml", b"<b/>"))

    def gathered(tx: Connection) -> Iterator[News]:
        found = list(gather(tx))
        deliver(house.inner, delivery, "urn:uuid:order")
        house.inner.office.record(Event("after-it", "x"))
        monkeypatch.undo()
        return iter(found)

    monkeypatch.setattr(watcher, "_statuses", gathered)
    kinds = [news.kind for _ in range(3) for news in watcher.news()]
    assert kinds == ["status"] * 9 + ["event"]
