"""Fiscal representatives: the security for their permits, their liability, and the permits themselves."""

from __future__ import annotations

from digipoort_sim.register.fiscal.liability import calculate_liability
from digipoort_sim.register.fiscal.security import calculate_security
from digipoort_sim.register.fiscal.sums import Rules
from digipoort_sim.register.fiscal.values import (
    Assessment,
    Category,
    Figures,
    Liability,
    PermitKind,
    Security,
    Step,
    Transaction,
    TransactionKind,
)

__all__ = [
    "Assessment",
    "Category",
    "Figures",
    "Liability",
    "PermitKind",
    "Rules",
    "Security",
    "Step",
    "Transaction",
    "TransactionKind",
    "calculate_liability",
    "calculate_security",
]
