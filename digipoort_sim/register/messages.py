"""Mandate messages: from their bytes to a value, and back.

The same message has two forms, an XBRL instance and plain XML; both are the simulator's own, because no
public specification exists. Their schemas and the taxonomy are in ``schemas/machtiging``. Reading expects
content that was validated, but answers anything else with a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from digipoort_sim import xml_names
from digipoort_sim.catalogue.mandate_messages import (
    FIELDS,
    MAXIMUM_BYTES,
    NS_CONCEPTS,
    NS_XML,
    REQUIRED,
    MessageKind,
    entrypoint,
    identifier_scheme,
    year_in_dienst,
)
from digipoort_sim.errors import SpecificationRefusal

__all__ = ["Form", "MandateMessage", "MessageKind", "parse_mandate_message", "render_mandate_message"]

Form = Literal["xbrl", "xml"]

_NS_XBRLI = "http://www.xbrl.org/2003/instance"
_NS_LINK = "http://www.xbrl.org/2003/linkbase"
_NS_XLINK = "http://www.w3.org/1999/xlink"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PERIOD_WITHOUT_YEAR = "2026"
_YEAR = re.compile(r"[12][0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MandateMessage:
    """One mandate message, whatever form it came in.

    Args:
        kind: what is asked.
        dienst: full code of the digital service with its year (``VIA_2025``); empty only for
            `MessageKind.OPVRAGEN`, and then every dienst is meant.
        id_vertegenwoordigde: number of the client.
        type_vertegenwoordigde: type of that number as it was written (``BSN``), or None.
        id_gemachtigde: OIN of the intermediary, or the KvK number or RSIN inside it.
        activatie_token: the code as it was written; only for `MessageKind.ACTIVEREN`.
        reden: why it is revoked; only for `MessageKind.INTREKKEN`, and optional there.
        form: ``xbrl`` or ``xml``, the form that the message came in.
        jaar: only for `MessageKind.OPVRAGEN` without a dienst: registrations of this year only.
    """

    kind: MessageKind
    dienst: str
    id_vertegenwoordigde: str
    type_vertegenwoordigde: str | None
    id_gemachtigde: str
    activatie_token: str | None = None
    reden: str | None = None
    form: Form = "xbrl"
    jaar: int | None = None


def parse_mandate_message(content: bytes, kind: MessageKind) -> MandateMessage:
    """Read a mandate message of the given kind, in either form.

    Raises:
        SpecificationRefusal: the content is no mandate message of that kind.
    """
    root = _parse(content)
    if root.tag == f"{{{_NS_XBRLI}}}xbrl":
        return _message(kind, _read_xbrl(root, kind), "xbrl")
    if root.tag == f"{{{NS_XML}}}machtiging":
        return _message(kind, _read_xml(root, kind), "xml")
    raise SpecificationRefusal(
        f"The root element is {root.tag}, not xbrli:xbrl or machtiging.", rule="MACHTIGING-ROOT"
    )


def render_mandate_message(message: MandateMessage, form: Form) -> bytes:
    """The message in the given form, valid against the schemas where its values are.

    Args:
        message: its own `form` is not looked at.
        form: ``xbrl`` or ``xml``.

    Raises:
        SpecificationRefusal: a value holds characters that XML does not allow.
    """
    try:
        root = _render_xbrl(message) if form == "xbrl" else _render_xml(message)
    except ValueError as error:
        raise SpecificationRefusal(
            f"A field cannot be written as XML: {error}.", rule="XML-CHARACTER"
        ) from error
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _parse(content: bytes) -> etree._Element:
    if len(content) > MAXIMUM_BYTES:
        raise SpecificationRefusal(
            f"A mandate message has at most {MAXIMUM_BYTES} octets.", rule="MACHTIGING-SIZE"
        )
    try:
        root = xml_names.parsed(content, _parsed)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SpecificationRefusal(
            f"The content is not well-formed XML: {error}.", rule="XML-WELL-FORMED"
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SpecificationRefusal("A DOCTYPE is not allowed.", rule="XML-DOCTYPE")
    return root


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(content, parser)


def _read_xml(root: etree._Element, kind: MessageKind) -> dict[str, str]:
    if len(root) != 1 or root[0].tag != f"{{{NS_XML}}}{kind}":
        raise _wrong_kind(kind, " ".join(str(child.tag) for child in root) or "nothing")
    return _fields(root[0], NS_XML)


def _read_xbrl(root: etree._Element, kind: MessageKind) -> dict[str, str]:
    href = "".join(
        ref.get(f"{{{_NS_XLINK}}}href", "").strip() for ref in root.iterchildren(f"{{{_NS_LINK}}}schemaRef")
    )
    if href != entrypoint(kind):
        raise _wrong_kind(kind, href or "no schemaRef")
    return _fields(root, NS_CONCEPTS)


def _wrong_kind(kind: MessageKind, found: str) -> SpecificationRefusal:
    return SpecificationRefusal(
        f"This is no mandate message of the kind {kind}: found {found}.", rule="MACHTIGING-SOORT"
    )


def _fields(parent: etree._Element, namespace: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for name in FIELDS:
        found = [_text(element) for element in parent.iterchildren(f"{{{namespace}}}{name}")]
        if len(found) > 1:
            raise SpecificationRefusal(f"{name} stands more than once.", rule="MACHTIGING-VELDEN")
        if found and found[0]:
            values[name] = found[0]
    return values


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


def _message(kind: MessageKind, values: dict[str, str], form: Form) -> MandateMessage:
    missing = sorted(REQUIRED[kind] - values.keys())
    if missing:
        raise SpecificationRefusal(f"Missing or empty: {', '.join(missing)}.", rule="MACHTIGING-VELDEN")
    return MandateMessage(
        kind=kind,
        dienst=_full_dienst(values.get("dienst", ""), values.get("jaar")),
        id_vertegenwoordigde=values["idVertegenwoordigde"],
        type_vertegenwoordigde=values.get("soortNummer"),
        id_gemachtigde=values["idGemachtigde"],
        activatie_token=values.get("activatieToken") if kind is MessageKind.ACTIVEREN else None,
        reden=values.get("reden") if kind is MessageKind.INTREKKEN else None,
        form=form,
        jaar=None if "dienst" in values else _year_alone(values.get("jaar")),
    )


def _year_alone(jaar: str | None) -> int | None:
    if jaar is None:
        return None
    if _YEAR.fullmatch(jaar) is None:
        raise SpecificationRefusal(f"jaar {jaar[:40]!r} is not a year.", rule="MACHTIGING-JAAR")
    return int(jaar)


def _full_dienst(dienst: str, jaar: str | None) -> str:
    """The code with its year; a code that names a year already must agree with `jaar`."""
    if jaar is None or not dienst:
        return dienst
    named = year_in_dienst(dienst)
    if named is None:
        return f"{dienst}_{jaar}"
    if named != jaar:
        raise SpecificationRefusal(f"jaar is {jaar}, but dienst is {dienst}.", rule="MACHTIGING-JAAR")
    return dienst


def _written_fields(message: MandateMessage) -> Iterator[tuple[str, str]]:
    values = {
        "dienst": message.dienst,
        "jaar": None if message.jaar is None else str(message.jaar),
        "idVertegenwoordigde": message.id_vertegenwoordigde,
        "soortNummer": message.type_vertegenwoordigde,
        "idGemachtigde": message.id_gemachtigde,
        "activatieToken": message.activatie_token,
        "reden": message.reden,
    }
    return ((name, value) for name, value in values.items() if value)


def _render_xml(message: MandateMessage) -> etree._Element:
    root = etree.Element(f"{{{NS_XML}}}machtiging", nsmap={"m": NS_XML})
    body = etree.SubElement(root, f"{{{NS_XML}}}{message.kind}")
    for name, value in _written_fields(message):
        etree.SubElement(body, f"{{{NS_XML}}}{name}").text = value
    return root


def _render_xbrl(message: MandateMessage) -> etree._Element:
    namespaces = {"link": _NS_LINK, "mr": NS_CONCEPTS, "xbrli": _NS_XBRLI, "xlink": _NS_XLINK}
    root = etree.Element(f"{{{_NS_XBRLI}}}xbrl", nsmap=namespaces)
    root.set(_XML_LANG, "nl")
    reference = etree.SubElement(root, f"{{{_NS_LINK}}}schemaRef")
    reference.set(f"{{{_NS_XLINK}}}type", "simple")
    reference.set(f"{{{_NS_XLINK}}}href", entrypoint(message.kind))
    _render_context(root, message)
    for name, value in _written_fields(message):
        etree.SubElement(root, f"{{{NS_CONCEPTS}}}{name}", contextRef="Msg").text = value
    return root


def _render_context(root: etree._Element, message: MandateMessage) -> None:
    """The one context; its period means nothing to the register, XBRL only wants to have one."""
    context = etree.SubElement(root, f"{{{_NS_XBRLI}}}context", id="Msg")
    entity = etree.SubElement(context, f"{{{_NS_XBRLI}}}entity")
    scheme = identifier_scheme(message.type_vertegenwoordigde)
    etree.SubElement(entity, f"{{{_NS_XBRLI}}}identifier", scheme=scheme).text = message.id_vertegenwoordigde
    year = year_in_dienst(message.dienst) or _PERIOD_WITHOUT_YEAR
    period = etree.SubElement(context, f"{{{_NS_XBRLI}}}period")
    etree.SubElement(period, f"{{{_NS_XBRLI}}}startDate").text = f"{year}-01-01"
    etree.SubElement(period, f"{{{_NS_XBRLI}}}endDate").text = f"{year}-12-31"
