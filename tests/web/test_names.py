"""Own names: wherever a name is shown, the user's file has the last word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from pypdfium2 import PdfDocument

from digipoort_sim.config import Settings
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.server import open_inner
from tests.web.conftest import CLIENT, open_door, request_mandate

OFFICE_NAME, CLIENT_NAME = "TRIAL Kantoor Zonneschijn", "P. Proefkonijn"
NAMES = f"""number,name,street,postcode,place
30216247,{OFFICE_NAME},,,
{CLIENT.nummer},{CLIENT_NAME},Papieren Pad 3,0123 AB,Verzonnenbroek
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """Rooms with a file of names, and a letter."""
    state = tmp_path_factory.mktemp("state")
    (state / "names.csv").write_text(NAMES)
    settings = {"state": state, "web_port": 0, "register": {"names": state / "names.csv"}}
    rooms = open_inner(Settings.model_validate(settings))
    request_mandate(rooms, "VIA_2025", CLIENT, "urn:uuid:names")
    rooms.scheduler.advance(rooms.clocks.simulator.now() + timedelta(days=15))
    yield rooms
    rooms.close()


@pytest.fixture(scope="module")
def browser(own: Rooms) -> Iterator[httpx.Client]:
    """A browser on these rooms."""
    with open_door(own) as base:
        origin = {"Origin": base}
        with httpx.Client(base_url=base, headers=origin, follow_redirects=True, trust_env=False) as client:
            yield client


def test_own_names_stand_in_letters_console_and_portal(browser: httpx.Client) -> None:
    """Letter (page, text, PDF, fields, box), console and portal show the file's names and its address."""
    letter = browser.get("/api/v1/letters").json()[0]
    address = f"/api/v1/letters/{letter['id']}"
    pages = [
        browser.get(address, params={"format": "html"}).text,
        browser.get(address, params={"format": "text"}).text,
        browser.get(f"/letters/{letter['id']}").text,
        browser.get(f"/mandates/{letter['mandateId']}").text,
    ]
    with PdfDocument(browser.get(address, params={"format": "pdf"}).content) as document:
        pages.append(document[0].get_textpage().get_text_range())
    assert [OFFICE_NAME in page and CLIENT_NAME in page for page in pages] == 5 * [True]
    assert "Papieren Pad 3" in pages[0]
    assert "0123 AB  Verzonnenbroek" in pages[1]
    assert (letter["naamGemachtigde"], letter["naamVertegenwoordigde"]) == (OFFICE_NAME, CLIENT_NAME)
    assert browser.get("/api/v1/letter-boxes").json()[0]["naam"] == CLIENT_NAME
    portal = browser.post("/portal/nl/digid", data={"bsn": CLIENT.nummer})
    assert OFFICE_NAME in portal.text


def test_registered_names_are_shown_until_own_ones_are_given(browser: httpx.Client) -> None:
    """A foreign business that was registered has its own name, by FInr and by OIN; no restart is needed."""
    made = browser.post(
        "/api/v1/foreign",
        json={
            "name": "TRIAL Nachtigall GmbH",
            "country": "DE",
            "address": "Teststrasse 1",
            "city": "Teststadt",
            "registrationNumber": "HRB 1",
            "chamberProof": "true",
            "deedLanguage": "de",
        },
    )
    assert made.status_code == 201, made.text
    finr = made.json()["finr"]
    found = browser.get(f"/api/v1/names/{finr}", params={"type": "Fi"}).json()
    assert (found["naam"], found["origin"]) == ("TRIAL Nachtigall GmbH", "registered")
    assert browser.get(f"/api/v1/names/00000002{finr}000").json() == found
    assert browser.get("/api/v1/names/30216247").json()["origin"] == "own"
