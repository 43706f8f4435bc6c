"""The console's page on the profiles of the file interfaces."""

from __future__ import annotations

from digipoort_sim.web.console.rendering import page
from digipoort_sim.web.file_profile_fields import profiles_fields
from digipoort_sim.web.operations import Asked, Operation, Reply


def file_profile_pages() -> tuple[Operation, ...]:
    """The one page: it only shows."""
    return (Operation("GET", "/profiles", "File profiles", profiles, "text/html"),)


def profiles(asked: Asked) -> Reply:
    """Every row of every profile, with how sure it is."""
    return page("profiles", title="File profiles", profiles=profiles_fields(asked.rooms.file_profiles))
