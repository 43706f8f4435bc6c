"""Printing what validation found: an object for programs, lines like a compiler's for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import typer

from digipoort_sim.catalogue import Rule
from digipoort_sim.cli.excerpts import excerpts
from digipoort_sim.cli.printing import print_json_line
from digipoort_sim.cli.refusals import Language
from digipoort_sim.terminal import visible
from digipoort_sim.validation.findings import NOT_CHECKED, Finding, ValidationReport
from digipoort_sim.validation.report_json import report_fields

_COLOURS = {"error": "red", "warning": "yellow"}
_WITH_LINES = ("xbrl", "xml", "mandate")
_OF_THE_DOOR = {"XSD"}
"""Rules whose line in the catalogue is about the envelope, not the content."""
_MENDS = {
    "XBRL-TAXONOMY": (
        "zet het taxonomiepakket (zip) in {taxonomies}; zie docs/taxonomies.md",
        "put the taxonomy package (a zip) into {taxonomies}; see docs/taxonomies.md",
    ),
    "XBRL-TAXONOMY-SIZE": (
        "verhoog de instelling validation.max_taxonomy_bytes",
        "raise the setting validation.max_taxonomy_bytes",
    ),
    "XBRL-TAXONOMY-TROUBLE": (
        "geef het meer tijd of geheugen (validation.timeout_seconds, validation.max_memory_mb)",
        "give it more time or memory (validation.timeout_seconds, validation.max_memory_mb)",
    ),
    "XBRL-ARELLE": (
        "installeer het programma met Arelle: pip install 'digipoort-sim[xbrl]'",
        "install the program with Arelle: pip install 'digipoort-sim[xbrl]'",
    ),
    "XBRL-UIT": ("zet de instelling validation.processes op 1", "set the setting validation.processes to 1"),
    "XSD": (
        "zet het XSD in {schemas} en noem het bij de berichtsoort; zie docs/validation.md",
        "put the XSD into {schemas} and name it with the berichtsoort; see docs/validation.md",
    ),
    "XSD-OFFICIEEL": (
        "zet het (zoals loonaangifte/Loonaangifte2026v2.0.xsd) in {schemas}; zie docs/validation.md",
        "put it (such as loonaangifte/Loonaangifte2026v2.0.xsd) into {schemas}; see docs/validation.md",
    ),
    "IDENTITEIT": ("geef het nummer met --identity NUMMER", "give the number with --identity NUMBER"),
}


@dataclass(frozen=True)
class Verdict:
    """What was found in one file.

    Args:
        name: of the file, as it was given.
        berichtsoort: None where the content cannot be of any.
        form: of the berichtsoort; only of text lines can be shown.
        places: where the user's taxonomies and schemas are looked for.
        rules: the catalogue's, which tell how to mend what is broken.
    """

    name: str
    content: bytes
    berichtsoort: str | None
    form: str
    report: ValidationReport
    places: dict[str, str]
    rules: Mapping[str, Rule]

    @property
    def valid(self) -> bool:
        """Whether all checks that were begun could be made, and no finding is an error."""
        return self.report.valid and not self.report.trouble

    def fields(self) -> dict[str, Any]:
        """For programs."""
        told = report_fields(self.report)
        for key, texts in told["not_checked_texts"].items():
            texts["mend_nl"], texts["mend_en"] = self.mends(key)
        known = {"file": self.name, "berichtsoort": self.berichtsoort, **told, "valid": self.valid}
        return known | ({"error": self.report.trouble} if self.report.trouble else {})

    def mends(self, key: str) -> tuple[str, str]:
        """How to have a check made that was not, in Dutch and English; empty where nothing helps."""
        nl, en = _MENDS.get(key, ("", ""))
        return nl.format(**self.places), en.format(**self.places)


def print_object(verdict: Verdict) -> None:
    """The one JSON object of a file."""
    print_json_line(verdict.fields())


def print_no_verdict(name: str, berichtsoort: str | None, why: str) -> None:
    """The one JSON object of a file that could not be judged."""
    known: dict[str, Any] = {"file": name, "berichtsoort": berichtsoort, "valid": False}
    print_json_line(known | {"findings": [], "not_checked": [], "not_checked_texts": {}, "error": why})


def print_lines(verdict: Verdict, lang: Language) -> None:
    """Every finding with its line of the content, then the summary and what was not checked."""
    findings = verdict.report.findings
    shown_lines = (finding.line for finding in findings if verdict.form in _WITH_LINES)
    source = excerpts(verdict.content, shown_lines)
    told: set[str] = set()
    for finding in findings:
        _print_finding(verdict.name, finding, lang)
        for line in source.at(finding.line, finding.column):
            print(line)
        if finding.rule in verdict.rules and finding.rule not in told | _OF_THE_DOOR:
            print(f"    mend: {visible(verdict.rules[finding.rule].mend)}")
        told.add(finding.rule)
    print(f"{visible(verdict.name)}: {_summary(verdict, lang)}")
    for key in verdict.report.not_checked:
        _print_not_checked(verdict, key, lang)
    sys.stdout.flush()


def _print_finding(name: str, finding: Finding, lang: Language) -> None:
    place = "".join(f":{number}" for number in (finding.line, finding.column) if number)
    severity = _coloured(finding.severity, _COLOURS[finding.severity])
    text = visible(finding.text_nl if lang == "nl" else finding.text_en)
    print(
        f"{visible(name)}{place}: {severity} {finding.rule} ({finding.provenance}) {' '.join(text.split())}"
    )


def _summary(verdict: Verdict, lang: Language) -> str:
    errors = sum(finding.severity == "error" for finding in verdict.report.findings)
    warnings = len(verdict.report.findings) - errors
    kind = f" {('als' if lang == 'nl' else 'as')} {verdict.berichtsoort}" if verdict.berichtsoort else ""
    if lang == "nl":
        judgement = f"goed{kind}" if verdict.valid else f"niet goed{kind}"
        return (
            f"{judgement}{_limits(verdict, ', voor zover gecontroleerd')} ("
            f"{errors} {'fout' if errors == 1 else 'fouten'}, "
            f"{warnings} {'waarschuwing' if warnings == 1 else 'waarschuwingen'})"
        )
    judgement = f"valid{kind}" if verdict.valid else f"not valid{kind}"
    return (
        f"{judgement}{_limits(verdict, ', as far as checked')} ("
        f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'})"
    )


def _limits(verdict: Verdict, words: str) -> str:
    """The words where a good message was not held against its whole taxonomy; else nothing."""
    return words if verdict.valid and any(map(_is_of_taxonomy, verdict.report.not_checked)) else ""


def _is_of_taxonomy(key: str) -> bool:
    return key.startswith("XBRL-")


def _print_not_checked(verdict: Verdict, key: str, lang: Language) -> None:
    number = 0 if lang == "nl" else 1
    head = ("niet gecontroleerd", "not checked")[number]
    print(f"  {head}: {key}: {NOT_CHECKED[key][number]}")
    mend = verdict.mends(key)[number]
    if mend:
        print(f"    {('daarvoor', 'to have it made')[number]}: {visible(mend)}")


def _coloured(text: str, colour: str) -> str:
    """In colour for a person at a terminal who did not ask for none (https://no-color.org)."""
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain else typer.style(text, fg=colour, bold=True)
