"""From the elements of a request, valid by the XSD, to the values of the post office."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from digipoort_sim.clock import parse_time
from digipoort_sim.errors import AttachmentRefusal, SizeRefusal, SpecificationRefusal
from digipoort_sim.exchange.agency_desk import StatusSetting
from digipoort_sim.exchange.external import AgencyStatus
from digipoort_sim.exchange.values import Content, Delivery, Fout, Identity, Period
from digipoort_sim.wus.lifted import Lifted
from digipoort_sim.wus.names import KOPPELVLAK

MAX_INHOUD = 20_971_520
"""Decoded octets that one inhoud may have (the interface's XSD)."""

_LONGEST_TEXT = 1_048_576
_NOBODY = Identity("", "")
_ALWAYS = Period()
_NS = f"{{{KOPPELVLAK}}}"
_INHOUD = _NS + "inhoud"
_BIJLAGE = _NS + "bijlage"
Fields = dict[str, etree._Element]
_SPACES = re.compile("[ \t\r\n]+")
_WHITE_SPACE = str.maketrans("", "", " \t\r\n")


@dataclass(frozen=True)
class Question:
    """A request of the statusinformatieservice or the ophaalservice: what it names, of what it may name.

    Attributes:
        kenmerk: the process or message that is asked for.
        period: the bounds of time; open where the request has none.
        autorisatie_adres: never fetched.
    """

    kenmerk: str = ""
    berichtsoort: str | None = None
    identiteit_belanghebbende: Identity = _NOBODY
    period: Period = _ALWAYS
    autorisatie_adres: str | None = None


def delivery(body: etree._Element, lifted: Sequence[Lifted] = ()) -> Delivery:
    """Read an aanleverRequest.

    Args:
        lifted: contents that were taken out of it.

    Raises:
        SpecificationRefusal: XSD-VALUE, an inhoud is not base64.
    """
    fields = _fields(body)
    bijlagen = fields.get(_NS + "berichtBijlagen")
    taken = {one.element: one.octets for one in lifted}
    return Delivery(
        kenmerk=_text(fields, "kenmerk"),
        berichtsoort=_text(fields, "berichtsoort") or "",
        aanleverkenmerk=_text(fields, "aanleverkenmerk"),
        eerder_aanleverkenmerk=_text(fields, "eerderAanleverkenmerk"),
        identiteit_belanghebbende=_identity(fields, "identiteitBelanghebbende") or _NOBODY,
        rol_belanghebbende=_text(fields, "rolBelanghebbende") or "",
        identiteit_ontvanger=_identity(fields, "identiteitOntvanger"),
        rol_ontvanger=_text(fields, "rolOntvanger"),
        inhoud=_content(fields[_NS + "berichtInhoud"], taken),
        bijlagen=() if bijlagen is None else tuple(_content(one, taken) for one in bijlagen),
        autorisatie_adres=_text(fields, "autorisatieAdres"),
    )


def question(body: etree._Element) -> Question:
    """Read a request that asks for something.

    Raises:
        SpecificationRefusal: XSD-VALUE, a time that is valid by the XSD but not of this world.
    """
    fields = _fields(body)
    return Question(
        kenmerk=_text(fields, "kenmerk") or "",
        berichtsoort=_text(fields, "berichtsoort"),
        identiteit_belanghebbende=_identity(fields, "identiteitBelanghebbende") or _NOBODY,
        period=Period(_moment(fields, "tijdstempelVanaf"), _moment(fields, "tijdstempelTot")),
        autorisatie_adres=_text(fields, "autorisatieAdres"),
    )


def status_setting(body: etree._Element) -> StatusSetting:
    """Read a zetStatusRequest.

    Raises:
        SpecificationRefusal: XSD-VALUE, a time that is valid by the XSD but not of this world.
    """
    fields = _fields(body)
    moment = _moment(fields, "tijdstempelStatus")
    assert moment is not None  # the XSD demands it
    return StatusSetting(
        kenmerk=_text(fields, "kenmerk") or "",
        berichtkenmerk=_text(fields, "berichtkenmerk"),
        tijdstempel_status=moment,
        status=agency_status(body),
    )


def agency_status(body: etree._Element) -> AgencyStatus:
    """Read the status in a zetStatusRequest or an afleverResponse; its code may be empty in the latter."""
    fields = _fields(body)
    found = fields.get(_NS + "statusFoutcode")
    return AgencyStatus(
        statuscode=_text(fields, "statuscode") or "",
        fout=None if found is None else fout(found),
        details=_long_text(fields, "statusdetails"),
    )


def fout(element: etree._Element) -> Fout:
    """Read a foutcode with its foutbeschrijving."""
    inside = _fields(element)
    return Fout(_text(inside, "foutcode") or "", _long_text(inside, "foutbeschrijving") or "")


def contents_of(body: etree._Element) -> Iterator[etree._Element]:
    """The elements that hold contents: each inhoud, in the order of the document."""
    return body.iter(_INHOUD)


def check_sizes(body: etree._Element, max_attachments: int, lifted: Sequence[Lifted] = ()) -> None:
    """Check the sizes of an aanleverRequest, before the XSD does and calls them a form error.

    Raises:
        SizeRefusal: CONTENT-SIZE, an inhoud is larger than 20 MiB.
        AttachmentRefusal: CONTENT-ATTACHMENTS, there are too many.
    """
    sizes = {one.element: len(one.octets) for one in lifted}
    for inhoud in contents_of(body):
        octets = sizes[inhoud] if inhoud in sizes else _decoded_size(inhoud.text or "")
        if octets > MAX_INHOUD:
            raise SizeRefusal(
                f"An inhoud has {octets} octets; at most {MAX_INHOUD} are allowed.", rule="CONTENT-SIZE"
            )
    attachments = sum(1 for _ in body.iter(_BIJLAGE))
    if attachments > max_attachments:
        raise AttachmentRefusal(
            f"There are {attachments} attachments (bijlage); at most {max_attachments} are allowed.",
            rule="CONTENT-ATTACHMENTS",
        )


def _decoded_size(text: str) -> int:
    if len(text) * 3 // 4 <= MAX_INHOUD:
        return len(text) * 3 // 4
    compact = text.translate(_WHITE_SPACE)
    return len(compact) * 3 // 4 - compact[-2:].count("=")


def _fields(parent: etree._Element) -> Fields:
    return {child.tag: child for child in parent}


def _text(fields: Fields, name: str) -> str | None:
    """The text of an element, its white space collapsed; None if it is absent or empty."""
    element = fields.get(_NS + name)
    text = None if element is None else element.text
    # Only these four characters are white space to XML; a no-break space is part of the value.
    if not text or not _SPACES.search(text):
        return text or None
    return _SPACES.sub(" ", text).strip(" ") or None


def _long_text(fields: Fields, name: str) -> str | None:
    """A text as it was written, so that its lines stay lines; collapsed where it is too long otherwise."""
    element = fields.get(_NS + name)
    text = None if element is None else element.text
    if text is None or len(text) > _LONGEST_TEXT:
        return _text(fields, name)
    return text.strip(" \t\r\n") or None


def _identity(fields: Fields, name: str) -> Identity | None:
    element = fields.get(_NS + name)
    if element is None:
        return None
    inside = _fields(element)
    return Identity(_text(inside, "nummer") or "", _text(inside, "type") or "")


def _content(element: etree._Element, taken: Mapping[etree._Element, bytes]) -> Content:
    fields = _fields(element)
    inhoud = fields[_INHOUD]
    return Content(
        mime_type=_text(fields, "mimeType") or "",
        bestandsnaam=_text(fields, "bestandsnaam") or "",
        inhoud=taken[inhoud] if inhoud in taken else _octets(inhoud.text or ""),
    )


def _octets(text: str) -> bytes:
    """The octets of an inhoud; libxml2's XSD check lets characters pass that base64 does not have."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass  # white space is allowed, and seldom there
    try:
        return binascii.a2b_base64(text.translate(_WHITE_SPACE), strict_mode=True)
    except ValueError:
        raise SpecificationRefusal(
            "An inhoud is not base64: it holds characters or padding that base64 does not have.",
            rule="XSD-VALUE",
        ) from None


def _moment(fields: Fields, name: str) -> datetime | None:
    text = _text(fields, name)
    if text is None:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        raise SpecificationRefusal(
            f"The element {name} holds no time that can be used: {text[:60]!r}.", rule="XSD-VALUE"
        ) from None
