"""A real headless Chromium on a web door with mandates in every state behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digipoort_sim.config import Settings
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.server import open_inner
from tests.browser.population import PER_DAY, Population, populate
from tests.web.conftest import open_door

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = Path("/usr/bin/chromium")
_DESKTOP = {"width": 1280, "height": 900}
_PATIENCE = 10_000


@dataclass
class Portal:
    """A populated simulator and the browser that looks at it."""

    rooms: Rooms
    base: str
    browser: Browser
    population: Population
    _open: list[BrowserContext] = field(default_factory=list)

    def page(self, **options: Any) -> Page:
        """A page in a browser profile of its own; closed when the test ends."""
        context = self.browser.new_context(base_url=self.base, **{"viewport": _DESKTOP, **options})
        context.set_default_timeout(_PATIENCE)
        self._open.append(context)
        return context.new_page()

    def close_pages(self) -> None:
        """Close what tests opened."""
        while self._open:
            self._open.pop().close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; ended with its module, for while it is there no other test can run a loop."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there; apt-get install chromium")
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def populated(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A simulator of the module's own."""
    state = tmp_path_factory.mktemp("browser")
    settings = Settings.model_validate(
        {"state": state, "web_port": 0, "register": {"letters_per_day": PER_DAY}}
    )
    rooms = open_inner(settings)
    try:
        population = populate(rooms)
        with open_door(rooms) as base:
            yield Portal(rooms, base, chromium, population)
    finally:
        rooms.close()


@pytest.fixture
def portal(populated: Portal) -> Iterator[Portal]:
    """The module's simulator, with no page open yet."""
    yield populated
    populated.close_pages()
