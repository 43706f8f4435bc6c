"""The console: pages for people, made on the server, usable without scripts."""

from __future__ import annotations

from digipoort_sim.web.console.table import console_operations, failure_page

__all__ = ["console_operations", "failure_page"]
