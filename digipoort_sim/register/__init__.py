"""The mandate register: one table of states, terms and rules."""

from __future__ import annotations

from digipoort_sim.register.listing import MandateFilter
from digipoort_sim.register.messages import (
    MandateMessage,
    MessageKind,
    parse_mandate_message,
    render_mandate_message,
)
from digipoort_sim.register.paper import PaperForm
from digipoort_sim.register.register import Register
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.values import Consequences, Due, HistoryEntry, Letter, Mandate, Outcome

__all__ = [
    "Consequences",
    "Due",
    "Event",
    "HistoryEntry",
    "Letter",
    "Mandate",
    "MandateFilter",
    "MandateMessage",
    "MessageKind",
    "Outcome",
    "PaperForm",
    "Register",
    "State",
    "parse_mandate_message",
    "render_mandate_message",
]
