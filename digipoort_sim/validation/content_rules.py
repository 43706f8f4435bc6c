"""What the content of a berichtsoort must be, as far as validation needs to know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from digipoort_sim.catalogue.mandate_messages import MessageKind, identifier_scheme
from digipoort_sim.catalogue.rows import Berichtsoort

_TYPES_OF_NUMBER = ("BSN", "RSIN", "Fi", "BTW", "KvK", "LHnr", None)
_MANDATE_SCHEMES = tuple(identifier_scheme(soort) for soort in _TYPES_OF_NUMBER)


VALIDATORS: Final = {
    "any": ("media", "attachments"),
    "xml": ("media", "attachments", "xml", "root", "schema", "business", "identity"),
    "xbrl": (
        *("media", "attachments", "xml", "xbrl", "instance-schema", "entrypoint", "scheme", "filing-rules"),
        *("business", "taxonomy", "identity"),
    ),
    "mandate": (
        *(
            "media",
            "attachments",
            "xml",
            "mandate-form",
            "mandate-schema",
            "entrypoint",
            "scheme",
            "filing-rules",
        ),
        *("mandate", "identity"),
    ),
    "report-package": ("media", "attachments", "package", "inline", "taxonomy", "report-identity"),
}
"""The checks of a form, where the berichtsoort has none of its own.

Mandate messages go without "taxonomy": their XSD says the same as it, in a thousandth of the time.
"""


@dataclass(frozen=True, slots=True)
class ContentRules:
    """The rules of one berichtsoort for its content.

    Args:
        berichtsoort: its name.
        form: what the content is checked as; ``any`` is only compared with its mimeType.
        entrypoint_pattern: regular expression that the whole file name of the schemaRef must match.
        schema: XSD for the form ``xml``: an absolute path, or one relative to ``schemas/``; it may hold
            ``{jaar}`` and ``{versie}``.
        root: regular expression that the whole name of the root must match, as ``{namespace}name``.
        identity_schemes: schemes that the entity identifier may have; empty = any.
        identity_xpath: where the identity stands in content that is XML but not XBRL.
        mime_types: mimeTypes that are allowed; empty = any that fits the form.
        mandate_kind: which mandate message it is, for the form ``mandate``.
        attachments: how many bijlagen may go with it.
        attachment_types: mimeTypes of those, in small letters; empty = any.
        validators: names of the checks, in their order; empty = those of the form.
    """

    berichtsoort: str
    form: Literal["xbrl", "xml", "any", "mandate", "report-package"]
    entrypoint_pattern: str | None = None
    schema: str | None = None
    root: str | None = None
    identity_schemes: tuple[str, ...] = ()
    identity_xpath: str | None = None
    mime_types: tuple[str, ...] = ()
    mandate_kind: MessageKind | None = None
    attachments: int = 0
    attachment_types: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.validators:
            object.__setattr__(self, "validators", VALIDATORS[self.form])


def rules_of(berichtsoort: Berichtsoort) -> ContentRules:
    """The content rules that a row of the catalogue stands for."""
    mandate = MessageKind(berichtsoort.mandate) if berichtsoort.mandate else None
    schemes = (berichtsoort.identity_scheme,) if berichtsoort.identity_scheme else ()
    return ContentRules(
        berichtsoort=berichtsoort.name,
        form=berichtsoort.form,
        entrypoint_pattern=berichtsoort.entrypoint or None,
        identity_schemes=_MANDATE_SCHEMES if mandate else schemes,
        identity_xpath=berichtsoort.identity_xpath or None,
        schema=berichtsoort.schema or None,
        root=berichtsoort.root or None,
        validators=berichtsoort.validators,
        mime_types=berichtsoort.mime_types,
        mandate_kind=mandate,
        attachments=berichtsoort.attachments,
        attachment_types=tuple(map(str.lower, berichtsoort.attachment_types)),
    )
