"""The console's page on foreign businesses: all steps with plain forms, refusals told beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.web.conftest import House
from tests.web.test_console import Page

BETA = {
    "name": "Beta <Ltd>",
    "country": "IE",
    "address": "Test Street 2",
    "city": "Dublin",
    "registrationNumber": "777",
    "chamberProof": "true",
    "deedLanguage": "en",
}


@pytest.fixture
def browser(house: House) -> Iterator[httpx.Client]:
    """Goes on by itself after forms, as browsers do, and says where a form came from."""
    with house.client(follow_redirects=True, headers={"Origin": house.base}) as client:
        yield client


def test_every_step_with_plain_forms(browser: httpx.Client) -> None:
    """Form, OIN button and certificate button lead from nothing to a certificate; names are escaped."""
    shown = browser.post("/foreign", data=BETA)
    assert shown.status_code == 200
    (finr,) = shown.url.params.get_list("finr")
    assert "Beta &lt;Ltd&gt;" in shown.text
    forms = [form["action"] for form in Page(shown.text).all("form")]
    assert f"/foreign/{finr}/oin" in forms
    assert f"/foreign/{finr}/certificate" not in forms
    entered = browser.post(f"/foreign/{finr}/oin")
    assert f"00000002{finr}000" in entered.text
    made = browser.post(f"/foreign/{finr}/certificate")
    assert re.search(rf"<code>[^<]*foreign/00000002{finr}000</code>", made.text)
    assert "only DigiCert" in made.text
    assert "Issue another certificate</button>" in made.text
    assert "Issue another certificate</button>" not in entered.text
    assert f'href="/foreign?finr={finr}"' in browser.get("/foreign").text


def test_a_refusal_is_told_in_two_languages_and_keeps_what_was_filled_in(browser: httpx.Client) -> None:
    """Status 409, the reason in English and in Dutch, and the form as it was sent."""
    shown = browser.post("/foreign", data={**BETA, "country": "NL", "registrationNumber": "778"})
    assert shown.status_code == 409
    assert "has a KvK number" in shown.text
    assert '<p lang="nl">Een onderneming in Nederland' in shown.text
    fields = {field["name"]: field for field in Page(shown.text).all("input")}
    assert fields["name"]["value"] == BETA["name"]
    assert "checked" in fields["chamberProof"]


def test_a_step_out_of_order_is_told_on_the_page(browser: httpx.Client) -> None:
    """A certificate before the OIN, from an old page, is refused there; an unknown FInr is not found."""
    finr = browser.post("/foreign", data={**BETA, "registrationNumber": "779"}).url.params["finr"]
    early = browser.post(f"/foreign/{finr}/certificate")
    assert (early.status_code, "needs an OIN" in early.text) == (409, True)
    assert browser.post("/foreign/111222333/oin").status_code == 404
    assert browser.get("/foreign?finr=111222333").status_code == 404
