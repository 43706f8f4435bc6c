"""HTTP framing tricks against a whole SOAP door: nothing crooked is served, nothing hangs, all is told."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.security_connections.framings import LATE, REFUSED
from tests.security_connections.kit import PATH, SMUGGLED, XSD, attack, count_of, post, serves, status_of
from tests.wus.door_kit import RunningDoor, running_door


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A door that does not wait long."""
    state = tmp_path_factory.mktemp("state")
    with running_door(state, request_timeout_seconds=0.5, idle_timeout_seconds=1) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client sends may show in the log as a traceback or an error."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


def test_crooked_requests_are_refused(door: RunningDoor) -> None:
    """Each crooked request gets 400, 417 or 431, the one behind it nothing; each is kept as an event."""
    before = door.inner.office.events(limit=1)
    last = before[0].id if before else 0
    answers = attack(door, REFUSED)
    wrong = {
        name: answer[:200]
        for name, answer in answers.items()
        if status_of(answer) not in (400, 417, 431) or count_of(answer) != 1
    }
    assert wrong == {}
    events = door.inner.office.events(limit=1000, after=last)
    assert len(events) == len(REFUSED)
    assert {record.event.rule for record in events} == {"HTTP"}
    assert all(record.event.detail and record.octets for record in events)
    assert max(record.octets or 0 for record in events) <= 16 * 1024
    assert serves(door) < 5


def test_what_never_ends_is_cut(door: RunningDoor) -> None:
    """A request that never comes to its end gets 408 after the time for a request."""
    answers = attack(door, LATE)
    after_continue = answers.pop("after 100-continue").removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert {name: status_of(answer) for name, answer in answers.items()} == dict.fromkeys(answers, 408)
    assert status_of(after_continue) == 408
    assert serves(door) < 5


def test_unusual_but_proper_requests_are_served(door: RunningDoor) -> None:
    """What RFC 9112 allows is served: empty lines in front, extensions of chunks, absolute targets; and two
    oddities of llhttp that frame nothing in two ways.
    """
    close = b"Connection: close"
    get = b"GET " + XSD + b" HTTP/1.1"
    good = {
        "empty lines": b"\r\n\r\n" + post(close, line=get),
        "absolute": post(close, line=b"GET https://localhost" + XSD + b" HTTP/1.1"),
        "foreign host": post(close, line=get).replace(b"localhost", b"evil.example"),
        "non-ascii value": post(close, b"X: \xe9", line=get),
        "lower case": post(b"connection: CLOSE", line=get),
        "two spaces": post(close, line=b"GET  " + XSD + b" HTTP/1.1"),
        "rtsp": post(close, line=b"GET " + XSD + b" RTSP/1.0"),
        "http/1.0": b"GET " + XSD + b" HTTP/1.0\r\n\r\n",
        "hundred headers": post(close, *(b"X-%d: y" % number for number in range(98)), line=get),
    }
    assert {name: status_of(answer) for name, answer in attack(door, good).items()} == dict.fromkeys(
        good, 200
    )
    chunked = post(close, b"Transfer-Encoding: chunked", body=b'5;a="b;c"\r\n12345\r\n00\r\n\r\n')
    assert b"ALS100" in attack(door, {"extension": chunked})["extension"]


def test_pipelined_requests_are_answered_in_order(door: RunningDoor) -> None:
    """A hundred requests in one piece get a hundred answers, the quick way and the slow one mixed."""
    quick = post(b"Content-Length: 4", b"Content-Type: text/xml", body=b"<a/>")
    slow = post(b"Transfer-Encoding: chunked", b"Content-Type: text/xml", body=b"4\r\n<b/>\r\n0\r\n\r\n")
    other = b"GET " + XSD + b" HTTP/1.1\r\nHost: l\r\n\r\n"
    closing = other.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answer = attack(door, {"pipeline": (quick + slow + other) * 33 + closing})["pipeline"]
    statuses = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"500", b"500", b"200"] * 33 + [b"200"]


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "PUT", "DELETE", "TRACE", "OPTIONS", "PATCH", "PROPFIND", "SOURCE"]
)
def test_other_methods_get_405(door: RunningDoor, method: str) -> None:
    """At a service only POST and GET ?wsdl do something; nothing that was sent comes back."""
    secret = b"X-Secret: 4711"
    raw = post(secret, b"Connection: close", line=method.encode() + b" " + PATH + b" HTTP/1.1")
    answer = attack(door, {method: raw})[method]
    assert status_of(answer) == 405
    assert b"4711" not in answer
    assert method != "HEAD" or answer.endswith(b"\r\n\r\n")


def test_strange_targets_are_not_found(door: RunningDoor) -> None:
    """No other spelling of a path leads anywhere."""
    targets = [
        b"/",
        b"*",
        b"//cpl/digipoort-koppelvlak-1.2.xsd",
        b"/./" + XSD,
        b"/../" + XSD,
        XSD + b"/",
        XSD + b"%00",
        XSD.replace(b"/", b"%2f"),
        XSD.replace(b"/", b"\\"),
        b"/cpl//digipoort-koppelvlak-1.2.xsd",
        b"/cpl/..%2f..%2fetc/passwd",
        b"/cpl/../../etc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        XSD.upper(),
        b"/" + b"%25" * 1000,
        b"/%zz",
        b"/%",
        b"/%ff%fe",
        b"/;" + XSD,
        b"http://",
        b"http:///",
        b"https://localhost",
        b"localhost:443",
        b"file:///etc/passwd",
        b"/[",
        b"/|",
        b"/'\"<script>",
    ]
    attacks = {
        target.decode(): post(b"Connection: close", line=b"GET " + target + b" HTTP/1.1")
        for target in targets
    }
    statuses = {name: status_of(answer) for name, answer in attack(door, attacks).items()}
    assert {name: status for name, status in statuses.items() if status not in (400, 404, 405)} == {}


def test_what_follows_a_refused_request_is_not_read(door: RunningDoor) -> None:
    """Behind a request that closes the connection nothing is served, whatever its body pretends to be."""
    body = SMUGGLED
    raw = post(b"Content-Length: %d" % len(body), b"Connection: close", body=body + SMUGGLED)
    answer = attack(door, {"x": raw})["x"]
    assert status_of(answer) == 500
    assert count_of(answer) == 1
