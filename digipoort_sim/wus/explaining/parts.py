"""The parts of an envelope, as far as they are there: unlike the door, which stops at the first fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from lxml import etree

from digipoort_sim.wus.elements import (
    ACTOR,
    ADDRESSING,
    BODY,
    ENVELOPE,
    HEADER,
    SECURITY,
    SIGNATURE,
    TIMESTAMP,
    TOKEN,
)
from digipoort_sim.wus.envelope import Envelope
from digipoort_sim.wus.explaining.pieces import address_of, times_of
from digipoort_sim.wus.explaining.tally import Tally
from digipoort_sim.wus.names import (
    NEXT_ACTOR,
    SOAP,
    SOAP12,
    WSU,
    local_name,
)

SHAPE_RULES = (
    "SOAP-VERSION",
    "SOAP-ENVELOPE",
    "SOAP-HEADER",
    "WSA-HEADER",
    "XML-TEXT",
    "WSS-ID",
    "WSS-SECURITY",
    "WSS-TIMESTAMP",
)
_IDS = etree.XPath("//*/@wsu:Id | //*/@Id", namespaces={"wsu": WSU}, smart_strings=False)
_SPACE = " \t\r\n"


@dataclass
class Parts:
    """The first of each part that was found; None for what is not there."""

    root: etree._Element
    header: etree._Element | None = None
    body: etree._Element | None = None
    body_element: etree._Element | None = None
    security: etree._Element | None = None
    timestamp: etree._Element | None = None
    token: etree._Element | None = None
    signature: etree._Element | None = None
    addressing: dict[str, etree._Element] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    created: datetime | None = None
    expires: datetime | None = None

    def as_envelope(self) -> Envelope:
        """The parts in the form that the door's steps take; what is not there is None."""
        found = {name: getattr(self, name) for name in Envelope._fields if name != "lifted"}
        return Envelope(**cast(Any, found))

    def named(self) -> Mapping[str, etree._Element]:
        """The parts that a signature must cover, by the names that people know."""
        named = {"soap:Body": self.body, "wsu:Timestamp": self.timestamp}
        named.update({f"wsa:{name}": element for name, element in self.addressing.items()})
        return {name: element for name, element in named.items() if element is not None}


def find_parts(root: etree._Element, tally: Tally) -> Parts:
    """Find the parts of an envelope and judge its shape."""
    tally.apply(*SHAPE_RULES)
    parts = Parts(root)
    if root.tag != ENVELOPE:
        _no_envelope(root, tally)
        return parts
    tally.good("SOAP-VERSION", "SOAP 1.1")
    _judge_halves(parts, tally)
    _judge_ids(root, tally)
    header = parts.header = root.find(HEADER)
    if header is None:
        tally.blocked(SHAPE_RULES, "there is no soap:Header")
        return parts
    _judge_headers(header, parts, tally)
    if parts.security is None:
        tally.bad("WSS-SECURITY", "There is no wsse:Security header; the message is not signed.")
        tally.blocked(["WSS-TIMESTAMP"], "there is no wsse:Security header")
    else:
        _judge_security(parts.security, parts, tally)
    _judge_addresses(parts, tally)
    tally.good("XML-TEXT")
    return parts


def _no_envelope(root: etree._Element, tally: Tally) -> None:
    if root.tag == f"{{{SOAP12}}}Envelope":
        tally.bad("SOAP-VERSION", "The message is SOAP 1.2; send SOAP 1.1.")
    else:
        tally.bad("SOAP-ENVELOPE", f"The first element is {root.tag[:300]}.", f"{{{SOAP}}}Envelope")
    tally.blocked(SHAPE_RULES, "the message is no SOAP 1.1 Envelope")


