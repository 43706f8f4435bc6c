"""The file door: FTPS with accounts and client certificates, and the courier that carries the files."""

from __future__ import annotations

from digipoort_sim.ftp.door import FtpDoor
from digipoort_sim.ftp.profile import Profile, load_profile, profile_names

__all__ = ["FtpDoor", "Profile", "load_profile", "profile_names"]
