"""The console's pages on fiscal representatives: forms that need no scripts, errors beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.web.conftest import House
from tests.web.test_console import Page

REPRESENTATIVE = "00000003302162470000"
CLIENT, OTHER = "999991772", "123456782"


@pytest.fixture
def browser(house: House) -> Iterator[httpx.Client]:
    """Goes on by itself after forms, as browsers do, and says where a form came from."""
    with house.client(follow_redirects=True, headers={"Origin": house.base}) as client:
        yield client


def requested(browser: httpx.Client, **more: str) -> str:
    """The path of the page of a permit that was requested by the form."""
    form = {"representative": REPRESENTATIVE, "kind": "limited", "clients": CLIENT, "category": "2", **more}
    answer = browser.post("/fiscal", data=form)
    assert answer.status_code == 200, answer.text
    return answer.url.path


def test_every_field_has_its_label(browser: httpx.Client) -> None:
    """On every page, empty or with an error, each field has one label and every id comes once."""
    permits = [requested(browser), requested(browser, amount="6000", category="")]
    browser.post(f"{permits[1]}/secure", data={"form": "deposit", "amount": "6000"})
    answers = [browser.get(p) for p in ("/fiscal", "/fiscal/security", "/fiscal/liability", *permits)]
    answers.append(browser.post("/fiscal/security", data={"kind": "general"}))
    answers.append(browser.post(f"{permits[0]}/secure", data={"form": "deposit"}))
    for answer in answers:
        page = Page(answer.text)
        fields = [tag for name in ("input", "select", "textarea") for tag in page.all(name)]
        assert sorted(str(tag["id"]) for tag in fields) == sorted(
            str(tag["for"]) for tag in page.all("label")
        )
        ids = [str(tag["id"]) for _, tag in page.tags if "id" in tag]
        assert len(ids) == len(set(ids)), answer.url
        assert len(page.all("h1")) == 1


def test_calculator_writes_the_sum_out(browser: httpx.Client) -> None:
    """The form with lines of CSV gives the security, its lines in English and Dutch, and keeps its fields."""
    lines = "import,1000000,exempt,,lot 7\nsupply,1000000,21,,lot 7"
    form = {"kind": "limited", "category": "1", "months": "1", "transactions": lines}
    answer = browser.post("/fiscal/security", data=form)
    assert "Security: EUR 10500.00" in answer.text
    assert "5% of EUR 210,000.00 = EUR 10,500.00" in answer.text
    assert '<ol lang="nl">' in answer.text
    assert "5% van € 210.000,00 = € 10.500,00" in answer.text
    assert "import,1000000,exempt,,lot 7" in answer.text
    assert re.search(r"<option selected>limited", answer.text)


def test_security_of_a_permit_is_calculated_from_lines(browser: httpx.Client) -> None:
    """Lines in the form of the request, or later of the permit, set its security; wrong ones are told."""
    lines = {"months": "1", "category": "1", "transactions": "supply,1000000,21"}
    path = requested(browser, **lines)
    assert "5% of EUR 210,000.00" in browser.get(path).text
    anew = browser.post(f"{path}/set", data={**lines, "transactions": "supply,2000000,21"})
    assert "5% of EUR 420,000.00" in anew.text
    wrong = browser.post(f"{path}/set", data={**lines, "transactions": "supply,x"})
    assert (wrong.status_code, "transaction 1: rate is missing" in wrong.text) == (400, True)


def test_liability_writes_the_sum_out(browser: httpx.Client) -> None:
    """The page's example by the form: liable for 7,000 of 12,000."""
    form = {"kind": "general", "security": "5000", "assessments": "2018,2000\n2019,10000"}
    answer = browser.post("/fiscal/liability", data=form)
    assert "Liable for EUR 7000.00 of EUR 12000.00" in answer.text


@pytest.mark.parametrize(
    ("path", "form", "told"),
    [
        ("/fiscal/security", {"kind": "general"}, "category is missing"),
        ("/fiscal/security", {"kind": "general", "transactions": "gift,1,21"}, "kind must be one of"),
        ("/fiscal/liability", {"kind": "general"}, "security must be an amount"),
        ("/fiscal/liability", {"kind": "general", "assessments": "2018,2,3,4,5,6"}, "more cells"),
        ("/fiscal", {"kind": "general", "clients": "<b>"}, "representative:"),
        ("/fiscal", {"kind": "general", "representative": REPRESENTATIVE, "clients": "<b>"}, "&lt;B&gt;"),
    ],
)
def test_errors_stand_beside_their_form(
    browser: httpx.Client, path: str, form: dict[str, str], told: str
) -> None:
    """What is wrong is told on the form's own page, with its rule, as an alert; nothing gets through raw."""
    answer = browser.post(path, data=form)
    assert answer.status_code == 400
    alert = re.search(r'<p role="alert">.*?</p>', answer.text, re.DOTALL)
    assert alert is not None
    assert told in alert[0]
    assert "<b>" not in answer.text.lower()


def test_permit_is_led_through_its_life_by_forms(browser: httpx.Client) -> None:
    """Request, security, client, end: each page offers what the state table allows, and no more."""
    path = requested(browser)
    assert "How the security was calculated" in browser.get(path).text
    assert "Withdraw the request" in browser.get(path).text
    wrong = browser.post(f"{path}/secure", data={"form": "deposit"})
    assert (wrong.status_code, "amount is not filled in" in wrong.text) == (400, True)
    active = browser.post(f"{path}/secure", data={"form": "guarantee", "amount": "5000"})
    assert "<dd>active</dd>" in active.text
    assert "Set the security" not in active.text
    assert f"{CLIENT}, {OTHER}" in browser.post(f"{path}/clients", data={"client": OTHER}).text
    ended = browser.post(f"{path}/end", data={"by": "representative"})
    assert "Give back the security" in ended.text
    assert "End the permit" not in ended.text
    early = browser.post(f"{path}/release")
    assert (early.status_code, "FISCAL-TOO-EARLY" in early.text) == (409, True)
    assert path.rpartition("/")[2] in browser.get("/fiscal").text
