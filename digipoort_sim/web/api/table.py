"""The table of the control API."""

from __future__ import annotations

from functools import partial

from digipoort_sim.web.api import certificates, clock, events, ground, messages
from digipoort_sim.web.api.accounts import account_operations
from digipoort_sim.web.api.file_fault_table import file_fault_operations
from digipoort_sim.web.api.file_profiles import file_profile_operations
from digipoort_sim.web.api.fiscal_table import fiscal_operations
from digipoort_sim.web.api.foreign_table import foreign_operations
from digipoort_sim.web.api.letter_table import letter_operations
from digipoort_sim.web.api.mandate_table import mandate_operations
from digipoort_sim.web.api.openapi import describe
from digipoort_sim.web.api.service_message_table import service_message_operations
from digipoort_sim.web.fields import CATALOGUE_TABLES
from digipoort_sim.web.operations import Asked, Operation, Parameter, Reply, as_json

BASE = "/api/v1"


def api_operations() -> tuple[Operation, ...]:
    """Every operation below ``/api/v1/``, its own description included."""
    rows = (
        *_ground(),
        *_messages(),
        *mandate_operations(BASE),
        *letter_operations(BASE),
        *service_message_operations(BASE),
        *fiscal_operations(BASE),
        *foreign_operations(BASE),
        *_events(),
        *_clock(),
        *_certificates(),
        *account_operations(BASE),
        *file_fault_operations(BASE),
        *file_profile_operations(BASE),
    )
    own = Operation("GET", f"{BASE}/openapi.json", "This description", None)
    document = describe((*rows, own))

    def answer(_: Asked) -> Reply:
        return as_json(document)

    return (*rows, Operation(own.method, own.path, own.summary, answer))


def _ground() -> tuple[Operation, ...]:
    tables = (
        Operation(
            "GET",
            f"{BASE}/catalogue/{name}",
            f"The catalogue's {name}, each with its provenance",
            partial(ground.catalogue, name),
            many=True,
        )
        for name in CATALOGUE_TABLES
    )
    return (
        Operation("GET", f"{BASE}/readyz", "200 when every door is open; else 503", ground.readyz, "Ready"),
        Operation("GET", f"{BASE}/info", "Version, addresses and time", ground.info, "Info"),
        Operation(
            "GET",
            f"{BASE}/config",
            "Settings with their origin; secrets are masked",
            ground.config,
            "Setting",
            many=True,
        ),
        Operation(
            "GET",
            f"{BASE}/taxonomies",
            "Taxonomy packages that contents are checked against, also those that cannot be used",
            ground.taxonomies,
            "TaxonomyPackage",
            many=True,
        ),
        *tables,
    )


def _messages() -> tuple[Operation, ...]:
    filters = (
        Parameter("berichtsoort", "only this berichtsoort"),
        Parameter("statuscode", "only with this last status"),
        Parameter("aanleverkenmerk", "only with this aanleverkenmerk"),
    )
    return (
        Operation(
            "GET",
            f"{BASE}/messages",
            "Messages, newest first",
            messages.list_messages,
            "Message",
            many=True,
            pages=True,
            query=filters,
        ),
        Operation(
            "GET",
            f"{BASE}/messages/{{kenmerk}}",
            "One message with its statussen",
            messages.show_message,
            "MessageWithStatuses",
        ),
        Operation(
            "GET",
            f"{BASE}/messages/{{kenmerk}}/contents/{{position}}",
            "A content of a message, as it was delivered; 0 is the berichtInhoud",
            messages.show_content,
            "application/octet-stream",
        ),
        Operation(
            "GET",
            f"{BASE}/messages/{{kenmerk}}/findings",
            "What validation found in a message, as `validate --json`; `valid` is null before it",
            messages.show_findings,
            "Findings",
        ),
    )


def _events() -> tuple[Operation, ...]:
    query = (
        Parameter("kind", "only this kind"),
        Parameter("limit", "at most so many; default 100, highest 1000", "integer"),
        Parameter("after", "only with a higher id", "integer"),
        Parameter("before", "only with a lower id", "integer"),
    )
    return (
        Operation(
            "GET",
            f"{BASE}/events",
            "Events, newest first",
            events.list_events,
            "Event",
            many=True,
            query=query,
        ),
        Operation(
            "GET",
            f"{BASE}/events/stream",
            "Server-sent events: `event` and `status` as they happen; Last-Event-ID goes on where it was",
            None,
            "text/event-stream",
        ),
        Operation("GET", f"{BASE}/events/{{id}}", "One event", events.show_event, "Event"),
        Operation(
            "GET",
            f"{BASE}/events/{{id}}/raw",
            "The bytes that led to it",
            events.raw_event,
            "application/octet-stream",
        ),
    )


def _clock() -> tuple[Operation, ...]:
    moves = (
        Parameter("set", "the time to move to; never back"),
        Parameter("advance", "a duration such as 15d, 72h or 1d12h"),
    )
    return (
        Operation("GET", f"{BASE}/clock", "What time it is", clock.show_clock, "Clock"),
        Operation(
            "POST",
            f"{BASE}/clock",
            "Move the clock; answers when all that fell due is done",
            clock.move_clock,
            "Clock",
            body=moves,
            conflict="Problem",
        ),
    )


def _certificates() -> tuple[Operation, ...]:
    serial = Parameter("serial", "the serial number in hex", required=True)
    return (
        Operation(
            "GET",
            f"{BASE}/certs",
            "Certificates, oldest first",
            certificates.list_certificates,
            "Certificate",
            many=True,
        ),
        Operation(
            "POST",
            f"{BASE}/certs/revoke",
            "Revoke a certificate, at once",
            certificates.revoke_certificate,
            "Certificate",
            body=(serial,),
            conflict="Problem",
        ),
    )
