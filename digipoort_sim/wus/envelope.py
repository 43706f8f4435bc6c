"""The shape of a request: which element is what, each exactly once, before anything is believed.

The signature is judged later, by `digipoort_sim.wus.verification`, over the very elements that this
module found; whoever reads a value takes it from the `Envelope`, never by a search of the document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple, cast

from lxml import etree

from digipoort_sim.errors import AuthenticationRefusal, SpecificationRefusal
from digipoort_sim.wus.document import text_of
from digipoort_sim.wus.elements import (
    ACTOR,
    ADDRESS,
    ADDRESSING,
    BODY,
    CREATED,
    ENVELOPE,
    EXPIRES,
    HEADER,
    SECURITY,
    SIGNATURE,
    TIMESTAMP,
    TOKEN,
)
from digipoort_sim.wus.lifted import Lifted
from digipoort_sim.wus.names import (
    ADDRESSING_HEADERS,
    NEXT_ACTOR,
    SOAP12,
    WSA,
    WSU,
    local_name,
)

WSU_ID = f"{{{WSU}}}Id"
PLAIN_ID = "Id"
_ENDPOINTS = frozenset({"From", "ReplyTo", "FaultTo"})
_MAX_TEXT = {"MessageID": 256, "RelatesTo": 256}
_MAX_ADDRESS = 2048
_MILLISECONDS = 3

_WSU_IDS = etree.XPath("//*/@wsu:Id", namespaces={"wsu": WSU}, smart_strings=False)
_PLAIN_IDS = etree.XPath("//*/@Id", smart_strings=False)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d)(?:\.(\d{1,12}))?(?:(Z)|([+-])(0\d|1[0-4]):([0-5]\d))",
    re.ASCII,
)


class Envelope(NamedTuple):  # no dataclass: made in a third of the time
    """The elements of one request and the values read from them.

    Attributes:
        root: the soap:Envelope.
        body: the soap:Body.
        body_element: its only child.
        security: the wsse:Security header.
        timestamp: its wsu:Timestamp.
        token: its wsse:BinarySecurityToken.
        signature: its ds:Signature.
        addressing: the WS-Addressing headers that are present, by local name.
        addresses: the text of each of them (for ReplyTo, From and FaultTo that of its Address).
        created: when the Timestamp was made; UTC, to the microsecond.
        expires: when the Timestamp expires, if it says so.
        lifted: large contents that were lifted out of the Body after it was read.
    """

    root: etree._Element
    body: etree._Element
    body_element: etree._Element
    security: etree._Element
    timestamp: etree._Element
    token: etree._Element
    signature: etree._Element
    addressing: Mapping[str, etree._Element]
    addresses: Mapping[str, str]
    created: datetime
    expires: datetime | None
    lifted: tuple[Lifted, ...] = ()

    @property
    def message_id(self) -> str | None:
        """The text of wsa:MessageID."""
        return self.addresses.get("MessageID")

    @property
    def action(self) -> str | None:
        """The text of wsa:Action."""
        return self.addresses.get("Action")

    @property
    def to(self) -> str | None:
        """The text of wsa:To."""
        return self.addresses.get("To")

    @property
    def reply_to(self) -> str | None:
        """The Address in wsa:ReplyTo."""
        return self.addresses.get("ReplyTo")


def read(root: etree._Element) -> Envelope:
    """Find the parts of a SOAP 1.1 request, each exactly once.

    Raises:
        SpecificationRefusal: SOAP-VERSION, SOAP-ENVELOPE, SOAP-HEADER, WSS-ID, WSS-TIMESTAMP or
            WSA-HEADER, for a shape that the interface does not have.
        AuthenticationRefusal: WSS-SECURITY, there is no Security header, token or signature, or more
            than one.
    """
    header, body = _halves(root)
    children = list(body)
    if len(children) != 1 or _has_text(body, children):
        raise SpecificationRefusal(
            f"The Body must hold exactly one element; it holds {len(children)}"
            + (" and text." if children and _has_text(body, children) else "."),
            rule="SOAP-ENVELOPE",
        )
    security, addressing = _headers(header)
    _check_ids(root)
    timestamp, token, signature = _security_parts(security)
    created, expires = _times(timestamp)
    return Envelope(
        root=root,
        body=body,
        body_element=children[0],
        security=security,
        timestamp=timestamp,
        token=token,
        signature=signature,
        addressing=addressing,
        addresses={name: _address(name, element) for name, element in addressing.items()},
        created=created,
        expires=expires,
    )


def message_id_of(root: etree._Element) -> str | None:
    """The MessageID to answer to, from a request that may be refused; None if that is not clear."""
    try:
        header, _ = _halves(root)
        found = [element for element in header if element.tag == f"{{{WSA}}}MessageID"]
        return _address("MessageID", found[0]) if len(found) == 1 else None
    except SpecificationRefusal:
        return None


def body_tag_of(root: etree._Element) -> str | None:
    """The tag of the first element in the Body of a request that may be refused, for the fault's Action."""
    try:
        _, body = _halves(root)
    except SpecificationRefusal:
        return None
    return body[0].tag if len(body) else None


