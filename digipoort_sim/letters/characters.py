"""Text for the core fonts of PDF, which have the characters of Windows-1252 and no others."""

from __future__ import annotations

import unicodedata

ENCODING = "cp1252"

# Letters that Unicode does not take apart into a base and a mark.
_PLAIN = str.maketrans(
    {
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i",
        "ĸ": "k", "ŋ": "n", "Ŋ": "N", "ə": "e", "Ə": "E", "ẞ": "SS", "\t": " ",
        "\u2010": "-", "\u2011": "-", "\u2212": "-", "\u02bc": "’", "\u2032": "’", "\u2033": "”",
    }
)  # fmt: skip


def printable(text: str) -> str:
    """The text in characters that the fonts have, as near as can be; nothing vanishes.

    Accents that the fonts lack fall away (``Ž`` stays, ``ż`` is ``z``); what has no Latin form is written
    as its number, such as ``[U+4E2D]``. Line ends stay.
    """
    return "".join(_character(one) for one in unicodedata.normalize("NFC", text))


def _character(one: str) -> str:
    if one == "\n":
        return one
    if unicodedata.combining(one):
        return ""
    for way in (one, one.translate(_PLAIN), _without_marks(one)):
        if way and _has_all(way):
            return way
    return f"[U+{ord(one):04X}]"


def _without_marks(one: str) -> str:
    parts = unicodedata.normalize("NFKD", one)
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(_PLAIN)


def _has_all(text: str) -> bool:
    # Control characters have a place in the encoding, but nothing to show for it.
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return not any(unicodedata.category(one) == "Cc" for one in text)
