"""What is validated: a content with its names and attachments, and what the checks share about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from digipoort_sim.catalogue.business_rules import BusinessRule
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.instance import XBRL, Instance
from digipoort_sim.validation.packages.folder import PackageFolder
from digipoort_sim.validation.reports.package import Report, read_report
from digipoort_sim.validation.schema.check import SchemaStore
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml


@dataclass(frozen=True, slots=True)
class Part:
    """A berichtInhoud or a bijlage.

    Args:
        inhoud: its bytes, as they were delivered.
    """

    inhoud: bytes
    mime_type: str
    bestandsnaam: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A content as it was delivered, with the rules that it is checked by.

    Args:
        content: the berichtInhoud.
        identity: number and type of identiteitBelanghebbende; None leaves it uncompared.
    """

    content: Part
    rules: ContentRules
    identity: tuple[str, str] | None = None
    bijlagen: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Subject:
    """A content under validation; what several checks need of it is made once.

    Args:
        schemas: the XSDs that are at hand.
        business: the business rules, of all berichtsoorten.
        packages: the taxonomy packages that are at hand.
    """

    delivered: Delivered
    schemas: SchemaStore
    business: Mapping[str, BusinessRule] = field(default_factory=dict)
    packages: PackageFolder = field(default_factory=lambda: PackageFolder(()))

    @property
    def content(self) -> Part:
        """The berichtInhoud."""
        return self.delivered.content

    @property
    def rules(self) -> ContentRules:
        """The rules of its berichtsoort."""
        return self.delivered.rules

    @property
    def identity(self) -> tuple[str, str] | None:
        """Number and type of identiteitBelanghebbende."""
        return self.delivered.identity

    @cached_property
    def read(self) -> XmlContent | tuple[Finding, ...]:
        """The content as XML, or all that keeps it from being read as such."""
        return read_xml(self.content.inhoud, LIMITS.get(self.rules.form, LIMITS["xml"]))

    @property
    def xml(self) -> XmlContent | None:
        """The content as XML; None if it is none that can be read, or need not be any."""
        if "xml" not in self.rules.validators:
            return None
        return self.read if isinstance(self.read, XmlContent) else None

    @cached_property
    def instance(self) -> Instance | None:
        """The content as an XBRL instance; None if it is not one."""
        if self.xml is None or self.xml.root.tag != XBRL:
            return None
        return Instance(self.xml, self.content.bestandsnaam)

    @cached_property
    def report(self) -> Report | None:
        """The content as a report package or a lone inline document; None if it need not be one."""
        if self.rules.form != "report-package":
            return None
        return read_report(self.content.inhoud, self.content.bestandsnaam)
