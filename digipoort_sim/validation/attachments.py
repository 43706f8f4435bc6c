"""The bijlagen of a delivery: how many and of which kinds its berichtsoort takes, and whether they are that.

Which attachments a real berichtsoort takes is not public; the catalogue's columns are the simulator's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.media import plain_media, unlike_media, unlike_name
from digipoort_sim.validation.signatures import XML, kind_of_media
from digipoort_sim.validation.subject import Part, Subject
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml


def attachment_findings(subject: Subject) -> Iterator[Finding]:
    """All that is wrong with the attachments; the texts begin with the name of the one they are about."""
    bijlagen, rules = subject.delivered.bijlagen, subject.rules
    if len(bijlagen) > rules.attachments:
        yield _error(
            "BIJLAGEN",
            f"Er zijn {len(bijlagen)} bijlagen; voor {rules.berichtsoort} mogen het er hoogstens "
            f"{rules.attachments} zijn.",
            f"There are {len(bijlagen)} attachments; {rules.berichtsoort} takes at most {rules.attachments}.",
        )
    for bijlage in bijlagen:
        name = shown(bijlage.bestandsnaam, 80)
        for finding in _of_one(bijlage, rules):
            nl, en = f"Bijlage {name}: {finding.text_nl}", f"Attachment {name}: {finding.text_en}"
            yield replace(finding, text_nl=nl, text_en=en)


def _of_one(bijlage: Part, rules: ContentRules) -> Iterator[Finding]:
    media = plain_media(bijlage.mime_type)
    allowed = rules.attachment_types
    if allowed and media not in allowed:
        types = ", ".join(allowed)
        yield _error(
            "BIJLAGEN-TYPES",
            f"Het mimeType {shown(media)} is voor bijlagen van {rules.berichtsoort} niet toegestaan; "
            f"toegestaan: {types}.",
            f"The mimeType {shown(media)} is not allowed for attachments of {rules.berichtsoort}; "
            f"allowed: {types}.",
        )
    if not bijlage.inhoud:
        yield _error("EMPTY", "De bijlage is leeg.", "The attachment is empty.")
        return
    yield from unlike_media(bijlage)
    yield from unlike_name(bijlage)
    if kind_of_media(media) is XML:
        read = read_xml(bijlage.inhoud, LIMITS["xml"])
        yield from () if isinstance(read, XmlContent) else read


def _error(rule: str, nl: str, en: str) -> Finding:
    return Finding(rule, "error", 0, 0, nl, en, "simulator")
