"""Events: refusals and what else happened."""

from __future__ import annotations

from digipoort_sim.errors import ConfigError
from digipoort_sim.web.fields import event_fields, told_event_fields
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page


def list_events(asked: Asked) -> Reply:
    """The newest events, newest first."""
    found = asked.rooms.office.events(**{**asked.query, "limit": asked.limit()})
    rows = [event_fields(record) for record in found]
    return as_page("events", asked, rows, found[-1].id if found else None, "before")


def show_event(asked: Asked) -> Reply:
    """One event, with what its rule expects and what to do."""
    record = asked.rooms.office.event(event_id(asked))
    raw = None if record.octets is None else f"/api/v1/events/{record.id}/raw"
    return as_json({**told_event_fields(record, asked.rooms.catalogue), "raw": raw})


def raw_event(asked: Asked) -> Reply:
    """The bytes that led to an event, as they came; never shown by a browser, always saved."""
    id_ = event_id(asked)
    content = asked.rooms.office.event_raw(id_)
    headers = {"Content-Disposition": f'attachment; filename="event-{id_}.bin"'}
    return Reply(content, "application/octet-stream", headers=headers)


def event_id(asked: Asked) -> int:
    """The id in the path.

    Raises:
        ConfigError: it is no number.
    """
    text = asked.path["id"]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ConfigError("the id of an event is a whole number", rule="PARAMETER")
    return int(text)
