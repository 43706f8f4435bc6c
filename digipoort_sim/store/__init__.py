"""Tables, sessions and migrations on SQLite or PostgreSQL."""

from __future__ import annotations

from digipoort_sim.store.inserting import Inserter
from digipoort_sim.store.store import Store

__all__ = ["Inserter", "Store"]
