"""The profiles of the file interfaces: everything that the sources do not settle, each value labelled."""

from __future__ import annotations

from digipoort_sim.catalogue.file_profiles.profile import Profile, ProfileRow
from digipoort_sim.catalogue.file_profiles.reading import load_profile, profile_names, profiles_in_force

__all__ = ["Profile", "ProfileRow", "load_profile", "profile_names", "profiles_in_force"]
