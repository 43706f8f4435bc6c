"""Figures as users give them."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digipoort_sim.catalogue import FiscalRule, load_catalogue
from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal import Category, Rules, calculate_security
from digipoort_sim.register.fiscal.money import read_amount
from digipoort_sim.register.fiscal.reading import (
    ASSESSMENT_COLUMNS,
    TRANSACTION_COLUMNS,
    read_csv,
    read_figures,
    read_liability,
)
from tests.register.fiscal.figures import IMPORT, LIMITED, RULES, SUPPLY, row


def test_csv_and_json_say_the_same() -> None:
    """CSV without a head, CSV with one in another order and with ;, and JSON are the same figures."""
    plain = "import,1000.50,0,9,lot 7,1,no\n\n supply , 10 , exempt\n"
    headed = (
        "\ufeffgoods;responsible;category;ordinary;rate;amount;kind\r\n"
        "lot 7;no;1;9;0;1000.50;import\r\n;;;;exempt;10;supply"
    )
    objects: list[dict[str, Any]] = [
        {"kind": "import", "amount": 1000.5, "rate": 0, "ordinary": 9, "goods": "lot 7", "category": 1}
        | {"responsible": False},
        {"kind": "supply", "amount": "10", "rate": "exempt", "goods": None},
    ]
    wanted = (
        row(
            IMPORT, "1000.50", 0, ordinary=Decimal(9), goods="lot 7", category=Category.ONE, responsible=False
        ),
        row(SUPPLY, 10, None),
    )
    for rows in (read_csv(plain, TRANSACTION_COLUMNS, 9), read_csv(headed, TRANSACTION_COLUMNS, 9), objects):
        assert read_figures({"kind": "limited", "transactions": rows}).transactions == wanted


def test_what_is_not_said_has_its_default() -> None:
    """Twelve months, nothing paid, no category, no transactions."""
    found = read_figures({"kind": "limited", "months": None})
    assert (found.kind, found.months, found.paid) == (LIMITED, 12, 0)
    assert (found.categories, found.transactions) == (frozenset(), ())


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({}, "FISCAL-KIND"),
        ({"kind": "both"}, "FISCAL-KIND"),
        ({"kind": "general", "month": 1}, "FISCAL-FIELD"),
        ({"kind": "general", "months": "x"}, "FISCAL-NUMBER"),
        ({"kind": "general", "months": 10**30}, "FISCAL-NUMBER"),
        ({"kind": "general", "months": True}, "FISCAL-NUMBER"),
        ({"kind": "general", "paid": "1.234,56"}, "FISCAL-AMOUNT"),
        ({"kind": "general", "paid": 0.001}, "FISCAL-AMOUNT"),
        ({"kind": "general", "paid": 1e300}, "FISCAL-AMOUNT"),
        ({"kind": "general", "paid": 10**5000}, "FISCAL-AMOUNT"),
        ({"kind": "general", "paid": float("nan")}, "FISCAL-AMOUNT"),
        ({"kind": "general", "paid": True}, "FISCAL-AMOUNT"),
        ({"kind": "general", "inspector": -1}, "FISCAL-AMOUNT"),
        ({"kind": "general", "category": 3}, "FISCAL-CATEGORY"),
        ({"kind": "general", "transactions": {}}, "FISCAL-LIST"),
        ({"kind": "general", "transactions": ["import,1,2"]}, "FISCAL-LIST"),
        ({"kind": "general", "transactions": [{}] * 10_001}, "FISCAL-TOO-MANY"),
        ({"kind": "general", "transactions": [{"kind": "gift", "amount": 1, "rate": 0}]}, "FISCAL-KIND"),
        ({"kind": "general", "transactions": [{"kind": "supply", "amount": 1}]}, "FISCAL-RATE"),
        ({"kind": "general", "transactions": [{"kind": "supply", "amount": 1, "rate": 101}]}, "FISCAL-RATE"),
        ({"kind": "general", "transactions": [{"kind": "supply", "rate": 21}]}, "FISCAL-AMOUNT"),
        (
            {"kind": "general", "transactions": [{"kind": "supply", "amount": 1, "rate": 0, "goods": [1]}]},
            "FISCAL-GOODS",
        ),
        (
            {
                "kind": "general",
                "transactions": [{"kind": "supply", "amount": 1, "rate": 0, "goods": "x" * 1001}],
            },
            "FISCAL-TOO-LONG",
        ),
        (
            {
                "kind": "general",
                "transactions": [{"kind": "supply", "amount": 1, "rate": 0, "responsible": "maybe"}],
            },
            "FISCAL-YES-NO",
        ),
        (
            {
                "kind": "general",
                "transactions": [{"kind": "supply", "amount": 1, "rate": 0, "category": "1+2"}],
            },
            "FISCAL-CATEGORY",
        ),
    ],
)
def test_wrong_documents_are_refused(document: dict[str, Any], rule: str) -> None:
    """What is missing, unknown or not to be read is refused under a rule that can be named."""
    with pytest.raises(ConfigError) as refused:
        read_figures(document)
    assert refused.value.rule == rule


@pytest.mark.parametrize("text", ["2018,1,2,3,4,5", "year,tax,colour\n2018,1,red", 'year\n"2018', "a\n" * 12])
def test_wrong_csv_is_refused(text: str) -> None:
    """Too many cells or lines, an unknown column and a quote that is not closed are refused."""
    with pytest.raises(ConfigError):
        read_csv(text, ASSESSMENT_COLUMNS, 10)


def test_figures_of_another_kind_are_refused() -> None:
    """Figures that say general do not serve a limited permit; those that say nothing do."""
    assert read_figures({}, LIMITED).kind is LIMITED
    with pytest.raises(ConfigError, match="general"):
        read_figures({"kind": "general"}, LIMITED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)
FIELDS = ("kind", "amount", "rate", "goods", "category", "responsible", "months", "paid", "transactions")
DOCUMENTS = st.dictionaries(
    st.sampled_from((*FIELDS, "security", "assessments", "inspector")),
    JSON
    | st.sampled_from(["general", "limited", "1"])
    | st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4), max_size=2),
)


@given(DOCUMENTS)
@settings(max_examples=100, deadline=None)
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    """No JSON document breaks the reading or the sum: it is figures, or it is refused."""
    for read in (read_figures, read_liability):
        try:
            found = read(document)
        except ConfigError:
            continue
        json.dumps(document)
        if read is read_figures:
            try:
                calculate_security(RULES, found)  # type: ignore[arg-type]
            except ConfigError:
                continue


def test_amounts_are_texts_or_numbers() -> None:
    """Texts, whole numbers and floats that mean cents are amounts; -0 is 0."""
    for given_, amount in (("1.5", "1.50"), (1, "1.00"), (0.1, "0.10"), ("+2", "2.00"), ("-0", "0.00")):
        assert f"{read_amount(given_, 'x', negative=True):f}" == amount


@pytest.mark.parametrize("value", ["", "five", "-1", "NaN", "1e20"])
def test_overridden_figures_of_the_catalogue_must_be_numbers(value: str) -> None:
    """A user's own percentage that is no number is told with its place."""
    rules = Rules({"percentage": FiscalRule("percentage", "", "", "simulator", value)})
    with pytest.raises(ConfigError, match=r"fiscal.toml \[percentage\]"):
        rules.number("percentage")


def test_the_catalogue_says_whether_the_maximum_bounds_the_inspector() -> None:
    """With `fraude-maximum` on ja the inspector's 600,000 is cut to 100,000; another word is refused."""
    figures = read_figures({"kind": "limited", "category": "1", "inspector": 600_000})
    for value, amount in (("ja", 100_000), ("nee", 600_000)):
        assert calculate_security(overridden("fraude-maximum", value), figures).amount == amount
    with pytest.raises(ConfigError, match="ja or nee"):
        calculate_security(overridden("fraude-maximum", "yes"), figures)


def overridden(key: str, value: str) -> Rules:
    """The rules with one figure that a user changed."""
    rows = dict(load_catalogue().fiscal)
    return Rules({**rows, key: replace(rows[key], value=value)})
