"""Checks of contents against the taxonomies at hand, by Arelle in processes of its own."""

from __future__ import annotations

import importlib.util
import os
import re
from functools import cached_property
from typing import Any, Final

from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.config import ValidationSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.instance import HREF, SCHEMA_REF
from digipoort_sim.validation.reports.package import read_report
from digipoort_sim.validation.subject import Delivered, Part
from digipoort_sim.validation.taxonomy.messages import exception_in, findings_of
from digipoort_sim.validation.taxonomy.pool import PackageSource, Pool, Question
from digipoort_sim.validation.taxonomy.reports import inline_system, package_of, report_findings
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml

_NT: Final = re.compile(r"https?://www\.nltaxonomie\.nl/nt(?P<version>\d{1,3})/(?P<domain>[^/]*)/")
_NT_KNOWN: Final = range(16, 21)
_OWN: Final = "http://digipoort-sim.example/"
"""Begins the entry points of the simulator's own taxonomies, whose assertions nobody else has."""


class ArelleTaxonomies:
    """The `Taxonomies` that a server or a command has; safe to share between threads.

    Args:
        packages: the taxonomy packages at hand.
        settings: number, time and memory of the processes.
    """

    def __init__(self, packages: PackageSource, settings: ValidationSettings) -> None:
        self._packages = packages
        self._settings = settings
        self._pool = Pool(packages, max(1, settings.processes), settings.max_memory_mb)

    def start(self) -> None:
        """Start the processes now, so that the first message does not wait for them; returns at once.

        Raises:
            TechnicalError: they cannot be started.
        """
        if self._unable is None:
            self._pool.start()

    def close(self) -> None:
        """End the processes, within seconds; who waits for an answer gets TechnicalError."""
        self._pool.close()

    def pids(self) -> tuple[int, ...]:
        """The processes that run now."""
        return self._pool.pids()

    def missing(self, entrypoint: str) -> str | None:
        """Why contents of this entry point cannot be checked: a key of `NOT_CHECKED`; None if they can."""
        if self._unable is not None:
            return self._unable
        return None if self._packages.package_of(entrypoint) is not None else "XBRL-TAXONOMY"

    def partly(self, entrypoint: str) -> tuple[str, ...]:
        """Checks that are not made of contents of this entry point, though it is at hand."""
        known = _NT.match(entrypoint)
        return () if known is None or int(known["version"]) in _NT_KNOWN else ("XBRL-NT",)

    def findings(self, delivered: Delivered) -> tuple[Finding, ...]:
        """All that XBRL 2.1, dimensions, formulas and the taxonomy itself have against a content.

        Raises:
            TechnicalError: no whole answer could be had; its rule is XBRL-TIMEOUT, XBRL-MEMORY, XBRL-PACKAGE
                or XBRL-PROCESS.
        """
        if delivered.rules.form == "report-package":
            return self._of_report(delivered.content)
        xml = read_xml(delivered.content.inhoud, LIMITS["xbrl"])
        entrypoint = _entrypoint(xml)
        if not isinstance(xml, XmlContent) or self.missing(entrypoint) is not None:
            return ()
        answer = self._answer(delivered.content.inhoud, entrypoint, _system(entrypoint))
        return _whole(answer, findings_of(answer, xml, _is_kvk(entrypoint), _provenance(entrypoint)))

    def _of_report(self, content: Part) -> tuple[Finding, ...]:
        """The findings about a report package; one that has no taxonomy at hand is not asked about."""
        report = read_report(content.inhoud, content.bestandsnaam)
        if not report.documents or not report.entry_points or any(map(self.missing, report.entry_points)):
            return ()
        entrypoint = report.entry_points[0]
        system = inline_system(entrypoint)
        answer = self._answer(package_of(content.inhoud), entrypoint, system)
        return _whole(answer, report_findings(answer, report, bool(system), _provenance(entrypoint)))

    def _answer(self, content: bytes, entrypoint: str, system: str) -> dict[str, Any]:
        return self._pool.ask(Question(content, entrypoint, system, self._settings.timeout_seconds))

    @cached_property
    def _unable(self) -> str | None:
        """Why nothing at all can be checked."""
        if not self._settings.processes:
            return "XBRL-UIT"
        if importlib.util.find_spec("arelle") is None or not hasattr(os, "fork"):
            return "XBRL-ARELLE"
        return None


def _whole(answer: dict[str, Any], found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, if Arelle has looked at everything or found an error; else it is trouble."""
    stumbled = exception_in(answer)
    if stumbled and all(finding.severity != "error" for finding in found):
        raise TechnicalError(f"Arelle could not look at all of the message: {stumbled}", rule="XBRL-PROCESS")
    return found


def _provenance(entrypoint: str) -> Provenance:
    """That of the assertions of a taxonomy."""
    return "simulator" if entrypoint.startswith(_OWN) else "published"


def _entrypoint(xml: object) -> str:
    if not isinstance(xml, XmlContent):
        return ""
    reference = xml.root.find(SCHEMA_REF)
    return "" if reference is None else reference.get(HREF, "").strip()


def _system(entrypoint: str) -> str:
    """The disclosure system of Arelle's NL plugin for an entry point of the NT; empty for others."""
    known = _NT.match(entrypoint)
    return f"NT{int(known['version'])}" if known and int(known["version"]) in _NT_KNOWN else ""


def _is_kvk(entrypoint: str) -> bool:
    known = _NT.match(entrypoint)
    return known is not None and known["domain"] == "kvk"
