"""Opening a validator: what of the catalogue it cannot use is told before anything is served."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import Settings, ValidationSettings
from digipoort_sim.errors import ConfigError
from digipoort_sim.server import open_inner
from digipoort_sim.validation.content_rules import VALIDATORS, rules_of
from digipoort_sim.validation.opening import NEEDS, check_catalogue, open_validator
from digipoort_sim.validation.packages.zipping import zip_folder
from digipoort_sim.validation.pipeline import CHECKS
from digipoort_sim.validation.subject import Delivered, Part
from tests.taxonomies.bench import NEEDS_ARELLE
from tests.taxonomies.generator import PACKAGE
from tests.validation.samples import WAGES

ROWS = load_catalogue()


def with_row(**changes: Any) -> Any:
    """The catalogue with another row of Aangifte_LH."""
    row = replace(ROWS.berichtsoorten["Aangifte_LH"], **changes)
    return replace(ROWS, berichtsoorten={**ROWS.berichtsoorten, row.name: row})


def test_the_built_in_catalogue_can_be_used(tmp_path: Path) -> None:
    """All rows of it, and every validator is known by the name that others need."""
    check_catalogue(ROWS, tmp_path)
    assert set(NEEDS) | {needed for names in NEEDS.values() for needed in names} <= set(CHECKS)
    assert all(set(names) <= set(CHECKS) for names in VALIDATORS.values())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"validators": ("media", "xmll")}, r"\[Aangifte_LH\].validators: 'xmll' is no validator; known are"),
        ({"validators": ("identity", "xml")}, r"\[Aangifte_LH\].validators: 'identity' needs 'xml' before"),
        ({"validators": ("taxonomy",)}, "'taxonomy' needs 'xml' or 'package' before it"),
        ({"schema": "no-such.xsd"}, r"\[Aangifte_LH\].schema: there is no schema 'no-such.xsd' in "),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    """An unknown validator, one before what it needs, and a schema that is not there are named with their
    line and what to do.
    """
    with pytest.raises(ConfigError, match=said):
        check_catalogue(with_row(**changes), tmp_path)


def test_a_server_does_not_start_with_it(tmp_path: Path) -> None:
    """The rooms are not opened with a catalogue that asks for a validator that there is not."""
    (tmp_path / "berichtsoorten.toml").write_text('[TEST]\nvalidators = ["medium"]\n')
    with pytest.raises(ConfigError, match="'medium' is no validator"):
        open_inner(Settings(state=tmp_path / "state", catalogue=tmp_path))


def test_the_users_folder_of_schemas_counts(tmp_path: Path) -> None:
    """A schema is found in schemas/ of the state directory, or in the folder of the settings."""
    schema = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>'
    for settings in (
        Settings(state=tmp_path),
        Settings(state=Path("/nowhere"), validation=ValidationSettings(schemas=tmp_path / "schemas")),
    ):
        (tmp_path / "schemas").mkdir(exist_ok=True)
        (tmp_path / "schemas" / "a.xsd").write_text(schema)
        opened = open_validator(settings, with_row(schema="a.xsd"))
        delivered = Delivered(Part(b"<b/>", "text/xml", "a.xml"), replace(WAGES, schema="a.xsd"))
        assert not opened.validator.check(delivered).valid
        opened.close()


def test_no_process_is_started_without_packages(tmp_path: Path) -> None:
    """A server whose user has no taxonomy packages starts nothing for them."""
    opened = open_validator(Settings(state=tmp_path), ROWS)
    opened.warm()
    assert opened.taxonomies.pids() == ()
    opened.close()


@pytest.mark.heavy
@NEEDS_ARELLE
def test_processes_are_warm_before_the_first_message(tmp_path: Path) -> None:
    """Who has a package has all processes started at once, and the first message finds them."""
    settings = Settings(state=tmp_path, validation=ValidationSettings(processes=2))
    settings.taxonomies_folder().mkdir()
    zip_folder(PACKAGE, settings.taxonomies_folder() / "proef.zip")
    opened = open_validator(settings, ROWS)
    opened.warm()
    warm = opened.taxonomies.pids()
    assert len(warm) == 2
    sample = PACKAGE / "voorbeelden" / "ob-aangifte-2026.xbrl"
    part = Part(sample.read_bytes(), "text/xml", sample.name)
    rules = rules_of(ROWS.berichtsoorten["Omzetbelasting"])
    assert opened.validator.check_all(Delivered(part, rules)).valid
    assert opened.taxonomies.pids() == warm
    opened.close()
    assert opened.taxonomies.pids() == ()
