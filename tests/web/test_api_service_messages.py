"""Service messages in the control API and the console."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from digipoort_sim.exchange.acceptance import MAXIMUM_CONTENT_BYTES
from tests.web.conftest import CLIENT, House

OWN = {
    "berichtsoort": "VIA",
    "vertegenwoordigde": CLIENT.nummer,
    "jaar": "2025",
    "bestandsnaam": "eigen é&.xbrl",
    "mimeType": "text/html",
}


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of the control API."""
    with house.client() as client:
        client.base_url = f"{house.base}/api/v1/"
        yield client


def _mandate(api: httpx.Client) -> str:
    found: list[dict[str, Any]] = api.get("mandates", params={"dienst": "VIA_2025"}).json()
    return str(found[0]["id"])


def test_a_message_is_made_on_demand(api: httpx.Client) -> None:
    """Making one for a mandate answers 201 with its fields; it is listed, shown and has a content."""
    mandate = _mandate(api)
    answer = api.post(f"mandates/{mandate}/service-messages")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["berichtsoort"], made["dienst"], made["mandate"]) == ("VIA", "VIA_2025", mandate)
    assert made["octets"] is None
    assert api.get("service-messages", params={"mandate": mandate}).json() == [made]
    assert api.get(f"service-messages/{made['kenmerk']}").json() == {**made, "gemachtigden": []}
    content = api.get(f"service-messages/{made['kenmerk']}/content")
    assert content.headers["content-type"].startswith("text/xml")
    assert content.content.startswith(b"<?xml")
    assert api.get(f"service-messages/{made['kenmerk']}").json()["octets"] == len(content.content)


def test_what_is_put_in_can_hold_anything(api: httpx.Client) -> None:
    """The octets of the body are kept as they are, up to 20 MiB; they come back as a file that no browser
    shows or runs.
    """
    octets = b"<script>\x00\xff" + b"x" * (MAXIMUM_CONTENT_BYTES - 10)
    answer = api.post("service-messages", params={**OWN, "tijdstip": "2026-03-01T09:00:00Z"}, content=octets)
    assert answer.status_code == 201
    kept = answer.json()
    assert kept["tijdstempelAangeleverd"] == "2026-03-01T09:00:00.000Z"
    assert (kept["mimeType"], kept["mandate"], kept["octets"]) == ("text/html", None, len(octets))
    content = api.get(f"service-messages/{kept['kenmerk']}/content")
    assert content.content == octets
    assert content.headers["content-type"] == "application/octet-stream"
    assert content.headers["content-disposition"] == "attachment; filename*=UTF-8''eigen%20%C3%A9%26.xbrl"
    assert "sandbox" in content.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("changes", "status", "rule"),
    [
        ({"berichtsoort": ""}, 400, "PARAMETER"),
        ({"berichtsoort": "Omzetbelasting"}, 400, "BERICHTSOORT"),
        ({"jaar": "abc"}, 400, "PARAMETER"),
        ({"tijdstip": "gisteren"}, 400, "PARAMETER"),
        ({"tijdstip": "9999-12-31T23:59:59-14:00"}, 400, "PARAMETER"),
        ({"mimeType": "x"}, 400, "MIME-TYPE"),
        ({"bestandsnaam": "a/b"}, 400, "BESTANDSNAAM"),
        ({"vertegenwoordigde": "1"}, 400, "NUMMER-ONGELDIG"),
        ({"onbekend": "1"}, 400, "PARAMETER"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(api: httpx.Client, changes: dict[str, str], status: int, rule: str) -> None:
    """A field that is wrong is answered with a problem document that names the rule; nothing is kept."""
    before = api.get("service-messages").json()
    good = {**OWN, "bestandsnaam": "a.xml"}
    answer = api.post("service-messages", params={**good, **changes}, content=b"x")
    assert (answer.status_code, answer.json()["rule"]) == (status, rule)
    assert api.get("service-messages").json() == before


LARGE = b"x" * (MAXIMUM_CONTENT_BYTES + 1)


def _files(house: House) -> list[str]:
    folder = house.inner.settings.payloads_folder()
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_a_large_one_lies_in_a_file_and_comes_back_whole(house: House, api: httpx.Client) -> None:
    """More than 20 MiB goes into a file and not into the database; it comes back as it was, also in parts."""
    answer = api.post("service-messages", params={**OWN, "bestandsnaam": "a.xml"}, content=LARGE)
    assert (answer.status_code, answer.json()["octets"]) == (201, len(LARGE))
    assert len(_files(house)) == 1
    path = f"service-messages/{answer.json()['kenmerk']}/content"
    whole = api.get(path)
    assert (whole.headers["content-length"], whole.content == LARGE) == (str(len(LARGE)), True)
    part = api.get(path, headers={"Range": "bytes=5-14"})
    assert (part.status_code, part.content) == (206, b"x" * 10)


def test_a_large_one_that_is_refused_leaves_no_file(
    house: House, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large message with a wrong berichtsoort, or without an end (413), leaves nothing behind."""
    before = _files(house)
    wrong = {**OWN, "berichtsoort": "NOSUCH"}
    assert api.post("service-messages", params=wrong, content=LARGE).json()["rule"] == "BERICHTSOORT"
    monkeypatch.setattr("digipoort_sim.web.uploads.MAXIMUM_FILE_BYTES", MAXIMUM_CONTENT_BYTES)
    answer = api.post("service-messages", params=OWN, content=LARGE)
    assert (answer.status_code, answer.json()["rule"]) == (413, "BODY-SIZE")
    assert _files(house) == before


def test_a_full_disk_is_told(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk has no room for a large message the caller is told so, and may try again."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("digipoort_sim.store.payloads.Writing.write", full)
    answer = api.post("service-messages", params=OWN, content=LARGE)
    assert (answer.status_code, answer.json()["rule"]) == (503, "PAYLOAD")
    assert "the disk is full" in answer.json()["detail"]


def test_unknown_ones_are_not_found(api: httpx.Client) -> None:
    """A kenmerk or mandate that does not exist is 404."""
    for path in ("service-messages/nosuch", "service-messages/nosuch/content"):
        assert api.get(path).status_code == 404
    assert api.post("mandates/nosuch/service-messages").status_code == 404


def test_pages_follow_each_other(api: httpx.Client) -> None:
    """The list goes on behind the Link of the page before, without gap or double."""
    for number in range(3):
        api.post("service-messages", params={**OWN, "bestandsnaam": f"{number}.xml"}, content=b"x")
    whole = [row["kenmerk"] for row in api.get("service-messages").json()]
    found: list[str] = []
    link = "service-messages?limit=2"
    while link:
        page = api.get(link)
        found += [row["kenmerk"] for row in page.json()]
        link = page.headers.get("Link", "").partition(">")[0].removeprefix("</api/v1/")
    assert found == whole


def test_the_console_shows_them(house: House, api: httpx.Client) -> None:
    """The console lists service messages, and shows one with its way to the content; text stays text."""
    kept = api.post("service-messages", params={**OWN, "bestandsnaam": "a&b.xml"}, content=b"x").json()
    with house.client() as browser:
        listed = browser.get("/service-messages", params={"berichtsoort": "VIA"})
        assert listed.status_code == 200
        assert f'href="/service-messages/{kept["kenmerk"]}"' in listed.text
        shown = browser.get(f"/service-messages/{kept['kenmerk']}").text
        assert "a&amp;b.xml" in shown
        assert f"/api/v1/service-messages/{kept['kenmerk']}/content" in shown
        assert "Nobody may fetch it now" in shown
        assert browser.get("/service-messages/nosuch").status_code == 404
