"""Every page of console and portal, looked at by axe-core and at the width of a small telephone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Portal
from tests.browser.pages import console_pages, portal_pages
from tests.browser.population import OFFICE_KVK, PERSON, REASON

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.heavy

_NARROW = {"width": 320, "height": 640}
_HEADINGS = "[...document.querySelectorAll('h1')].map((h) => h.textContent.trim())"
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _axe() -> str:
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def _violations(page: Page, axe: str) -> list[str]:
    """What axe finds, one line each: rule, place, what to do."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then((result) => result.violations)")
    return [
        f"{page.url} {row['id']}: {node['target']} {node['failureSummary']}"
        for row in found
        for node in row["nodes"]
    ]


def log_in(page: Page, language: str, bsn: str = PERSON) -> None:
    """Log in as a person."""
    page.goto(f"/portal/{language}/digid")
    page.fill("#bsn", bsn)
    page.press("#bsn", "Enter")
    page.wait_for_url("**/machtigingen")


def log_in_as_agent(page: Page, language: str) -> None:
    """Log in as the intermediary."""
    page.goto(f"/portal/{language}/eherkenning")
    page.click(f"button.plain:has-text('{OFFICE_KVK}')")
    page.wait_for_url("**/machtigingen")


def test_console_pages_are_axe_clean(portal: Portal) -> None:
    """axe-core finds nothing on any page of the console, nor on one for an address that is not there."""
    page, axe = portal.page(), _axe()
    found: list[str] = []
    for path in [*console_pages(portal), "/nothing-here"]:
        page.goto(path)
        found += _violations(page, axe)
    assert found == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_portal_pages_are_axe_clean_and_fit_a_telephone(
    portal: Portal, language: str, tmp_path: Path
) -> None:
    """No page of the portal has a finding of axe-core, scrolls sideways at 320 px, or shares its title."""
    page, axe = portal.page(viewport=_NARROW), _axe()
    titles: dict[str, str] = {}
    found: list[str] = []
    log_in(page, language)
    for number, path in enumerate([*portal_pages(portal, language), f"/portal/{language}/nergens"]):
        page.goto(path)
        found += _violations(page, axe)
        assert page.evaluate(_OVERFLOW) <= 0, path
        assert len(page.evaluate(_HEADINGS)) == 1, path
        if language == "nl":
            page.screenshot(path=tmp_path / f"{number}.png", full_page=True)
        if not path.endswith("/brief"):
            assert page.get_attribute("html", "lang") == language
            assert titles.setdefault(page.title(), path) == path
    assert found == []


def test_mandates_in_every_state_are_axe_clean(portal: Portal) -> None:
    """Every state has a page that axe-core accepts and that says in words what happens next."""
    page, axe = portal.page(), _axe()
    found: list[str] = []
    everything = portal.population.mandates
    for log_in_as, language, diensten in (
        (log_in, "en", tuple(everything)),
        (log_in_as_agent, "nl", ("VIA_2024", "SBT_2026")),
    ):
        log_in_as(page, language)
        for mandate in (everything[dienst] for dienst in diensten):
            page.goto(f"/portal/{language}/machtigingen/{mandate}")
            found += _violations(page, axe)
            assert page.locator(".timeline li").count() >= 1
            ended = page.locator(".status.over").count() == 1
            assert page.locator(".status h2").count() == (0 if ended else 1)
    assert found == []
    page.goto(f"/portal/nl/machtigingen/{portal.population.mandates['VIA_2024']}")
    assert REASON in page.inner_text("main")


def test_errors_and_search_are_axe_clean(portal: Portal) -> None:
    """Pages that say what is wrong, and the search with its second page, are accepted by axe-core too."""
    page, axe = portal.page(viewport=_NARROW), _axe()
    page.goto("/portal/nl/eherkenning")
    page.click("form.panel button")
    found = _violations(page, axe)
    assert page.evaluate(_OVERFLOW) <= 0
    log_in_as_agent(page, "nl")
    page.click("a[rel=next]")
    found += _violations(page, axe)
    page.goto("/portal/nl/machtigingen?jaar=abc")
    found += _violations(page, axe)
    assert found == []
