"""Reports that are kept."""

from __future__ import annotations

import json

from digipoort_sim.validation.findings import Finding, ValidationReport
from digipoort_sim.validation.report_json import MAXIMUM_KEPT, packed, report_fields, unpacked

FINDING = Finding("XSD", "warning", 4, 7, "Fout \ud800 é.", "Wrong.", "inferred")


def test_what_is_kept_is_what_was_found() -> None:
    """A report comes back whole, whatever its texts are."""
    report = ValidationReport((FINDING, FINDING), ("XSD",))
    kept = unpacked(packed(report))
    assert (kept.report, kept.left_out) == (report, 0)


def test_a_report_is_kept_within_bounds() -> None:
    """Findings that find no room are counted."""
    text = packed(ValidationReport((FINDING,) * 20_000))
    kept = unpacked(text)
    assert len(text) < MAXIMUM_KEPT * 1.1
    assert len(kept.report.findings) + kept.left_out == 20_000
    assert kept.left_out > 0


def test_a_check_of_another_version_has_no_text() -> None:
    """A key that this version does not know is listed, without texts."""
    fields = report_fields(ValidationReport((), ("OLD", "XSD")))
    assert (fields["valid"], fields["not_checked"]) == (True, ["OLD", "XSD"])
    assert list(fields["not_checked_texts"]) == ["XSD"]
    json.dumps(fields)
