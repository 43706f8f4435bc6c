"""Tables of codes, berichtsoorten, diensten and scenarios, each line with its provenance.

The tables are TOML files in ``data/``. A user's own folder (setting ``catalogue``) may hold files of the
same names: their lines replace the lines with the same key, field by field, and add new ones.
"""

from __future__ import annotations

from digipoort_sim.catalogue.loading import Catalogue, load_catalogue
from digipoort_sim.catalogue.rows import (
    Agency,
    Berichtsoort,
    Dienst,
    Fault,
    FileScenario,
    FiscalRule,
    Flow,
    MandateOutcome,
    OinRegister,
    Provenance,
    Rule,
    Scenario,
    ScenarioStep,
    StatusCode,
)

__all__ = [
    "Agency",
    "Berichtsoort",
    "Catalogue",
    "Dienst",
    "Fault",
    "FileScenario",
    "FiscalRule",
    "Flow",
    "MandateOutcome",
    "OinRegister",
    "Provenance",
    "Rule",
    "Scenario",
    "ScenarioStep",
    "StatusCode",
    "load_catalogue",
]
