"""The validators of each berichtsoort, one after the other; every finding is kept.

Two steps, as the recorded flow has two statuses 301: what is quickly looked at in this process (`check`),
and the taxonomy, which others look at (`check_taxonomy`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from digipoort_sim.catalogue.business_rules import BusinessRule
from digipoort_sim.catalogue.mandate_messages import INSTANCE_SCHEMA, XML_SCHEMA
from digipoort_sim.errors import TechnicalError
from digipoort_sim.memory import VERY_LARGE, give_back
from digipoort_sim.resources import schemas
from digipoort_sim.validation.attachments import attachment_findings
from digipoort_sim.validation.business.check import business_findings
from digipoort_sim.validation.collector import LARGE, held_back
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.entrypoints import entrypoint_findings, entrypoints_of
from digipoort_sim.validation.findings import Finding, ValidationReport, shown
from digipoort_sim.validation.identity import identity_elements, identity_findings, normal_scheme
from digipoort_sim.validation.instance import IDENTIFIER, XBRL, Instance, text_of
from digipoort_sim.validation.mandate_rules import MACHTIGING, mandate_findings
from digipoort_sim.validation.media import media_findings
from digipoort_sim.validation.packages.folder import PackageFolder, built_in
from digipoort_sim.validation.places import Place
from digipoort_sim.validation.reports.checks import (
    has_identity,
    inline_findings,
    package_findings,
    report_identity_findings,
)
from digipoort_sim.validation.rules.filing import FILING_RULES
from digipoort_sim.validation.rules.guidance import GUIDANCE_RULES
from digipoort_sim.validation.rules.rule import InstanceRule
from digipoort_sim.validation.rules.structure import STRUCTURE_RULES
from digipoort_sim.validation.rules.text import TEXT_RULES
from digipoort_sim.validation.schema.check import SchemaStore
from digipoort_sim.validation.schema.instances import instance_schema_findings
from digipoort_sim.validation.streaming.check import OF_BEGINNING, CheckedBeginning, LargeContent
from digipoort_sim.validation.subject import Delivered, Subject
from digipoort_sim.validation.taxonomies import Taxonomies
from digipoort_sim.validation.taxonomy.doubles import without_doubles
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, is_crowded, place_of
from digipoort_sim.validation.xml_forms import root_findings, schema_findings, schema_not_checked

_MAXIMUM_SCHEMES = 200
_STREAMED = ("xml", "xbrl")
"""Forms of which a content with very many elements is checked in one pass, as in a large wage return."""

Check = Callable[[Subject], Iterator[Finding]]


class Validator:
    """Checks contents; safe to share between threads.

    Args:
        schema_folders: where XSDs are looked for, before the project's own ``schemas/``.
        taxonomies: who checks against taxonomies; None if nobody can.
        max_taxonomy_bytes: larger contents are not checked against theirs; None is no limit.
        business: the business rules, of all berichtsoorten.
        packages: the taxonomy packages that are at hand; by default the project's own.
    """

    def __init__(
        self,
        schema_folders: Sequence[Path] = (),
        taxonomies: Taxonomies | None = None,
        max_taxonomy_bytes: int | None = None,
        business: Mapping[str, BusinessRule] | None = None,
        packages: PackageFolder | None = None,
    ) -> None:
        self._schemas = SchemaStore((*schema_folders, schemas()))
        self._taxonomies = taxonomies
        self._max_taxonomy_bytes = max_taxonomy_bytes
        self._business = {} if business is None else business  # never asked for its length: read late
        self._packages = packages or PackageFolder(built_in())

    @property
    def has_taxonomies(self) -> bool:
        """Whether there is anybody who checks against taxonomies."""
        return self._taxonomies is not None

    def check(self, delivered: Delivered) -> ValidationReport:
        """All checks of a content but that of the taxonomy; no content makes this raise.

        Raises:
            ConfigError: the schema or XPath that the berichtsoort names cannot be used.
        """
        if not delivered.content.inhoud:
            return ValidationReport((empty(),))
        if self._is_crowded(delivered):
            return self.check_large(LargeContent.in_memory(delivered.content), delivered.rules)
        octets = len(delivered.content.inhoud)
        with held_back(octets > LARGE):
            report = self._checked(delivered)
        if octets > VERY_LARGE:
            give_back()
        return report

    def _is_crowded(self, delivered: Delivered) -> bool:
        """Whether its tree would take memory that nobody's message is worth, though it has a good size."""
        form = delivered.rules.form
        return form in _STREAMED and is_crowded(delivered.content.inhoud, LIMITS[form])

    def _checked(self, delivered: Delivered) -> ValidationReport:
        subject = Subject(delivered, self._schemas, self._business, self._packages)
        names = delivered.rules.validators
        findings = tuple(finding for name in names for finding in CHECKS[name](subject))
        missing = tuple(self._missing(subject))
        not_checked = tuple(dict.fromkeys(self._not_checked(subject, missing)))
        asked = "taxonomy" in names and not missing and bool(entrypoints_of(subject))
        return ValidationReport(findings, not_checked, to_taxonomy=asked)

    def check_large(self, large: LargeContent, rules: ContentRules) -> ValidationReport:
        """What can be checked of a content that is too large to be looked at whole; takes up to a minute.

        Raises:
            ConfigError: the catalogue's rule of the root cannot be used.
            TechnicalError: the file cannot be read, or is not what was delivered.
        """
        beginning = CheckedBeginning(large, rules)
        subject = Subject(beginning.delivered(), self._schemas, self._business, self._packages)
        names = (name for name in rules.validators if name in OF_BEGINNING)
        findings = (finding for name in names for finding in CHECKS[name](subject))
        return beginning.report(tuple(findings))

    def check_taxonomy(self, delivered: Delivered) -> ValidationReport:
        """The check against the taxonomy, of a content whose report has ``to_taxonomy``.

        Raises:
            TechnicalError: it could not be made.
        """
        if self._taxonomies is None:
            return ValidationReport(())
        return ValidationReport(self._taxonomies.findings(delivered))

    def check_all(self, delivered: Delivered, *, insists: bool = True) -> ValidationReport:
        """Both steps at once.

        A content that the quick checks are against does not wait for a taxonomy in trouble: its report says
        that this was not asked.

        Args:
            insists: whether a content that is good so far has to be checked against its taxonomy; if not, its
                report tells of the trouble too.

        Raises:
            ConfigError: the schema or XPath that the berichtsoort names cannot be used.
            TechnicalError: the check against the taxonomy could not be made.
        """
        report = self.check(delivered)
        if not report.to_taxonomy:
            return report
        try:
            slow = self.check_taxonomy(delivered).findings
        except TechnicalError as error:
            if report.valid and insists:
                raise
            not_checked = (*report.not_checked, "XBRL-TAXONOMY-TROUBLE")
            return replace(report, not_checked=not_checked, to_taxonomy=False, trouble=error.detail)
        findings = (*report.findings, *without_doubles(report.findings, slow))
        return replace(report, findings=findings, to_taxonomy=False)

    def _not_checked(self, subject: Subject, missing: tuple[str, ...]) -> Iterator[str]:
        rules, xml = subject.rules, subject.xml
        if rules.form == "any":
            yield from ("XSD", "IDENTITEIT")
            return
        if rules.form == "report-package":
            yield from self._without_taxonomy(subject, missing)
            yield from () if has_identity(subject) else ("IDENTITEIT",)
            return
        if xml is None:
            return
        if "taxonomy" in rules.validators:
            yield from self._without_taxonomy(subject, missing)
        if rules.form == "xml":
            yield from schema_not_checked(subject)
        if subject.identity is None or not any(text_of(e) for e in identity_elements(xml, rules)):
            yield "IDENTITEIT"

    def _without_taxonomy(self, subject: Subject, missing: tuple[str, ...]) -> Iterator[str]:
        yield from missing
        if not missing and self._taxonomies is not None:
            for name in entrypoints_of(subject):
                yield from self._taxonomies.partly(name)

    def _missing(self, subject: Subject) -> Iterator[str]:
        """Why a content cannot be checked against its taxonomy; nothing if it can, or names none.

        Looking for a package asks the file system, so it is done once for a content.
        """
        most = self._max_taxonomy_bytes
        too_large = self._taxonomies is not None and most is not None and len(subject.content.inhoud) > most
        for name in entrypoints_of(subject):
            missing = "XBRL-TAXONOMY" if self._taxonomies is None else self._taxonomies.missing(name)
            if missing or too_large:
                yield from (missing or "XBRL-TAXONOMY-SIZE", "XBRL-FORMULA")


