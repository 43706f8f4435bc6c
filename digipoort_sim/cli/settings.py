"""``config show`` and ``catalogue``: both work without a server."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, get_args

import typer

from digipoort_sim.cli.choices import AsJson, ConfigFile, StateIfGiven

_COLUMNS = {
    "statuses": ("code", "omschrijving", "final", "foutcode", "provenance"),
    "faults": ("code", "provenance", "text"),
    "berichtsoorten": ("name", "agency", "form", "direction", "provenance"),
    "diensten": ("code", "name", "agency", "term", "consent", "provenance"),
    "scenarios": ("aanleverkenmerk", "provenance", "summary"),
    "file_scenarios": ("aanleverkenmerk", "volgnummer", "kind", "provenance", "summary"),
    "flows": ("flow", "agency", "interface", "provenance", "berichtsoorten"),
    "agencies": ("key", "name", "oin", "provenance"),
    "oin_registers": ("prefix", "kind", "foreign", "provenance", "text_en"),
    "rules": ("id", "severity", "provenance", "summary"),
    "fiscal": ("key", "value", "provenance", "text_en"),
    "bedrijfsregels": ("id", "severity", "provenance", "berichtsoorten", "text_en"),
    "outcomes": ("key", "statuscode", "provenance", "text", "text_en"),
}


def register(app: typer.Typer) -> None:
    """Add ``config show`` and ``catalogue``."""
    config = typer.Typer(help="Settings.")
    config.command("show")(_show)
    config.callback()(_group)
    app.add_typer(config, name="config")
    app.command("catalogue")(_catalogue)


def _group() -> None:
    """Settings with their origin."""


def _show(
    ctx: typer.Context, state: StateIfGiven = None, config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Show every setting, its value and where the value comes from; passwords are masked."""
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.config_loading import load_settings, setting_rows
    from digipoort_sim.web.fields import fields_of

    settings = load_settings({"state": state or ctx.obj}, config_file=config)
    rows = [fields_of(row) for row in setting_rows(settings)]
    print_rows(rows, ("name", "value", "origin"), as_json=as_json, empty="")


def _catalogue(
    ctx: typer.Context,
    table: Annotated[
        str | None, typer.Argument(metavar="TABLE", help=f"One of: {', '.join(_COLUMNS)}.")
    ] = None,
    state: StateIfGiven = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the catalogue's tables, or one of them with how sure each line is (provenance)."""
    from digipoort_sim.catalogue import load_catalogue
    from digipoort_sim.cli.printing import print_rows
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.errors import ConfigError
    from digipoort_sim.web.fields import catalogue_rows

    if table is not None and table not in _COLUMNS:
        raise ConfigError(f"there is no table {table!r}; there are: {', '.join(_COLUMNS)}", rule="CATALOGUE")
    settings = load_settings({"state": state or ctx.obj}, config_file=config)
    catalogue = load_catalogue(settings.catalogue, settings.profiles)
    if table is None:
        rows = [_summary(name, catalogue_rows(catalogue, name)) for name in _COLUMNS]
        print_rows(rows, tuple(rows[0]), as_json=as_json, empty="")
        return
    print_rows(catalogue_rows(catalogue, table), _COLUMNS[table], as_json=as_json, empty="")


def _summary(table: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A table's name, and how many of its rows are how sure."""
    from digipoort_sim.catalogue import Provenance

    count = Counter(row["provenance"] for row in rows)
    return {"table": table, "rows": len(rows), **{label: count[label] for label in get_args(Provenance)}}
