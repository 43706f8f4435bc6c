"""Reports for the taxonomy processes: what is asked of a package, and whose findings the answer has."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.reports.inline_rules import INLINE_RULES
from digipoort_sim.validation.reports.kvk_rules import KVK_RULES
from digipoort_sim.validation.reports.package import INLINE_TYPE, TYPE_FILE, Report, in_document
from digipoort_sim.validation.taxonomy.messages import findings_of

_LONE: Final = "bericht.xhtml"
_KVK = re.compile(r"https?://www\.nltaxonomie\.nl/kvk/(?P<year>\d{4})-\d\d-\d\d/(?P<file>[^/]+)")
_SYSTEMS: Final = {
    ("2024", False): "NL-INLINE-2024",
    ("2024", True): "NL-INLINE-2024-GAAP-OTHER",
    ("2025", False): "NL-INLINE-2025",
    ("2025", True): "NL-INLINE-2025-GAAP-OTHER-PREVIEW",
}
_OWN_RULES = tuple(f"{rule.rule}." for rule in (*INLINE_RULES, *KVK_RULES))


def package_of(content: bytes) -> bytes:
    """The content as a report package; a lone document is put into one."""
    if content.startswith(b"PK"):
        return content
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(f"r/{TYPE_FILE}", json.dumps({"documentInfo": {"documentType": INLINE_TYPE}}))
        archive.writestr(f"r/reports/{_LONE}", content)
    return target.getvalue()


def inline_system(entrypoint: str) -> str:
    """The disclosure system of Arelle's NL plugin for inline reports to the KvK; empty for others."""
    known = _KVK.match(entrypoint)
    return "" if known is None else _SYSTEMS.get((known["year"], "other" in known["file"]), "")


def report_findings(
    answer: Mapping[str, Any], report: Report, kvk: bool, assertions: Provenance
) -> tuple[Finding, ...]:
    """The findings in the answer of a taxonomy process, document by document.

    Args:
        kvk: whether the rules of the Kamer van Koophandel hold for this entry point.
        assertions: provenance of those of the taxonomy.
    """
    return tuple(_findings(answer, report, kvk, assertions))


def _findings(
    answer: Mapping[str, Any], report: Report, kvk: bool, assertions: Provenance
) -> Iterator[Finding]:
    records, names = answer["records"], [_base_name(document.name) for document in report.documents]
    for number, document in enumerate(report.documents):
        own = [r for r in records if r["document"] == names[number]]
        others = [] if number else [r for r in records if r["document"] not in names]
        part = {"records": [*own, *others], "problems": [] if number else answer["problems"]}
        for finding in findings_of(part, document.xml, kvk, assertions):
            if not finding.rule.startswith(_OWN_RULES):
                yield in_document(document.name, finding)


def _base_name(name: str) -> str:
    return name.rpartition("/")[2] or _LONE
