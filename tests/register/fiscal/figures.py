"""Figures in few words, for the tests of the sums."""

from __future__ import annotations

from decimal import Decimal

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.register.fiscal import (
    Category,
    Figures,
    PermitKind,
    Rules,
    Security,
    Transaction,
    TransactionKind,
    calculate_security,
)

RULES = Rules(load_catalogue().fiscal)
GENERAL, LIMITED = PermitKind.GENERAL, PermitKind.LIMITED
SUPPLY, SERVICE = TransactionKind.SUPPLY, TransactionKind.SERVICE
ACQUISITION, IMPORT = TransactionKind.ACQUISITION, TransactionKind.IMPORT


def row(kind: TransactionKind, amount: int | str, rate: int | None = 21, **more: object) -> Transaction:
    """A transaction; a rate of None is exempt."""
    return Transaction(kind, Decimal(amount), None if rate is None else Decimal(rate), **more)  # type: ignore[arg-type]


def figures(
    kind: PermitKind,
    *rows: Transaction,
    months: int = 1,
    paid: int | str = 0,
    category: int = 2,
    inspector: int | None = None,
) -> Figures:
    """The figures of one month unless it is said otherwise; a category of 3 is both, 0 none."""
    categories = frozenset(c for c in Category if category & c)
    higher = None if inspector is None else Decimal(inspector)
    return Figures(kind, months, categories, Decimal(paid), rows, higher)


def secure(kind: PermitKind, *rows: Transaction, **more: int | str) -> Security:
    """The security for these figures."""
    return calculate_security(RULES, figures(kind, *rows, **more))  # type: ignore[arg-type]


def rules_of(security: Security) -> list[str]:
    """The rules of its lines, in order."""
    return [step.rule for step in security.steps]
