"""Service messages: a tester looks at them, has some made, and puts in his own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from digipoort_sim.clock import parse_time
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.service_desk import OwnMessage, ServiceMessageSummary
from digipoort_sim.exchange.values import Content
from digipoort_sim.web.fields import fields_of
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page, row_number

_SHOWABLE = ("text/xml", "application/xml", "application/pdf", "application/xbrl+xml")
_POLICY = "default-src 'none'; sandbox"


def list_service_messages(asked: Asked) -> Reply:
    """The service messages, newest first."""
    query = asked.query
    found = asked.rooms.office.service_messages.messages(
        berichtsoort=query.get("berichtsoort"),
        vertegenwoordigde=query.get("vertegenwoordigde"),
        mandate=query.get("mandate"),
        before=row_number(query.get("after")),
        limit=asked.limit(),
    )
    last = found[-1].id if found else None
    return as_page("service-messages", asked, [service_message_fields(one) for one in found], last)


def show_service_message(asked: Asked) -> Reply:
    """One service message, and who may fetch it now."""
    return as_json(detail_fields(asked))


def detail_fields(asked: Asked) -> dict[str, Any]:
    """One service message as the console shows it too."""
    found, parties = asked.rooms.office.service_messages.show(asked.path["kenmerk"])
    return {**service_message_fields(found), "gemachtigden": parties}


def content(asked: Asked) -> Reply:
    """The content, as a file to be kept: what a tester put in may be anything, so no browser shows it."""
    found = asked.rooms.office.service_messages.content(asked.path["kenmerk"])
    plain = found.mime_type.partition(";")[0].strip().lower()
    name = quote(found.bestandsnaam, safe="")
    return Reply(
        found.inhoud,
        plain if plain in _SHOWABLE else "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": _POLICY,
        },
    )


def make_service_message(asked: Asked) -> Reply:
    """Have one more made for a mandate, now."""
    made = asked.rooms.office.service_messages.make(asked.path["id"])
    return as_json(service_message_fields(made), status=201)


def put_service_message(asked: Asked) -> Reply:
    """Put in a message of one's own; the body is the content."""
    query = asked.query
    own = OwnMessage(
        berichtsoort=query["berichtsoort"],
        nummer=query["vertegenwoordigde"],
        content=Content(query["mimeType"], query["bestandsnaam"], asked.content),
        type=query.get("typeVertegenwoordigde"),
        jaar=query.get("jaar"),
        at=_moment(query.get("tijdstip")),
    )
    kept = asked.rooms.office.service_messages.put(own)
    return as_json(service_message_fields(kept), status=201)


def service_message_fields(message: ServiceMessageSummary) -> dict[str, Any]:
    """A service message in JSON; octets is null while its content was not wanted yet."""
    return fields_of(message, without=("id",))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"tijdstip {text[:40]!r} is no date or time such as 2026-03-01T09:00:00Z", rule="PARAMETER"
        ) from None
