"""Every page that a person can open, from the web door's own table: a new page is looked at by itself."""

from __future__ import annotations

import re

from digipoort_sim.web.assembly import all_operations
from digipoort_sim.web.guard import Guard
from digipoort_sim.web.portal import PATH
from digipoort_sim.web.portal import Portal as PortalRoom
from tests.browser.conftest import Portal
from tests.browser.population import RETURNED

_VARIABLE = re.compile(r"\{(\w+)\}")
_HTML = "text/html"


def console_pages(portal: Portal) -> list[str]:
    """The addresses of the console's pages."""
    return [_filled(path, portal) for path in _paths(portal) if not path.startswith(PATH)]


def portal_pages(portal: Portal, language: str) -> list[str]:
    """The addresses of the portal's pages in one language, as the person sees them."""
    begin = f"{PATH}/{language}/"
    return [_filled(path, portal) for path in _paths(portal) if path.startswith(begin)]


def _paths(portal: Portal) -> list[str]:
    settings = portal.rooms.settings
    room = PortalRoom.open(settings, portal.rooms.ids, portal.rooms.clocks.simulator)
    rows = all_operations(Guard.of(settings, None), room)
    return [row.path for row in rows if row.method == "GET" and row.returns == _HTML]


def _filled(path: str, portal: Portal) -> str:
    """A path with an example for each of its variable parts."""
    examples = _examples(portal)
    for begin, example in examples:
        if path.startswith(begin):
            return _VARIABLE.sub(example, path)
    assert not _VARIABLE.search(path), f"give an example for {path}"
    return path


def _examples(portal: Portal) -> list[tuple[str, str]]:
    mandates, letters = portal.population.mandates, portal.population.letters
    rows = [
        ("machtigingen/{id}/ingetrokken", mandates["VIA_2024"]),
        ("machtigingen/{id}", mandates["VIA_2025"]),
        ("postvak/{id}/teruggestuurd", letters[RETURNED]),
        ("postvak/{id}", letters["SBT_2026"]),
        ("formulier/verwerkt", mandates[RETURNED]),
    ]
    in_portal = [(f"{PATH}/{lang}/{path}", example) for lang in ("nl", "en") for path, example in rows]
    in_console = [
        ("/messages/{kenmerk}", portal.population.kenmerk),
        ("/mandates/{id}", mandates["VIA_2025"]),
        ("/letters/{id}", letters["SBT_2026"]),
        ("/events/{id}", str(portal.population.event)),
    ]
    return [*in_portal, *in_console]
