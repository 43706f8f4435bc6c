"""The document that tells a sender what validation found; goes in the statusdetails of a 311 or the last 301.

Its form is that of the one sample that is known in public, of 2013: root, ``msg`` elements and their
attributes ``line``, ``col``, ``level`` and ``id``. Two further attributes of the sample (``technicalRole``,
``userRole``) and its child ``origin`` are left out (i): clients list the elements named ``msg`` that have a
``level``, and today's form is not known. The levels ``warning`` and ``info`` are the simulator's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from digipoort_sim.validation.findings import NOT_CHECKED, Finding, shown

NS_RESULTS: Final = "http://nlvalidatie.nl/batavia"
MAXIMUM_CHARACTERS: Final = 1_048_576
"""The limit of statusdetails in the interface specification."""

_HEAD = f'<results xmlns="{NS_RESULTS}"><xbrl><messages>'
_TAIL = "</messages></xbrl></results>"
_ROOM_FOR_REST = 300
_LONGEST_TEXT = 2_000


def result_document(findings: Sequence[Finding], not_checked: Iterable[str] = ()) -> str:
    """The findings as one XML document of at most `MAXIMUM_CHARACTERS` characters.

    Args:
        findings: become a ``msg`` each, in their order; those that find no room are counted in one.
        not_checked: keys of `NOT_CHECKED`, which become a ``msg`` with level ``info``.
    """
    ending = "".join(_msg(0, 0, "info", key, NOT_CHECKED[key][0]) for key in not_checked) + _TAIL
    room = MAXIMUM_CHARACTERS - len(_HEAD) - len(ending) - _ROOM_FOR_REST
    kept: list[str] = []
    for finding in findings:
        message = _msg(finding.line, finding.column, finding.severity, finding.rule, finding.text_nl)
        room -= len(message)
        if room < 0:
            kept.append(_rest(findings[len(kept) :]))
            break
        kept.append(message)
    return _HEAD + "".join(kept) + ending


def _rest(findings: Sequence[Finding]) -> str:
    """How many there are; an error if one of them is."""
    level = "error" if any(finding.severity == "error" for finding in findings) else "warning"
    return _msg(0, 0, level, "REST", f"Er zijn nog {len(findings)} meldingen.")


def _msg(line: int, column: int, level: str, rule: str, text: str) -> str:
    attributes = f'line="{line}" col="{column}" level="{level}" id={quoteattr(shown(rule, _LONGEST_TEXT))}'
    return f"<msg {attributes}>{escape(shown(text, _LONGEST_TEXT))}</msg>"
