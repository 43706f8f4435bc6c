"""Filing rules about the text of an instance and the name of its file (FR-NL-1.x and 2.06)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from digipoort_sim.validation.instance import Instance
from digipoort_sim.validation.places import BYTE_ORDER_MARK
from digipoort_sim.validation.rules.rule import Hit, InstanceRule

_OTHER_CHARACTER = re.compile(r"[^\t\n\r\u0020-\u007f\u00a0-\u00ff\u20a0-\u20cf]")
_OTHER_OCTETS = re.compile(
    rb"\xc2[\x80-\x9f]|[\xc4-\xdf][\x80-\xbf]"
    rb"|\xe2(?!\x82[\xa0-\xbf]|\x83[\x80-\x8f])[\x80-\xbf]{2}|[\xe0\xe1\xe3-\xef][\x80-\xbf]{2}"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}"
)
"""The same in UTF-8; the control characters below 0020 cannot stand in well-formed XML."""
_ASCII = bytes(range(0x80))
_FILE_NAME = re.compile(r"[0-9A-Za-z_-]+\Z")
_LARGEST_CODE_POINT = 0x10FFFF


def _byte_order_mark(instance: Instance) -> Iterator[Hit]:
    if instance.xml.content.startswith(BYTE_ORDER_MARK):
        yield Hit(0)


def _characters(instance: Instance) -> Iterator[Hit]:
    content = instance.xml.content
    start = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
    if not _OTHER_OCTETS.search(content.translate(None, _ASCII), start):
        return
    for match in _OTHER_OCTETS.finditer(content, start):
        yield Hit(match.start(), {"teken": _named(ord(match[0].decode()))})


def _references(instance: Instance) -> Iterator[Hit]:
    if b"&#" not in instance.xml.content:
        return
    for match in instance.xml.lexemes():
        digits = match["reference"]
        if digits and not _allowed(_code_point(digits)):
            yield Hit(match.start(), {"verwijzing": match[0].decode()})


def _code_point(digits: bytes) -> int:
    significant = digits.lstrip(b"x0") or b"0"
    number = int(significant[:9], 16 if digits.startswith(b"x") else 10)
    return min(number, _LARGEST_CODE_POINT)


def _allowed(code_point: int) -> bool:
    return _OTHER_CHARACTER.match(chr(code_point)) is None


def _named(code_point: int) -> str:
    return f"U+{code_point:04X}"


def _cdata(instance: Instance) -> Iterator[Hit]:
    """Sections, and what would end one, wherever it stands."""
    content = instance.xml.content
    if b"]]>" not in content:
        return
    outside = 0
    for match in instance.xml.lexemes():
        if match["cdata"]:
            yield from _ends(content, outside, match.start())
            yield Hit(match.start())
            outside = match.end()
    yield from _ends(content, outside, len(content))


def _ends(content: bytes, begin: int, end: int) -> Iterator[Hit]:
    found = content.find(b"]]>", begin, end)
    while found >= 0:
        yield Hit(found)
        found = content.find(b"]]>", found + 1, end)


def _file_name(instance: Instance) -> Iterator[Hit]:
    name = instance.bestandsnaam
    stem = name.rpartition(".")[0] or name
    if name and not _FILE_NAME.match(stem):
        yield Hit(values={"naam": name})


TEXT_RULES: Final = (
    InstanceRule(
        "FR-NL-1.01",
        "error",
        "Het bericht mag niet met een byte order mark beginnen.",
        "The message must not begin with a byte order mark.",
        _byte_order_mark,
    ),
    InstanceRule(
        "FR-NL-1.02",
        "error",
        "Het teken {teken} is niet toegestaan.",
        "The character {teken} is not allowed.",
        _characters,
    ),
    InstanceRule(
        "FR-NL-1.04",
        "error",
        "De tekenverwijzing {verwijzing} is niet toegestaan.",
        "The character reference {verwijzing} is not allowed.",
        _references,
    ),
    InstanceRule(
        "FR-NL-1.06",
        "error",
        "De bestandsnaam {naam} mag, zonder de extensie, alleen uit 0-9, a-z, A-Z, - en _ bestaan.",
        "The file name {naam} must, without its extension, consist of 0-9, a-z, A-Z, - and _ only.",
        _file_name,
    ),
    InstanceRule(
        "FR-NL-2.06",
        "error",
        "CDATA en de tekens ]]> zijn niet toegestaan.",
        "CDATA and the characters ]]> are not allowed.",
        _cdata,
    ),
)
"""FR-NL-1.03 (DOCTYPE) and 1.05 (UTF-8) are checked before parsing, see `xml_content`."""