def _judge_halves(parts: Parts, tally: Tally) -> None:
    children = list(parts.root)
    if [child.tag for child in children] != [HEADER, BODY] or has_text(parts.root):
        tally.bad("SOAP-ENVELOPE", f"The Envelope holds {_listed(children)}.", "one Header, then one Body")
    parts.body = parts.root.find(BODY)
    if parts.body is None:
        return
    inside = list(parts.body)
    parts.body_element = inside[0] if inside else None
    if len(inside) != 1 or has_text(parts.body):
        text = " and text" if has_text(parts.body) else ""
        tally.bad("SOAP-ENVELOPE", f"The Body holds {_listed(inside)}{text}.", "one element in the Body")
    tally.good("SOAP-ENVELOPE", "one Header and one Body with one element in it")


def has_text(parent: etree._Element) -> bool:
    """Whether text other than white space stands between the children of an element."""
    text = "".join([parent.text or "", *[child.tail or "" for child in parent]])
    return bool(text.strip(_SPACE))


def _listed(children: list[etree._Element]) -> str:
    return ", ".join(local_name(child.tag)[:100] for child in children[:10]) or "nothing"


def _judge_ids(root: etree._Element, tally: Tally) -> None:
    ids = Counter(cast("list[str]", _IDS(root)))
    twice = [f"{one[:100]!r}" for one, count in ids.items() if count > 1][:10]
    if twice:
        tally.bad("WSS-ID", f"These Ids come more than once: {', '.join(twice)}.")
    tally.good("WSS-ID", f"{len(ids)} Ids, each once")


def _judge_headers(header: etree._Element, parts: Parts, tally: Tally) -> None:
    if has_text(header):
        tally.bad("SOAP-HEADER", "The Header holds text between its elements.")
    for child in header:
        name = ADDRESSING.get(child.tag)
        if (child.get(ACTOR) or NEXT_ACTOR) != NEXT_ACTOR:
            tally.bad("SOAP-HEADER", f"The header {local_name(child.tag)[:100]} is for another actor.")
        if name is not None:
            if parts.addressing.setdefault(name, child) is not child:
                tally.bad("WSA-HEADER", f"The header wsa:{name} comes twice.")
        elif child.tag != SECURITY:
            tally.bad("SOAP-HEADER", f"The header field {child.tag[:300]} is not of the interface.")
        elif parts.security is not None:
            tally.bad("WSS-SECURITY", "There are two wsse:Security headers.")
        else:
            parts.security = child
    tally.good("SOAP-HEADER", f"wsse:Security and {len(parts.addressing)} WS-Addressing headers")


def _judge_security(security: etree._Element, parts: Parts, tally: Tally) -> None:
    places = {TIMESTAMP: "timestamp", TOKEN: "token", SIGNATURE: "signature"}
    for child in security:
        place = places.get(child.tag)
        if place is None:
            tally.bad("WSS-SECURITY", f"wsse:Security holds {child.tag[:300]}.")
        elif getattr(parts, place) is not None:
            tally.bad("WSS-SECURITY", f"There are two {local_name(child.tag)} elements in wsse:Security.")
        else:
            setattr(parts, place, child)
    if parts.signature is None:
        tally.bad("WSS-SECURITY", "There is no ds:Signature in wsse:Security; the message is not signed.")
    if parts.token is None:
        tally.bad("WSS-SECURITY", "There is no wsse:BinarySecurityToken in wsse:Security.")
    tally.good("WSS-SECURITY", "one Timestamp, one BinarySecurityToken, one Signature")
    if parts.timestamp is None:
        tally.bad("WSS-TIMESTAMP", "There is no wsu:Timestamp in wsse:Security.")
        return
    times = tally.attempt(lambda: times_of(cast(etree._Element, parts.timestamp)))
    if times is not None:
        parts.created, parts.expires = times


def _judge_addresses(parts: Parts, tally: Tally) -> None:
    for name, element in parts.addressing.items():
        text = tally.attempt(lambda name=name, element=element: address_of(name, element))  # type: ignore[misc]
        if text is not None:
            parts.addresses[name] = text
    tally.good("WSA-HEADER", ", ".join(parts.addressing) or "none")
