"""Tables, sessions and migrations on SQLite or PostgreSQL."""

from __future__ import annotations

from digipoort_sim.store.prepared import Prepared
from digipoort_sim.store.store import Store

__all__ = ["Prepared", "Store"]
