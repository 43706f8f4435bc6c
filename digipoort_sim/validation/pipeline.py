"""All checks of one content, in their order; every finding is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from digipoort_sim.catalogue.mandate_messages import INSTANCE_SCHEMA, XML_SCHEMA, entrypoint
from digipoort_sim.resources import schemas
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.filing_rules import FILING_RULES
from digipoort_sim.validation.findings import Finding, ValidationReport, shown
from digipoort_sim.validation.guidance_rules import GUIDANCE_RULES
from digipoort_sim.validation.identity import identity_elements, identity_findings, normal_scheme
from digipoort_sim.validation.instance import HREF, IDENTIFIER, SCHEMA_REF, XBRL, Instance, line_of, text_of
from digipoort_sim.validation.mandate_rules import MACHTIGING, mandate_findings
from digipoort_sim.validation.media import media_findings
from digipoort_sim.validation.schema_check import SchemaStore
from digipoort_sim.validation.structure_rules import STRUCTURE_RULES
from digipoort_sim.validation.text_rules import TEXT_RULES
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml

_INSTANCE_RULES = (*TEXT_RULES, *STRUCTURE_RULES, *FILING_RULES, *GUIDANCE_RULES)
_MAXIMUM_SCHEMES = 200


class Validator:
    """Checks contents; safe to share between threads.

    Args:
        schema_folder: where the XSDs are; by default the project's own ``schemas/``.
    """

    def __init__(self, schema_folder: Path | None = None) -> None:
        self._schemas = SchemaStore(schema_folder or schemas())

    def validate(
        self,
        content: bytes,
        mime_type: str,
        bestandsnaam: str,
        rules: ContentRules,
        identity: tuple[str, str] | None = None,
    ) -> ValidationReport:
        """Check one content by the rules of its berichtsoort; no content makes this raise.

        Args:
            content: the bytes of berichtInhoud.
            identity: number and type of identiteitBelanghebbende; None leaves it uncompared.

        Raises:
            ConfigError: the schema or XPath that the berichtsoort names cannot be used.
        """
        if not content:
            return ValidationReport((_empty(),))
        findings = list(media_findings(content, mime_type, rules))
        if rules.form == "any":
            return ValidationReport(tuple(findings), ("XSD", "IDENTITEIT"))
        xml = read_xml(content, LIMITS[rules.form])
        if isinstance(xml, XmlContent):
            findings.extend(self._of_form(xml, bestandsnaam, rules, identity))
            return ValidationReport(tuple(findings), tuple(_not_checked(xml, rules, identity)))
        return ValidationReport((*findings, *xml))

    def _of_form(
        self, xml: XmlContent, bestandsnaam: str, rules: ContentRules, identity: tuple[str, str] | None
    ) -> Iterator[Finding]:
        if rules.form == "xbrl":
            yield from _xbrl_findings(xml, bestandsnaam, rules)
        elif rules.form == "mandate":
            yield from self._mandate(xml, bestandsnaam, rules, identity)
        elif rules.schema:
            yield from self._schemas.findings(rules.schema, xml)
        if identity:
            yield from identity_findings(xml, rules, identity)

    def _mandate(
        self, xml: XmlContent, bestandsnaam: str, rules: ContentRules, identity: tuple[str, str] | None
    ) -> Iterator[Finding]:
        if xml.root.tag == XBRL:
            yield from self._schemas.findings(INSTANCE_SCHEMA, xml)
            yield from _xbrl_findings(xml, bestandsnaam, rules)
        elif xml.root.tag == MACHTIGING:
            yield from self._schemas.findings(XML_SCHEMA, xml)
        else:
            yield _wrong_root(xml, "xbrli:xbrl of machtiging", "xbrli:xbrl or machtiging")
            return
        if rules.mandate_kind is not None:
            yield from mandate_findings(xml, rules.mandate_kind, identity)


def _xbrl_findings(xml: XmlContent, bestandsnaam: str, rules: ContentRules) -> Iterator[Finding]:
    if xml.root.tag != XBRL:
        yield _wrong_root(xml, "xbrli:xbrl", "xbrli:xbrl")
        return
    instance = Instance(xml, bestandsnaam)
    yield from _entrypoint_findings(instance, rules)
    yield from _scheme_findings(instance, rules)
    for rule in _INSTANCE_RULES:
        yield from rule.findings(instance)


def _entrypoint_findings(instance: Instance, rules: ContentRules) -> Iterator[Finding]:
    for reference in instance.named(SCHEMA_REF)[:_MAXIMUM_SCHEMES]:
        href = reference.get(HREF, "").strip()
        if not _is_entrypoint(href, rules):
            shown_href = shown(href, 300)
            yield Finding(
                "XBRL-ENTRYPOINT",
                "error",
                line_of(reference),
                0,
                f"Het entrypoint {shown_href} hoort niet bij de berichtsoort {rules.berichtsoort}.",
                f"The entry point {shown_href} does not belong to the berichtsoort {rules.berichtsoort}.",
                "inferred",
            )


def _is_entrypoint(href: str, rules: ContentRules) -> bool:
    """A mandate message has one exact entry point; others one by file name, in any version of the NT."""
    if rules.mandate_kind is not None:
        return href == entrypoint(rules.mandate_kind)
    if not rules.entrypoint_pattern:
        return True
    return re.fullmatch(rules.entrypoint_pattern, href.rpartition("/")[2]) is not None


def _scheme_findings(instance: Instance, rules: ContentRules) -> Iterator[Finding]:
    allowed = {normal_scheme(scheme) for scheme in rules.identity_schemes}
    if not allowed:
        return
    others: dict[str, int] = {}
    for element in instance.xml.root.iter(IDENTIFIER):
        scheme = element.get("scheme", "")
        if normal_scheme(scheme) not in allowed and len(others) < _MAXIMUM_SCHEMES:
            others.setdefault(scheme, line_of(element))
    wanted = ", ".join(rules.identity_schemes)
    for scheme, line in others.items():
        yield Finding(
            "XBRL-SCHEME",
            "error",
            line,
            0,
            f"Het scheme {shown(scheme)} van de identifier is niet een van: {wanted}.",
            f"The scheme {shown(scheme)} of the identifier is not one of: {wanted}.",
            "inferred",
        )


def _not_checked(xml: XmlContent, rules: ContentRules, identity: tuple[str, str] | None) -> Iterator[str]:
    if rules.form == "xbrl":
        yield from ("XBRL-TAXONOMY", "XBRL-FORMULA")
    if rules.form == "xml" and not rules.schema:
        yield "XSD"
    if identity is None or not any(text_of(element) for element in identity_elements(xml, rules)):
        yield "IDENTITEIT"


def _wrong_root(xml: XmlContent, nl: str, en: str) -> Finding:
    found = shown(str(xml.root.tag))
    return Finding(
        "XML-ROOT",
        "error",
        line_of(xml.root),
        0,
        f"Het rootelement is {found}, niet {nl}.",
        f"The root element is {found}, not {en}.",
        "inferred",
    )


def _empty() -> Finding:
    nl, en = "Het bericht is leeg.", "The message is empty."
    return Finding("EMPTY", "error", 0, 0, nl, en, "simulator")
