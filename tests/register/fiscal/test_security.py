"""The security for a permit: each rule of the page by an example that was reckoned by hand.

The amounts are large, so that 5 % of them lies between the minimum (5,000) and the maximum of category 2
(500,000): a base of 1,000,000 gives 50,000.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal import Category, calculate_security
from tests.register.fiscal.figures import (
    ACQUISITION,
    GENERAL,
    IMPORT,
    LIMITED,
    RULES,
    SERVICE,
    SUPPLY,
    figures,
    row,
    rules_of,
    secure,
)


def test_quarter_is_the_base_of_a_general_permit_where_it_is_more() -> None:
    """(a) Paid 4,000,000 over 12 months: ÷ 4 = 1,000,000 a quarter; (b) 2,100,000 ÷ 12 = 175,000 a month."""
    found = secure(GENERAL, row(SUPPLY, 10_000_000), months=12, paid=4_000_000)
    assert (found.base, found.amount) == (Decimal(1_000_000), Decimal(50_000))


def test_month_is_the_base_of_a_general_permit_where_it_is_more() -> None:
    """(a) Paid 400,000 ÷ 4 = 100,000 a quarter; (b) 10,000,000 × 21 % ÷ 12 = 175,000 a month."""
    found = secure(GENERAL, row(SUPPLY, 10_000_000), months=12, paid=400_000)
    assert (found.base, found.amount) == (Decimal(175_000), Decimal(8_750))


def test_general_permit_counts_all_four_kinds_as_if_taxed() -> None:
    """Exempt or 0 %: 4 × 1,000,000 × 21 % = 840,000 in one month, 5 % = 42,000."""
    rows = (
        row(SUPPLY, 10**6, 0),
        row(SERVICE, 10**6, None),
        row(ACQUISITION, 10**6, 0),
        row(IMPORT, 10**6, None),
    )
    found = secure(GENERAL, *rows)
    assert (found.base, found.amount) == (Decimal(840_000), Decimal(42_000))
    assert rules_of(found).count("als-belast") == 4


def test_limited_permit_counts_imports_and_supplies_of_goods_as_if_taxed() -> None:
    """Exempt or 0 %: import 1,000,000 and supply 1,000,000 × 21 % = 420,000, 5 % = 21,000."""
    found = secure(LIMITED, row(IMPORT, 10**6, 0), row(SUPPLY, 10**6, None))
    assert (found.base, found.amount) == (Decimal(420_000), Decimal(21_000))


@pytest.mark.parametrize(
    ("kind", "rule"), [(SERVICE, "niet-als-belast-dienst"), (ACQUISITION, "niet-als-belast-verwerving")]
)
def test_limited_permit_counts_other_kinds_only_where_they_are_taxed(kind: object, rule: str) -> None:
    """A service or acquisition at 0 % adds nothing; a taxed one 1,000,000 × 21 % = 210,000, 5 % = 10,500."""
    untaxed = secure(LIMITED, row(kind, 10**6, 0))  # type: ignore[arg-type]
    assert untaxed.base == 0
    assert rule in rules_of(untaxed)
    assert secure(LIMITED, row(kind, 10**6)).amount == Decimal(10_500)  # type: ignore[arg-type]


def test_limited_permit_counts_what_the_representative_is_responsible_for() -> None:
    """One of two supplies of 1,000,000 is not its business: 210,000; a general permit counts both."""
    rows = (row(SUPPLY, 10**6), row(SUPPLY, 10**6, responsible=False))
    assert secure(LIMITED, *rows).base == Decimal(210_000)
    assert secure(GENERAL, *rows).base == Decimal(420_000)


def test_rates_are_those_that_applied_or_would_apply() -> None:
    """9 % of 1,000,000 = 90,000; exempt at an ordinary 9 %: 90,000; exempt with none said: 21 % = 210,000."""
    rows = (row(SUPPLY, 10**6, 9), row(SUPPLY, 10**6, None, ordinary=Decimal(9)), row(SUPPLY, 10**6, None))
    assert secure(LIMITED, *rows).base == Decimal(390_000)


def test_input_tax_is_deducted_in_the_quarter_only() -> None:
    """`paid` is after deduction and may be a refund: it never lowers the month's average of 210,000."""
    assert secure(GENERAL, row(SUPPLY, 10**6), paid=-(10**6)).base == Decimal(210_000)


