"""The file door: FTPS with accounts and client certificates, and the courier that carries the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digipoort_sim.ftp.profile import Profile, load_profile, profile_names

if TYPE_CHECKING:
    from digipoort_sim.ftp.door import FtpDoor

__all__ = ["FtpDoor", "Profile", "load_profile", "profile_names"]


def __getattr__(name: str) -> Any:
    """The door itself is imported when it is asked for: clients only want to know how files are named."""
    if name == "FtpDoor":
        from digipoort_sim.ftp.door import FtpDoor

        return FtpDoor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
