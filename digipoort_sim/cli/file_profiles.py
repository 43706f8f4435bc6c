"""``ftp profiles`` and ``ftp profile``: the rules of the file interfaces, and how sure each of them is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from digipoort_sim.cli.choices import NO_STATE, AsJson, ConfigFile, State

if TYPE_CHECKING:
    from digipoort_sim.config import Settings

_COLUMNS = ("key", "value", "provenance", "origin", "note")


def register(group: typer.Typer) -> None:
    """Add ``ftp profiles`` and ``ftp profile``."""
    group.command("profiles")(_profiles)
    group.command("profile")(_profile)


def _profiles(state: State = NO_STATE, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List the profiles in force.

    With each how many of its rows are how sure.
    """
    from digipoort_sim.cli.printing import print_json, print_rows

    found = _in_force(state, config)
    if as_json:
        print_json(found)
        return
    rows = [_summary(profile) for profile in found]
    print_rows(rows, tuple(rows[0]), as_json=False, empty="")


def _profile(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE|ftp|ftp_gb",
            help="A profile, a file of your own to be checked, or the one in force on an interface.",
        ),
    ] = "ftp",
    state: State = NO_STATE,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show every row of a profile.

    With provenance, origin and note; a file of your own is checked so.
    """
    from digipoort_sim.cli.printing import print_json, print_rows

    if name in ("ftp", "ftp_gb"):
        found = next(profile for profile in _in_force(state, config) if profile["interface"] == name)
    else:
        found = _by_name(name, state, config)
    if as_json:
        print_json(found)
        return
    where = f", in force on {found['interface']}" if found["interface"] else ""
    print(f"{found['name']}: {found['title']}{where}\n")
    rows = [{**row, "value": _readable(row["value"])} for row in found["rows"]]
    print_rows(rows, _COLUMNS, as_json=False, empty="")


def _readable(value: object) -> object:
    """A table in a row as a person reads it: each of its keys with what stands there."""
    if not isinstance(value, dict):
        return value
    return "; ".join(
        f"{key}: {', '.join(one) if isinstance(one, list) else one}" for key, one in value.items()
    )


def _by_name(name: str, state: Path, config: Path | None) -> dict[str, Any]:
    from digipoort_sim.catalogue import load_catalogue
    from digipoort_sim.catalogue.file_profiles import load_profile
    from digipoort_sim.config import FtpSettings
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.ftp.file_name import NameRule
    from digipoort_sim.web.file_profile_fields import profile_fields

    profile = load_profile(FtpSettings(profile=name))
    settings = load_settings({"state": state}, config_file=config)
    NameRule(profile, load_catalogue(settings.catalogue, settings.profiles))  # which checks its berichtsoort
    return profile_fields(profile, None)


def _in_force(state: Path, config: Path | None) -> list[dict[str, Any]]:
    """Those of the running server, or else those that the settings give."""
    from digipoort_sim.client.control import Control
    from digipoort_sim.client.endpoints import UnreachableError

    try:
        found: list[dict[str, Any]] = Control.find(state).get("ftp/profiles")
    except UnreachableError:
        return _by_settings(state, config)
    return found


def _by_settings(state: Path, config: Path | None) -> list[dict[str, Any]]:
    from digipoort_sim.catalogue.file_profiles import profiles_in_force
    from digipoort_sim.config_loading import load_settings
    from digipoort_sim.web.file_profile_fields import profiles_fields

    settings: Settings = load_settings({"state": state}, config_file=config)
    return profiles_fields(profiles_in_force(settings))


def _summary(profile: dict[str, Any]) -> dict[str, Any]:
    from digipoort_sim.catalogue import Provenance

    labels = [row["provenance"] for row in profile["rows"]]
    own = sum(not row["origin"].startswith("profile ") for row in profile["rows"])
    return {
        "interface": profile["interface"],
        "name": profile["name"],
        "title": profile["title"],
        "rows": len(labels),
        **{label: labels.count(label) for label in get_args(Provenance)},
        "own": own,
    }
