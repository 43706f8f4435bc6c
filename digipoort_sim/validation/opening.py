"""Opening a validator by the settings: schemas, taxonomies, and whether the catalogue can use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.config import Settings
from digipoort_sim.errors import ConfigError
from digipoort_sim.resources import schemas
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.packages.folder import packages_at_hand
from digipoort_sim.validation.pipeline import CHECKS, Validator
from digipoort_sim.validation.schema.check import SchemaStore
from digipoort_sim.validation.taxonomy.arelle_taxonomies import ArelleTaxonomies
from digipoort_sim.validation.xml_forms import has_places

_OF_XML = ("xml",)
_OF_REPORT = ("package",)
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("xbrl", "entrypoint", "scheme", "filing-rules", "schema", "identity"), _OF_XML),
    **dict.fromkeys(("mandate-form", "mandate-schema", "mandate", "business"), _OF_XML),
    **dict.fromkeys(("root", "instance-schema"), _OF_XML),
    **dict.fromkeys(("inline", "report-identity"), _OF_REPORT),
    "taxonomy": (*_OF_XML, *_OF_REPORT),
}
"""Validators that see nothing unless one of others comes before them."""


@dataclass(frozen=True)
class OpenValidator:
    """A validator with what it holds.

    Attributes:
        taxonomies: to be started and closed; nothing runs before.
        taxonomies_folder: the user's packages.
    """

    validator: Validator
    taxonomies: ArelleTaxonomies
    taxonomies_folder: Path

    def warm(self) -> None:
        """Start the processes of the taxonomies ahead, if the user has packages; returns at once.

        Raises:
            TechnicalError: they cannot be started.
        """
        if any(self.taxonomies_folder.glob("*.[zZ][iI][pP]")):
            self.taxonomies.start()

    def close(self) -> None:
        """End the processes of the taxonomies."""
        self.taxonomies.close()


def open_validator(settings: Settings, catalogue: Catalogue) -> OpenValidator:
    """The validator of a server or a command; no process is started.

    Raises:
        ConfigError: a berichtsoort names a validator that is none, one before what it needs, or a schema that
            is not there.
    """
    folder = settings.schemas_folder()
    check_catalogue(catalogue, folder)
    packages = packages_at_hand(settings.taxonomies_folder())
    taxonomies = ArelleTaxonomies(packages, settings.validation)
    limit = settings.validation.max_taxonomy_bytes
    validator = Validator((folder,), taxonomies, limit, catalogue.bedrijfsregels, packages)
    return OpenValidator(validator, taxonomies, settings.taxonomies_folder())


def check_catalogue(catalogue: Catalogue, schema_folder: Path) -> None:
    """Check that validation can do what the rows of the berichtsoorten ask of it.

    Args:
        schema_folder: where XSDs are looked for, before the project's own ``schemas/``.

    Raises:
        ConfigError: as `open_validator`.
    """
    folders = (schema_folder, schemas())
    store = SchemaStore(folders)
    for row in catalogue.berichtsoorten.values():
        for fault in _faults(row):
            raise ConfigError(f"berichtsoorten.toml [{row.name}].validators: {fault}", rule="CATALOGUE")
        is_known = not has_places(row.schema)  # else its name follows from the content
        if row.schema and is_known and store.path(row.schema) is None:
            places = " or ".join(map(str, folders))
            detail = f"there is no schema {row.schema!r} in {places}; put it there, or leave the field out"
            raise ConfigError(f"berichtsoorten.toml [{row.name}].schema: {detail}", rule="CATALOGUE")


def _faults(row: Berichtsoort) -> Iterator[str]:
    before: set[str] = set()
    for name in rules_of(row).validators:
        if name not in CHECKS:
            yield f"{name!r} is no validator; known are: {', '.join(CHECKS)}"
        needed = NEEDS.get(name, ())
        if needed and before.isdisjoint(needed):
            yield f"{name!r} needs {' or '.join(map(repr, needed))} before it"
        before.add(name)
