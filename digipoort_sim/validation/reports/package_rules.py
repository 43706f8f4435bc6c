"""The rules about the form of a report package, each with its texts.

Source: Report Packages 1.0 (XBRL International, 2023-09-22) and the rules of the KvK for inline XBRL
(NL-KVK). What real clients can be expected to get wrong without being refused is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.validation.archives.problems import ArchiveProblem
from digipoort_sim.validation.findings import Finding, Severity, shown

_LIMITS = frozenset(
    {"directory-size", "members", "total-size", "member-size", "ratio", "name-length", "depth", "unreadable"}
)


@dataclass(frozen=True, slots=True)
class PackageRule:
    """One rule about a package.

    Args:
        rule: its id.
        text_nl: Dutch text, with the name of what it is about in braces.
        text_en: the same in English.
    """

    rule: str
    severity: Severity
    provenance: Provenance
    text_nl: str
    text_en: str

    def finding(self, name: str = "") -> Finding:
        """The rule is broken.

        Args:
            name: goes into the texts.
        """
        nl, en = (text.format(name=shown(name, 300)) for text in (self.text_nl, self.text_en))
        return Finding(self.rule, self.severity, 0, 0, nl, en, self.provenance)


TOP_FOLDERS: Final = PackageRule(
    "PACKAGE-FOLDER",
    "error",
    "published",
    "Een rapportpakket heeft bovenin precies een map; gevonden: {name}.",
    "A report package has exactly one folder at its top; found: {name}.",
)
TOP_FILE: Final = PackageRule(
    "PACKAGE-TOP-FILE",
    "warning",
    "published",
    "Het bestand {name} staat buiten de map van het rapportpakket; het wordt niet gelezen.",
    "The file {name} is outside the folder of the report package; it is not read.",
)
NO_TYPE: Final = PackageRule(
    "PACKAGE-TYPE",
    "error",
    "published",
    "Een .xbri-pakket moet {name} bevatten.",
    "An .xbri package must have {name}.",
)
NO_TYPE_OTHER: Final = PackageRule(
    "PACKAGE-NO-TYPE",
    "warning",
    "inferred",
    "Het pakket heeft geen {name}; dat zegt wat voor rapportpakket het is.",
    "The package has no {name}, which says what kind of report package it is.",
)
BAD_TYPE: Final = PackageRule(
    "PACKAGE-TYPE",
    "error",
    "published",
    "{name} is geen JSON-object met documentInfo.documentType.",
    "{name} is no JSON object with documentInfo.documentType.",
)
OTHER_TYPE: Final = PackageRule(
    "PACKAGE-TYPE",
    "error",
    "published",
    "Het documentType {name} is niet dat van een rapportpakket met inline XBRL "
    "(https://xbrl.org/report-package/2023/xbri of https://xbrl.org/report-package/2023).",
    "The documentType {name} is not that of a report package with inline XBRL "
    "(https://xbrl.org/report-package/2023/xbri or https://xbrl.org/report-package/2023).",
)
EXTENSION: Final = PackageRule(
    "PACKAGE-EXTENSION",
    "warning",
    "inferred",
    "De extensie van de bestandsnaam hoort bij dit documentType {name} te zijn.",
    "The extension of the bestandsnaam should be {name} for this documentType.",
)
NO_REPORT: Final = PackageRule(
    "PACKAGE-REPORT",
    "error",
    "published",
    "Het pakket heeft geen rapport: geen .xhtml-, .html- of .htm-bestand in {name} of in een map daarin.",
    "The package has no report: no .xhtml, .html or .htm file in {name} or in a folder therein.",
)
NOT_INLINE: Final = PackageRule(
    "PACKAGE-REPORT",
    "error",
    "published",
    "{name} is geen inline XBRL; dit pakket mag alleen een rapport in inline XBRL bevatten.",
    "{name} is not inline XBRL; this package may have a report in inline XBRL only.",
)
MORE_REPORTS: Final = PackageRule(
    "PACKAGE-REPORTS",
    "error",
    "published",
    "Het pakket moet een enkel rapport bevatten, niet ook {name}.",
    "The package must have one report, not {name} as well.",
)
INNER_ARCHIVE: Final = PackageRule(
    "PACKAGE-INNER",
    "warning",
    "simulator",
    "Het pakket bevat het archief {name}; dat wordt niet geopend.",
    "The package has the archive {name} in it, which is not opened.",
)
TOO_MANY_DOCUMENTS: Final = PackageRule(
    "PACKAGE-LIMIT",
    "error",
    "simulator",
    "Het rapport bestaat uit te veel documenten: {name}.",
    "The report has too many documents: {name}.",
)


def archive_finding(problem: ArchiveProblem) -> Finding:
    """A problem of the zip archive as a finding: a limit of ours, or one of the form itself."""
    provenance: Provenance = "simulator" if problem.key in _LIMITS else "published"
    rule = "PACKAGE-LIMIT" if problem.key in _LIMITS else "PACKAGE-ZIP"
    if problem.key == "octets":
        rule = "NL-KVK.8.1.1.1"
    return Finding(rule, "error", 0, 0, problem.text_nl, problem.text_en, provenance)
