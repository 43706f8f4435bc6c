"""What holds for the security of any figures whatever."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from digipoort_sim.register.fiscal import Category, Figures, PermitKind, Transaction, TransactionKind
from digipoort_sim.register.fiscal.security import calculate_security
from tests.register.fiscal.figures import RULES, SERVICE

AMOUNTS = st.decimals(-(10**8), 10**8, places=2)
RATES = st.sampled_from([None, Decimal(0), Decimal(9), Decimal(21)])


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    """Any transaction; corrections and services have no goods."""
    kind = draw(st.sampled_from(TransactionKind))
    amount = draw(AMOUNTS)
    goods = draw(st.sampled_from([None, "a", "b"])) if kind is not SERVICE and amount >= 0 else None
    ordinary = draw(st.sampled_from([None, Decimal(9)]))
    return Transaction(kind, amount, draw(RATES), ordinary, goods, None, draw(st.booleans()))


@st.composite
def all_figures(draw: st.DrawFn) -> Figures:
    """Any figures of a permit in one of the categories."""
    kind = draw(st.sampled_from(PermitKind))
    return Figures(
        kind=kind,
        months=draw(st.integers(1, 36)),
        categories=frozenset(draw(st.sets(st.sampled_from(Category), min_size=1))),
        paid=draw(AMOUNTS) if kind is PermitKind.GENERAL else Decimal(0),
        transactions=tuple(draw(st.lists(transactions(), max_size=8))),
    )


def amount(figures: Figures) -> Decimal:
    """The security."""
    return calculate_security(RULES, figures).amount


@given(all_figures())
@settings(max_examples=150, deadline=None)
def test_security_keeps_between_its_bounds(figures: Figures) -> None:
    """It is never below 5,000 and never above the maximum of its category, and it is in whole cents."""
    found = calculate_security(RULES, figures)
    assert Decimal(5_000) <= found.amount <= (100_000 if found.category is Category.ONE else 500_000)
    assert found.amount == found.amount.quantize(Decimal("0.01"))


@given(all_figures(), st.decimals(0, 10**8, places=2))
@settings(max_examples=150, deadline=None)
def test_more_is_never_less(figures: Figures, more: Decimal) -> None:
    """A larger amount, a larger paid sum or one more transaction never lowers the security."""
    before = amount(figures)
    if figures.kind is PermitKind.GENERAL:
        assert amount(replace(figures, paid=figures.paid + more)) >= before
    extra = Transaction(TransactionKind.SUPPLY, more, Decimal(21), goods="a")
    assert amount(replace(figures, transactions=(*figures.transactions, extra))) >= before
    for nr, row in enumerate(figures.transactions):
        if row.amount >= 0:
            rows = list(figures.transactions)
            rows[nr] = replace(row, amount=row.amount + more)
            assert amount(replace(figures, transactions=tuple(rows))) >= before


@given(all_figures(), st.permutations(range(8)))
@settings(max_examples=100, deadline=None)
def test_order_of_transactions_does_not_matter(figures: Figures, order: list[int]) -> None:
    """The same transactions in another order come to the same security."""
    rows = tuple(figures.transactions[nr] for nr in order if nr < len(figures.transactions))
    assert amount(replace(figures, transactions=rows)) == amount(figures)


@given(all_figures())
@settings(max_examples=100, deadline=None)
def test_repeated_goods_count_once(figures: Figures) -> None:
    """Naming the goods' transactions a second time changes nothing."""
    again = tuple(row for row in figures.transactions if row.goods is not None)
    assert amount(replace(figures, transactions=figures.transactions + again)) == amount(figures)


@given(all_figures())
@settings(max_examples=100, deadline=None)
def test_category_two_dominates(figures: Figures) -> None:
    """With category 2 beside another the security is that of category 2 alone, and never lower."""
    two = replace(figures, categories=frozenset({Category.TWO}))
    both = replace(figures, categories=frozenset(Category))
    assert amount(both) == amount(two) >= amount(figures)


@given(all_figures())
@settings(max_examples=100, deadline=None)
def test_general_permit_never_needs_less_than_a_limited_one(figures: Figures) -> None:
    """A general permit counts all that a limited one counts for amounts from zero on."""
    rows = tuple(replace(row, amount=abs(row.amount)) for row in figures.transactions)
    limited = replace(figures, kind=PermitKind.LIMITED, paid=Decimal(0), transactions=rows)
    assert amount(replace(limited, kind=PermitKind.GENERAL)) >= amount(limited)
