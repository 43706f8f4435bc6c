"""For how much a representative is liable: each rule by an example that was reckoned by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal import Assessment, Liability, PermitKind, calculate_liability
from tests.register.fiscal.figures import GENERAL, LIMITED, RULES

FIVE = Decimal(5_000)


def assessment(
    year: int, tax: int | str, interest: int = 0, fines: int = 0, client: str | None = None
) -> Assessment:
    """An assessment in whole euros."""
    return Assessment(year, Decimal(tax), Decimal(interest), Decimal(fines), client)


def liable(kind: PermitKind, *rows: Assessment, security: Decimal = FIVE) -> Liability:
    """The liability with a security of 5,000 unless it is said otherwise."""
    return calculate_liability(RULES, kind, security, rows)


def test_the_example_of_the_page() -> None:
    """Security 5,000; 2018: 2,000 and 2019: 10,000, together 12,000: liable for 2,000 + 5,000 = 7,000."""
    found = liable(GENERAL, assessment(2018, 2_000), assessment(2019, 10_000))
    assert (found.due, found.liable) == (Decimal(12_000), Decimal(7_000))
    assert found.steps[-1].en == "liable for EUR 7,000.00 of EUR 12,000.00"
    assert "2019: aansprakelijk voor ten hoogste € 5.000,00 van € 10.000,00 = € 5.000,00" in [
        step.nl for step in found.steps
    ]


def test_interest_and_fines_count() -> None:
    """1,000 tax + 300 interest + 200 fines = 1,500, all of it within the security of 5,000."""
    assert liable(GENERAL, assessment(2018, 1_000, 300, 200)).liable == Decimal(1_500)


def test_assessments_of_one_year_share_its_maximum() -> None:
    """Over 2018 3,000 + 4,000 = 7,000, at most 5,000; over 2019 1,000: together 6,000."""
    rows = (assessment(2018, 3_000), assessment(2019, 1_000), assessment(2018, 4_000))
    assert liable(GENERAL, *rows).liable == Decimal(6_000)


def test_limited_permit_is_liable_for_the_whole_amount() -> None:
    """The same 12,000 under a limited permit: liable for 12,000, of which the security covers 5,000."""
    found = liable(LIMITED, assessment(2018, 2_000), assessment(2019, 10_000))
    assert (found.liable, found.covered) == (Decimal(12_000), FIVE)
    assert "aansprakelijk-beperkt" in [step.rule for step in found.steps]


def test_security_of_a_limited_permit_serves_all_its_clients() -> None:
    """A claim on one of the clients alone, 4,000, may take 4,000 of the one security of 5,000."""
    found = liable(LIMITED, assessment(2019, 4_000, client="999991772"))
    assert (found.liable, found.covered) == (Decimal(4_000), Decimal(4_000))
    assert found.steps[-1].rule == "zekerheid-voor-alle"
    two = liable(LIMITED, assessment(2019, 4_000, client="1"), assessment(2019, 3_000, client="2"))
    assert (two.liable, two.covered) == (Decimal(7_000), FIVE)


def test_general_permit_serves_one_client() -> None:
    """Assessments of two clients do not belong to one general permit; one may be named beside none."""
    with pytest.raises(ConfigError, match="one client"):
        liable(GENERAL, assessment(2019, 1, client="1"), assessment(2019, 1, client="2"))
    assert liable(GENERAL, assessment(2019, 1, client="1"), assessment(2019, 1)).liable == Decimal(2)


def test_nothing_due_is_nothing_liable() -> None:
    """Without assessments nobody is liable for anything."""
    assert liable(GENERAL).liable == liable(LIMITED).liable == 0


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([assessment(1899, 1)], "FISCAL-YEAR"),
        ([assessment(2501, 1)], "FISCAL-YEAR"),
        ([assessment(2019, -1)], "FISCAL-AMOUNT"),
        ([assessment(2019, "1e13")], "FISCAL-AMOUNT"),
        ([assessment(2019, 1, client="x" * 41)], "FISCAL-CLIENT"),
        ([assessment(2019, 1)] * 1001, "FISCAL-TOO-MANY"),
    ],
)
def test_impossible_assessments_are_refused(rows: list[Assessment], rule: str) -> None:
    """What cannot be reckoned with is refused under a rule that can be named."""
    with pytest.raises(ConfigError) as refused:
        liable(GENERAL, *rows)
    assert refused.value.rule == rule


ROWS = st.lists(st.builds(assessment, st.integers(2015, 2020), st.integers(0, 10**6)), max_size=8)


@given(ROWS, st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_liability_keeps_between_its_bounds(rows: list[Assessment], security: int) -> None:
    """General: at most what is due and the security per year; limited: all that is due; order is nothing."""
    general = liable(GENERAL, *rows, security=Decimal(security))
    years = len({row.year for row in rows})
    assert 0 <= general.liable <= min(general.due, Decimal(security * years))
    assert liable(GENERAL, *rows[::-1], security=Decimal(security)).liable == general.liable
    assert liable(LIMITED, *rows, security=Decimal(security)).liable == general.due
