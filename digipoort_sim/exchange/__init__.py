"""The post office: accepting, the status table, jobs, routing, and what was fetched by whom."""

from __future__ import annotations

from digipoort_sim.exchange.clockrow import read_clock
from digipoort_sim.exchange.office import PostOffice
from digipoort_sim.exchange.scheduler import Scheduler
from digipoort_sim.exchange.tickets import Staged

__all__ = ["PostOffice", "Scheduler", "Staged", "read_clock"]
