"""From the elements of a request, valid by the XSD, to the values of the post office."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from digipoort_sim.clock import parse_time
from digipoort_sim.errors import AttachmentRefusal, SizeRefusal, SpecificationRefusal
from digipoort_sim.exchange.values import Content, Delivery, Identity, Period
from digipoort_sim.wus.names import KOPPELVLAK

MAX_INHOUD = 20_971_520
"""Decoded octets that one inhoud may have (the interface's XSD)."""

_NOBODY = Identity("", "")
_ALWAYS = Period()
_NS = f"{{{KOPPELVLAK}}}"
_INHOUD = _NS + "inhoud"
_BIJLAGE = _NS + "bijlage"
_WHITE_SPACE = str.maketrans("", "", " \t\r\n")


@dataclass(frozen=True)
class Question:
    """A request of the statusinformatieservice or the ophaalservice: what it names, of what it may name.

    Attributes:
        kenmerk: the process or message that is asked for.
        period: the bounds of time; open where the request has none.
    """

    kenmerk: str = ""
    berichtsoort: str | None = None
    identiteit_belanghebbende: Identity = _NOBODY
    period: Period = _ALWAYS


def delivery(body: etree._Element) -> Delivery:
    """Read an aanleverRequest."""
    bijlagen = body.find(_NS + "berichtBijlagen")
    return Delivery(
        kenmerk=_text(body, "kenmerk"),
        berichtsoort=_text(body, "berichtsoort") or "",
        aanleverkenmerk=_text(body, "aanleverkenmerk"),
        eerder_aanleverkenmerk=_text(body, "eerderAanleverkenmerk"),
        identiteit_belanghebbende=_identity(body, "identiteitBelanghebbende") or _NOBODY,
        rol_belanghebbende=_text(body, "rolBelanghebbende") or "",
        identiteit_ontvanger=_identity(body, "identiteitOntvanger"),
        rol_ontvanger=_text(body, "rolOntvanger"),
        inhoud=_content(_child(body, "berichtInhoud")),
        bijlagen=() if bijlagen is None else tuple(_content(one) for one in bijlagen),
        autorisatie_adres=_text(body, "autorisatieAdres"),
    )


def question(body: etree._Element) -> Question:
    """Read a request that asks for something.

    Raises:
        SpecificationRefusal: XSD-VALUE, a time that is valid by the XSD but not of this world.
    """
    return Question(
        kenmerk=_text(body, "kenmerk") or "",
        berichtsoort=_text(body, "berichtsoort"),
        identiteit_belanghebbende=_identity(body, "identiteitBelanghebbende") or _NOBODY,
        period=Period(_moment(body, "tijdstempelVanaf"), _moment(body, "tijdstempelTot")),
    )


def check_sizes(body: etree._Element, max_attachments: int) -> None:
    """Check the sizes of an aanleverRequest, before the XSD does and calls them a form error.

    Raises:
        SizeRefusal: CONTENT-SIZE, an inhoud is larger than 20 MiB.
        AttachmentRefusal: CONTENT-ATTACHMENTS, there are too many.
    """
    for inhoud in body.iter(_INHOUD):
        octets = _decoded_size(inhoud.text or "")
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


def _child(parent: etree._Element, name: str) -> etree._Element:
    child = parent.find(_NS + name)
    if child is None:
        raise SpecificationRefusal(f"The element {name} is missing.", rule="XSD")
    return child


def _text(parent: etree._Element, name: str) -> str | None:
    """The text of a child, its white space collapsed; None if it is absent or empty."""
    text = parent.findtext(_NS + name)
    return " ".join(text.split()) if text else None


def _identity(parent: etree._Element, name: str) -> Identity | None:
    element = parent.find(_NS + name)
    if element is None:
        return None
    return Identity(_text(element, "nummer") or "", _text(element, "type") or "")


def _content(element: etree._Element) -> Content:
    return Content(
        mime_type=_text(element, "mimeType") or "",
        bestandsnaam=_text(element, "bestandsnaam") or "",
        inhoud=binascii.a2b_base64(element.findtext(_INHOUD) or ""),
    )


def _moment(parent: etree._Element, name: str) -> datetime | None:
    text = _text(parent, name)
    if text is None:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        raise SpecificationRefusal(
            f"The element {name} holds no time that can be used: {text[:60]!r}.", rule="XSD-VALUE"
        ) from None
