"""What a content is by its first octets, what its name says, and what its mimeType says.

Sources: the signatures that the formats' own specifications give; registered media types and the file
extensions in them. That a name must agree is a choice of the simulator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from digipoort_sim.validation.places import BYTE_ORDER_MARK

_LOOKED_AT: Final = 1024
_WHITE_SPACE: Final = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content.

    Args:
        nl: its name in Dutch, with an article.
        en: the same in English.
        media: mimeTypes of it.
        extensions: those of file names, in small letters.
        starts: what such a content begins with; empty if that says nothing.
    """

    nl: str
    en: str
    media: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    starts: tuple[bytes, ...] = ()


def _kind(name: str, media: str, extensions: str, *starts: bytes) -> Kind:
    nl, _, en = name.partition(" / ")
    return Kind(nl, en, frozenset(media.split()), frozenset(extensions.split()), starts)


XML: Final = _kind("XML / XML", "text/xml application/xml", "xml xbrl xsd")
HTML: Final = _kind("HTML / HTML", "text/html application/xhtml+xml", "html htm xhtml")
TEXT: Final = _kind("tekst / text", "text/plain text/csv", "txt csv")
OTHER_XML: Final = _kind(
    "XML in een andere tekencodering dan UTF-8 / XML in another encoding than UTF-8", "", ""
)
ZIP: Final = _kind(
    "een zip / a zip",
    "application/zip application/x-zip-compressed application/x-zip",
    "zip xbri xbr docx xlsx pptx odt ods",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
)
_BY_START: Final = (
    _kind("een PDF / a PDF", "application/pdf", "pdf", b"%PDF-"),
    ZIP,
    _kind("een gzip / a gzip", "application/gzip application/x-gzip", "gz tgz", b"\x1f\x8b"),
    _kind("een PNG / a PNG", "image/png", "png", b"\x89PNG\r\n\x1a\n"),
    _kind("een JPEG / a JPEG", "image/jpeg image/jpg", "jpg jpeg", b"\xff\xd8\xff"),
    _kind("een GIF / a GIF", "image/gif", "gif", b"GIF87a", b"GIF89a"),
    _kind("een TIFF / a TIFF", "image/tiff", "tif tiff", b"II*\0", b"MM\0*"),
    _kind("een 7z / a 7z", "application/x-7z-compressed", "7z", b"7z\xbc\xaf\x27\x1c"),
    _kind("een oud Office-document / an old Office document", "application/msword application/vnd.ms-excel",
          "doc xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    _kind("een programma / a program", "application/x-msdownload application/x-executable", "exe dll",
          b"MZ\x90\0", b"\x7fELF"),
)  # fmt: skip
_KINDS: Final = (XML, HTML, TEXT, *_BY_START)
MIME_TYPES: Final = {
    ".xml": "text/xml",
    ".xbrl": "text/xml",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".xbri": "application/zip",
    ".xhtml": "application/xhtml+xml",
    ".txt": "text/plain",
}
"""What commands take a file for by its ending, where nobody says what it is."""
_OTHER_ENCODINGS: Final = (
    *(b"\0\0\xfe\xff", b"\xff\xfe\0\0", b"\xff\xfe", b"\xfe\xff"),  # marks of UTF-32 and UTF-16
    *(b"<\0\0\0", b"\0\0\0<", b"<\0", b"\0<", b"\x4c\x6f\xa7\x94\x93"),  # without; <?xml in EBCDIC
)
_HTML_STARTS: Final = (b"<!doctype html", b"<html")


def kind_of_content(content: bytes) -> Kind | None:
    """What a content is by its first octets; None if they do not say."""
    for kind in _BY_START:
        if content.startswith(kind.starts):
            return kind
    start = content[:_LOOKED_AT].removeprefix(BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)
    if start.startswith(_OTHER_ENCODINGS):
        return OTHER_XML
    if start.lower().startswith(_HTML_STARTS):
        return HTML
    return XML if start.startswith(b"<") else None


def kind_of_media(media: str) -> Kind | None:
    """What a mimeType (in small letters, without parameters) says that a content is; None if unknown."""
    known = next((kind for kind in _KINDS if media in kind.media), None)
    if known is None and media.endswith("+xml"):
        return XML
    return ZIP if known is None and media.endswith("+zip") else known


def extension_of(name: str) -> str:
    """The extension of a file name in small letters; empty if it has none."""
    stem, dot, extension = name.strip().rpartition(".")
    return extension.casefold() if dot and stem else ""


def kind_of_name(name: str) -> Kind | None:
    """What the extension of a file name says that a content is; None if it says nothing."""
    extension = extension_of(name)
    return next((kind for kind in _KINDS if extension in kind.extensions), None)


def agree(content: Kind | None, said: Kind) -> bool:
    """Whether a content of a kind can be what a mimeType or a name says."""
    if said is XML:
        return content in (XML, HTML, OTHER_XML)
    if said in (HTML, TEXT):
        return content in (None, XML, HTML, OTHER_XML)
    return content is said


def is_markup(kind: Kind | None) -> bool:
    """Whether it is XML or HTML: XHTML is both, so their names and mimeTypes do not contradict."""
    return kind in (XML, HTML)
