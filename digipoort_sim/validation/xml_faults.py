"""What is wrong with XML that is not well-formed, in words for people who have never seen libxml2's.

The usual errors have words of our own, by the library's code; of all others its text is shown. Errors that
follow from another at the same place, and the many that a content without its end has, are told once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from lxml.etree import ErrorTypes

from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.places import BYTE_ORDER_MARK, Lines, Place

_ENDS: Final = frozenset(
    {
        ErrorTypes.ERR_TAG_NOT_FINISHED,
        ErrorTypes.ERR_COMMENT_NOT_FINISHED,
        ErrorTypes.ERR_CDATA_NOT_FINISHED,
        ErrorTypes.ERR_PI_NOT_FINISHED,
    }
)
"""Codes that only a content without its end gives."""
_ENDS_THERE: Final = frozenset(
    {
        ErrorTypes.ERR_GT_REQUIRED,
        ErrorTypes.ERR_ATTRIBUTE_NOT_STARTED,
        ErrorTypes.ERR_ATTRIBUTE_NOT_FINISHED,
        ErrorTypes.ERR_ATTRIBUTE_WITHOUT_VALUE,
        ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING,
        ErrorTypes.ERR_NAME_REQUIRED,
        ErrorTypes.ERR_SPACE_REQUIRED,
        ErrorTypes.ERR_XMLDECL_NOT_FINISHED,
    }
)
"""Codes that mean the same where they are given at the very end."""

_CUT = ("het houdt hier op: het is afgebroken", "it ends here: it was cut off")
_NO_ATTRIBUTE = (
    "hier wordt de waarde van een attribuut verwacht, tussen aanhalingstekens",
    "the value of an attribute is expected here, between quotation marks",
)
_AMPERSAND = (
    "een & die geen verwijzing is; schrijf &amp;",
    "an & that is no reference; write &amp;",
)
_WORDS: Final[tuple[tuple[int, str, str, str], ...]] = (
    (
        ErrorTypes.ERR_TAG_NAME_MISMATCH,
        r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)",
        "het element {0} (geopend op regel {1}) is niet gesloten voor </{2}>",
        "the element {0} (opened in line {1}) is not closed before </{2}>",
    ),
    (ErrorTypes.ERR_NAME_REQUIRED, "xmlParseEntityRef", *_AMPERSAND),
    (ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING, "", *_AMPERSAND),
    (
        ErrorTypes.ERR_NAME_REQUIRED,
        "StartTag",
        "een < die geen element opent; schrijf &lt;",
        "a < that opens no element; write &lt;",
    ),
    (
        ErrorTypes.ERR_LT_IN_ATTRIBUTE,
        "",
        "een < in de waarde van een attribuut; schrijf &lt;, of sluit het aanhalingsteken",
        "a < in the value of an attribute; write &lt;, or close the quotation mark",
    ),
    (
        ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE,
        r"Namespace prefix (\S+) (?:for \S+ )?on (\S+) is not defined",
        'de prefix {0} van {1} is niet gedeclareerd (xmlns:{0}="...")',
        'the prefix {0} of {1} is not declared (xmlns:{0}="...")',
    ),
    (ErrorTypes.ERR_ATTRIBUTE_NOT_STARTED, "", *_NO_ATTRIBUTE),
    (
        ErrorTypes.ERR_ATTRIBUTE_WITHOUT_VALUE,
        r"attribute (\S+)",
        "het attribuut {0} heeft geen waarde",
        "the attribute {0} has no value",
    ),
    (
        ErrorTypes.ERR_ATTRIBUTE_REDEFINED,
        r"Attribute (\S+) redefined",
        "het attribuut {0} staat er twee keer",
        "the attribute {0} is there twice",
    ),
    (
        ErrorTypes.NS_ERR_ATTRIBUTE_REDEFINED,
        r"Attribute (\S+) in",
        "het attribuut {0} staat er twee keer",
        "the attribute {0} is there twice",
    ),
    (
        ErrorTypes.ERR_DOCUMENT_END,
        "",
        "achter het einde van het rootelement staat nog iets",
        "there is something behind the end of the root element",
    ),
    (
        ErrorTypes.ERR_DOCUMENT_EMPTY,
        "",
        "hier wordt het rootelement verwacht (een <)",
        "the root element is expected here (a <)",
    ),
)
"""Code, what the library's text has (with the names in it), and the texts of our own."""


def syntax_findings(entries: Iterable[Any], content: bytes) -> Iterator[Finding]:
    """What the log of a parser says, without what only follows from something else.

    Args:
        entries: of ``XMLParser.error_log``.
        content: that was parsed, with or without its byte order mark.
    """
    ends = _ends(content.removeprefix(BYTE_ORDER_MARK))
    mismatch = False
    for place, group in groupby(entries, lambda entry: (entry.line, entry.column)):
        errors = [(entry.type, entry.message.strip()) for entry in group]
        codes = {code for code, _ in errors}
        if codes & _ENDS or (place in ends and codes & _ENDS_THERE):
            if not mismatch:  # else the end tag that is missing is told already
                yield not_well_formed(place, *_CUT)
            return
        mismatch = mismatch or ErrorTypes.ERR_TAG_NAME_MISMATCH in codes
        yield not_well_formed(place, *_texts(*errors[0]))


def _ends(content: bytes) -> frozenset[Place]:
    """Where the library says that a content ends: at its end, or before the slash of a start tag."""
    lines = Lines(content)
    slash = {lines.of_offset(len(content) - 1)} if content.endswith(b"/") else set()
    return frozenset({lines.of_offset(len(content))} | slash)


def _texts(code: int, message: str) -> tuple[str, str]:
    for known, pattern, nl, en in _WORDS:
        found = re.search(pattern, message) if known == code else None
        if found:
            names = tuple(map(shown, found.groups()))
            return nl.format(*names), en.format(*names)
    return shown(message), shown(message)


def not_well_formed(place: Place, nl: str, en: str) -> Finding:
    """The finding about a place, with what is wrong there in both languages."""
    return Finding(
        "XML-WELL-FORMED",
        "error",
        *place,
        f"Het bericht is geen welgevormd XML: {nl}.",
        f"The message is not well-formed XML: {en}.",
        "inferred",
    )