def _media(subject: Subject) -> Iterator[Finding]:
    return media_findings(subject.content, subject.rules)


def _xml(subject: Subject) -> Iterator[Finding]:
    yield from () if isinstance(subject.read, XmlContent) else subject.read


def _xbrl_root(subject: Subject) -> Iterator[Finding]:
    if subject.xml is not None and subject.xml.root.tag != XBRL:
        yield _wrong_root(subject.xml, "xbrli:xbrl", "xbrli:xbrl")


def _mandate_root(subject: Subject) -> Iterator[Finding]:
    if subject.xml is not None and subject.xml.root.tag not in (XBRL, MACHTIGING):
        yield _wrong_root(subject.xml, "xbrli:xbrl of machtiging", "xbrli:xbrl or machtiging")


def _mandate_schema(subject: Subject) -> Iterator[Finding]:
    if subject.xml is not None and subject.xml.root.tag in (XBRL, MACHTIGING):
        schema = INSTANCE_SCHEMA if subject.xml.root.tag == XBRL else XML_SCHEMA
        yield from subject.schemas.findings(schema, subject.xml)


def _mandate(subject: Subject) -> Iterator[Finding]:
    kind, xml = subject.rules.mandate_kind, subject.xml
    if kind is not None and xml is not None and xml.root.tag in (XBRL, MACHTIGING):
        yield from mandate_findings(xml, kind, subject.identity)


