"""The web door: control API and console."""

from __future__ import annotations

from digipoort_sim.web.door import WebDoor

__all__ = ["WebDoor"]
