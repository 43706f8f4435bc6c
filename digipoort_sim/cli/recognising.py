"""Recognising the berichtsoort of a content by its entry point or root, where that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.catalogue.mandate_messages import NS_XML, MessageKind, entrypoint
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.pipeline import empty
from digipoort_sim.validation.signatures import XML, agree, kind_of_content
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml

_LOOKED_AT: Final = 65_536
_SCHEMA_REF = re.compile(r"<(?:[\w.-]+:)?schemaRef\s[^<>]*?href\s*=\s*[\"']([^\"'<>]*)[\"']")
_MANDATE_BODY = re.compile(
    rf"<(?:[\w.-]+:)?machtiging\s[^<>]*[\"']{re.escape(NS_XML)}[\"'][^<>]*>\s*<(?:[\w.-]+:)?(\w+)"
)
_ROOT = re.compile(r"<(?![?!])(?:(?P<prefix>[\w.-]+):)?(?P<name>[\w.-]+)(?P<attributes>[^<>]*)>")
_DECLARED = re.compile(r"\sxmlns(?::(?P<prefix>[\w.-]+))?\s*=\s*[\"'](?P<uri>[^\"']*)[\"']")
_ZIP = b"PK\x03\x04"


def recognised(content: bytes, catalogue: Catalogue) -> str | None:
    """The one berichtsoort that a content can be of; None if it may be several, or is none that is known.

    Only its beginning is looked at.
    """
    text = content[:_LOOKED_AT].decode("utf-8", "replace")
    rows = [row for row in catalogue.berichtsoorten.values() if row.direction == "in"]
    names = {row.name for row in rows for found in _signs(content, text) if _is_of(row, *found)}
    return names.pop() if len(names) == 1 else None


def findings_of_none(content: bytes) -> Iterator[Finding]:
    """The errors of a content that no berichtsoort takes: empty, no XML, or XML that cannot be read.

    Nothing if it is well-formed XML, which only its berichtsoort can tell more of.
    """
    if not content:
        yield empty()
        return
    found = kind_of_content(content)
    if not agree(found, XML):
        nl, en = (f"; die lijkt {found.nl}", f"; it looks like {found.en}") if found else ("", "")
        texts = f"De inhoud is geen XML{nl}.", f"The content is not XML{en}."
        yield Finding("MIMETYPE", "error", 0, 0, *texts, "simulator")
        return
    read = read_xml(content, LIMITS["xml"])
    yield from () if isinstance(read, XmlContent) else read


def _signs(content: bytes, text: str) -> Iterator[tuple[str, str]]:
    """What the content shows: the form that goes with it, and a word of it."""
    if content.startswith(_ZIP):
        yield "report-package", ""
    for found in _SCHEMA_REF.finditer(text):
        yield "entrypoint", found[1].strip()
    for found in _MANDATE_BODY.finditer(text):
        yield "mandate", found[1]
    for found in _ROOT.finditer(text):
        declared = {one["prefix"]: one["uri"] for one in _DECLARED.finditer(found["attributes"])}
        yield "root", f"{{{declared.get(found['prefix'], '')}}}{found['name']}"
        return


def _is_of(row: Berichtsoort, sign: str, word: str) -> bool:
    match sign:
        case "entrypoint" if row.mandate:
            return word == entrypoint(MessageKind(row.mandate))
        case "entrypoint":
            return bool(row.entrypoint and re.fullmatch(row.entrypoint, word.rpartition("/")[2]))
        case "mandate":
            return row.mandate == word
        case "root":
            return bool(row.root and re.fullmatch(row.root, word))
        case _:
            return row.form == sign
