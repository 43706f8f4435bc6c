"""The profiles of the file interfaces as the control API, the console and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from digipoort_sim.catalogue.file_profiles import Profile, load_profile, profile_names
from digipoort_sim.config import FtpSettings
from digipoort_sim.web.fields import Fields, fields_of

FILE_PROFILE_SCHEMAS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "FtpProfile": {
        "interface": ("string", "null"),
        "name": ("string",),
        "title": ("string",),
        "rows": ("array",),
    },
}
"""The fields with their JSON types; ``interface`` is null for one that is not in force."""


def profile_fields(profile: Profile, interface: str | None) -> Fields:
    """A profile with all its rows: value, provenance, note and origin of each."""
    return {
        "interface": interface,
        "name": profile.name,
        "title": profile.title,
        "rows": [fields_of(row) for row in profile.rows()],
    }


def profiles_fields(in_force: Mapping[str, Profile]) -> list[Fields]:
    """The profiles in force by their interface, then those that come along and are not in force."""
    used = {profile.name for profile in in_force.values()}
    others = [load_profile(FtpSettings(profile=name)) for name in profile_names() if name not in used]
    return [
        *(profile_fields(profile, interface) for interface, profile in in_force.items()),
        *(profile_fields(profile, None) for profile in others),
    ]
