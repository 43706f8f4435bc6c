"""A report as JSON: for programs, and to be kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from digipoort_sim.validation.findings import NOT_CHECKED, Finding, ValidationReport

MAXIMUM_KEPT: Final = 1_048_576
"""Characters of a report that is kept; the findings that find no room are counted."""

_LANGUAGES = ("text_nl", "text_en")


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report as it was kept.

    Args:
        left_out: how many findings found no room.
    """

    report: ValidationReport
    left_out: int = 0


def report_fields(report: ValidationReport) -> dict[str, Any]:
    """A report as the control API gives it, with the fields of `validate --json`."""
    known = (key for key in report.not_checked if key in NOT_CHECKED)  # it may be kept by another version
    return {
        "valid": report.valid,
        "findings": [asdict(finding) for finding in report.findings],
        "not_checked": list(report.not_checked),
        "not_checked_texts": {key: dict(zip(_LANGUAGES, NOT_CHECKED[key], strict=True)) for key in known},
    }


def packed(report: ValidationReport) -> str:
    """A report as it is kept: at most about `MAXIMUM_KEPT` characters."""
    kept: list[dict[str, Any]] = []
    room = MAXIMUM_KEPT
    for finding in report.findings:
        fields = asdict(finding)
        room -= len(json.dumps(fields))
        if room < 0:
            break
        kept.append(fields)
    left_out = len(report.findings) - len(kept)
    return json.dumps({"findings": kept, "not_checked": report.not_checked, "left_out": left_out})


def unpacked(text: str) -> KeptReport:
    """A report that was kept."""
    fields = json.loads(text)
    findings = tuple(Finding(**finding) for finding in fields["findings"])
    return KeptReport(ValidationReport(findings, tuple(fields["not_checked"])), fields["left_out"])
