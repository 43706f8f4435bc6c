"""The console: pages for people that need no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from tests.web.conftest import CLIENT, House, request_mandate


class Page(HTMLParser):
    """What the tests want to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a name."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def browser(house: House) -> Iterator[httpx.Client]:
    """Goes on by itself after forms, as browsers do, and says where a form came from."""
    with house.client(follow_redirects=True, headers={"Origin": house.base}) as client:
        yield client


def paths(house: House) -> list[str]:
    """Every page of the console."""
    with house.inner.store.read() as tx:
        mandate = house.inner.register.mandates(tx)[0].id
    return [
        "/",
        "/messages",
        f"/messages/{house.kenmerk}",
        "/mandates",
        f"/mandates/{mandate}",
        "/letters",
        f"/letters/{house.letter}",
        "/events",
        f"/events/{house.event}",
        "/certs",
        "/accounts",
        "/foreign",
        "/faults",
        "/fiscal",
        "/fiscal/security",
        "/fiscal/liability",
        "/login",
        "/nothing-here",
    ]


def test_every_page_is_plain_and_says_what_it_is(browser: httpx.Client, house: House) -> None:
    """Pages name their language, say SIMULATOR, have one h1, labelled fields and nothing inline."""
    for path in paths(house):
        answer = browser.get(path)
        page = Page(answer.text)
        assert answer.status_code == (404 if path == "/nothing-here" else 200), path
        assert page.all("html") == [{"lang": "en"}]
        assert "SIMULATOR" in answer.text
        assert len(page.all("h1")) == 1
        assert not re.search(r"<script>|\sstyle=|\son\w+=", answer.text), path
        assert all((tag.get("src") or "/").startswith("/") for tag in page.all("script"))
        labels = {label["for"] for label in page.all("label")}
        fields = [tag for name in ("input", "select", "textarea") for tag in page.all(name)]
        fields = [tag for tag in fields if tag.get("type") != "hidden"]
        assert {tag["id"] for tag in fields} == labels, path


def test_links_lead_somewhere(browser: httpx.Client, house: House) -> None:
    """Every link on every page leads to a page that is there."""
    seen: set[str] = set()
    for path in paths(house):
        for link in Page(browser.get(path).text).all("a"):
            target = str(link.get("href") or "")
            if target.startswith("/") and target not in seen:
                seen.add(target)
                assert browser.get(target).status_code == 200, f"{path} -> {target}"
    assert f"/messages/{house.kenmerk}" in seen


def test_what_came_from_outside_is_escaped(browser: httpx.Client, house: House) -> None:
    """Bytes of a refused message and an aanleverkenmerk with markup are shown, not obeyed."""
    assert "&lt;script&gt;alert" in browser.get(f"/events/{house.event}").text
    assert "K&lt;1&gt;" in browser.get(f"/messages/{house.kenmerk}").text


def test_the_clock_is_moved_by_a_form(browser: httpx.Client) -> None:
    """The form moves the clock and shows the overview again."""
    before = browser.get("/api/v1/clock").json()["now"]
    answer = browser.post("/clock", data={"advance": "2d"})
    assert answer.url.path == "/"
    assert browser.get("/api/v1/clock").json()["now"] > before


def test_a_wrong_form_gets_a_page(browser: httpx.Client) -> None:
    """What a form got wrong is said on a page, not in JSON."""
    answer = browser.post("/clock", data={"advance": "soon"})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "is not a duration" in answer.text


def test_a_form_of_another_page_does_nothing(browser: httpx.Client) -> None:
    """A form that another page sends is refused."""
    answer = browser.post("/clock", data={"advance": "2d"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_a_certificate_is_revoked_and_a_letter_returned_by_forms(browser: httpx.Client, house: House) -> None:
    """The buttons of the pages do what they say and lead to what changed."""
    serial = next(row["serial"] for row in browser.get("/api/v1/certs").json() if row["kind"] == "service")
    assert browser.post("/certs/revoke", data={"serial": serial}).url.path == "/certs"
    rows = {row["serial"]: row["revokedAt"] for row in browser.get("/api/v1/certs").json()}
    assert rows[serial]
    answer = browser.post(f"/letters/{house.letter}/return")
    assert answer.url.path.startswith("/mandates/")
    assert "AFGEWEZEN" in answer.text


def test_mandates_are_filtered_and_revoked_as_either_side(browser: httpx.Client, house: House) -> None:
    """The filters keep what they name, and the mandate's page revokes it as the side that is chosen."""
    request_mandate(house.inner, "SBT_2026", CLIENT, "urn:uuid:revoked-in-the-console")
    listed = browser.get(f"/mandates?code=SBT&vertegenwoordigde={CLIENT.nummer}&order=newest&jaar=2026").text
    links = [str(a["href"]) for a in Page(listed).all("a") if str(a["href"]).startswith("/mandates/")]
    assert len(links) == 1
    assert "VIA_2025" not in listed
    answer = browser.post(f"{links[0]}/revoke", data={"side": "gemachtigde", "reden": "<i>klaar</i>"})
    assert answer.url.path == links[0]
    assert "&lt;i&gt;klaar" in answer.text
    assert "INGETROKKEN" in answer.text
    assert "Revoke it" not in answer.text
    assert browser.post(f"{links[0]}/revoke", data={"side": "gemachtigde"}).status_code == 409


def test_the_letter_lies_on_its_page(browser: httpx.Client, house: House) -> None:
    """The letter itself, with its QR code, stands on its page in a frame that may not do anything."""
    shown = browser.get(f"/letters/{house.letter}")
    (frame,) = Page(shown.text).all("iframe")
    assert frame["sandbox"] is None
    assert "frame-src 'self'" in shown.headers["content-security-policy"]
    sheet = browser.get(str(frame["src"]))
    assert "<svg" in sheet.text
    assert "frame-ancestors 'self'" in sheet.headers["content-security-policy"]
    assert sheet.headers["x-frame-options"] == "SAMEORIGIN"
    assert browser.get("/").headers["x-frame-options"] == "DENY"
    links = [str(a["href"]) for a in Page(shown.text).all("a") if "/letters/" in str(a.get("href"))]
    assert [browser.get(link).headers["content-type"].partition(";")[0] for link in links] == [
        "text/html",
        "application/pdf",
        "image/svg+xml",
    ]


def test_long_lists_go_on(browser: httpx.Client) -> None:
    """Every list has a link to what comes after its first page."""
    for path in ("/messages", "/mandates", "/letters", "/events"):
        more = [a for a in Page(browser.get(f"{path}?limit=1").text).all("a") if a.get("rel") == "next"]
        assert len(more) == 1, path
        assert browser.get(str(more[0]["href"])).status_code == 200


def test_pages_explain_what_the_register_did(browser: httpx.Client, house: House) -> None:
    """A refused message and a mandate say in words what happened, and what falls due next."""
    request_mandate(house.inner, "VIA_1998", CLIENT, "urn:uuid:console-refused")
    newest = house.inner.office.messages(limit=1)[0].kenmerk
    shown = browser.get(f"/messages/{newest}").text
    assert "MR130" in shown
    assert "The year is not allowed for this service." in shown
    request_mandate(house.inner, "GWH", CLIENT, "urn:uuid:console-waiting")
    with house.inner.store.read() as tx:
        found = house.inner.register.mandates(tx, vertegenwoordigde=CLIENT.nummer, newest_first=True)
    waiting, refused = (browser.get(f"/mandates/{one.id}").text for one in found[:2])
    assert "The register refused the request." in refused
    assert "What falls due next: letter" in waiting
