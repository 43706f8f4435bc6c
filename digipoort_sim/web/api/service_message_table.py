"""The control API's table of what can be done with service messages."""

from __future__ import annotations

from digipoort_sim.web.api import service_messages
from digipoort_sim.web.operations import Operation, Parameter

_SERVICE_MESSAGE: dict[str, tuple[str, ...]] = {
    "kenmerk": ("string",),
    "berichtsoort": ("string",),
    "dienst": ("string",),
    "identiteitBelanghebbende": ("object",),
    "tijdstempelAangeleverd": ("string",),
    "mandate": ("string", "null"),
    "mimeType": ("string",),
    "bestandsnaam": ("string",),
    "octets": ("integer", "null"),
    "vervangen": ("string", "null"),
}
SERVICE_MESSAGE_SCHEMAS = {
    "ServiceMessage": _SERVICE_MESSAGE,
    "ServiceMessageWithParties": {**_SERVICE_MESSAGE, "gemachtigden": ("array",)},
}
"""The fields of each kind of document, with their JSON types."""

_FILTERS = (
    Parameter("berichtsoort", "only this berichtsoort"),
    Parameter("vertegenwoordigde", "only of the client with this number"),
    Parameter("mandate", "only made for the mandate with this id"),
)
_OWN = (
    Parameter("berichtsoort", "that of service messages, such as SBA_IB or VIA", required=True),
    Parameter("vertegenwoordigde", "number of the client", required=True),
    Parameter("typeVertegenwoordigde", "type of that number; derived unless given"),
    Parameter("jaar", "tax or benefit year, where the service has years", "integer"),
    Parameter("bestandsnaam", "name of the file", required=True),
    Parameter("mimeType", "mimeType of the content, whatever the request's own Content-Type", required=True),
    Parameter("tijdstip", "from when it can be fetched, by the simulator's clock; now unless given"),
)


def service_message_operations(base: str) -> tuple[Operation, ...]:
    """Every operation on service messages.

    Args:
        base: what all paths begin with.
    """
    return (*_looking(f"{base}/service-messages"), *_adding(base))


def _looking(path: str) -> tuple[Operation, ...]:
    return (
        Operation(
            "GET",
            path,
            "Service messages, newest first",
            service_messages.list_service_messages,
            "ServiceMessage",
            many=True,
            pages=True,
            query=_FILTERS,
        ),
        Operation(
            "GET",
            f"{path}/{{kenmerk}}",
            "One service message, and the OINs of who may fetch it now",
            service_messages.show_service_message,
            "ServiceMessageWithParties",
        ),
        Operation(
            "GET",
            f"{path}/{{kenmerk}}/content",
            "Its content, with its own media type if that is XML or PDF",
            service_messages.content,
            "application/octet-stream",
        ),
    )


def _adding(base: str) -> tuple[Operation, ...]:
    return (
        Operation(
            "POST",
            f"{base}/service-messages",
            "Put in a message for every gemachtigde with a mandate for client, service and year; the body is "
            "its content",
            service_messages.put_service_message,
            "ServiceMessage",
            query=_OWN,
            upload=True,
            conflict="Problem",
        ),
        Operation(
            "POST",
            f"{base}/mandates/{{id}}/service-messages",
            "Have the agency make one more message for this mandate, now",
            service_messages.make_service_message,
            "ServiceMessage",
            conflict="Problem",
        ),
    )
