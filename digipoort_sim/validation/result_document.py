"""The document that tells a sender what validation found; goes in the statusdetails of a 311.

Its form is that of the one sample that is known in public, of 2013.
"""

from __future__ import annotations

from collections.abc import Iterable
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


def result_document(findings: Iterable[Finding], not_checked: Iterable[str] = ()) -> str:
    """The findings as one XML document of at most `MAXIMUM_CHARACTERS` characters.

    Args:
        findings: become a ``msg`` each, in their order; those that find no room are counted in the last.
        not_checked: keys of `NOT_CHECKED`, which become a ``msg`` with level ``info``.
    """
    messages = [_of_finding(finding) for finding in findings]
    messages += [_msg(0, 0, "info", key, NOT_CHECKED[key][0]) for key in not_checked]
    room = MAXIMUM_CHARACTERS - len(_HEAD) - len(_TAIL) - _ROOM_FOR_REST
    kept: list[str] = []
    for message in messages:
        room -= len(message)
        if room < 0:
            text = f"Er zijn nog {len(messages) - len(kept)} meldingen."
            kept.append(_msg(0, 0, "error", "REST", text))
            break
        kept.append(message)
    return _HEAD + "".join(kept) + _TAIL


def _of_finding(finding: Finding) -> str:
    return _msg(finding.line, finding.column, finding.severity, finding.rule, finding.text_nl)


def _msg(line: int, column: int, level: str, rule: str, text: str) -> str:
    attributes = f'line="{line}" col="{column}" level="{level}" id={quoteattr(rule)}'
    return f"<msg {attributes}>{escape(shown(text, _LONGEST_TEXT))}</msg>"
