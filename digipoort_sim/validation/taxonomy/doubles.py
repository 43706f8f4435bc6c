"""What the quick checks and Arelle both find, so that a report says it once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from digipoort_sim.validation.findings import Finding

_SAME: Final = {
    "XBRL-CONTEXT-REF": ("xbrl.4.6.1:itemContextRef", "xmlSchema:attributesRequired"),
    "XBRL-UNIT-REF": ("xbrl.4.6.2:numericUnit",),
    "XBRL-ID": ("xmlSchema:attributesRequired", "xmlSchema:valueError"),
    "XBRL-CONTEXT": (
        *("xmlSchema:attributesRequired", "xmlSchema:elementOccurrencesError", "xmlSchema:elementUnexpected"),
        *("xmlSchema:missingParticlesError", "xbrl.4.7.2:contextDateError", "xmlSchema:valueError"),
    ),
    "XBRL-UNIT": (
        *("xbrl.4.8.2:measureElement", "xmlSchema:elementOccurrencesError", "xmlSchema:valueError"),
    ),
    "XBRL-DECIMALS": (
        *("xbrl.4.6.3:missingPrecisionDecimals", "xbrl.4.6.3:extraneousPrecisionDecimals"),
        *("xbrl.4.6.2:numericUnit", "xmlSchema:attributesRequired", "xmlSchema:attributesExtraneous"),
    ),
    "FR-NL-2.07": ("xmlSchema:nilNonNillableElement", "xbrl.4.6.3:nilPrecisionDecimals"),
    "FR-NL-3.01": ("xmlSchema:valueError", "xbrl.4.7.2:contextDateError"),
    "FR-NL-5.06": ("xbrl.4.6.4:precision", "xbrl.4.6.3:bothPrecisionAndDecimals"),
}
"""Rule of the quick checks: codes of Arelle that say the same of the same line."""


def without_doubles(quick: Iterable[Finding], slow: Iterable[Finding]) -> tuple[Finding, ...]:
    """What Arelle found, without what the quick checks have said already."""
    said = {(finding.line, code) for finding in quick for code in _SAME.get(finding.rule, ())}
    return tuple(finding for finding in slow if not finding.line or (finding.line, finding.rule) not in said)
