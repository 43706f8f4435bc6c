"""Simulated receivers and the service messages that they make."""

from __future__ import annotations

from digipoort_sim.agencies.agencies import Agencies, Condition, Conditions, conditions_of
from digipoort_sim.agencies.figures import ON_DEMAND
from digipoort_sim.agencies.responsemessage import (
    NOT_PROCESSABLE,
    PROCESSABLE,
    responsemessage,
    stub_responsemessage,
)
from digipoort_sim.agencies.values import AgencyAnswer, ServiceMessage

__all__ = [
    "NOT_PROCESSABLE",
    "ON_DEMAND",
    "PROCESSABLE",
    "Agencies",
    "AgencyAnswer",
    "Condition",
    "Conditions",
    "ServiceMessage",
    "conditions_of",
    "responsemessage",
    "stub_responsemessage",
]
