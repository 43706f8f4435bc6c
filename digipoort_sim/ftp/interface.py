"""One file interface: its key, its rules and where its files lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.ftp.file_name import NameRule
from digipoort_sim.ftp.folders import Homes
from digipoort_sim.ftp.profile import Profile

GB = "ftp_gb"
"""The interface for large messages."""


@dataclass(frozen=True)
class Interface:
    """What a session, the courier and the ledger know a file interface by.

    Attributes:
        key: ``ftp`` or ``ftp_gb``, as in the settings and in ``endpoints.json``.
    """

    key: str
    profile: Profile
    names: NameRule
    homes: Homes


def open_interfaces(
    state: Path, catalogue: Catalogue, profiles: Mapping[str, Profile]
) -> dict[str, Interface]:
    """All file interfaces by their key.

    Args:
        profiles: the rules by the interface's key.

    Raises:
        ConfigError: a profile does not go with the catalogue.
    """
    interfaces = {}
    for key, profile in profiles.items():
        homes = Homes(state, key, profile.in_folder, profile.out_folder)
        interfaces[key] = Interface(key, profile, NameRule(profile, catalogue), homes)
    return interfaces
