"""The identification numbers and the types of identities in messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digipoort_sim.errors import IdentityRefusal
from digipoort_sim.pki import check_identity, check_number, derive_type, is_number
from digipoort_sim.pki.numbers import KINDS

GOOD = {
    "BSN": ["111222333", "123456782", "999991772", "999999990"],
    "RSIN": ["002220647", "111222333"],
    "Fi": ["001000044B37", "001000044", "111222333B01"],
    "BTW": ["001000044B37", "001000044"],
    "LHnr": ["000000000L01", "001000044L99"],
    "OIN": ["00000003302162470000"],
    "KvK": ["30216247", "01234567"],
    "OB": ["001000044B37"],
    "btw-id": ["NL002455799B11", "NL123456789B13"],
    "BECON": ["123456"],
    "SWO": ["SWO00123", "swo02770"],
}
BAD = {
    "BSN": ["123456789", "000000000", "1112.22.333", "11122233", "1112223334", "١١١٢٢٢٣٣٣", " 111222333", ""],
    "RSIN": ["123456789", "001000044B37"],
    "Fi": ["123456789", "001000044B00", "001000044B1", "001000044b37", "000000000", "NL002455799B11"],
    "BTW": ["NL002455799B11", "001000044B37\n", "001000044L37"],
    "LHnr": ["000000000L00", "123456789L01", "001000044", "001000044B01"],
    "OIN": ["30216247", "00000005302162470000"],
    "KvK": ["00123456", "1234567", "123456789", "1234567A"],
    "OB": ["001000044", "000000000B01"],
    "btw-id": ["NL002455799B12", "002455799B11"],
    "BECON": ["123457", "12345"],
    "SWO": ["SWO1234", "Swo12345"],
}


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind, row in GOOD.items() for number in row])
def test_good_numbers_pass(kind: str, number: str) -> None:
    """The published examples and test numbers pass the test of their kind."""
    check_number(kind, number)


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind, row in BAD.items() for number in row])
def test_bad_numbers_are_refused_with_a_reason(kind: str, number: str) -> None:
    """A wrong form or check digit is refused, and the detail names the kind."""
    with pytest.raises(IdentityRefusal, match=kind) as refusal:
        check_number(kind, number)
    assert refusal.value.rule


@pytest.mark.parametrize("type_", ["Fi", "FI", "fi", "btw", "BTW"])
def test_types_are_compared_without_regard_to_case(type_: str) -> None:
    """A type in a message may be written in any case."""
    check_identity("001000044B37", type_)


@pytest.mark.parametrize("type_", ["", "btw-id", "BECON", "ID-ontvanger", "x" * 500])
def test_an_unknown_type_is_refused(type_: str) -> None:
    """Only BSN, RSIN, Fi, BTW, LHnr, OIN and KvK may stand as a type in a message."""
    with pytest.raises(IdentityRefusal) as refusal:
        check_identity("111222333", type_)
    assert refusal.value.rule == "IDENTITY-TYPE"
    assert len(refusal.value.detail) < 300


@pytest.mark.parametrize(
    ("nummer", "type_"),
    [
        ("001000044B37", "Fi"),
        ("000000000L01", "LHnr"),
        ("30216247", "KvK"),
        ("00000003302162470000", "OIN"),
        ("111222333", None),
        ("NL002455799B11", None),
        ("", None),
    ],
)
def test_the_type_is_derived_where_the_form_is_unambiguous(nummer: str, type_: str | None) -> None:
    """Nine digits may be three things, so no type is guessed for them."""
    assert derive_type(nummer) == type_


@given(st.text(max_size=25), st.sampled_from([*KINDS, "oin", "none"]))
def test_any_text_gets_a_verdict(number: str, kind: str) -> None:
    """No text makes a check fail in another way than by a refusal."""
    assert is_number(kind, number) in {True, False}
