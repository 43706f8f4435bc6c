"""How much security a permit needs, with the sum written out.

Every rule is one of the published page on security of the tax administration, except where the catalogue's
table ``fiscal`` says otherwise. Every amount is rounded to cents where it is written, so that a person who
checks the sum on paper comes to the same end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal.money import checked_amount, euros_en, rounded
from digipoort_sim.register.fiscal.sums import Rules, WrittenSum, percent
from digipoort_sim.register.fiscal.values import (
    Category,
    Figures,
    PermitKind,
    Security,
    Transaction,
    TransactionKind,
)

MOST_TRANSACTIONS = 10_000
MOST_MONTHS = 120
LONGEST_GOODS = 100

_ZERO = Decimal("0.00")
_AS_IF_TAXED_LIMITED = (TransactionKind.IMPORT, TransactionKind.SUPPLY)
_NEVER_AS_IF_TAXED = {
    TransactionKind.SERVICE: "niet-als-belast-dienst",
    TransactionKind.ACQUISITION: "niet-als-belast-verwerving",
}


@dataclass(frozen=True, slots=True)
class _Counted:
    """A transaction with its place in the figures and the tax on it."""

    nr: int
    transaction: Transaction
    tax: Decimal


def calculate_security(rules: Rules, figures: Figures) -> Security:
    """The security for a permit.

    Raises:
        ConfigError: a figure cannot be, or there are too many; rules ``FISCAL-...``.
    """
    check_figures(rules, figures)
    with localcontext(prec=60):
        written = WrittenSum(rules)
        base = _base(rules, figures, written)
        category = _category(figures, written)
        amount = _within_bounds(rules, written, base, category)
        amount = _at_risk(rules, figures, written, amount, category)
        written.write("security", "afronding", amount)
    return Security(figures.kind, category, base, amount, written.steps())


def check_figures(rules: Rules, figures: Figures) -> None:
    """Whether the figures can be reckoned with.

    Raises:
        ConfigError: they cannot; the detail names the figure.
    """
    if not 1 <= figures.months <= MOST_MONTHS:
        raise ConfigError(f"months must be a whole number from 1 to {MOST_MONTHS}", rule="FISCAL-MONTHS")
    if len(figures.transactions) > MOST_TRANSACTIONS:
        raise ConfigError(f"more than {MOST_TRANSACTIONS} transactions", rule="FISCAL-TOO-MANY")
    checked_amount(figures.paid, "paid", negative=True)
    if figures.paid and figures.kind is PermitKind.LIMITED:
        raise ConfigError("paid (tax per quarter) counts for a general permit only", rule="FISCAL-PAID")
    if figures.inspector is not None:
        checked_amount(figures.inspector, "inspector")
    rates = rules.rates()
    for nr, transaction in enumerate(figures.transactions, 1):
        _check_transaction(transaction, f"transaction {nr}", rates)


def _check_transaction(row: Transaction, name: str, rates: tuple[Decimal, ...]) -> None:
    checked_amount(row.amount, f"{name}: amount", negative=True)
    for rate in (row.rate, row.ordinary):
        if rate is not None and rate not in rates:
            known = ", ".join(map(percent, rates))
            raise ConfigError(
                f"{name}: {rate} % is not a rate; there are {known}, exempt", rule="FISCAL-RATE"
            )
    if row.goods is not None and not (0 < len(row.goods) <= LONGEST_GOODS and row.goods.isprintable()):
        raise ConfigError(
            f"{name}: goods must be 1 to {LONGEST_GOODS} printable characters", rule="FISCAL-GOODS"
        )
    if row.goods is not None and row.amount < 0:
        raise ConfigError(
            f"{name}: an amount below zero is a correction and names no goods; give the goods' transaction "
            "with its corrected amount",
            rule="FISCAL-GOODS",
        )
    if row.kind is TransactionKind.SERVICE and (row.category is Category.ONE or row.goods is not None):
        raise ConfigError(f"{name}: a service is of category 2 and has no goods", rule="FISCAL-CATEGORY")


def _base(rules: Rules, figures: Figures, written: WrittenSum) -> Decimal:
    total = _total_tax(rules, figures, written)
    general = figures.kind is PermitKind.GENERAL
    month = rounded(total / figures.months)
    written.write("month", "gemiddelde", month, total=total, months=figures.months)
    month = _not_negative(written, month)
    if not general:
        written.write("base", "grondslag-beperkt", month)
        return month
    quarter = rounded(figures.paid * 3 / figures.months)
    written.write("quarter", "grondslag-kwartaal", quarter, total=figures.paid, months=figures.months)
    quarter = _not_negative(written, quarter)
    base = max(quarter, month)
    written.write("larger", "grondslag-algemeen", base, quarter=quarter, month=month)
    return base


def _not_negative(written: WrittenSum, amount: Decimal) -> Decimal:
    if amount >= 0:
        return amount
    written.write("negative", "niet-negatief", _ZERO, was=amount)
    return _ZERO


def _total_tax(rules: Rules, figures: Figures, written: WrittenSum) -> Decimal:
    """The tax on all that counts, over the months of the figures."""
    counted = [
        _Counted(nr, transaction, _tax(rules, figures.kind, nr, transaction, written))
        for nr, transaction in enumerate(figures.transactions, 1)
        if _is_responsible(figures.kind, nr, transaction, written)
    ]
    total = sum((row.tax for row in _once_per_goods(counted, written)), _ZERO)
    rule = "grondslag-maand" if figures.kind is PermitKind.GENERAL else "grondslag-beperkt"
    written.write("one-month" if figures.months == 1 else "total", rule, total, months=figures.months)
    return total


def _is_responsible(kind: PermitKind, nr: int, row: Transaction, written: WrittenSum) -> bool:
    if kind is PermitKind.GENERAL or row.responsible:
        return True
    written.write("not-responsible", "niet-verantwoordelijk", None, nr=nr, kind=row.kind, taxable=row.amount)
    return False


def _tax(rules: Rules, kind: PermitKind, nr: int, row: Transaction, written: WrittenSum) -> Decimal:
    """The tax on one transaction, as if taxed where it must be counted so."""
    line, rule, rate = "taxed", "belast", row.rate
    if not rate:
        line, rule, rate = _as_if(rules, kind, row)
    tax = rounded(row.amount * rate / 100)
    written.write(line, rule, tax, nr=nr, kind=row.kind, taxable=row.amount, rate=percent(rate))
    return tax


def _as_if(rules: Rules, kind: PermitKind, row: Transaction) -> tuple[str, str, Decimal]:
    """Line, rule and rate of a transaction that is exempt or at 0 %."""
    rate = rules.number("gewoon-tarief") if row.ordinary is None else row.ordinary
    if kind is PermitKind.GENERAL:
        return "as-if-taxed", "als-belast", rate
    if row.kind in _AS_IF_TAXED_LIMITED:
        return "as-if-taxed", "als-belast-beperkt", rate
    return "untaxed", _NEVER_AS_IF_TAXED[row.kind], _ZERO


def _once_per_goods(counted: Iterable[_Counted], written: WrittenSum) -> list[_Counted]:
    """Those that count: of the same goods the one with the most tax, of others all."""
    groups: dict[str, list[_Counted]] = {}
    kept: list[_Counted] = []
    for row in counted:
        if row.transaction.goods is None:
            kept.append(row)
        else:
            groups.setdefault(row.transaction.goods, []).append(row)
    for goods, group in groups.items():
        kept.append(best := max(group, key=lambda row: row.tax))
        if len(group) > 1:
            written.write("most-tax", "een-keer-hoogste", best.tax, goods=goods, counted=best.nr)
        for row in group:
            if row is not best:
                written.write("same-goods", "een-keer", None, nr=row.nr, goods=goods, counted=best.nr)
    return kept


def _category(figures: Figures, written: WrittenSum) -> Category:
    found = set(figures.categories)
    for row in figures.transactions:
        if figures.kind is PermitKind.GENERAL or row.responsible:
            found |= _categories_of(row)
    if not found:
        raise ConfigError(
            "category is missing: 1 (bulk goods, semi-finished products, means of production), 2 (other "
            "goods, and services) or 1+2",
            rule="FISCAL-CATEGORY",
        )
    if len(found) > 1:
        written.write("mixed", "gemengd")
    return max(found)


def _categories_of(row: Transaction) -> set[Category]:
    if row.kind is TransactionKind.SERVICE:
        return {Category.TWO}
    return set() if row.category is None else {row.category}


def _within_bounds(rules: Rules, written: WrittenSum, base: Decimal, category: Category) -> Decimal:
    share = rules.number("percentage")
    amount = rounded(base * share / 100)
    written.write("percentage", "percentage", amount, percent=percent(share), base=base)
    minimum = rules.number("minimum")
    amount = rounded(max(amount, minimum))
    written.write("minimum", "minimum", amount, minimum=minimum)
    rule = _maximum_rule(category)
    maximum = rules.number(rule)
    amount = rounded(min(amount, maximum))
    written.write("maximum", rule, amount, maximum=maximum, category=int(category))
    return amount


def _maximum_rule(category: Category) -> str:
    return f"maximum-categorie-{int(category)}"


def _at_risk(
    rules: Rules, figures: Figures, written: WrittenSum, amount: Decimal, category: Category
) -> Decimal:
    """The inspector's higher amount, if there is one."""
    if figures.inspector is None:
        return amount
    if figures.inspector <= amount:
        raise ConfigError(
            f"inspector {euros_en(figures.inspector)} is not higher than the {euros_en(amount)} that the "
            "rules come to; at a risk of fraud the inspector sets a higher amount",
            rule="FISCAL-INSPECTOR",
        )
    higher = rounded(figures.inspector)
    written.write("inspector", "fraude", higher)
    if not rules.yes("fraude-maximum"):
        written.write("no-maximum", "fraude-maximum", higher)
        return higher
    maximum = rules.number(_maximum_rule(category))
    higher = rounded(min(higher, maximum))
    written.write("fraud-maximum", "fraude-maximum", higher, maximum=maximum)
    return higher
