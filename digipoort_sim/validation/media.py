"""Whether a content looks like what its mimeType says."""

from __future__ import annotations

from collections.abc import Iterator

from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.places import BYTE_ORDER_MARK

_XML_TYPES = frozenset({"application/xml", "text/xml"})
_SIGNATURES = {
    "application/pdf": b"%PDF-",
    "application/zip": b"PK",
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
}
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_WHITE_SPACE = b" \t\r\n"


def media_findings(content: bytes, mime_type: str, rules: ContentRules) -> Iterator[Finding]:
    """What is wrong with the mimeType: not one of the berichtsoort's, or not that of the content."""
    media = mime_type.partition(";")[0].strip().casefold()
    allowed = tuple(allowed.casefold() for allowed in rules.mime_types)
    if allowed and media not in allowed:
        yield _error(
            f"Het mimeType {shown(media)} is voor {rules.berichtsoort} niet toegestaan.",
            f"The mimeType {shown(media)} is not allowed for {rules.berichtsoort}.",
        )
    elif not allowed and rules.form != "any" and not _is_xml(media):
        yield _error(
            f"Het mimeType {shown(media)} is geen XML, terwijl {rules.berichtsoort} XML moet zijn.",
            f"The mimeType {shown(media)} is not XML, but {rules.berichtsoort} must be XML.",
        )
    elif not _fits(content, media):
        yield _error(
            f"De inhoud is niet wat het mimeType {shown(media)} zegt.",
            f"The content is not what the mimeType {shown(media)} says.",
        )


def _is_xml(media: str) -> bool:
    return media in _XML_TYPES or media.endswith("+xml")


def _fits(content: bytes, media: str) -> bool:
    if _is_xml(media):
        start = content[:1024].removeprefix(BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)
        return start.startswith((b"<", *_UTF_16_MARKS))
    return content.startswith(_SIGNATURES.get(media, b""))


def _error(nl: str, en: str) -> Finding:
    return Finding("MIMETYPE", "error", 0, 0, nl, en, "simulator")
