"""From the values of the post office to the body elements of messages, written in canonical form.

Canonical, because `answer.build` signs these octets. No element has an attribute or a
prefix; only the first one declares a namespace. The order of the elements is that of the XSD.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from digipoort_sim.clock import wire_time
from digipoort_sim.exchange.external import Parcel
from digipoort_sim.exchange.values import (
    Bericht,
    BerichtLijstRegel,
    Content,
    Fout,
    Identity,
    Process,
    Receipt,
    Status,
)
from digipoort_sim.wus.canonical import escape
from digipoort_sim.wus.names import KOPPELVLAK
from digipoort_sim.xml_names import NOT_XML

_SPECIAL = re.compile(f"[&<>\r]|{NOT_XML.pattern}")
Value = TypeVar("Value")


def aanlever_response(receipt: Receipt) -> bytes:
    """The aanleverResponse of an accepted delivery (order recorded; it has no status elements)."""
    return _root(
        "aanleverResponse",
        _element("kenmerk", receipt.kenmerk),
        _element("berichtsoort", receipt.berichtsoort),
        _optional("aanleverkenmerk", receipt.aanleverkenmerk),
        _optional("eerderAanleverkenmerk", receipt.eerder_aanleverkenmerk),
        _element("tijdstempelAangeleverd", wire_time(receipt.tijdstempel_aangeleverd)),
        _identity("identiteitBelanghebbende", receipt.identiteit_belanghebbende),
        _element("rolBelanghebbende", receipt.rol_belanghebbende),
        _identity("identiteitOntvanger", receipt.identiteit_ontvanger),
        _optional("rolOntvanger", receipt.rol_ontvanger),
        _optional("autorisatieAdres", receipt.autorisatie_adres),
    )


def zet_status_response(kenmerk: str, statuscode: str) -> bytes:
    """The zetStatusResponse to an agency."""
    return _root("zetStatusResponse", _element("kenmerk", kenmerk), _element("statuscode", statuscode))


def aflever_request(parcel: Parcel) -> bytes:
    """The afleverRequest to an agency; the lists that Digipoort may add to it are left out (s)."""
    return _root(
        "afleverRequest",
        _element("kenmerk", parcel.kenmerk),
        _element("berichtsoort", parcel.berichtsoort),
        _element("berichtkenmerk", parcel.berichtkenmerk),
        _optional("aanleverkenmerk", parcel.aanleverkenmerk),
        _element("tijdstempelAangeleverd", wire_time(parcel.tijdstempel_aangeleverd)),
        _identity("identiteitBelanghebbende", parcel.identiteit_belanghebbende),
        _element("rolBelanghebbende", parcel.rol_belanghebbende),
        _element("identiteitAanleveraar", parcel.identiteit_aanleveraar),
        _identity("identiteitOntvanger", parcel.identiteit_ontvanger),
        _optional("rolOntvanger", parcel.rol_ontvanger),
        _content("berichtInhoud", parcel.inhoud),
        _bijlagen(parcel.bijlagen),
    )


def berichtsoorten(operation: str, names: Sequence[str]) -> bytes:
    """The answer to getBerichtsoorten."""
    return _returned(operation, names, lambda name: _element("berichtsoort", name))


def processen(operation: str, processes: Sequence[Process]) -> bytes:
    """The answer to getProcessen."""
    return _returned(operation, processes, _process)


def statussen(operation: str, statuses: Sequence[Status]) -> bytes:
    """The answer to an operation that gives statuses."""
    return _returned(operation, statuses, _status)


def berichten(operation: str, messages: Sequence[Bericht]) -> bytes:
    """The answer to an operation that gives messages."""
    return _returned(operation, messages, _bericht)


def berichten_lijst(operation: str, lines: Sequence[BerichtLijstRegel]) -> bytes:
    """The answer to an operation that lists messages."""
    return _returned(operation, lines, _line)


def _process(process: Process) -> str:
    return _group(
        "ProcesResultaat",
        _element("kenmerk", process.kenmerk),
        _element("berichtsoort", process.berichtsoort),
        _identity("identiteitBelanghebbende", process.identiteit_belanghebbende),
        _identity("identiteitOntvanger", process.identiteit_ontvanger),
    )


def _status(status: Status) -> str:
    return _group(
        "StatusResultaat",
        _element("kenmerk", status.kenmerk),
        _identity("identiteitBelanghebbende", status.identiteit_belanghebbende),
        _element("statuscode", status.statuscode),
        _element("tijdstempelStatus", wire_time(status.tijdstempel_status)),
        _element("statusomschrijving", status.statusomschrijving),
        _fout("statusFoutcode", status.status_foutcode),
        _optional("statusdetails", status.statusdetails),
    )


def _bericht(message: Bericht) -> str:
    return _group(
        "BerichtResultaat",
        _element("kenmerk", message.kenmerk),
        _element("berichtsoort", message.berichtsoort),
        _element("berichtkenmerk", message.berichtkenmerk),
        _optional("aanleverkenmerk", message.aanleverkenmerk),
        _element("tijdstempelAangeleverd", wire_time(message.tijdstempel_aangeleverd)),
        _identity("identiteitBelanghebbende", message.identiteit_belanghebbende),
        _element("rolBelanghebbende", message.rol_belanghebbende),
        _optional("identiteitAanleveraar", message.identiteit_aanleveraar),
        _identity("identiteitOntvanger", message.identiteit_ontvanger),
        _content("berichtInhoud", message.inhoud),
        _bijlagen(message.bijlagen),
    )


def _line(line: BerichtLijstRegel) -> str:
    return _group(
        "BerichtLijstResultaat",
        _element("berichtsoort", line.berichtsoort),
        _identity("identiteitBelanghebbende", line.identiteit_belanghebbende),
        _element("kenmerk", line.kenmerk),
    )


def _content(name: str, content: Content) -> str:
    return _group(
        name,
        _element("mimeType", content.mime_type),
        _element("bestandsnaam", content.bestandsnaam),
        f"<inhoud>{base64.b64encode(content.inhoud).decode('ascii')}</inhoud>",
    )


def _bijlagen(contents: Iterable[Content]) -> str:
    inside = "".join(_content("bijlage", content) for content in contents)
    return _group("berichtBijlagen", inside) if inside else ""


def _identity(name: str, identity: Identity | None) -> str:
    if identity is None:
        return ""
    return _group(name, _element("nummer", identity.nummer), _element("type", identity.type))


def _fout(name: str, fout: Fout | None) -> str:
    if fout is None:
        return ""
    return _group(
        name, _element("foutcode", fout.foutcode), _element("foutbeschrijving", fout.foutbeschrijving)
    )


def _returned(operation: str, values: Iterable[Value], write: Callable[[Value], str]) -> bytes:
    return _root(f"{operation}Response", _group(f"{operation}Return", *map(write, values)))


def _root(name: str, *children: str) -> bytes:
    return f'<{name} xmlns="{KOPPELVLAK}">{"".join(children)}</{name}>'.encode()


def _group(name: str, *children: str) -> str:
    return f"<{name}>{''.join(children)}</{name}>"


def _element(name: str, text: str) -> str:
    if _SPECIAL.search(text) is not None:  # seldom
        text = escape(NOT_XML.sub(_REPLACEMENT, text))
    return f"<{name}>{text}</{name}>"


def _optional(name: str, text: str | None) -> str:
    return "" if text is None else _element(name, text)


_REPLACEMENT = "\ufffd"