def _identity(subject: Subject) -> Iterator[Finding]:
    if subject.xml is not None and subject.identity:
        yield from identity_findings(subject.xml, subject.rules, subject.identity)


def _by_rules(rules: tuple[InstanceRule, ...]) -> Check:
    def check(subject: Subject) -> Iterator[Finding]:
        if subject.instance is not None:
            for rule in rules:
                yield from rule.findings(subject.instance)

    return check


def _scheme(subject: Subject) -> Iterator[Finding]:
    allowed = {normal_scheme(scheme) for scheme in subject.rules.identity_schemes}
    if not allowed or subject.instance is None:
        return
    wanted = ", ".join(subject.rules.identity_schemes)
    for scheme, place in _other_schemes(subject.instance, allowed).items():
        yield Finding(
            "XBRL-SCHEME",
            "error",
            *place,
            f"Het scheme {shown(scheme)} van de identifier is niet een van: {wanted}.",
            f"The scheme {shown(scheme)} of the identifier is not one of: {wanted}.",
            "inferred",
        )


def _other_schemes(instance: Instance, allowed: set[str]) -> dict[str, Place]:
    """Schemes that are not allowed, each with the place where it stands first."""
    others: dict[str, Place] = {}
    for element in instance.xml.root.iter(IDENTIFIER):
        scheme = element.get("scheme", "")  # without any it is XBRL-CONTEXT's
        if (
            scheme
            and scheme not in others
            and normal_scheme(scheme) not in allowed
            and len(others) < _MAXIMUM_SCHEMES
        ):
            others[scheme] = place_of(instance.xml, element, "scheme")
    return others


def _by_others(_: Subject) -> Iterator[Finding]:
    """The taxonomy is the second step, see `Validator.check_taxonomy`."""
    yield from ()


CHECKS: Final[Mapping[str, Check]] = {
    "media": _media,
    "attachments": attachment_findings,
    "xml": _xml,
    "xbrl": _xbrl_root,
    "mandate-form": _mandate_root,
    "root": root_findings,
    "schema": schema_findings,
    "mandate-schema": _mandate_schema,
    "instance-schema": instance_schema_findings,
    "entrypoint": entrypoint_findings,
    "scheme": _scheme,
    "filing-rules": _by_rules((*TEXT_RULES, *STRUCTURE_RULES, *FILING_RULES, *GUIDANCE_RULES)),
    "mandate": _mandate,
    "package": package_findings,
    "inline": inline_findings,
    "report-identity": report_identity_findings,
    "business": business_findings,
    "identity": _identity,
    "taxonomy": _by_others,
}
"""Every validator by its name in the catalogue; one that has nothing to look at is silent."""


def _wrong_root(xml: XmlContent, nl: str, en: str) -> Finding:
    found = shown(str(xml.root.tag))
    return Finding(
        "XML-ROOT",
        "error",
        *place_of(xml, xml.root),
        f"Het rootelement is {found}, niet {nl}.",
        f"The root element is {found}, not {en}.",
        "inferred",
    )


def empty() -> Finding:
    """The finding about a content of no octets."""
    nl, en = "Het bericht is leeg.", "The message is empty."
    return Finding("EMPTY", "error", 0, 0, nl, en, "simulator")
