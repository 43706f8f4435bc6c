"""WS-Addressing, freshness, sizes and the XSD, each by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lxml import etree

from digipoort_sim.clock import wire_time
from digipoort_sim.config import WusSettings
from digipoort_sim.errors import Refusal
from digipoort_sim.wus import addressing
from digipoort_sim.wus.addressing import AddressingOptions
from digipoort_sim.wus.explaining import pieces
from digipoort_sim.wus.explaining.parts import Parts
from digipoort_sim.wus.explaining.request import Called
from digipoort_sim.wus.explaining.tally import Tally
from digipoort_sim.wus.names import AANLEVEREN, PATHS, Operation, Service

_ENDPOINT_RULES = ("WSA-REPLYTO", "WSA-ANONYMOUS")
_SIZE_RULES = ("CONTENT-SIZE", "CONTENT-ATTACHMENTS")
ADDRESSING_RULES = ("SOAP-BODY", "WSA-ACTION", "WSA-TO", "WSA-MESSAGEID", *_ENDPOINT_RULES)
BODY_RULES = ("XSD", "XSD-VALUE")


def judge_freshness(parts: Parts, at: datetime, settings: WusSettings, tally: Tally) -> None:
    """Judge the Timestamp by the time of the judgement."""
    created = parts.created
    if created is None:
        tally.blocked(["WSS-TIMESTAMP"], "its times could not be read")
        return
    tally.attempt(lambda: addressing.check_freshness(parts.as_envelope(), at, settings))
    until = "" if parts.expires is None else f", Expires {wire_time(parts.expires)}"
    tally.good("WSS-TIMESTAMP", f"Created {wire_time(created)}{until}; judged at {wire_time(at)}")


def service_of(body_element: etree._Element | None) -> Service | None:
    """The service that has an operation for a body element."""
    if body_element is None:
        return None
    tag = body_element.tag
    return next((service for service, _ in PATHS.values() if tag in service.by_request_tag), None)


def judge_addressing(
    parts: Parts, service: Service, called: Called, options: AddressingOptions, tally: Tally
) -> Operation | None:
    """Judge the headers of WS-Addressing and SOAPAction; gives the operation called."""
    tally.apply(*ADDRESSING_RULES, *(["SOAP-ACTION"] if called.is_http else []))
    operation = _judge_body(parts.body_element, service, tally)
    if parts.header is None:
        tally.blocked(
            (*ADDRESSING_RULES, *(["SOAP-ACTION"] if called.is_http else [])), "there is no soap:Header"
        )
        return operation
    unread = [name for name in ("Action", "To", "MessageID") if _is_unread(parts, name)]
    tally.blocked([f"WSA-{name.upper()}" for name in unread], "the header could not be read")
    addresses = parts.addresses
    if operation is None:
        tally.blocked(["WSA-ACTION", "SOAP-ACTION"][: 1 + called.is_http], "the operation is not known")
    else:
        _judge_operation(operation, parts, called, options, unread, tally)
    if "To" not in unread:
        _step(tally, "WSA-TO", lambda: pieces.check_to(addresses.get("To"), service, options), "To", parts)
    if "MessageID" in addresses:
        tally.good("WSA-MESSAGEID", addresses["MessageID"])
    elif "MessageID" not in unread:
        tally.bad("WSA-MESSAGEID", "The header wsa:MessageID is missing.")
    _judge_endpoints(parts, tally)
    return operation


def _is_unread(parts: Parts, name: str) -> bool:
    return name in parts.addressing and name not in parts.addresses


def _judge_operation(
    operation: Operation,
    parts: Parts,
    called: Called,
    options: AddressingOptions,
    unread: list[str],
    tally: Tally,
) -> None:
    if "Action" not in unread:
        action = parts.addresses.get("Action")
        _step(
            tally,
            "WSA-ACTION",
            lambda: pieces.check_action(action, operation, options),
            "Action",
            parts,
            operation.action,
        )
    if called.is_http:
        soap_action = called.headers.get("soapaction")
        _step(
            tally,
            "SOAP-ACTION",
            lambda: pieces.check_soap_action(soap_action, operation),
            expected=f'"{operation.action}"',
            good=soap_action or "none",
        )


def _step(
    tally: Tally,
    rule: str,
    judge: Callable[[], object],
    header: str = "",
    parts: Parts | None = None,
    expected: str = "",
    good: str = "",
) -> None:
    try:
        judge()
    except Refusal as refusal:
        tally.bad(refusal.rule, refusal.detail, expected)
    else:
        tally.good(rule, good or (parts.addresses.get(header, "") if parts else ""))


def _judge_body(element: etree._Element | None, service: Service, tally: Tally) -> Operation | None:
    if element is None:
        tally.blocked(["SOAP-BODY"], "there is no element in the Body")
        return None
    operation = service.by_request_tag.get(element.tag)
    if operation is not None:
        tally.good("SOAP-BODY", operation.name)
        return operation
    found = f"The {service.name} has no operation for the Body element {element.tag[:300]}."
    other = service_of(element)
    if other is not None:
        found += f" It belongs to the {other.name}; post it to {' or '.join(other.paths.values())}."
    tally.bad("SOAP-BODY", found, f"one of {', '.join(service.by_request_tag)}")
    return None


def _judge_endpoints(parts: Parts, tally: Tally) -> None:
    """ReplyTo, and From and FaultTo, each without the other."""
    envelope = parts.as_envelope()
    addresses = parts.addresses
    only = {
        "WSA-REPLYTO": {name: text for name, text in addresses.items() if name == "ReplyTo"},
        "WSA-ANONYMOUS": {name: text for name, text in addresses.items() if name != "ReplyTo"},
    }
    for rule, some in only.items():
        tally.attempt_rule(rule, lambda some=some: pieces.check_endpoints(envelope._replace(addresses=some)))  # type: ignore[misc]


def judge_body(
    operation: Operation | None, element: etree._Element | None, check: Callable[[], object], tally: Tally
) -> None:
    """Judge the body element: its sizes, then the XSD, then the values that the XSD lets pass.

    Args:
        check: lets the door judge the body.
    """
    delivers = operation is not None and operation.service == AANLEVEREN.name
    rules = (*(_SIZE_RULES if delivers else ()), *BODY_RULES)
    tally.apply(*rules)
    if operation is None or element is None:
        tally.blocked(rules, "the operation is not known")
        return
    try:
        check()
    except Refusal as refusal:
        tally.bad(refusal.rule, refusal.detail)
        for rule in rules[: rules.index(refusal.rule)] if refusal.rule in rules else ():
            tally.good(rule)
        tally.blocked(rules, f"{refusal.rule} is broken")
        return
    for rule in rules:
        tally.good(rule)
