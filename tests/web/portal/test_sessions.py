"""Logging in to the portal, and who is let in."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from digipoort_sim.config import Settings
from digipoort_sim.ids import SeededIds
from digipoort_sim.web.portal.sessions import COOKIE, Number, Sessions
from digipoort_sim.web.token import FILE, PORTAL_KEY
from tests.browser.population import OFFICE_KVK, ORGANISATION, PERSON
from tests.web.portal.conftest import BASE, Office, Visitor

CLOSED = ("machtigingen", "eerdere-machtigingen", "machtigingen/x", "postvak", "postvak/x/brief", "formulier")


def _value(cookie: str) -> str:
    return cookie.partition("=")[2].partition(";")[0]


def test_digid_takes_any_good_bsn_and_nothing_else(visitor: Visitor) -> None:
    """Blanks and points do not matter, the 11-test does; what is wrong is said beside the field."""
    assert visitor.post("/portal/nl/digid", bsn="9999.936 53").url.path == "/portal/nl/machtigingen"
    for wrong, text in (("999993654", "elfproef"), ("", "Vul een BSN in"), ("<b>", "elfproef")):
        answer = visitor.post("/portal/nl/digid", bsn=wrong)
        assert answer.status_code == 400
        assert text in answer.text
        assert '<a href="#bsn">' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "<title>Fout: " in answer.text


def test_the_session_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    """The cookie is HttpOnly, SameSite=Strict, for the portal only, and has no time of its own."""
    answer = visitor.post("/portal/nl/digid", bsn=PERSON).history[0]
    cookie = answer.headers["set-cookie"]
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Path=/portal")
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_is_shown_without_a_login(visitor: Visitor, path: str) -> None:
    """Who is not logged in is led to the start page of the language, which says so."""
    answer = visitor.get(f"/portal/en/{path}")
    assert answer.url.path == "/portal/en/"
    assert "You are not logged in" in answer.text


def test_logging_out_ends_the_session_itself(visitor: Visitor) -> None:
    """After logout the old cookie is no longer good, not even for who kept it."""
    cookie = f"{COOKIE}={visitor.digid().cookies[COOKIE]}"
    keeper = Visitor(visitor.application, {"Origin": BASE, "Cookie": cookie})
    assert keeper.get("/portal/nl/machtigingen").url.path == "/portal/nl/machtigingen"
    assert "U bent uitgelogd" in visitor.post("/portal/nl/uitloggen").text
    assert COOKIE not in visitor.cookies
    assert keeper.get("/portal/nl/machtigingen").url.path == "/portal/nl/"


def test_a_session_outlives_every_move_of_the_clock_and_a_restart(office: Office) -> None:
    """Who plays the client moves the clock and stays logged in; the key is in the state directory."""
    visitor = office.visitor().digid()
    office.rooms.scheduler.advance(office.rooms.clocks.simulator.now() + timedelta(days=30))
    other = office.visitor()
    other.cookies = visitor.cookies
    assert other.get("/portal/nl/machtigingen").url.path == "/portal/nl/machtigingen"
    key = office.rooms.settings.state / PORTAL_KEY
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "forge",
    [
        lambda good: good.replace(PERSON, "100000010"),
        lambda good: good.replace("vertegenwoordigde", "gemachtigde"),
        lambda good: good.rpartition(".")[0],
        lambda good: good[:-1] + ("0" if good[-1] != "0" else "1"),
        lambda good: good.upper(),
        lambda good: "x" * 3000,
        lambda good: "....",
        lambda good: "é.é.é.é.é",
    ],
)
def test_a_forged_cookie_is_no_session(office: Office, forge: object) -> None:
    """A cookie that was changed, cut or made up logs nobody in, and never breaks a page."""
    assert callable(forge)
    good = office.visitor().digid().cookies[COOKIE]
    visitor = office.visitor()
    cookie = f"{COOKIE}={forge(good)}".encode()
    answer = visitor.get("/portal/nl/machtigingen", headers={b"Cookie": cookie})
    assert answer.url.path == "/portal/nl/"
    assert "Log opnieuw in" in answer.text


def test_another_key_signs_other_cookies() -> None:
    """What was signed by another simulator, or names what cannot be, is no session here."""
    ours, theirs = Sessions("a", SeededIds(1)), Sessions("b", SeededIds(1))
    number = (Number("BSN", PERSON),)
    cookie = f"{COOKIE}={_value(theirs.begin('digid', 'vertegenwoordigde', number))}"
    assert theirs.read(cookie) is not None
    assert ours.read(cookie) is None
    for odd in (("digid", "wie", number), ("x", "gemachtigde", number)):
        assert ours.read(f"{COOKIE}={_value(ours.begin(*odd))}") is None  # type: ignore[arg-type]
    wrong = ours.begin("digid", "vertegenwoordigde", (Number("BSN", "123456789"),))
    assert ours.read(f"{COOKIE}={_value(wrong)}") is None


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ["#kant-vertegenwoordigde", "#soort-KvK", "#nummer"]),
        ({"kant": "gemachtigde", "soort": "KvK", "nummer": "00123456"}, ["#nummer"]),
        ({"kant": "gemachtigde", "soort": "RSIN", "nummer": "123456789"}, ["#nummer"]),
        ({"kant": "gemachtigde", "soort": "Fi", "nummer": "123456782B00"}, ["#nummer"]),
        ({"kant": "gemachtigde", "soort": "BSN", "nummer": PERSON}, ["#soort-KvK"]),
        ({"kant": "gemachtigde", "soort": "KvK", "nummer": OFFICE_KVK, "rsin": ORGANISATION}, ["#rsin"]),
        ({"kant": "vertegenwoordigde", "soort": "KvK", "nummer": OFFICE_KVK, "rsin": "1"}, ["#rsin"]),
    ],
)
def test_eherkenning_says_what_is_wrong(visitor: Visitor, fields: dict[str, str], wrong: list[str]) -> None:
    """Every field that is not right is named in the summary, with a link to it; nothing typed is lost."""
    answer = visitor.post("/portal/en/eherkenning", **fields)
    assert answer.status_code == 400
    assert re.findall(r'<li><a href="(#[^"]+)">', answer.text) == wrong
    for field in wrong:
        assert f'id="{field[1:]}"' in answer.text
    if "nummer" in fields:
        assert f'value="{fields["nummer"]}"' in answer.text


def test_a_form_of_another_site_does_nothing(office: Office) -> None:
    """Forms that another page sends are refused by the door's guard, logged in or not."""
    visitor = office.visitor().digid()
    mandate = office.population.mandates["VIA_2025"]
    path = f"/portal/en/machtigingen/{mandate}/intrekken"
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "", "Sec-Fetch-Site": "cross-site"}):
        visitor.headers = {name: value for name, value in headers.items() if value}
        answer = visitor.post(path)
        assert answer.status_code == 403
        assert "This request was refused" in answer.text
    with office.rooms.store.read() as tx:
        assert not office.rooms.register.mandate(tx, mandate).ended


def test_the_portal_wants_the_token_where_the_console_does(office: Office) -> None:
    """Open to other machines, the portal asks for the token first, and then leads to itself."""
    visitor = office.visitor(web_host="localhost")
    answer = visitor.get("/portal/en/digid")
    assert answer.url == httpx.URL("http://localhost:8080/login?next=/portal/en/digid")
    token = (office.rooms.settings.state / FILE).read_text().strip()
    assert visitor.post("/login", token=token, next="/portal/en/digid").url.path == "/portal/en/digid"
    assert visitor.post("/login", token=token, next="//evil.example/portal/").url.path == "/"
    assert Settings().web_host is None
