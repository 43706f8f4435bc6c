"""The catalogue of rules beside the code: every rule that refuses has its line, no line is idle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import digipoort_sim
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.pki.numbers import KINDS
from digipoort_sim.validation.archives.problems import PROBLEMS, ArchiveProblem
from digipoort_sim.validation.findings import NOT_CHECKED
from digipoort_sim.validation.reports import package_rules
from digipoort_sim.validation.reports.inline_rules import INLINE_RULES
from digipoort_sim.validation.reports.kvk_rules import KVK_RULES
from digipoort_sim.validation.reports.package_rules import PackageRule, archive_finding
from digipoort_sim.validation.rules.filing import FILING_RULES
from digipoort_sim.validation.rules.guidance import GUIDANCE_RULES
from digipoort_sim.validation.rules.structure import STRUCTURE_RULES
from digipoort_sim.validation.rules.text import TEXT_RULES

PACKAGE = Path(digipoort_sim.__file__).parent
CATALOGUE = load_catalogue()
_RULE = re.compile(r"[A-Z]{2,}(-[A-Z0-9]+)+")
_WHOLE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
INSTANCE_RULES = (*TEXT_RULES, *STRUCTURE_RULES, *FILING_RULES, *GUIDANCE_RULES)
_CONTENT = re.compile(
    r"F[RG]-NL-[\d.]+|(XBRL|XML|MACHTIGING|NAAM)-[A-Z-]+|MIMETYPE|BESTANDSNAAM|EMPTY|IDENTITEIT"
)
_OF_FILES = re.compile(r"FTP-[A-Z-]*[A-Z]")
_NO_RULES = {"US-ASCII", "UTF-8", "TRR-BD"}


def _modules(*rooms: str) -> Iterator[ast.Module]:
    for room in rooms:
        for file in sorted((PACKAGE / room).rglob("*.py")):
            yield ast.parse(file.read_text("utf-8"))


def _named(call: ast.Call) -> Iterator[str]:
    """The rules in the keyword ``rule=`` of a call."""
    for keyword in call.keywords:
        if keyword.arg == "rule":
            yield from (
                node.value
                for node in ast.walk(keyword.value)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _WHOLE.fullmatch(node.value)
            )


def _raised() -> set[str]:
    """The rules that the SOAP door and the PKI name, and those by which the post office refuses."""
    found: set[str] = set()
    for module in _modules("wus", "pki"):
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                found.update(_named(node))
            elif isinstance(node, ast.Constant) and _RULE.fullmatch(str(node.value)):
                found.add(str(node.value))
    for module in _modules("exchange", "catalogue"):
        for node in ast.walk(module):
            # A step that lets a message through may name a rule in the event with which it warns.
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith(("Refusal", "_event")):
                found.update(_named(node))
    return (found | _of_store() | _of_files()) - _NO_RULES


def _of_store() -> set[str]:
    """The rules of trouble with what is stored."""
    calls = (node for module in _modules("store") for node in ast.walk(module) if isinstance(node, ast.Call))
    return {
        rule for call in calls if getattr(call.func, "id", "") == "TechnicalError" for rule in _named(call)
    }


def _of_files() -> set[str]:
    """The rules of the file door, whoever names them: the door, accounts, faults, clients."""
    return {
        str(node.value)
        for module in _modules(".")
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and _OF_FILES.fullmatch(str(node.value))
    }


def _made_up() -> set[str]:
    """The rules whose names are put together: of numbers, and of scenarios that answer a fault."""
    scenarios = CATALOGUE.scenarios.values()
    return {
        *(f"NUMBER-{kind.name.upper()}" for kind in KINDS.values()),
        *(f"SCENARIO-{one.aanleverkenmerk}" for one in scenarios if one.fault_on or one.overloaded),
    }


def _of_reports() -> set[str]:
    """The rules about report packages and inline documents, out of their tables."""
    packages = {rule.rule for rule in vars(package_rules).values() if isinstance(rule, PackageRule)}
    of_archives = {archive_finding(ArchiveProblem(key)).rule for key in PROBLEMS}
    return packages | of_archives | {rule.rule for rule in (*INLINE_RULES, *KVK_RULES)}


def _of_contents() -> set[str]:
    """The rules of the quick checks of contents, which stand in their modules as they are."""
    found: set[str] = set()
    for module in _modules("validation"):
        texts = {str(node.value) for node in ast.walk(module) if isinstance(node, ast.Constant)}
        found.update(filter(_CONTENT.fullmatch, texts))
    return found - (set(NOT_CHECKED) - {"IDENTITEIT"})


def test_every_rule_that_refuses_has_a_line() -> None:
    """A rule that a door names can be looked up: what is expected, and how to mend it."""
    raised = _raised()
    assert len(raised) > 90
    assert sorted((raised | _made_up() | _of_reports() | _of_contents()) - set(CATALOGUE.rules)) == [], (
        "add them to rules.toml"
    )


def test_no_line_is_idle() -> None:
    """Every line of the catalogue is of a rule that the code has."""
    assert sorted(set(CATALOGUE.rules) - _raised() - _made_up() - _of_reports() - _of_contents()) == []


def test_every_line_helps() -> None:
    """Each line says in whole sentences what is expected and how to mend it, and where that is written."""
    for row in CATALOGUE.rules.values():
        assert row.summary.endswith("."), row.id
        assert row.mend.endswith("."), row.id
        assert row.source, row.id
    others = _of_reports() | _of_contents()
    for row in (row for row in CATALOGUE.rules.values() if row.id not in others):
        assert (row.severity == "warning") == row.id.startswith(("PROFILE-", "FLOW-")), row.id
    severities = {(rule.rule, rule.severity) for rule in (*INLINE_RULES, *KVK_RULES, *INSTANCE_RULES)}
    assert {(name, CATALOGUE.rules[name].severity) for name, _ in severities} <= severities
