"""Making the signed requests of a load beforehand, on all processors."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from lxml import etree

from digipoort_sim.clock import RealClock
from digipoort_sim.ids import SystemIds
from digipoort_sim.wus import document
from digipoort_sim.wus.names import AANLEVEREN, ANONYMOUS, KOPPELVLAK, SOAP, WSA, WSU, XOP
from digipoort_sim.wus.signing import Signer, sign_request

_ENTRYPOINT = "http://www.nltaxonomie.nl/nt20/bd/20251210/entrypoints/bd-rpt-ob-aangifte-2026.xsd"
_ACTION = AANLEVEREN.operations["aanleveren"].action
_BOUNDARY = "benchmark-boundary"
_CONCEPTS = "urn:digipoort-sim:benchmark"


def instance() -> bytes:
    """An Omzetbelasting instance of 2.5 kB: in its envelope 4.5 kB, signed (six references) 10.4 kB."""
    facts = "".join(
        f'<b:Amount{n} contextRef="Msg" decimals="INF" unitRef="EUR">{n * 100}</b:Amount{n}>'
        for n in range(22)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<xbrli:xbrl xml:lang="nl" xmlns:b="{_CONCEPTS}" xmlns:link="http://www.xbrl.org/2003/linkbase"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"'
        ' xmlns:xbrli="http://www.xbrl.org/2003/instance">'
        f'<link:schemaRef xlink:type="simple" xlink:href="{_ENTRYPOINT}"/>'
        '<xbrli:context id="Msg"><xbrli:entity>'
        '<xbrli:identifier scheme="www.belastingdienst.nl/omzetbelastingnummer">'
        "001000044B37</xbrli:identifier>"
        "</xbrli:entity><xbrli:period><xbrli:startDate>2026-10-01</xbrli:startDate>"
        "<xbrli:endDate>2026-10-31</xbrli:endDate></xbrli:period></xbrli:context>"
        '<xbrli:unit id="EUR"><xbrli:measure>iso4217:EUR</xbrli:measure></xbrli:unit>'
        f"{facts}</xbrli:xbrl>"
    ).encode()


def signed_requests(folder: Path, count: int) -> list[bytes]:
    """So many complete HTTP requests, each with its own MessageID and signature (rsa-sha256)."""
    cores = os.cpu_count() or 1
    share = -(-count // cores)
    with ProcessPoolExecutor(cores) as pool:
        parts = pool.map(_signed, [folder] * cores, [share] * cores)
        return [request for part in parts for request in part][:count]


def signed_requests_of(folder: Path, content: bytes, count: int, *, mtom: bool = False) -> list[bytes]:
    """So many requests with this content; with `mtom` it is a part of its own (XOP)."""
    signer = Signer.from_pem((folder / "client.key").read_bytes(), (folder / "client.pem").read_bytes())
    text = base64.b64encode(content).decode()
    if not mtom:
        return [_request(signer, text) for _ in range(count)]
    return [_packed(_signed_envelope(signer, text), content) for _ in range(count)]


def _signed(folder: Path, count: int) -> list[bytes]:
    return signed_requests_of(folder, instance(), count)


def _request(signer: Signer, content: str) -> bytes:
    return _posted(etree.tostring(_signed_envelope(signer, content)), "text/xml; charset=utf-8")


def _packed(envelope: etree._Element, content: bytes) -> bytes:
    """A signed request with its content in a part of its own: the signature is over the base64."""
    (inhoud,) = envelope.iter(f"{{{KOPPELVLAK}}}inhoud")
    inhoud.text = None
    etree.SubElement(inhoud, f"{{{XOP}}}Include", href="cid:content")
    parts = (
        f'--{_BOUNDARY}\r\nContent-Type: application/xop+xml; charset=utf-8; type="text/xml"\r\n'
        "Content-ID: <root>\r\n\r\n".encode(),
        etree.tostring(envelope),
        f"\r\n--{_BOUNDARY}\r\nContent-Type: application/octet-stream\r\n"
        "Content-Transfer-Encoding: binary\r\nContent-ID: <content>\r\n\r\n".encode(),
        content,
        f"\r\n--{_BOUNDARY}--\r\n".encode(),
    )
    media_type = (
        f'multipart/related; boundary="{_BOUNDARY}"; type="application/xop+xml"; start="<root>"; '
        'start-info="text/xml"'
    )
    return _posted(b"".join(parts), media_type)


def _posted(body: bytes, media_type: str) -> bytes:
    head = (
        f"POST {AANLEVEREN.paths['preproduction']} HTTP/1.1\r\nHost: localhost\r\n"
        f'Content-Type: {media_type}\r\nSOAPAction: "{_ACTION}"\r\n'
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _signed_envelope(signer: Signer, content: str) -> etree._Element:
    envelope = document.parse(_envelope(SystemIds().uuid(), content).encode("ascii"))
    sign_request(envelope, signer, sha=256, created=RealClock().now(), ids=SystemIds())
    return envelope


def _envelope(uuid: str, content: str) -> str:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}" xmlns:u="{WSU}"><s:Header>'
        f"<a:Action>{_ACTION}</a:Action>"
        f"<a:MessageID>urn:uuid:{uuid}</a:MessageID>"
        f"<a:ReplyTo><a:Address>{ANONYMOUS}</a:Address></a:ReplyTo>"
        f"<a:To>https://localhost{AANLEVEREN.paths['preproduction']}</a:To></s:Header><s:Body>"
        f'<aanleverRequest xmlns="{KOPPELVLAK}"><berichtsoort>Omzetbelasting</berichtsoort>'
        "<aanleverkenmerk>bench</aanleverkenmerk><identiteitBelanghebbende><nummer>001000044B37</nummer>"
        "<type>Fi</type></identiteitBelanghebbende><rolBelanghebbende>Bedrijf</rolBelanghebbende>"
        "<berichtInhoud><mimeType>text/xml</mimeType><bestandsnaam>ob.xbrl</bestandsnaam>"
        f"<inhoud>{content}</inhoud></berichtInhoud><autorisatieAdres>http://geenausp.nl</autorisatieAdres>"
        "</aanleverRequest></s:Body></s:Envelope>"
    )
