"""Every page that a person can open, from the web door's own table: a new page is looked at by itself."""

from __future__ import annotations

import re

import httpx

from digipoort_sim.web.assembly import all_operations
from digipoort_sim.web.guard import Guard
from digipoort_sim.web.portal import PATH
from digipoort_sim.web.portal import Portal as PortalRoom
from tests.browser.conftest import Portal
from tests.browser.population import OFFICE, RETURNED

_VARIABLE = re.compile(r"\{(\w+)\}")
_HTML = "text/html"


def console_pages(portal: Portal) -> list[str]:
    """The addresses of the console's pages."""
    population = portal.population
    examples = {
        "/messages/": population.kenmerk,
        "/mandates/": population.mandates["VIA_2025"],
        "/letters/": population.letters["SBT_2026"],
        "/events/": str(population.event),
        **_made_by_api(portal),
    }
    return [_filled(path, examples) for path in _paths(portal) if not path.startswith(PATH)]


def portal_pages(portal: Portal, language: str) -> list[str]:
    """The addresses of the portal's pages in one language, as the person sees them."""
    begin, mandates, letters = f"{PATH}/{language}/", portal.population.mandates, portal.population.letters
    examples = {
        f"{begin}machtigingen/{{id}}/ingetrokken": mandates["VIA_2024"],
        f"{begin}machtigingen/": mandates["VIA_2025"],
        f"{begin}postvak/{{id}}/teruggestuurd": letters[RETURNED],
        f"{begin}postvak/": letters["SBT_2026"],
    }
    paths = [_filled(path, examples) for path in _paths(portal) if path.startswith(begin)]
    done = f"{begin}formulier/verwerkt"
    return [f"{path}?machtiging={mandates[RETURNED]}" if path == done else path for path in paths]


def _paths(portal: Portal) -> list[str]:
    settings = portal.rooms.settings
    room = PortalRoom.open(settings, portal.rooms.ids, portal.rooms.clocks.simulator)
    rows = all_operations(Guard.of(settings, None), room)
    return [row.path for row in rows if row.method == "GET" and row.returns == _HTML]


def _filled(path: str, examples: dict[str, str]) -> str:
    """A path with an example for its variable part."""
    if not _VARIABLE.search(path):
        return path
    known = [example for begin, example in examples.items() if path.startswith(begin)]
    assert known, f"give an example for {path}"
    return _VARIABLE.sub(known[0], path)


def _made_by_api(portal: Portal) -> dict[str, str]:
    """Examples of what the control API makes."""
    with httpx.Client(base_url=f"{portal.base}/api/v1", trust_env=False) as client:
        mandate = portal.population.mandates["VIA_2025"]
        message = client.post(f"/mandates/{mandate}/service-messages").json()
        place = {"name": "A <GmbH>", "country": "DE", "address": "Weg 1", "city": "Bonn"}
        proof = {"registrationNumber": "HRB 1", "chamberProof": "true", "deedLanguage": "en"}
        foreign = client.post("/foreign", json={**place, **proof})
        assert foreign.status_code == 201, foreign.text
        asked = {"representative": OFFICE, "kind": "general", "clients": [foreign.json()["finr"]]}
        permit = client.post("/fiscal/permits", json=asked)
        assert permit.status_code == 201, permit.text
    return {"/service-messages/": message["kenmerk"], "/fiscal/permits/": permit.json()["id"]}
