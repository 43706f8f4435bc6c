"""The portal in process: real rooms and the whole web application, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from digipoort_sim.config import Settings
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.server import open_inner
from digipoort_sim.web.assembly import assemble
from tests.browser.population import OFFICE_KVK, PER_DAY, PERSON, Population, populate

BASE = "http://localhost:8080"


@dataclass
class Visitor:
    """Somebody with a browser that keeps cookies; forms come from our own pages."""

    application: Any
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": BASE})
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Open a page, going where it sends us."""
        return self._ask("GET", path, **options)

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form, going where it sends us."""
        return self._ask("POST", path, data=fields)

    def digid(self, bsn: str = PERSON) -> Visitor:
        """The same, logged in as a person."""
        assert self.post("/portal/nl/digid", bsn=bsn).url.path == "/portal/nl/machtigingen"
        return self

    def eherkenning(self, side: str = "gemachtigde", kind: str = "KvK", number: str = OFFICE_KVK) -> Visitor:
        """The same, logged in for an organisation."""
        answer = self.post("/portal/nl/eherkenning", kant=side, soort=kind, nummer=number)
        assert answer.url.path == "/portal/nl/machtigingen", answer.text
        return self

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.application)
            async with httpx.AsyncClient(
                transport=transport, base_url=BASE, follow_redirects=True, cookies=self.cookies
            ) as client:
                headers = httpx.Headers(self.headers)
                headers.update(options.pop("headers", {}))
                answer = await client.request(method, path, headers=headers, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asked())


@dataclass(frozen=True)
class Office:
    """The rooms, what is in them, and the web door before them."""

    rooms: Rooms
    population: Population
    threads: ThreadPoolExecutor

    def visitor(self, **settings: Any) -> Visitor:
        """Somebody who has not logged in yet.

        Args:
            settings: such as ``portal={"shows": "2024-11"}``.
        """
        changed = Settings.model_validate({**self.rooms.settings.model_dump(by_alias=True), **settings})
        rooms = replace(self.rooms, settings=changed)
        return Visitor(assemble(rooms, self.threads, asyncio.Event()))


@contextmanager
def open_office(state: Path) -> Iterator[Office]:
    """Populate a state directory."""
    settings = Settings.model_validate({"state": state, "register": {"letters_per_day": PER_DAY}})
    rooms = open_inner(settings)
    try:
        with ThreadPoolExecutor(2) as threads:
            yield Office(rooms, populate(rooms), threads)
    finally:
        rooms.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A populated register; tests of one module share it."""
    with open_office(tmp_path_factory.mktemp("portal")) as opened:
        yield opened


@pytest.fixture
def visitor(office: Office) -> Visitor:
    """Somebody who has not logged in yet."""
    return office.visitor()
