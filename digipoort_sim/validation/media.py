"""Whether a content is what its mimeType and the extension of its bestandsnaam say.

A mimeType that is not allowed or does not fit is an error. A name that says something else is a warning:
whether Digipoort looks at names is not known, and what works there must work here.
"""

from __future__ import annotations

from collections.abc import Iterator

from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.signatures import (
    XML,
    Kind,
    agree,
    extension_of,
    is_markup,
    kind_of_content,
    kind_of_media,
    kind_of_name,
)
from digipoort_sim.validation.subject import Part


def media_findings(content: Part, rules: ContentRules) -> Iterator[Finding]:
    """What is wrong with the mimeType and the name of a berichtInhoud."""
    media = plain_media(content.mime_type)
    allowed = tuple(allowed.casefold() for allowed in rules.mime_types)
    if allowed and media not in allowed:
        yield _error(
            f"Het mimeType {shown(media)} is voor {rules.berichtsoort} niet toegestaan; "
            f"toegestaan: {', '.join(allowed)}.",
            f"The mimeType {shown(media)} is not allowed for {rules.berichtsoort}; "
            f"allowed: {', '.join(allowed)}.",
        )
    elif not allowed and rules.form != "any" and not (kind_of_media(media) is XML or media.endswith("+xml")):
        yield _error(
            f"Het mimeType {shown(media)} is geen XML, terwijl {rules.berichtsoort} XML moet zijn.",
            f"The mimeType {shown(media)} is not XML, but {rules.berichtsoort} must be XML.",
        )
    else:
        yield from unlike_media(content)
    yield from unlike_name(content)


def plain_media(mime_type: str) -> str:
    """A mimeType in small letters, without its parameters."""
    return mime_type.partition(";")[0].strip().casefold()


def unlike_media(part: Part) -> Iterator[Finding]:
    """An error if the content is not what its mimeType says."""
    media = plain_media(part.mime_type)
    said, found = kind_of_media(media), kind_of_content(part.inhoud)
    if said is not None and not agree(found, said):
        nl, en = _looks_like(found)
        yield _error(
            f"De inhoud is niet wat het mimeType {shown(media)} zegt ({said.nl}); {nl}.",
            f"The content is not what the mimeType {shown(media)} says ({said.en}); {en}.",
        )


def unlike_name(part: Part) -> Iterator[Finding]:
    """A warning if the extension of the name contradicts the content or the mimeType."""
    said = kind_of_name(part.bestandsnaam)
    if said is None:
        return
    extension = shown(extension_of(part.bestandsnaam), 20)
    found = kind_of_content(part.inhoud)
    media = plain_media(part.mime_type)
    by_media = kind_of_media(media)
    if not agree(found, said):
        nl, en = _looks_like(found)
        yield _warning(
            f"De bestandsnaam eindigt op .{extension} ({said.nl}); {nl}.",
            f"The bestandsnaam ends in .{extension} ({said.en}); {en}.",
        )
    elif by_media not in (None, said) and not (is_markup(said) and is_markup(by_media)):
        yield _warning(
            f"De bestandsnaam eindigt op .{extension} ({said.nl}), maar het mimeType is {shown(media)}.",
            f"The bestandsnaam ends in .{extension} ({said.en}), but the mimeType is {shown(media)}.",
        )


def _looks_like(found: Kind | None) -> tuple[str, str]:
    if found is None:
        return "de inhoud lijkt daar niet op", "the content does not look like it"
    return f"de inhoud lijkt {found.nl}", f"the content looks like {found.en}"


def _error(nl: str, en: str) -> Finding:
    return Finding("MIMETYPE", "error", 0, 0, nl, en, "simulator")


def _warning(nl: str, en: str) -> Finding:
    return Finding("NAAM-INHOUD", "warning", 0, 0, nl, en, "simulator")
