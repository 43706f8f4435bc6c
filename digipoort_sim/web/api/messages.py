"""Messages and their statuses."""

from __future__ import annotations

from digipoort_sim.web.downloads import download
from digipoort_sim.web.fields import message_detail_fields, message_fields, validation_fields
from digipoort_sim.web.operations import Asked, Reply, as_json, as_page, row_number


def list_messages(asked: Asked) -> Reply:
    """The messages, newest first, without their statuses."""
    filters = dict(asked.query)
    after = filters.pop("after", None)
    filters["limit"] = asked.limit()
    found = asked.rooms.office.messages(before=row_number(after), **filters)
    last = found[-1].id if found else None
    return as_page("messages", asked, [message_fields(row) for row in found], last)


def show_message(asked: Asked) -> Reply:
    """One message with its statuses."""
    return as_json(
        message_detail_fields(asked.rooms.office.message(asked.path["kenmerk"]), asked.rooms.catalogue)
    )


def show_content(asked: Asked) -> Reply:
    """A content of a message, as a file to be kept."""
    position = row_number(asked.path["position"]) or 0
    return download(asked.rooms.office.content(asked.path["kenmerk"], position))


def show_findings(asked: Asked) -> Reply:
    """What validation said of a message."""
    return as_json(validation_fields(asked.rooms.office.message(asked.path["kenmerk"])))
