"""XML that is not XBRL: its root element, and the XSD that belongs to it by its year and version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from digipoort_sim.errors import ConfigError
from digipoort_sim.resources import schemas
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.subject import Subject
from digipoort_sim.validation.xml_content import place_of

_YEAR: Final = re.compile(r"/([0-9]{4})(?:/|\Z)")
_VERSION: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_PLACES: Final = ("{jaar}", "{versie}")


def root_findings(subject: Subject) -> Iterator[Finding]:
    """Whether the root element is that of the berichtsoort.

    Raises:
        ConfigError: the catalogue's regular expression is none.
    """
    xml, wanted = subject.xml, subject.rules.root
    if xml is None or not wanted:
        return
    found = str(xml.root.tag)
    try:
        fits = re.fullmatch(wanted, found)
    except re.error as error:
        raise ConfigError(
            f"The root {wanted} in the catalogue cannot be used: {error}.", rule="ROOT"
        ) from error
    if fits is None:
        nl, en = (f"{text} {shown(found, 200)}" for text in ("Het rootelement is", "The root element is"))
        form = _readable(wanted)
        yield Finding(
            "XML-ROOT",
            "error",
            *place_of(xml, xml.root),
            f"{nl}, niet {form}.",
            f"{en}, not {form}.",
            "published",
        )


def schema_findings(subject: Subject) -> Iterator[Finding]:
    """What the XSD of the berichtsoort has against the content; nothing if there is none for its year.

    Raises:
        ConfigError: the schema cannot be used.
    """
    name = schema_name(subject)
    if subject.xml is not None and name is not None:
        yield from subject.schemas.findings(name, subject.xml)


def schema_name(subject: Subject) -> str | None:
    """The XSD for the content, with its year and version filled in; None if there is none for these."""
    name, xml = subject.rules.schema, subject.xml
    if not name or xml is None or not has_places(name):
        return name
    namespace = str(xml.root.tag).rpartition("}")[0]
    year, version = _YEAR.search(namespace), _VERSION.fullmatch(str(xml.root.get("version") or ""))
    if year is None or ("{versie}" in name and version is None):
        return None
    filled = name.replace("{jaar}", year[1]).replace("{versie}", version[0] if version else "")
    return filled if subject.schemas.path(filled) is not None else None


def has_places(schema: str) -> bool:
    """Whether the name of a schema depends on the content: a year without one is then no mistake."""
    return any(place in schema for place in _PLACES)


def schema_not_checked(subject: Subject) -> Iterator[str]:
    """Keys of `NOT_CHECKED` about the XSD: there is none, or only our own of the outer form."""
    name = schema_name(subject)
    path = subject.schemas.path(name) if name else None
    if not name:
        yield "XSD"
    elif path is not None and path.is_relative_to(schemas()):
        yield "XSD-OFFICIEEL"


def _readable(pattern: str) -> str:
    """A regular expression for a name, as people write one."""
    return re.sub(r"\\([.{}/])", r"\1", pattern).replace("[0-9]{4}", "<jaar>").replace("[0-9]{2}", "<nr>")
