"""The control API's view of the profiles of the file interfaces."""

from __future__ import annotations

from digipoort_sim.web.file_profile_fields import profiles_fields
from digipoort_sim.web.operations import Asked, Operation, Reply, as_json


def file_profile_operations(base: str) -> tuple[Operation, ...]:
    """The one operation: it only reads."""
    return (
        Operation(
            "GET",
            f"{base}/ftp/profiles",
            "The rules of the file interfaces, each row with its provenance and origin",
            list_profiles,
            "FtpProfile",
            many=True,
        ),
    )


def list_profiles(asked: Asked) -> Reply:
    """The profiles in force since the start, and those that come along besides."""
    return as_json(profiles_fields(asked.rooms.file_profiles))
