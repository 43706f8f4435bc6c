"""The table of the console."""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import quote

from digipoort_sim.web.api import events as api_events
from digipoort_sim.web.api import letters, mandates, messages, service_messages
from digipoort_sim.web.api.table import BASE, api_operations
from digipoort_sim.web.console import forms, pages
from digipoort_sim.web.console.accounts import account_pages
from digipoort_sim.web.console.file_faults import file_fault_pages
from digipoort_sim.web.console.file_profiles import file_profile_pages
from digipoort_sim.web.console.fiscal_table import fiscal_pages
from digipoort_sim.web.console.foreign import foreign_pages
from digipoort_sim.web.console.rendering import page, see_other
from digipoort_sim.web.guard import Guard
from digipoort_sim.web.operations import Asked, Handler, Operation, Parameter, Reply
from digipoort_sim.web.templating import static_file

_HTML = "text/html"
_MOVES = (Parameter("set", "a time"), Parameter("advance", "a duration"))
_STATIC = {"console.css": "text/css; charset=utf-8", "live.js": "text/javascript; charset=utf-8"}


def console_operations(guard: Guard) -> tuple[Operation, ...]:
    """Every page and form of the console."""
    return (
        *_lists(),
        *_pages(),
        *fiscal_pages(),
        *foreign_pages(),
        *account_pages(),
        *file_fault_pages(),
        *file_profile_pages(),
        *_forms(guard),
        *(_static(name) for name in _STATIC),
    )


def _lists() -> tuple[Operation, ...]:
    rows = (
        ("/messages", "Messages", messages.list_messages, "kenmerk"),
        ("/mandates", "Mandates", mandates.list_mandates, "id"),
        (
            "/service-messages",
            "Service messages",
            service_messages.list_service_messages,
            "kenmerk",
        ),
        ("/letters", "Letters", letters.list_letters, "id"),
        ("/events", "Events", api_events.list_events, "id"),
    )
    api = {row.path: row for row in api_operations() if row.method == "GET"}
    return tuple(
        Operation(
            "GET",
            path,
            title,
            pages.listing(title, handler, path.strip("/"), key),
            _HTML,
            pages=api[BASE + path].pages,
            query=api[BASE + path].query,
        )
        for path, title, handler, key in rows
    )


def _pages() -> tuple[Operation, ...]:
    rows: tuple[tuple[str, str, Handler], ...] = (
        ("/", "Overview", pages.overview),
        ("/messages/{kenmerk}", "One message", pages.message),
        ("/mandates/{id}", "One mandate", pages.mandate),
        ("/service-messages/{kenmerk}", "One service message", pages.service_message),
        ("/letters/{id}", "One letter", pages.letter),
        ("/events/{id}", "One event", pages.event),
        ("/certs", "Certificates", pages.certificates),
    )
    return tuple(Operation("GET", path, title, handler, _HTML) for path, title, handler in rows)


def _forms(guard: Guard) -> tuple[Operation, ...]:
    serial = (Parameter("serial", "in hex", required=True),)
    revocation = (
        Parameter("side", "who revokes", choices=("vertegenwoordigde", "gemachtigde"), required=True),
        Parameter("reden", "why"),
    )
    following = Parameter("next", "where to go on")
    token = (Parameter("token", "the token", required=True), following)
    return (
        Operation("POST", "/clock", "Move the clock", forms.move_clock, _HTML, body=_MOVES),
        Operation("POST", "/letters/{id}/return", "Send back", forms.return_letter, _HTML),
        Operation("POST", "/mandates/{id}/revoke", "Revoke", forms.revoke_mandate, _HTML, body=revocation),
        Operation("POST", "/certs/revoke", "Revoke", forms.revoke, _HTML, body=serial),
        Operation("GET", "/login", "Token", forms.login_page, _HTML, query=(following,)),
        Operation("POST", "/login", "Show the token", forms.login(guard), _HTML, body=token),
    )


def _static(name: str) -> Operation:
    handler = partial(_serve_static, name)
    return Operation("GET", f"/static/{name}", name, handler, _STATIC[name])


def _serve_static(name: str, _: Asked) -> Reply:
    return static_file(name, _STATIC[name])


def failure_page(reply: Reply, path: str) -> Reply:
    """What a person sees in place of a problem document; the control API keeps the document."""
    if path.startswith("/api/"):
        return reply
    if reply.status == 401 and path != "/login":
        return see_other(f"/login?next={quote(path)}" if path.startswith("/portal/") else "/login")
    shown = page("problem", title="Not possible", status=reply.status, problem=json.loads(reply.content))
    return Reply(shown.content, shown.media_type, shown.status, reply.headers)
