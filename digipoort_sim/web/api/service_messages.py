"""Service messages: a tester looks at them, has some made, and puts in his own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from digipoort_sim.clock import parse_time
from digipoort_sim.errors import ConfigError, DigipoortSimError
from digipoort_sim.exchange.service_desk import OwnMessage, ServiceMessageSummary
from digipoort_sim.exchange.values import Content
from digipoort_sim.web.downloads import download
from digipoort_sim.web.fields import fields_of
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page, row_number


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
    """The content, as a file to be kept."""
    return download(asked.rooms.office.service_messages.content(asked.path["kenmerk"]))


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
        content=Content(query["mimeType"], query["bestandsnaam"], asked.content, asked.payload),
        type=query.get("typeVertegenwoordigde"),
        jaar=query.get("jaar"),
        at=_moment(query.get("tijdstip")),
    )
    office = asked.rooms.office
    try:
        kept = office.service_messages.put(own)
    except DigipoortSimError:
        if asked.payload is not None:
            with office.store.read() as tx:
                office.payloads.discard(tx, asked.payload.file)
        raise
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
