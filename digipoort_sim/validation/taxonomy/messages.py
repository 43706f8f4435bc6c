"""From what Arelle says to findings: in both languages, with a place, and each thing once.

Errors of the taxonomy itself are warnings here: the sender cannot help them. What Arelle says of its own
doings, and rules of its NL plugin that `filing_rules` and its neighbours have too, is left out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.validation.findings import Finding, Severity, shown
from digipoort_sim.validation.instance import name_of
from digipoort_sim.validation.rules.filing import FILING_RULES
from digipoort_sim.validation.rules.guidance import GUIDANCE_RULES
from digipoort_sim.validation.rules.rule import MAXIMUM_PER_RULE
from digipoort_sim.validation.rules.text import TEXT_RULES
from digipoort_sim.validation.taxonomy import sentences
from digipoort_sim.validation.taxonomy.pointers import Pointers
from digipoort_sim.validation.taxonomy.records import UNSATISFIED
from digipoort_sim.validation.xml_content import XmlContent, place_of

_OWN_RULES: Final = {rule.rule for rule in (*FILING_RULES, *GUIDANCE_RULES, *TEXT_RULES)} | {
    "FR-NL-1.03",
    "FR-NL-1.05",
}
_ERRORS = ("ERROR", "CRITICAL", "ERROR-SEMANTIC")
_PUBLISHED = (
    *("xbrl", "xmlSchema", "dtre", "enum", "utre", "FR-", "FG-", "BR-", "NL-KVK", "calc11", "err:"),
    *("ix11", "ixt"),
)
_UNKNOWN_CONCEPT = "xbrl:schemaImportMissing"
_UNEXPECTED = "xmlSchema:elementUnexpected"
_MAXIMUM_OF_PACKAGE = 10
_LONGEST_TEXT = 1_000
_SUMS = {"reportedSum", "computedSum"}
_TRAILING_ZEROS = re.compile(r"(?<=\.\d\d)0+\Z|\.0+\Z")
_FILES = re.compile(r"(?:file:/*)?(?:/[^\s'\",;:()\[\]]+)+/([^\s/'\",;:()\[\]]+)")
_INTERNAL = re.compile(r"\(\[(?:'Model[^']*'(?:, )?)+\]\)")


def findings_of(
    answer: Mapping[str, Any], xml: XmlContent, kvk: bool, assertions: Provenance = "published"
) -> tuple[Finding, ...]:
    """The findings in the answer of a taxonomy process, by their places, those without one last.

    Arelle runs assertions in an order that changes from process to process.

    Args:
        kvk: whether the rules of the Kamer van Koophandel hold for this entry point.
        assertions: provenance of those of the taxonomy.
    """
    records = [record for record in answer["records"] if _counts(record["code"], kvk)]
    about_instance = [record for record in records if record["in_instance"] or _is_assertion(record)]
    others = (r for r in records if not r["in_instance"] and not _is_assertion(r))
    about_taxonomy = [f"[{r['code']}] {r['text']}" for r in others]
    places = _Places(xml, Pointers(xml))
    found = sorted(
        _limited(f for record in about_instance for f in _of_record(record, places, assertions)),
        key=lambda finding: (not finding.line, finding.line, finding.column, finding.rule),
    )
    return (*_without_doubles(found), *_of_package([*answer["problems"], *about_taxonomy]))


def exception_in(answer: Mapping[str, Any]) -> str:
    """What made Arelle itself stumble, so that its verdict is not whole; empty if nothing did."""
    stumbled = (
        shown(r["text"], _LONGEST_TEXT) for r in answer["records"] if r["code"].startswith("exception")
    )
    return next(stumbled, "")


@dataclass(frozen=True)
class _Places:
    xml: XmlContent
    pointers: Pointers

    def of(self, pointer: str) -> tuple[int, int, str]:
        """Line, column and name of an element."""
        element = self.pointers.element(pointer)
        if element is None:
            return 0, 0, ""
        return *place_of(self.xml, element), name_of(element)


def _counts(code: str, kvk: bool) -> bool:
    rule = code.removeprefix("NL.")
    if code.startswith("NL."):
        return rule not in _OWN_RULES and (kvk or "KVK" not in rule)
    return not code.startswith(("arelle", "info", "exception", "webCache", "formula:")) and bool(code)


def _is_assertion(record: Mapping[str, Any]) -> bool:
    return bool(record["code"].startswith("message:"))


def _of_record(record: Mapping[str, Any], places: _Places, assertions: Provenance) -> Iterator[Finding]:
    """One finding; of concepts that are unknown, one for each place."""
    pointers = record["pointers"] or [""]
    for pointer in pointers if record["code"] == _UNKNOWN_CONCEPT else pointers[:1]:
        line, column, name = places.of(pointer)
        rule = record["code"].removeprefix("NL.").removeprefix("message:")
        text_nl, text_en = _texts(record, rule, name)
        provenance = assertions if _is_assertion(record) else _provenance(rule)
        yield Finding(shown(rule), _severity(record), line, column, text_nl, text_en, provenance)


def _severity(record: Mapping[str, Any]) -> Severity:
    return "error" if record["level"] in _ERRORS else "warning"


def _provenance(rule: str) -> Provenance:
    return "published" if rule.startswith(_PUBLISHED) else "simulator"


def _texts(record: Mapping[str, Any], rule: str, name: str) -> tuple[str, str]:
    if _is_assertion(record):
        return _of_assertion(record["text"], rule)
    values = {key: _clean(value) for key, value in record["values"].items()} | {"naam": shown(name)}
    if record["code"] == "xmlSchema:valueError":
        return _of_value(values)
    nl, en = _sentence(record["code"])
    for key in _SUMS & values.keys():
        values[key] = _TRAILING_ZEROS.sub("", values[key])
    known = defaultdict(lambda: "?", values, rule=rule, text=_clean(record["text"]))
    return nl.format_map(known), en.format_map(known)


def _sentence(code: str) -> tuple[str, str]:
    if code.startswith("xbrl.5.2.5.2:calcInconsistency"):
        code = "xbrl.5.2.5.2:calcInconsistency"
    return sentences.SENTENCES.get(code, sentences.OTHER)


def _of_assertion(text: str, rule: str) -> tuple[str, str]:
    """The taxonomy's own messages; one that it has in one language only stands for both."""
    nl, _, en = text.removeprefix(UNSATISFIED).partition(UNSATISFIED)
    values = {"rule": shown(rule)}
    own = [shown(part.strip(), _LONGEST_TEXT) for part in (nl or en, en or nl)]
    return (
        own[0] or sentences.UNSATISFIED[0].format_map(values),
        own[1] or sentences.UNSATISFIED[1].format_map(values),
    )


