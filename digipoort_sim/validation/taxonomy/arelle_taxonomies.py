"""Checks of contents against the taxonomies at hand, by Arelle in processes of its own."""

from __future__ import annotations

import importlib.util
import os
import re
from functools import cached_property
from typing import Final

from digipoort_sim.config import ValidationSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.instance import HREF, SCHEMA_REF
from digipoort_sim.validation.subject import Delivered
from digipoort_sim.validation.taxonomy.messages import exception_in, findings_of
from digipoort_sim.validation.taxonomy.pool import PackageSource, Pool, Question
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
        xml = read_xml(delivered.content.inhoud, LIMITS["xbrl"])
        entrypoint = _entrypoint(xml)
        if not isinstance(xml, XmlContent) or self.missing(entrypoint) is not None:
            return ()
        question = Question(
            delivered.content.inhoud, entrypoint, _system(entrypoint), self._settings.timeout_seconds
        )
        answer = self._pool.ask(question)
        own = entrypoint.startswith(_OWN)
        found = findings_of(answer, xml, _is_kvk(entrypoint), "simulator" if own else "published")
        stumbled = exception_in(answer)
        if stumbled and all(finding.severity != "error" for finding in found):
            raise TechnicalError(
                f"Arelle could not look at all of the message: {stumbled}", rule="XBRL-PROCESS"
            )
        return found

    @cached_property
    def _unable(self) -> str | None:
        """Why nothing at all can be checked."""
        if not self._settings.processes:
            return "XBRL-UIT"
        if importlib.util.find_spec("arelle") is None or not hasattr(os, "fork"):
            return "XBRL-ARELLE"
        return None


def _entrypoint(xml: object) -> str:
    if not isinstance(xml, XmlContent):
        return ""
    reference = xml.root.find(SCHEMA_REF)
    return "" if reference is None else reference.get(HREF, "").strip()


def _system(entrypoint: str) -> str:
    """The disclosure system of Arelle's NL plugin for an entry point of the NT; empty for others."""
    known = _NT.match(entrypoint)
    return f"NT{known['version']}" if known and int(known["version"]) in _NT_KNOWN else ""


def _is_kvk(entrypoint: str) -> bool:
    known = _NT.match(entrypoint)
    return known is not None and known["domain"] == "kvk"