def _halves(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    if root.tag != ENVELOPE:
        if root.tag == f"{{{SOAP12}}}Envelope":
            raise SpecificationRefusal("The message is SOAP 1.2; send SOAP 1.1.", rule="SOAP-VERSION")
        raise SpecificationRefusal(
            f"The message is no SOAP 1.1 Envelope; its first element is {root.tag[:300]}.",
            rule="SOAP-ENVELOPE",
        )
    children = list(root)
    tags = [child.tag for child in children]
    if tags != [HEADER, BODY] or _has_text(root, children):
        names = ", ".join(local_name(tag) for tag in tags[:10]) or "nothing"
        raise SpecificationRefusal(
            f"The Envelope must hold one Header and then one Body; it holds {names}.", rule="SOAP-ENVELOPE"
        )
    return children[0], children[1]


def _has_text(parent: etree._Element, children: list[etree._Element]) -> bool:
    text = "".join([parent.text or "", *[child.tail or "" for child in children]])
    return bool(text.strip(" \t\r\n"))


def _headers(header: etree._Element) -> tuple[etree._Element, dict[str, etree._Element]]:
    children = list(header)
    if _has_text(header, children):
        raise SpecificationRefusal("The Header holds text between its elements.", rule="SOAP-HEADER")
    security: etree._Element | None = None
    addressing: dict[str, etree._Element] = {}
    for child in children:
        tag = child.tag
        name = ADDRESSING.get(tag)
        if (child.get(ACTOR) or NEXT_ACTOR) != NEXT_ACTOR:
            raise SpecificationRefusal(
                f"The header {local_name(tag)} is for another actor; leave it out.", rule="SOAP-HEADER"
            )
        if name is not None:
            if name in addressing:
                raise SpecificationRefusal(f"The header wsa:{name} comes twice.", rule="WSA-HEADER")
            addressing[name] = child
        elif tag == SECURITY:
            if security is not None:
                raise AuthenticationRefusal("There are two wsse:Security headers.", rule="WSS-SECURITY")
            security = child
        else:
            raise _own_header(tag)
    if security is None:
        raise AuthenticationRefusal(
            "There is no wsse:Security header; sign the message.", rule="WSS-SECURITY"
        )
    return security, addressing


def _own_header(tag: str) -> SpecificationRefusal:
    hint = ""
    if "addressing" in tag:
        hint = f" WS-Addressing must be {WSA}, with only {', '.join(ADDRESSING_HEADERS)}."
    return SpecificationRefusal(f"Own header fields are not allowed: {tag[:300]}.{hint}", rule="SOAP-HEADER")


def _check_ids(root: etree._Element) -> None:
    ids = [*cast("list[str]", _WSU_IDS(root)), *cast("list[str]", _PLAIN_IDS(root))]
    if len(set(ids)) != len(ids):
        twice, _ = Counter(ids).most_common(1)[0]
        raise SpecificationRefusal(f"The Id {twice[:100]!r} comes more than once.", rule="WSS-ID")


def _security_parts(
    security: etree._Element,
) -> tuple[etree._Element, etree._Element, etree._Element]:
    found: dict[str, etree._Element] = {}
    for child in list(security):
        tag = child.tag
        if tag in found:
            error = SpecificationRefusal if tag == TIMESTAMP else AuthenticationRefusal
            raise error(f"There are two {local_name(tag)} elements in wsse:Security.", rule="WSS-SECURITY")
        if tag not in (TIMESTAMP, TOKEN, SIGNATURE):
            raise AuthenticationRefusal(
                f"wsse:Security holds {tag[:300]}; it must hold one Timestamp, one BinarySecurityToken "
                "and one Signature, nothing else.",
                rule="WSS-SECURITY",
            )
        found[tag] = child
    for tag in (SIGNATURE, TOKEN):
        if tag not in found:
            raise AuthenticationRefusal(
                f"There is no {local_name(tag)} in wsse:Security.", rule="WSS-SECURITY"
            )
    if TIMESTAMP not in found:
        raise SpecificationRefusal("There is no wsu:Timestamp in wsse:Security.", rule="WSS-TIMESTAMP")
    return found[TIMESTAMP], found[TOKEN], found[SIGNATURE]


def _times(timestamp: etree._Element) -> tuple[datetime, datetime | None]:
    created: datetime | None = None
    expires: datetime | None = None
    for child in list(timestamp):
        if child.tag == CREATED and created is None:
            created = _moment("Created", text_of(child))
        elif child.tag == EXPIRES and expires is None:
            expires = _moment("Expires", text_of(child))
        else:
            raise SpecificationRefusal(
                f"The Timestamp holds {local_name(child.tag)}; "
                "it must hold one Created and at most one Expires.",
                rule="WSS-TIMESTAMP",
            )
    if created is None:
        raise SpecificationRefusal("The Timestamp has no Created.", rule="WSS-TIMESTAMP")
    return created, expires


def _moment(name: str, text: str) -> datetime:
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        whole, fraction, utc, sign, hours, minutes = match.groups()
        if utc is not None and len(fraction or "") == _MILLISECONDS:  # the form that most clients send
            return datetime.fromisoformat(text)
        moment = datetime.fromisoformat(whole).replace(
            microsecond=int(fraction[:6].ljust(6, "0")) if fraction else 0, tzinfo=UTC
        )
        if utc is None:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(offset if sign == "+" else -offset)
            moment = moment.replace(tzinfo=zone).astimezone(UTC)
        return moment
    except (ValueError, OverflowError):
        raise SpecificationRefusal(
            f"{name} in the Timestamp is no time with a zone, such as 2026-01-31T12:00:00Z: {text[:60]!r}.",
            rule="WSS-TIMESTAMP",
        ) from None


def _address(name: str, element: etree._Element) -> str:
    holder = _endpoint_address(name, element) if name in _ENDPOINTS else element
    text = text_of(holder)
    most = _MAX_TEXT.get(name, _MAX_ADDRESS)
    if not text:
        raise SpecificationRefusal(f"The header wsa:{name} is empty.", rule="WSA-HEADER")
    if len(text) > most:
        raise SpecificationRefusal(
            f"The header wsa:{name} is longer than {most} characters.", rule="WSA-HEADER"
        )
    return text


def _endpoint_address(name: str, element: etree._Element) -> etree._Element:
    children = list(element)
    found = [child for child in children if child.tag == ADDRESS]
    if len(found) != 1:
        raise SpecificationRefusal(f"The header wsa:{name} must hold one wsa:Address.", rule="WSA-HEADER")
    if any(len(child) for child in children):
        raise SpecificationRefusal(
            f"The header wsa:{name} holds reference parameters; Digipoort does not return those.",
            rule="WSA-HEADER",
        )
    return found[0]
