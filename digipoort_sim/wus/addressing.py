"""WS-Addressing and the Timestamp: is this request meant for this service, and for now?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from digipoort_sim.clock import wire_time
from digipoort_sim.config import WusSettings
from digipoort_sim.errors import SpecificationRefusal
from digipoort_sim.wus.envelope import Envelope
from digipoort_sim.wus.names import ANONYMOUS, NONE, Operation, Service, operation_of, paths_of

_OTHER_ENDPOINTS = ("From", "FaultTo")
_NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f]")
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class AddressingOptions:
    """How strictly addresses are compared.

    Attributes:
        strict_action: only the WSDL's wsa:Action, not the one that WCF derives.
        strict_to: host and port of wsa:To must be those of `endpoint` too.
        endpoint: the URL that was called; needed for `strict_to` only.
        profiles: further platforms that are served, whose paths wsa:To may name too.
    """

    strict_action: bool = False
    strict_to: bool = False
    endpoint: str = ""
    profiles: tuple[str, ...] = ()


DEFAULT_OPTIONS = AddressingOptions()


def check(
    envelope: Envelope,
    service: Service,
    soap_action: str | None = None,
    options: AddressingOptions = DEFAULT_OPTIONS,
) -> Operation:
    """Check To, Action, MessageID, the other addresses and SOAPAction; give the operation called.

    Args:
        envelope: the request.
        service: the service whose path was called.
        soap_action: the HTTP header SOAPAction as it came; None if it did not.
        options: how strictly to compare.

    Raises:
        SpecificationRefusal: SOAP-BODY, WSA-ACTION, WSA-TO, WSA-MESSAGEID, WSA-REPLYTO, WSA-ANONYMOUS
            or SOAP-ACTION.
    """
    operation = _operation(envelope, service)
    _check_action(envelope.action, operation, options)
    _check_to(envelope.to, service, options)
    if envelope.message_id is None:
        raise SpecificationRefusal("The header wsa:MessageID is missing.", rule="WSA-MESSAGEID")
    _check_endpoints(envelope)
    _check_soap_action(soap_action, operation)
    return operation


def check_freshness(envelope: Envelope, now: datetime, settings: WusSettings) -> datetime:
    """Check the Timestamp against real time; give the moment until which the request is valid.

    Raises:
        SpecificationRefusal: WSS-TIMESTAMP, it is from the future, expired, or expires before it began.
    """
    created, expires = envelope.created, envelope.expires
    if expires is not None and expires <= created:
        raise _stale("the Timestamp expires before it was created", envelope, now)
    if created - now > timedelta(seconds=settings.future_skew_seconds):
        raise _stale(f"Created is more than {settings.future_skew_seconds} s in the future", envelope, now)
    valid_until = expires or _later(created, settings.validity_seconds)
    if now >= valid_until:
        raise _stale(f"the message expired at {wire_time(valid_until)}", envelope, now)
    return valid_until


def _later(moment: datetime, seconds: int) -> datetime:
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def _stale(reason: str, envelope: Envelope, now: datetime) -> SpecificationRefusal:
    return SpecificationRefusal(
        f"The Timestamp is not valid now: {reason} (Created {wire_time(envelope.created)}, "
        f"it is now {wire_time(now)}).",
        rule="WSS-TIMESTAMP",
    )


def _operation(envelope: Envelope, service: Service) -> Operation:
    tag = envelope.body_element.tag
    operation = operation_of(tag, service)
    if operation is None:
        raise SpecificationRefusal(
            f"The {service.name} has no operation for the Body element {tag[:300]}.", rule="SOAP-BODY"
        )
    return operation


def _check_action(action: str | None, operation: Operation, options: AddressingOptions) -> None:
    if action is None:
        raise SpecificationRefusal("The header wsa:Action is missing.", rule="WSA-ACTION")
    accepted = {operation.action} if options.strict_action else {operation.action, operation.wcf_action}
    if action not in accepted:
        raise SpecificationRefusal(
            f"wsa:Action is {action[:300]!r}; for this Body it must be {operation.action!r}.",
            rule="WSA-ACTION",
        )


def _check_to(to: str | None, service: Service, options: AddressingOptions) -> None:
    if to is None:
        raise SpecificationRefusal("The header wsa:To is missing.", rule="WSA-TO")
    parts = _split(to)
    paths = paths_of(service, options.profiles)
    if parts is None or not _names_service(parts, service, paths):
        wanted = " or ".join(paths)
        raise SpecificationRefusal(
            f"wsa:To is {to[:300]!r}; its path must be that of the {service.name}: {wanted}.", rule="WSA-TO"
        )
    if options.strict_to and _place(parts) != _place(_split(options.endpoint)):
        raise SpecificationRefusal(
            f"wsa:To is {to[:300]!r}; it must be the endpoint that was called: {options.endpoint!r}.",
            rule="WSA-TO",
        )


def _split(address: str) -> SplitResult | None:
    if _NOT_IN_AN_ADDRESS.search(address):  # urlsplit would take it out and go on
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _names_service(parts: SplitResult, service: Service, paths: Sequence[str]) -> bool:
    if parts.fragment or "@" in parts.netloc or parts.query.lower() not in ("", "wsdl"):
        return False
    path = parts.path.rstrip("/")
    if parts.scheme:
        return parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and path in paths
    if parts.netloc or service.name not in path.lower():
        return False
    return any(known.endswith("/" + path.lstrip("/")) for known in paths)


def _place(parts: SplitResult | None) -> tuple[str | None, int | None, str] | None:
    if parts is None:
        return None
    return parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme), parts.path.rstrip("/")


def _check_endpoints(envelope: Envelope) -> None:
    if envelope.reply_to not in (None, ANONYMOUS):
        raise SpecificationRefusal(
            f"wsa:ReplyTo is {(envelope.reply_to or '')[:300]!r}; leave it out or send {ANONYMOUS!r}.",
            rule="WSA-REPLYTO",
        )
    for name in _OTHER_ENDPOINTS:
        address = envelope.addresses.get(name)
        if address not in (None, ANONYMOUS, NONE):
            raise SpecificationRefusal(
                f"wsa:{name} is {(address or '')[:300]!r}; only {ANONYMOUS!r} or {NONE!r} is allowed.",
                rule="WSA-ANONYMOUS",
            )


def _check_soap_action(soap_action: str | None, operation: Operation) -> None:
    text = (soap_action or "").strip().strip('"').strip()
    if text not in ("", operation.action, operation.wcf_action, operation.name):
        raise SpecificationRefusal(
            f"The HTTP header SOAPAction is {text[:300]!r}; the Body asks for {operation.name}.",
            rule="SOAP-ACTION",
        )
