"""The file door for attackers: the parts of its own tests."""

from __future__ import annotations

from tests.ftp.conftest import bad_files, client_files, door, lines, pki, profile, rooms, settings, simulated

__all__ = ["bad_files", "client_files", "door", "lines", "pki", "profile", "rooms", "settings", "simulated"]
