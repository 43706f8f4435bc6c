"""What the sums about fiscal representatives are about: permits, transactions, assessments, steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum

from digipoort_sim.catalogue import Provenance


class PermitKind(StrEnum):
    """The two permits (algemene and beperkte vergunning)."""

    GENERAL = "general"
    LIMITED = "limited"


class Category(IntEnum):
    """What a permit is for: bulk goods, semi-finished products and means of production, or all else."""

    ONE = 1
    TWO = 2


class TransactionKind(StrEnum):
    """The kinds of transaction that the base counts."""

    SUPPLY = "supply"
    SERVICE = "service"
    ACQUISITION = "acquisition"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction, or several of one kind taken together.

    Attributes:
        amount: in euros without VAT; below zero for a correction, which names no goods.
        rate: the rate that applied, in percent; None if it was exempt.
        ordinary: the rate at which it would be taxed if it were not exempt or at 0 %; None if that of
            the catalogue (21 %).
        goods: what identifies the goods; those with the same text are the same goods.
        category: of the goods; None if the permit as a whole says it. Services are always category 2.
        responsible: whether the representative is responsible for it, which counts for a limited permit.
    """

    kind: TransactionKind
    amount: Decimal
    rate: Decimal | None
    ordinary: Decimal | None = None
    goods: str | None = None
    category: Category | None = None
    responsible: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """What the security is calculated from.

    Attributes:
        months: how many months the figures cover.
        categories: of the permit as a whole; those of the transactions come on top.
        paid: VAT paid over these months after deduction of input tax; below zero for a refund.
        inspector: the higher amount that the inspector sets at a heightened risk of fraud.
    """

    kind: PermitKind
    months: int = 12
    categories: frozenset[Category] = frozenset()
    paid: Decimal = Decimal(0)
    transactions: tuple[Transaction, ...] = ()
    inspector: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a sum that is written out.

    Attributes:
        rule: key of the catalogue's table ``fiscal``.
        nl: the line in Dutch, its amounts included.
        en: the same in English.
        amount: what the line comes to, in euros; None if it has no amount.
    """

    rule: str
    provenance: Provenance
    nl: str
    en: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Security:
    """The security for a permit, and how it came about.

    Attributes:
        category: the one whose maximum applies.
        base: the VAT amount of which a percentage is taken.
        amount: the security in euros.
    """

    kind: PermitKind
    category: Category
    base: Decimal
    amount: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment of the client over a calendar year, in euros.

    Attributes:
        client: number of the client; None where there is only one.
    """

    year: int
    tax: Decimal
    interest: Decimal = Decimal(0)
    fines: Decimal = Decimal(0)
    client: str | None = None

    @property
    def total(self) -> Decimal:
        """Tax, interest and fines together."""
        return self.tax + self.interest + self.fines


@dataclass(frozen=True, slots=True)
class Liability:
    """For how much of its clients' debts a representative is jointly liable.

    Attributes:
        security: the security as set.
        due: all assessments together.
        liable: for how much the representative is liable.
        covered: how much of that the security can cover.
    """

    kind: PermitKind
    security: Decimal
    due: Decimal
    liable: Decimal
    covered: Decimal
    steps: tuple[Step, ...]