def test_same_goods_count_once() -> None:
    """Lot 7 is imported for 1,000,000 (210,000) and supplied for 1,200,000 (252,000); lot 8 adds 21,000.

    252,000 + 21,000 = 273,000, whether the permit is general or limited; without the lots 483,000.
    """
    rows = (
        row(IMPORT, 1_000_000, goods="lot 7"),
        row(SUPPLY, 1_200_000, goods="lot 7"),
        row(SUPPLY, 100_000, goods="lot 8"),
    )
    for kind in (GENERAL, LIMITED):
        found = secure(kind, *rows)
        assert found.base == Decimal(273_000)
        assert rules_of(found).count("een-keer") == 1
        assert "1 is not counted: the same goods (lot 7) count in 2 already" in [s.en for s in found.steps]
    assert secure(GENERAL, *(row(r.kind, str(r.amount)) for r in rows)).base == Decimal(483_000)


def test_part_of_a_year_has_right_averages() -> None:
    """Five months: tax 1,050,000 ÷ 5 = 210,000 a month; paid 500,000 × 3 ÷ 5 = 300,000 a quarter."""
    assert secure(LIMITED, row(SUPPLY, 5_000_000), months=5).base == Decimal(210_000)
    assert secure(GENERAL, row(SUPPLY, 5_000_000), months=5, paid=500_000).base == Decimal(300_000)


@pytest.mark.parametrize(
    ("amount", "security"),
    [
        (0, "5000.00"),
        # 476,190 × 21 % = 99,999.90; 5 % = 4,999.995, rounded 5,000.00
        (476_190, "5000.00"),
        # 476,200 × 21 % = 100,002.00; 5 % = 5,000.10
        (476_200, "5000.10"),
        # 47,619,100 × 21 % = 10,000,011.00; 5 % = 500,000.55, above the maximum
        (47_619_100, "500000.00"),
    ],
)
def test_five_percent_between_minimum_and_maximum(amount: int, security: str) -> None:
    """The security is 5 % of the base, at least 5,000 per permit and in category 2 at most 500,000."""
    assert f"{secure(LIMITED, row(SUPPLY, amount)).amount:f}" == security


def test_maximum_of_each_category_and_of_both() -> None:
    """A base of 21,000,000 (5 %: 1,050,000) is cut to 100,000 in category 1, to 500,000 in 2 and in both."""
    big = row(SUPPLY, 100_000_000)
    for kind in (GENERAL, LIMITED):
        assert secure(kind, big, category=1).amount == Decimal(100_000)
        assert secure(kind, big, category=2).amount == Decimal(500_000)
        both = secure(kind, big, category=3)
        assert (both.category, both.amount) == (Category.TWO, Decimal(500_000))
        assert "gemengd" in rules_of(both)


def test_categories_come_from_the_transactions_too() -> None:
    """Category 1 of the permit with goods of category 2, or with a service, is category 2."""
    own = row(SUPPLY, 1, category=Category.ONE)
    assert secure(LIMITED, own, category=0).category is Category.ONE
    assert secure(LIMITED, own, row(SUPPLY, 1, category=Category.TWO), category=0).category is Category.TWO
    assert secure(LIMITED, row(SERVICE, 1), category=1).category is Category.TWO
    assert secure(LIMITED, own, row(SERVICE, 1, responsible=False), category=0).category is Category.ONE


def test_inspector_sets_a_higher_amount_that_no_maximum_bounds() -> None:
    """At a risk of fraud 600,000 is set where the rules come to 5,000 and the maximum is 100,000."""
    found = secure(LIMITED, category=1, inspector=600_000)
    assert found.amount == Decimal(600_000)
    assert "fraude" in rules_of(found)
    assert found.steps[-2].provenance == "inferred"


def test_inspector_does_not_set_a_lower_amount() -> None:
    """An amount that is not higher than the 5,000 that the rules come to is refused."""
    for amount in (5000, 1):
        with pytest.raises(ConfigError, match="not higher than the EUR 5,000"):
            secure(LIMITED, inspector=amount)


