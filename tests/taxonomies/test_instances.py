"""Good and bad instances against taxonomies: the trial one, and a real one where somebody has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.subject import Delivered, Part
from tests.agencies.test_service_messages import AGENCIES, ASKED, mandate
from tests.taxonomies.bench import NEEDS_ARELLE, Bench
from tests.taxonomies.faults import FAULTS, OB, QUICK_FAULTS, SAMPLES, Fault
from tests.taxonomies.packages import KINDS, packages_of

pytestmark = [pytest.mark.heavy, NEEDS_ARELLE]


@pytest.fixture(scope="module", params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A validator with the packages of a kind and one taxonomy process."""
    packages = packages_of(request.param, tmp_path_factory.mktemp("packages"))
    with Bench.opened(packages) as opened:
        yield opened


@pytest.mark.parametrize("name", SAMPLES.values())
def test_a_good_instance_has_no_finding(bench: Bench, name: str) -> None:
    """Each sample passes all checks, none is left out, and Arelle has nothing against the taxonomy itself.

    A return is warned that its taxonomy is the simulator's.
    """
    delivered = bench.delivered(name)
    assert bench.validator.check(delivered).to_taxonomy
    report = bench.validator.check_all(delivered)
    assert [finding.rule for finding in report.findings] == _of_trial(bench, delivered)
    assert report.not_checked == (() if delivered.identity else ("IDENTITEIT",))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_and_nothing_else(bench: Bench, fault: Fault) -> None:
    """Each fault gives just the findings of its rules, with texts in both languages."""
    if bench.packages.kind == "real" and fault.by_our_rules:
        pytest.skip("a real taxonomy may have no such assertion")
    report = bench.validator.check_taxonomy(bench.delivered(fault.sample, fault))
    assert not report.valid
    assert all(finding.text_nl and finding.text_en for finding in report.findings)
    if bench.packages.kind == "trial":
        assert {finding.rule for finding in report.findings} == fault.rules
        placed = [finding for finding in report.findings if not finding.rule.startswith("bd-")]
        assert all(finding.line and finding.column for finding in placed)


@pytest.mark.parametrize("fault", QUICK_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_that_needs_no_taxonomy_is_found_before_it(bench: Bench, fault: Fault) -> None:
    """The quick checks have just the errors of its rules against an instance with the fault."""
    report = bench.validator.check(bench.delivered(fault.sample, fault))
    assert {finding.rule for finding in report.findings if finding.severity == "error"} == fault.rules


def test_all_findings_of_both_steps_are_listed(bench: Bench) -> None:
    """Quick checks and taxonomy find their faults in one and the same instance, each at its line."""
    empty_fact = Fault("", OB, ">15000<", "> <", frozenset())
    delivered = bench.delivered(OB, empty_fact, Fault("", OB, ">INT<", ">XYZ<", frozenset()))
    found = {(f.rule, f.line) for f in bench.validator.check_all(delivered).findings}
    lines = delivered.content.inhoud.decode().splitlines()
    empty, contact = (next(n for n, line in enumerate(lines, 1) if mark in line) for mark in ("> <", ">XYZ<"))
    assert {
        ("FR-NL-5.03", empty),
        ("xmlSchema:valueError", empty),
        ("xmlSchema:valueError", contact),
    } <= found


@pytest.mark.parametrize("same", [">15000.00<", "> 15000.0 <", ">15000.<", ">+015000<"])
def test_an_amount_may_be_written_in_all_ways_of_xsd(bench: Bench, same: str) -> None:
    """Zeros that say nothing are no decimals: what is 15000 is in whole euros, and counts in the sums."""
    delivered = bench.delivered(OB, Fault("", OB, ">15000<", same, frozenset()))
    rules = [finding.rule for finding in bench.validator.check_all(delivered).findings]
    assert rules == _of_trial(bench, delivered)


def _of_trial(bench: Bench, delivered: Delivered) -> list[str]:
    warned = bench.packages.kind == "trial" and delivered.rules.entrypoint_pattern
    return ["XBRL-PROEF"] if warned else []


def _only_trial(bench: Bench) -> None:
    if bench.packages.kind != "trial":
        pytest.skip("this is about the trial taxonomy")


def test_an_assertion_speaks_dutch_and_english(bench: Bench) -> None:
    """The message of an assertion has the values of the facts, in both languages; a warning stays one."""
    _only_trial(bench)
    reduction = (
        '  <bd-i:SmallEntrepreneurProvisionReduction contextRef="Msg" unitRef="EUR" decimals="INF">10'
        "</bd-i:SmallEntrepreneurProvisionReduction>\n</xbrli:xbrl>"
    )
    total = Fault("", OB, ">3000<", ">2990<", frozenset())
    delivered = bench.delivered(OB, total, Fault("", OB, "</xbrli:xbrl>", reduction, frozenset()))
    report = bench.validator.check_taxonomy(delivered)
    (finding,) = report.findings
    assert report.valid
    assert (finding.rule, finding.severity) == ("bd-ob-aangifte_kor", "warning")
    assert finding.provenance == "simulator"
    assert finding.text_nl == "De vermindering voor kleine ondernemers (10) bestaat sinds 2020 niet meer."
    assert finding.text_en.startswith("The reduction for small entrepreneurs (10) does not exist")


@pytest.mark.parametrize("code", ["SBA_IB", "SBA_VPB", "SBA_OB", "VIA"])
def test_service_messages_are_valid(bench: Bench, code: str) -> None:
    """What the agencies make for a mandate agrees with its taxonomy, the first of a year and the last."""
    _only_trial(bench)
    for year in (2021, 2025):
        subject, later = mandate(code, year), ASKED + timedelta(days=600)
        made = AGENCIES.service_messages(subject, None, later) or [AGENCIES.requested_message(subject, later)]
        for message in (made[0], made[-1]):
            content = AGENCIES.content(subject, message.number, message.at)
            part = Part(content, message.mime_type, message.bestandsnaam)
            delivered = Delivered(part, ContentRules(code, "xbrl"), (message.nummer, message.type))
            assert bench.validator.check(delivered).to_taxonomy
            assert bench.validator.check_all(delivered).findings == ()
