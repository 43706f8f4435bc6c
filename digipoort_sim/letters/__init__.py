"""The letters of the register, rendered as a person would get them."""

from __future__ import annotations

from digipoort_sim.letters.rendering import Letters

__all__ = ["Letters"]
