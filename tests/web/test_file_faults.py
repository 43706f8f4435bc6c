"""Faults on demand are asked for, listed and removed by the control API and in the console."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.web.conftest import House

FAULTS = "/api/v1/ftp/faults"


@pytest.fixture
def browser(house: House) -> Iterator[httpx.Client]:
    """Says where its forms came from, as browsers do; afterwards no fault is left."""
    with house.client(follow_redirects=True, headers={"Origin": house.base}) as client:
        yield client
    house.inner.file_faults.clear()


def test_a_fault_is_asked_for_listed_and_removed(browser: httpx.Client) -> None:
    """POST makes it and gives it whole; GET lists it; DELETE takes it away, a second time 404."""
    asked = {"kind": "426", "name": "*_ref-1_*", "afterBytes": 5000, "times": 2, "interface": "ftp"}
    made = browser.post(FAULTS, json=asked)
    assert made.status_code == 201
    fault: dict[str, Any] = made.json()
    assert {name: fault[name] for name in asked} == asked
    assert (fault["hits"], fault["usedUp"], fault["code"]) == (0, False, "426")
    assert browser.get(FAULTS).json() == [fault]
    assert browser.delete(f"{FAULTS}/{fault['id']}").status_code == 204
    assert browser.get(FAULTS).json() == []
    assert browser.delete(f"{FAULTS}/{fault['id']}").status_code == 404


def test_every_kind_can_be_asked_for_and_explains_itself(browser: httpx.Client) -> None:
    """Each kind has words, and is made when nothing but its key is given; all go at once."""
    kinds = browser.get(f"{FAULTS}/kinds").json()
    for kind in kinds:
        assert len(kind["summary"]) > 20
        if kind["moment"] != "tls":  # keys of certificates take long; tests/ftp asks for them
            assert browser.post(FAULTS, json={"kind": kind["key"]}).status_code == 201, kind
    assert len(browser.get(FAULTS).json()) == len([one for one in kinds if one["moment"] != "tls"])
    assert browser.delete(FAULTS).status_code == 204
    assert browser.get(FAULTS).json() == []


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"kind": "999"}, "kind"),
        ({}, "kind"),
        ({"kind": "421", "account": "ftp-1"}, "account"),
        ({"kind": "552", "command": "LIST"}, "command"),
        ({"kind": "stall", "seconds": "soon"}, "seconds"),
        ({"kind": "stall", "seconds": -1}, "seconds"),
        ({"kind": "throttle", "bytesPerSecond": 0}, "bytes_per_second"),
        ({"kind": "552", "oin": "123"}, "oin"),
        ({"kind": "552", "text": "two\r\nlines"}, "text"),
        ({"kind": "wrong-passive-address", "address": "here"}, "address"),
        ({"kind": "552", "times": 10**9}, "times"),
    ],
)
def test_what_is_not_good_is_told(browser: httpx.Client, asked: dict[str, Any], word: str) -> None:
    """A wrong parameter is a problem document that names it, and nothing is asked for."""
    answer = browser.post(FAULTS, json=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert word in answer.json()["detail"]
    assert browser.get(FAULTS).json() == []


def test_a_person_asks_for_a_fault_in_the_console(browser: httpx.Client, house: House) -> None:
    """The form makes it, the page shows it with a button that removes it; what is wrong is told."""
    form = {"kind": "452", "times": "3", "command": "", "seconds": "", "plain": "true"}
    shown = browser.post("/faults", data=form)
    assert "none." not in shown.text
    fault = house.inner.file_faults.list()[0]
    assert (fault.kind, fault.times, fault.command, fault.plain) == ("452", 3, "STOR", True)
    assert f'action="/faults/{fault.id}/remove"' in shown.text
    wrong = browser.post("/faults", data={"kind": "421", "account": "x"})
    assert (wrong.status_code, "takes no account" in wrong.text) == (400, True)
    browser.post(f"/faults/{fault.id}/remove")
    assert house.inner.file_faults.list() == ()


def test_a_form_of_another_page_asks_for_nothing(house: House) -> None:
    """The guard keeps forms of other origins out."""
    with house.client(headers={"Origin": "https://elsewhere.example"}) as stranger:
        assert stranger.post("/faults", data={"kind": "421"}).status_code == 403
    assert house.inner.file_faults.list() == ()
