"""The control API, ``/api/v1/``: one table of operations, and its description made from that table."""

from __future__ import annotations

from digipoort_sim.web.api.table import api_operations

__all__ = ["api_operations"]
