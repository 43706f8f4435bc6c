"""``explain``: the verdict of every rule on a message that was captured, without a server."""

from __future__ import annotations

from digipoort_sim.wus.explaining.certificate import Anchors
from digipoort_sim.wus.explaining.explanation import Explainer, Explanation
from digipoort_sim.wus.explaining.moment import moment_of
from digipoort_sim.wus.explaining.request import Endpoint
from digipoort_sim.wus.explaining.source import Message, UnreadableError, largest_file, read_message
from digipoort_sim.wus.explaining.tally import RuleVerdict

__all__ = [
    "Anchors",
    "Endpoint",
    "Explainer",
    "Explanation",
    "Message",
    "RuleVerdict",
    "UnreadableError",
    "largest_file",
    "moment_of",
    "read_message",
]
