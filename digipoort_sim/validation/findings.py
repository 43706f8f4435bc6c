"""What validation has to say: findings, and the report that holds all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from digipoort_sim.catalogue.rows import Provenance

Severity = Literal["error", "warning"]

NOT_CHECKED: Final = {
    "XBRL-TAXONOMY": (
        "Het bericht is niet aan de taxonomie getoetst: er is geen taxonomiepakket.",
        "The message was not checked against its taxonomy: there is no taxonomy package.",
    ),
    "XBRL-UIT": (
        "Het bericht is niet aan de taxonomie getoetst: dat is uitgezet (validation.processes = 0).",
        "The message was not checked against its taxonomy: that is switched off (validation.processes = 0).",
    ),
    "XBRL-ARELLE": (
        "Het bericht is niet aan de taxonomie getoetst: Arelle is niet geïnstalleerd "
        "(pip install 'digipoort-sim[xbrl]').",
        "The message was not checked against its taxonomy: Arelle is not installed "
        "(pip install 'digipoort-sim[xbrl]').",
    ),
    "XBRL-NT": (
        "De eigen regels van deze versie van de Nederlandse Taxonomie zijn niet getoetst; alleen die van "
        "NT16 tot en met NT20 zijn bekend.",
        "The rules of this version of the Nederlandse Taxonomie itself were not checked; only those of NT16 "
        "to NT20 are known.",
    ),
    "XBRL-FORMULA": (
        "De formules (assertions) van de taxonomie zijn daarom ook niet uitgevoerd.",
        "The formulas (assertions) of the taxonomy were therefore not run either.",
    ),
    "XBRL-TAXONOMY-SIZE": (
        "Het bericht is niet aan de taxonomie getoetst: het is er te groot voor.",
        "The message was not checked against its taxonomy: it is too large for that.",
    ),
    "XBRL-TAXONOMY-TROUBLE": (
        "Het bericht is niet aan de taxonomie getoetst: er was een technisch probleem.",
        "The message was not checked against its taxonomy: there was a technical problem.",
    ),
    "XSD": (
        "Het bericht is niet aan een schema getoetst: er is er geen voor deze berichtsoort of dit jaar.",
        "The message was not checked against a schema: there is none for this berichtsoort or year.",
    ),
    "XSD-OFFICIEEL": (
        "Het bericht is alleen aan de hoofdvorm van het schema getoetst: het officiële schema is er niet.",
        "The message was checked against the outer form only: the official schema is not there.",
    ),
    "GROOT": (
        "Het bericht is te groot om in zijn geheel te toetsen: alleen de omvang, het controlegetal en of het "
        "welgevormd (XML) of onbeschadigd (zip) is, zijn gecontroleerd.",
        "The message is too large to be checked whole: only its size, its checksum and whether it is "
        "well-formed (XML) or undamaged (zip) were checked.",
    ),
    "GROOT-XSD": (
        "Het bericht is daarom niet aan een schema getoetst.",
        "The message was therefore not checked against a schema.",
    ),
    "GROOT-REGELS": (
        "De regels van de Filing Rules en van de uitvragende partij zijn daarom niet getoetst.",
        "The rules of the Filing Rules and of the receiving party were therefore not checked.",
    ),
    "IDENTITEIT": (
        "De identiteit in het bericht is niet vergeleken met identiteitBelanghebbende.",
        "The identity in the message was not compared with identiteitBelanghebbende.",
    ),
}
"""Checks that a report can say were not made: stable key, Dutch text, English text."""

_RULES_IN_SUMMARY = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a content.

    Args:
        rule: stable id of the rule, such as ``FR-NL-3.03`` or ``XBRL-ENTRYPOINT``.
        severity: an ``error`` makes the message invalid, a ``warning`` does not.
        line: line in the content, from 1; 0 where the finding is not about a place.
        column: column in that line, from 1; 0 where it is not known.
        text_nl: what is wrong, in Dutch; goes over the wire.
        text_en: the same in English.
        provenance: how sure we are that the real Digipoort has this rule.
    """

    rule: str
    severity: Severity
    line: int
    column: int
    text_nl: str
    text_en: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """The outcome of one validation.

    Args:
        findings: all of them, in the order of the checks.
        not_checked: keys of `NOT_CHECKED`.
        to_taxonomy: whether the check against the taxonomy is still to be made, and can be.
        trouble: in English, what kept the check against the taxonomy from being made.
    """

    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...] = ()
    to_taxonomy: bool = False
    trouble: str = ""

    @property
    def valid(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def first(self) -> Finding | None:
        """The first error or, in a valid message, the first warning; None if there is no finding."""
        errors = (finding for finding in self.findings if finding.severity == "error")
        return next(errors, self.findings[0] if self.findings else None)

    def summary(self) -> str:
        """How many findings there are, of which rules, and the first one, in English."""
        errors = sum(finding.severity == "error" for finding in self.findings)
        counts = f"{_count(errors, 'error')}, {_count(len(self.findings) - errors, 'warning')}"
        if self.first is None:
            return counts
        rules = list(dict.fromkeys(finding.rule for finding in self.findings))
        more = ", ..." if len(rules) > _RULES_IN_SUMMARY else ""
        return f"{counts} ({', '.join(rules[:_RULES_IN_SUMMARY])}{more}); the first: {self.first.text_en}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def shown(value: str, characters: int = 120) -> str:
    """A value out of the content as it may stand in a text: short, on one line, no control characters."""
    short = value if len(value) <= characters else value[:characters] + "..."
    return _CONTROL.sub("?", short)