def test_refunds_count_as_nothing() -> None:
    """A paid sum and a month below zero count as 0, and the security is the minimum."""
    found = secure(GENERAL, row(SUPPLY, -1_000_000), paid=-1_000_000)
    assert (found.base, found.amount) == (Decimal(0), Decimal(5_000))
    assert rules_of(found).count("niet-negatief") == 2


def test_corrections_lower_the_month() -> None:
    """Supplies of 1,000,000 with a credit of 400,000: 600,000 × 21 % = 126,000."""
    assert secure(LIMITED, row(SUPPLY, 10**6), row(SUPPLY, -400_000)).base == Decimal(126_000)


def test_no_figures_give_the_minimum() -> None:
    """A permit without any transaction has a security of 5,000."""
    assert secure(GENERAL).amount == secure(LIMITED).amount == Decimal(5_000)


def test_every_amount_is_rounded_where_it_is_written() -> None:
    """1,000,000.50 × 9 % = 90,000.045 → 90,000.05; ÷ 7 = 12,857.15; a credit of it is −90,000.05."""
    found = secure(LIMITED, row(SUPPLY, "1000000.50", 9), months=7)
    assert found.steps[0].amount == Decimal("90000.05")
    assert found.base == Decimal("12857.15")
    assert secure(LIMITED, row(SUPPLY, "-1000000.50", 9)).steps[0].amount == Decimal("-90000.05")


def test_sum_is_written_out_in_two_languages_with_rule_and_provenance() -> None:
    """Every line has its rule, how sure it is, and its amount in both languages' spelling."""
    found = secure(
        GENERAL, row(IMPORT, 1_234_567, None, goods="a"), row(SUPPLY, 10, goods="a"), paid=1, category=3
    )
    for step in found.steps:
        assert step.provenance == RULES.row(step.rule).provenance
        if step.amount is not None:
            dutch = f"{step.amount:,f}".replace(",", "x").replace(".", ",").replace("x", ".")
            assert f"EUR {step.amount:,f}" in step.en
            assert f"€ {dutch}" in step.nl
    assert (
        found.steps[0].nl == "1. invoer, vrijgesteld of 0%: alsof belast, € 1.234.567,00 × 21% = € 259.259,07"
    )


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (figures(GENERAL, months=0), "FISCAL-MONTHS"),
        (figures(GENERAL, months=121), "FISCAL-MONTHS"),
        (figures(GENERAL, category=0), "FISCAL-CATEGORY"),
        (figures(LIMITED, paid=1), "FISCAL-PAID"),
        (figures(GENERAL, row(SUPPLY, 1, 20)), "FISCAL-RATE"),
        (figures(GENERAL, row(SUPPLY, 1, None, ordinary=Decimal(6))), "FISCAL-RATE"),
        (figures(GENERAL, row(SUPPLY, -1, goods="a")), "FISCAL-GOODS"),
        (figures(GENERAL, row(SUPPLY, 1, goods="x" * 101)), "FISCAL-GOODS"),
        (figures(GENERAL, row(SUPPLY, 1, goods="")), "FISCAL-GOODS"),
        (figures(GENERAL, row(SERVICE, 1, category=Category.ONE)), "FISCAL-CATEGORY"),
        (figures(GENERAL, row(SERVICE, 1, goods="a")), "FISCAL-CATEGORY"),
        (figures(GENERAL, row(SUPPLY, "1e13")), "FISCAL-AMOUNT"),
        (figures(GENERAL, row(SUPPLY, "NaN")), "FISCAL-AMOUNT"),
        (figures(GENERAL, row(SUPPLY, "0.001")), "FISCAL-AMOUNT"),
        (figures(GENERAL, paid="Infinity"), "FISCAL-AMOUNT"),
        (figures(GENERAL, inspector=-1), "FISCAL-AMOUNT"),
        (figures(GENERAL, *[row(SUPPLY, 1)] * 10_001), "FISCAL-TOO-MANY"),
    ],
)
def test_impossible_figures_are_refused(wrong: object, rule: str) -> None:
    """What cannot be reckoned with is refused under a rule that can be named."""
    with pytest.raises(ConfigError) as refused:
        calculate_security(RULES, wrong)  # type: ignore[arg-type]
    assert refused.value.rule == rule
