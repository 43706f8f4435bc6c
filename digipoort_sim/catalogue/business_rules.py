"""Business rules: the line of the catalogue that says what the values of a message must be to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter
from typing import Final, Literal

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.errors import ConfigError

BusinessKind = Literal[
    "required",
    "condition",
    "sum",
    "total",
    "numeric",
    "not-negative",
    "whole",
    "values",
    "pattern",
    "check-digits",
    "unit",
    "date-order",
    "period",
    "period-year",
]
"""What can be asked of the values of a message; `NEEDED` has the columns that go with each."""

PLACES: Final = frozenset({"naam", "waarde", "verwacht"})
"""What may stand in braces in a text: the field, its value, and what it should be."""

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "required": ("fields",),
    "condition": ("field", "fields"),
    "sum": ("field", "fields"),
    "total": ("field", "fields"),
    "numeric": (),
    "not-negative": ("fields",),
    "whole": ("fields",),
    "values": ("fields", "values"),
    "pattern": ("fields", "pattern"),
    "check-digits": ("check",),
    "unit": ("values",),
    "date-order": ("field", "fields"),
    "period": ("months",),
    "period-year": (),
}
"""The columns that a line of each kind must have, besides those of every line."""


@dataclass(frozen=True)
class BusinessRule:
    """A rule about values, for the messages of some berichtsoorten.

    Fields are the local names of XBRL concepts or XML elements, in whatever namespace.

    Attributes:
        id: stands in findings, such as ``BR-OB-5A``.
        berichtsoorten: their names; ``*`` is all that list the validator ``business``.
        kind: what is asked.
        text: Dutch text of the finding; ``{naam}``, ``{waarde}`` and ``{verwacht}`` are filled in.
        text_en: the same in English.
        provenance: how sure we are that the real one asks this.
        severity: an ``error`` makes the message invalid.
        field: the field that is judged, of kinds that compare it with `fields`.
        fields: the fields that are judged, or that are added; of some kinds empty for the identity
            (``check-digits``) or all facts with a unit (``numeric``).
        minus: fields that are taken off, of ``sum`` and ``total``.
        within: local name of the element in which all is added, of ``total``; empty for the whole message.
        values: the values, or the measures of units, that are allowed.
        pattern: regular expression that a whole value must match.
        months: lengths that a period may have.
        check: the kind of number, of ``check-digits``.
        tolerance: how far a sum may be off, in the unit of its facts.
        source: where the rule comes from.
    """

    id: str
    berichtsoorten: tuple[str, ...]
    kind: BusinessKind
    text: str
    text_en: str
    provenance: Provenance
    severity: Literal["error", "warning"] = "warning"
    field: str = ""
    fields: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    within: str = ""
    values: tuple[str, ...] = ()
    pattern: str = ""
    months: tuple[int, ...] = ()
    check: Literal["", "BSN", "RSIN", "OB", "LHnr", "btw-id", "KvK", "BECON", "SWO"] = ""
    tolerance: float = 0.0
    source: str = ""

    def __post_init__(self) -> None:
        for column in NEEDED[self.kind]:
            if not getattr(self, column):
                raise self._error(column, f"is needed for the kind {self.kind}")
        self._check_pattern()
        for column in ("text", "text_en"):
            self._check_text(column)

    def applies_to(self, berichtsoort: str) -> bool:
        """Whether the messages of a berichtsoort are judged by it."""
        return berichtsoort in self.berichtsoorten or "*" in self.berichtsoorten

    def _check_pattern(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise self._error("pattern", f"is no regular expression: {error}") from error

    def _check_text(self, column: str) -> None:
        try:
            found = {part[1:] for part in Formatter().parse(getattr(self, column)) if part[1] is not None}
        except ValueError as error:
            raise self._error(column, f"cannot be filled in: {error}") from error
        if found - {(place, "", None) for place in PLACES}:
            raise self._error(column, f"may have in braces only {', '.join(sorted(PLACES))}")

    def _error(self, column: str, why: str) -> ConfigError:
        return ConfigError(f"bedrijfsregels.toml [{self.id}].{column}: {why}", rule="CATALOGUE")
