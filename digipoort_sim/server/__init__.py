"""Puts the doors, the post office and the store together into one running simulator."""

from __future__ import annotations

from digipoort_sim.server.endpoints import Endpoints
from digipoort_sim.server.inner import open_inner
from digipoort_sim.server.running import run

__all__ = ["Endpoints", "open_inner", "run"]
