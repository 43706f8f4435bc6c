"""The filing rules judge as Arelle's NL plugin does, but for the differences in one table."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from tests.validation.arelle.cases import FILING, Case, borders, by_chance, case, faults
from tests.validation.arelle.differences import DIFFERENCES, unexplained
from tests.validation.arelle.oracle import Oracle, started_oracle
from tests.validation.rules.broken import broken
from tests.validation.samples import rules_of_findings

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(importlib.util.find_spec("arelle") is None, reason="the extra xbrl is not installed"),
]
KINDS = {"faults": [*faults()], "borders": [*borders()], "chance": [*by_chance(20, 60)]}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    """One process with Arelle for all tests."""
    with started_oracle(tmp_path_factory.mktemp("arelle")) as started:
        yield started


def compared(oracle: Oracle, case: Case, system: str = "NT20") -> set[str]:
    """The differences about one instance that have no reason."""
    ours = frozenset(rules_of_findings(case.content, case.bestandsnaam))
    verdict = oracle.verdict(case.content, case.bestandsnaam, system)
    return unexplained(case, ours, verdict.rules, verdict.stopped)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_verdicts(oracle: Oracle, kind: str) -> None:
    """Whatever an instance breaks, both find the same filing rules broken."""
    different = {case.name: found for case in KINDS[kind] if (found := compared(oracle, case))}
    assert different == {}


@pytest.mark.parametrize("system", ["NT16", "NT17", "NT18", "NT19"])
def test_equal_verdicts_by_the_rules_of_earlier_years(oracle: Oracle, system: str) -> None:
    """The rules did not change: Arelle says the same for every version of the NT that it knows."""
    made = [case(rule, broken(rule)) for rule in FILING[::3]]
    assert {case.name: found for case in made if (found := compared(oracle, case, system))} == {}


def test_arelle_finds_each_fault(oracle: Oracle) -> None:
    """The comparison is not one of two silent judges: each fault is found by both."""
    silent = {rule for rule in FILING if rule not in oracle.verdict(case(rule, broken(rule)).content).rules}
    assert silent == set()


def test_each_difference_is_one_of_a_case() -> None:
    """No row of the table is there without an instance that needs it."""
    cases = [case for kind in KINDS.values() for case in kind]
    judged = [(c, frozenset(rules_of_findings(c.content, c.bestandsnaam))) for c in cases]
    unneeded = [row.reason for row in DIFFERENCES if not any(row.applies(*both) for both in judged)]
    assert unneeded == []
