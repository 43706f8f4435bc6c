"""The portal Machtigingenregister: what clients and intermediaries see and revoke in the browser."""

from __future__ import annotations

from digipoort_sim.web.portal.table import portal_operations
from digipoort_sim.web.portal.visit import PATH, Portal, failure_in_portal

__all__ = ["PATH", "Portal", "failure_in_portal", "portal_operations"]
