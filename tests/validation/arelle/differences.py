"""Where the filing rules here judge otherwise than Arelle's NL plugin, and why: all of it, in one table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.validation.arelle.cases import Case

ALL = "*"


@dataclass(frozen=True)
class Difference:
    """One difference.

    Args:
        says: who finds the rule broken, while the other does not; or who gives up.
        rules: the rules in question, or `ALL`.
        applies: whether an instance is one where they differ; gets the rules that we find broken.
    """

    says: Literal["ours", "theirs", "nothing"]
    rules: frozenset[str]
    reason: str
    applies: Callable[[Case, frozenset[str]], bool]


def _where(pattern: str) -> Callable[[Case, frozenset[str]], bool]:
    return lambda case, _: re.search(pattern, case.text) is not None


def _with(rule: str) -> Callable[[Case, frozenset[str]], bool]:
    return lambda _, ours: rule in ours


def _row(
    says: Literal["ours", "theirs", "nothing"],
    rules: str,
    applies: Callable[[Case, frozenset[str]], bool],
    reason: str,
) -> Difference:
    return Difference(says, frozenset(rules.split()), reason, applies)


_C1 = "[\u0080-\u009f]"
_OUTSIDE = "[^\\s -\u00ff\u20a0-\u20cf\ufeff]"

DIFFERENCES = (
    # Named by the fact page.
    _row(
        *("ours", "FR-NL-1.02", _where(_C1)),
        "the published ranges leave out 0080-009F; Arelle allows 0000-00FF",
    ),
    _row(*("ours", "FR-NL-1.04", _where("&#(x00)?(80|9F|128|159);")), "the same ranges, for references"),
    # Characters.
    _row(
        *("theirs", "FR-NL-1.02", _with("FR-NL-1.04")),
        "a reference to a forbidden character is one fault, which FR-NL-1.04 tells",
    ),
    _row(
        *("ours", "FR-NL-1.02", _where(f"{_OUTSIDE}[^<]*<xbrli:xbrl")),
        "the rule is about the whole document; Arelle looks at the root and what is in it",
    ),
    _row(
        *("theirs", "FR-NL-1.04", _where("<!--[^>]*&")),
        "in a comment nothing is a reference; Arelle searches the lines of the file",
    ),
    _row(
        *("theirs", "FR-NL-1.05", lambda case, _: case.content.startswith(b"\xef\xbb\xbf")),
        "the mark of UTF-8 breaks FR-NL-1.01 only; to Arelle its encoding is another one (utf-8-sig)",
    ),
    # What keeps Arelle from looking at all rules.
    _row("nothing", ALL, _where(r"<\?p"), "Arelle stops at an instruction within the root"),
    _row("nothing", ALL, _where("&eacute;"), "Arelle stops at an entity that is not declared"),
    _row(
        "nothing", ALL, _with("FR-NL-1.05"), "Arelle stops where the octets are not of the declared encoding"
    ),
    _row("nothing", ALL, _with("XBRL-DATE"), "Arelle stops at a date that is none"),
    _row(
        "nothing", ALL, _where(r"^((?!schemaRef)[\s\S])*$"), "without a taxonomy nothing is a fact to Arelle"
    ),
    # References.
    _row(
        *("ours", "FR-NL-2.04", lambda case, _: case.text.count("<link:schemaRef") != 1),
        "exactly one schemaRef; Arelle counts the taxonomies, so one that is named twice is one",
    ),
    # Facts: Arelle looks at those beside the contexts only, and knows their types.
    _row(
        *("ours", "FR-NL-2.07 FR-NL-5.01 FR-NL-5.03 FR-NL-5.06 FG-NL-09", _where("<d:Tuple")),
        "the rules hold inside tuples, too",
    ),
    _row(
        *("theirs", "FR-NL-5.01", _where("</d:Tuple><d:Tuple")),
        "a tuple may stand there again: it is no fact with a context and a unit",
    ),
    _row("ours", "FR-NL-2.07", _where("<xbrli:context[^>]*:nil="), "xsi:nil is allowed on nothing"),
    _row(
        *("ours", "FR-NL-5.03", _where(r'contextRef="[^>]*>(\s|&#32;)+</')),
        "an item with white space only says nothing",
    ),
    _row(
        *("ours", "FR-NL-5.03", _where(r"<d:(Owed|Paid)[^>]*(/>|></)")),
        "an item without a value is empty whatever its type; to Arelle's rule only a string is",
    ),
    # Contexts and units.
    _row("ours", "FR-NL-3.01", _where("<xbrli:instant>[^<]*T"), "an instant is a date of a period as well"),
    _row(
        *("ours", "FR-NL-3.04 FR-NL-4.01", _with("XBRL-ID")),
        "of contexts or units with the same id Arelle sees the last one only",
    ),
    # Guidance.
    _row(
        *("theirs", "FG-NL-03", _where('xmlns:e="urn:test:data"')),
        "a taxonomy's own prefixes are in the taxonomy; without it those of XBRL and the NT are known",
    ),
    _row("ours", "FG-NL-05", _where(' xmlns="urn:unused"'), "a default namespace can be unused like others"),
    _row(
        *("theirs", "FG-NL-05", _where(">v:x<")),
        "without its taxonomy any value that looks like a qualified name may be one",
    ),
    _row(
        *("theirs", "FG-NL-11", _where(r">\s*(u:x|x|Name|\u0141|2026[^<]*)?\s*</xbrli:measure")),
        "the registry of units (UTR) is not here: not in the table of rules",
    ),
)


def unexplained(case: Case, ours: frozenset[str], theirs: frozenset[str], stopped: bool) -> set[str]:
    """The differences that no row of the table gives a reason for.

    Args:
        ours: all rules that we find broken.
        theirs: the filing rules that Arelle finds broken.
        stopped: whether Arelle gave up.
    """
    rows = [row for row in DIFFERENCES if row.applies(case, ours)]
    if stopped:
        return set() if any(row.says == "nothing" for row in rows) else {"Arelle gave up"}
    filing = {rule for rule in ours if rule.startswith("F")}
    excused = {
        says: {r for row in rows if row.says == says for r in row.rules} for says in ("ours", "theirs")
    }
    return (filing - theirs - excused["ours"]) | (theirs - filing - excused["theirs"])
