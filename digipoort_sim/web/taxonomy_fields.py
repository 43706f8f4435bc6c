"""Taxonomy packages as the control API and the command line show them."""

from __future__ import annotations

from typing import Final

from digipoort_sim.validation.packages.folder import built_in
from digipoort_sim.validation.packages.package import Package
from digipoort_sim.web.fields import Fields

TAXONOMY_SCHEMA: Final[dict[str, tuple[str, ...]]] = {
    "package": ("string",),
    "path": ("string",),
    "builtIn": ("boolean",),
    "usable": ("boolean",),
    "problems": ("array",),
    "identifier": ("string",),
    "name": ("string",),
    "version": ("string",),
    "publisher": ("string",),
    "publicationDate": ("string",),
    "entrypoints": ("array",),
}
"""The fields with their JSON types."""


def package_fields(package: Package) -> Fields:
    """All that is known of a package."""
    return {
        "package": package.path.name,
        "path": str(package.path),
        "builtIn": package.path in built_in(),
        "usable": package.usable,
        "problems": [{"text_nl": one.text_nl, "text_en": one.text_en} for one in package.problems],
        "identifier": package.identifier,
        "name": package.name,
        "version": package.version,
        "publisher": package.publisher,
        "publicationDate": package.publication_date,
        "entrypoints": [
            {"name": entry.name, "document": entry.document, "present": entry.present}
            for entry in package.entrypoints
        ],
    }
