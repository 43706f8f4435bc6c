"""The console's pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from digipoort_sim.web.api.clock import clock_fields
from digipoort_sim.web.api.events import event_id
from digipoort_sim.web.api.ground import info_fields
from digipoort_sim.web.api.letters import find_letter, named_letter
from digipoort_sim.web.api.names import names_of_parties
from digipoort_sim.web.api.service_messages import detail_fields
from digipoort_sim.web.api.table import BASE
from digipoort_sim.web.console.rendering import page
from digipoort_sim.web.fields import (
    event_fields,
    fields_of,
    mandate_fields,
    message_detail_fields,
    message_fields,
    registration_fields,
    told_event_fields,
    validation_fields,
)
from digipoort_sim.web.guard import SECURITY_HEADERS
from digipoort_sim.web.operations import Asked, Handler, Reply

_SHOWN_OF_RAW = 64 * 1024
_LATEST = 10
_SHOWN_FINDINGS = 500
_SHEET_INSIDE = f"{SECURITY_HEADERS['Content-Security-Policy']}; frame-src 'self'"


def overview(asked: Asked) -> Reply:
    """Addresses, clock, and what happened last."""
    office = asked.rooms.office
    return page(
        "overview",
        title="Overview",
        info=info_fields(asked.rooms),
        messages=[message_fields(row) for row in office.messages(limit=_LATEST)],
        events=[event_fields(record) for record in office.events(limit=_LATEST)],
        clock=clock_fields(asked.rooms),
    )


def listing(title: str, api: Handler, template: str, key: str) -> Handler:
    """A page that lists what an operation of the control API gives.

    Args:
        key: the field by which a row's own page is called; empty if rows have none.
    """

    def handler(asked: Asked) -> Reply:
        answer = api(asked)
        following = answer.headers.get("Link", "").partition("?")[2].partition(">")[0]
        rows: list[dict[str, Any]] = json.loads(answer.content)
        return page(template, title=title, rows=rows, key=key, following=following, filters=asked.query)

    return handler


def message(asked: Asked) -> Reply:
    """One message with its statuses."""
    found = asked.rooms.office.message(asked.path["kenmerk"])
    detail = message_detail_fields(found, asked.rooms.catalogue)
    validation = validation_fields(found)
    shown = validation["findings"][:_SHOWN_FINDINGS]
    return page(
        "message",
        title=f"Message {detail['kenmerk']}",
        message=detail,
        validation=validation,
        findings=[{**finding, "place": _place(finding)} for finding in shown],
        more=len(validation["findings"]) - len(shown) + validation["left_out"],
    )


def _place(finding: Mapping[str, Any]) -> str:
    """Line and column; empty for what is about the whole message."""
    line, column = finding["line"], finding["column"]
    return "" if not line else f"{line}:{column}" if column else str(line)


def mandate(asked: Asked) -> Reply:
    """One registration with its history."""
    found = asked.rooms.mandates.show(asked.path["id"])
    fields = registration_fields(found, asked.rooms.catalogue)
    return page(
        "mandate",
        title=f"Mandate {found.mandate.dienst}",
        mandate={**mandate_fields(found.mandate), **names_of_parties(asked.rooms, found.mandate)},
        more=fields,
        letter=fields["letter"],
        history=fields["historie"],
        ended=found.mandate.ended,
    )


def letter(asked: Asked) -> Reply:
    """One letter, as the client reads it."""
    found = find_letter(asked.rooms, asked.path["id"])
    with asked.rooms.store.read() as tx:
        mandate_ = asked.rooms.register.mandate(tx, found.mandate_id)
    shown = page(
        "letter",
        title=f"Letter about {found.dienst}",
        letter=named_letter(asked.rooms, found),
        sheet=f"{BASE}/letters/{quote(found.id, safe='')}?format=",
        text=asked.rooms.letters.text(found),
        toestand=mandate_.toestand,
        ended=mandate_.ended,
    )
    return replace(shown, headers={"Content-Security-Policy": _SHEET_INSIDE})


def service_message(asked: Asked) -> Reply:
    """One service message, and who may fetch it now."""
    found = detail_fields(asked)
    return page(
        "service-message",
        title=f"Service message {found['dienst']}",
        message=found,
        content=f"{BASE}/service-messages/{quote(found['kenmerk'], safe='')}/content",
    )


def event(asked: Asked) -> Reply:
    """One event with the beginning of its raw bytes."""
    record = asked.rooms.office.event(event_id(asked))
    raw = asked.rooms.office.event_raw(record.id)[:_SHOWN_OF_RAW] if record.octets is not None else b""
    return page(
        "event",
        title=f"Event {record.id}",
        event=told_event_fields(record, asked.rooms.catalogue),
        raw=raw.decode("utf-8", "backslashreplace"),
        cut=(record.octets or 0) > _SHOWN_OF_RAW,
    )


def certificates(asked: Asked) -> Reply:
    """The certificates, newest first."""
    rows = [fields_of(row) for row in reversed(asked.rooms.authority.list_certificates())]
    return page("certs", title="Certificates", rows=rows)
