"""Whole visits to the portal in a real browser: with the keyboard only, and with scripts switched off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from digipoort_sim.register import State
from tests.browser.conftest import Portal
from tests.browser.population import OFFICE_KVK, PERSON
from tests.browser.test_accessibility import log_in, log_in_as_agent

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.heavy

_FOCUSED = "document.activeElement.textContent.trim() || document.activeElement.id"
_OUTLINE = "getComputedStyle(document.activeElement).outlineWidth"
_IN_VIEW = "(({left, width}) => left >= 0 && width > 0)(document.activeElement.getBoundingClientRect())"
_MOST_STOPS = 60


def _state(portal: Portal, dienst: str) -> State:
    with portal.rooms.store.read() as tx:
        return portal.rooms.register.mandate(tx, portal.population.mandates[dienst]).toestand


def _tab_to(page: Page, name: str) -> None:
    """Go on with the Tab key until something with this name has the focus; every stop must be seen."""
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(_OUTLINE) == "3px", page.evaluate(_FOCUSED)
        assert page.evaluate(_IN_VIEW)
        if name in page.evaluate(_FOCUSED):
            return
    raise AssertionError(f"the Tab key never comes to {name!r}")


def test_a_client_revokes_with_the_keyboard_alone(portal: Portal) -> None:
    """From the start page to a revoked mandate by Tab, Enter and typing; every stop on the way is visible."""
    page = portal.page()
    page.goto("/portal/nl/")
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED) == "Direct naar de inhoud"
    page.keyboard.press("Enter")
    _tab_to(page, "Inloggen met DigiD")
    page.keyboard.press("Enter")
    page.wait_for_url("**/digid")
    _tab_to(page, "bsn")
    page.keyboard.type("123")
    page.keyboard.press("Enter")
    page.wait_for_selector(".errors")
    assert "elfproef" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "bsn"
    page.keyboard.press("Control+a")
    page.keyboard.type(PERSON)
    page.keyboard.press("Enter")
    page.wait_for_url("**/machtigingen")
    _tab_to(page, "Gegevens vooraf ingevulde aangifte 2025")
    page.keyboard.press("Enter")
    page.wait_for_selector(".timeline")
    _tab_to(page, "Machtiging intrekken")
    page.keyboard.press("Enter")
    page.wait_for_url("**/intrekken")
    _tab_to(page, "reden")
    page.keyboard.type("Ik doe het zelf")
    _tab_to(page, "Ja, machtiging intrekken")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ingetrokken")
    assert page.inner_text("h1") == "De machtiging is ingetrokken"
    assert _state(portal, "VIA_2025") is State.INGETROKKEN


def test_an_intermediary_revokes_without_scripts_in_english(portal: Portal) -> None:
    """With scripts off, an intermediary logs in, searches, changes the language, revokes and logs out."""
    page = portal.page(java_script_enabled=False)
    log_in_as_agent(page, "nl")
    page.click("nav.language a")
    page.wait_for_url("**/portal/en/machtigingen")
    page.fill("#nummer", PERSON)
    page.select_option("#dienst", "SBT")
    page.click("form.search button")
    page.wait_for_url("**dienst=SBT**")
    page.click("tbody a")
    page.click("main a.button")
    assert "Inform the client yourself" in page.inner_text("main")
    page.click("main button.danger")
    page.wait_for_url("**/ingetrokken")
    assert "Inform your client yourself" in page.inner_text(".status")
    assert _state(portal, "SBT_2026") is State.INGETROKKEN
    page.click("form.logout button")
    assert page.inner_text(".notice") == "You are logged out."
    page.goto("/portal/en/machtigingen")
    assert page.inner_text("h1") == "Welcome to the register of mandates"


def test_a_client_reads_a_letter_and_returns_it_without_scripts(portal: Portal) -> None:
    """With scripts off, the client finds a letter, reads it in its frame and as PDF, and sends it back."""
    page = portal.page(java_script_enabled=False, locale="nl-NL")
    log_in(page, "nl")
    page.click("nav a:has-text('Postvak')")
    page.click("tbody a:has-text('Serviceberichten Aanslag inkomstenbelasting 2026')")
    frame = page.frame_locator("iframe")
    assert "SIMULATIE" in frame.locator("body").inner_text()
    address = page.get_attribute("a:has-text('PDF')", "href")
    assert address is not None
    pdf = page.context.request.get(portal.base + address)
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF-")
    page.click("a.button:has-text('Brief terugsturen')")
    page.click("button.danger")
    page.wait_for_url("**/teruggestuurd")
    assert page.inner_text(".status") == "De status van de machtiging is nu: afgewezen."
    assert _state(portal, "SBA_IB_2026") is State.AFGEWEZEN


def test_a_client_fills_in_the_form_in_english(portal: Portal) -> None:
    """The form is filled in, checked, sent, and ends a registration that has no letter yet."""
    page = portal.page()
    log_in(page, "en")
    page.goto("/portal/en/formulier")
    page.select_option("#dienst", "GWH")
    page.fill("#gemachtigde", OFFICE_KVK)
    page.click("form.panel button")
    assert page.inner_text("h1") == "Check the form"
    page.click("button:has-text('Change')")
    assert page.input_value("#gemachtigde") == OFFICE_KVK
    page.click("form.panel button")
    page.click("button:has-text('Yes, send the form')")
    page.wait_for_url("**/verwerkt**")
    assert re.search(r"is now: (refused|revoked)", page.inner_text(".status"))
    assert _state(portal, "GWH") in (State.AFGEWEZEN, State.INGETROKKEN)


def test_a_page_of_another_site_revokes_nothing(portal: Portal) -> None:
    """A form of another origin, sent by a browser that is logged in, is refused and carries no session."""
    page = portal.page()
    log_in(page, "nl")
    mandate = portal.population.mandates["DM_IB"]
    action = f"{portal.base}/portal/nl/machtigingen/{mandate}/intrekken"
    page.route(
        "http://evil.example/",
        lambda route: route.fulfill(
            body=f"<form method=post action='{action}'><button>x</button></form>", content_type="text/html"
        ),
    )
    page.goto("http://evil.example/")
    page.click("button")
    page.wait_for_url("**/intrekken")
    assert "geweigerd" in page.inner_text("h1")
    assert _state(portal, "DM_IB") is State.ACTIEF


def test_console_and_portal_lead_to_each_other(portal: Portal) -> None:
    """The console has a link to the portal, and the portal one to the console."""
    page = portal.page(locale="en-GB")
    page.goto("/")
    page.click("nav a:has-text('Portal')")
    page.wait_for_url("**/portal/en/")
    page.click("footer a")
    page.wait_for_url(f"{portal.base}/")
