"""Good and bad instances against taxonomies: the trial one, and a real one where somebody has it."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import Settings
from digipoort_sim.validation.content_rules import ContentRules, rules_of
from digipoort_sim.validation.opening import open_validator
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from tests.agencies.test_service_messages import AGENCIES, ASKED, mandate
from tests.taxonomies.faults import FAULTS, OB, QUICK_FAULTS, SAMPLES, Fault
from tests.taxonomies.packages import KINDS, Packages, packages_of

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not importlib.util.find_spec("arelle"), reason="the extra [xbrl] is not installed"),
]

CATALOGUE = load_catalogue()
IDENTITY = ("001000044B37", "Fi")
KINDS_OF_MESSAGE = {sample: soort for soort, sample in SAMPLES.items()}


@dataclass(frozen=True)
class Bench:
    """A validator with packages, and what is asked of it."""

    packages: Packages
    validator: Validator

    def delivered(self, sample: str, fault: Fault | None = None) -> Delivered:
        """The sample as a delivery of its berichtsoort."""
        text = self.packages.instance(sample)
        if text is None:
            pytest.skip(f"the packages have no report like {sample}")
        content = text if fault is None else fault.put_into(text)
        return Delivered(
            Part(content.encode(), "text/xml", f"{sample}.xbrl"), _rules(sample), _identity(sample)
        )


def _rules(sample: str) -> ContentRules:
    row = CATALOGUE.berichtsoorten.get(KINDS_OF_MESSAGE[sample])
    return rules_of(row) if row else ContentRules("Vpb", "xbrl", r"bd-rpt-vpb-aangifte-\d{4}\.xsd")


def _identity(sample: str) -> tuple[str, str] | None:
    return IDENTITY if KINDS_OF_MESSAGE[sample] in CATALOGUE.berichtsoorten else None


@pytest.fixture(scope="module", params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A validator with the packages of a kind and one taxonomy process."""
    packages = packages_of(request.param, tmp_path_factory.mktemp("packages"))
    settings = Settings.model_validate(
        {"state": packages.folder, "validation": {"taxonomies": packages.folder}},
    )
    with contextlib.closing(open_validator(settings, CATALOGUE)) as opened:
        yield Bench(packages, opened.validator)


@pytest.mark.parametrize("sample", SAMPLES.values())
def test_a_good_instance_has_no_finding(bench: Bench, sample: str) -> None:
    """Each sample passes all checks, none is left out, and Arelle has nothing against the taxonomy itself."""
    delivered = bench.delivered(sample)
    assert bench.validator.check(delivered).to_taxonomy
    report = bench.validator.check_all(delivered)
    assert report.findings == ()
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
    delivered = bench.delivered(OB, Fault("", OB, ">15000<", "> <", frozenset()))
    text = delivered.content.inhoud.decode().replace(">INT<", ">XYZ<")
    wrong = Delivered(Part(text.encode(), "text/xml", f"{OB}.xbrl"), delivered.rules, IDENTITY)
    found = {(f.rule, f.line) for f in bench.validator.check_all(wrong).findings}
    lines = text.splitlines()
    empty, contact = (next(n for n, line in enumerate(lines, 1) if mark in line) for mark in ("> <", ">XYZ<"))
    assert {
        ("FR-NL-5.03", empty),
        ("xmlSchema:valueError", empty),
        ("xmlSchema:valueError", contact),
    } <= found


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
    fault = Fault("", OB, "</xbrli:xbrl>", reduction, frozenset())
    text = fault.put_into(bench.packages.instance(OB) or "").replace(">3000<", ">2990<")
    delivered = Delivered(Part(text.encode(), "text/xml", "ob.xbrl"), _rules(OB), IDENTITY)
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
