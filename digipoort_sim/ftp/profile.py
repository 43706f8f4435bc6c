"""The rules of a file interface, which lie in the catalogue where the web door sees them too."""

from __future__ import annotations

from digipoort_sim.catalogue.file_profiles import Profile, load_profile, profile_names
from digipoort_sim.catalogue.file_profiles.profile import SessionReuse, TlsVersion

__all__ = ["Profile", "SessionReuse", "TlsVersion", "load_profile", "profile_names"]