def _of_value(values: dict[str, str]) -> tuple[str, str]:
    nl, en = sentences.WRONG_ATTRIBUTE if "attribute" in values else sentences.WRONG_VALUE
    known = defaultdict(lambda: "?", values)
    known["reden"], known["reason"] = _reasons(known)
    return nl.format_map(known), en.format_map(known)


def _reasons(values: Mapping[str, str]) -> tuple[str, str]:
    for pattern, nl, en in sentences.REASONS:
        match = re.fullmatch(pattern, values["error"])
        if match:
            return nl.format(*match.groups()), en.format(*match.groups())
    soort, kind = sentences.TYPES.get(values["typeName"], (values["typeName"], values["typeName"]))
    return sentences.NO_TYPE[0].format(soort=soort), sentences.NO_TYPE[1].format(kind=kind)


def _clean(text: str) -> str:
    """A text of Arelle's without its own inner names and without paths of this machine."""
    return shown(_FILES.sub(r"\1", _INTERNAL.sub("", text)), _LONGEST_TEXT)


def _limited(findings: Iterable[Finding]) -> Iterator[Finding]:
    counted: Counter[str] = Counter()
    for finding in findings:
        counted[finding.rule] += 1
        if counted[finding.rule] <= MAXIMUM_PER_RULE:
            yield finding


def _without_doubles(findings: list[Finding]) -> Iterator[Finding]:
    """Each finding once; an element that does not exist is not also called unexpected."""
    unknown = {(f.line, f.column) for f in findings if f.rule == _UNKNOWN_CONCEPT}
    for finding in dict.fromkeys(findings):
        if finding.rule != _UNEXPECTED or (finding.line, finding.column) not in unknown:
            yield finding


def _of_package(problems: Iterable[str]) -> Iterator[Finding]:
    for problem in list(dict.fromkeys(problems))[:_MAXIMUM_OF_PACKAGE]:
        text = {"text": _clean(problem)}
        nl, en = (sentence.format_map(text) for sentence in sentences.PACKAGE)
        yield Finding("XBRL-PACKAGE", "warning", 0, 0, nl, en, "simulator")
