"""The OIN: taking it apart, making it, refusing what is none."""

from __future__ import annotations

import pytest

from digipoort_sim.errors import AuthenticationRefusal, ConfigError
from digipoort_sim.pki import Oin
from digipoort_sim.pki.oin import PREFIXES


@pytest.mark.parametrize(
    ("text", "kind", "core", "suffix"),
    [
        ("00000003302162470000", "KvK", "30216247", "0000"),
        ("00000001002220647000", "RSIN", "002220647", "000"),
        ("00000002003214394002", "Fi", "003214394", "002"),
        ("00000003302162470001", "KvK", "30216247", "0001"),
        ("00000004003214345000", "SubOIN", "003214345", "000"),
        ("0000000712AB34567000", "BRIN", "12AB34567", "000"),
        ("00000099000000001000", "test", "000000001", "000"),
    ],
)
def test_an_oin_is_taken_apart(text: str, kind: str, core: str, suffix: str) -> None:
    """Prefix, number and suffix are found for numbers of 8 and 9, also with a suffix that is not zero."""
    oin = Oin.parse(text)
    assert (oin.kind, oin.core, oin.suffix, str(oin)) == (kind, core, suffix, text)
    assert oin.prefix + oin.main + oin.suffix == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "OIN-LENGTH"),
        ("0000000330216247000", "OIN-LENGTH"),
        ("000000033021624700000", "OIN-LENGTH"),
        ("00000005302162470000", "OIN-PREFIX"),
        ("00000003A02162470000", "OIN-MAIN"),
        ("00000003٣02162470000", "OIN-MAIN"),
        ("00000003000000000000", "OIN-MAIN"),
        ("0000000330216247000A", "OIN-SUFFIX"),
        ("00000003302162470 00", "OIN-SUFFIX"),
        ("0000000330216247000\n", "OIN-SUFFIX"),
    ],
)
def test_what_is_no_oin_is_refused_by_rule(text: str, rule: str) -> None:
    """Each part of a malformed OIN has its own rule, and the refusal is one of authentication."""
    with pytest.raises(AuthenticationRefusal) as refusal:
        Oin.parse(text)
    assert refusal.value.rule == rule


def test_numbers_become_oins() -> None:
    """KvK, RSIN, FI and test numbers get their prefix and are filled up to twenty characters."""
    assert Oin.from_kvk("30216247").value == "00000003302162470000"
    assert Oin.from_rsin("002220647").value == "00000001002220647000"
    assert Oin.from_fi("003214394").value == "00000002003214394000"
    assert Oin.from_test("7").value == "00000099000000007000"
    assert Oin.from_number("OIN", "00000003302162470001").suffix == "0001"


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("kvk", "00216247"),
        ("kvk", "123456789"),
        ("rsin", "123456789"),
        ("fi", "000000000"),
        ("fi", "001000044B37"),
        ("test", "1234567890"),
        ("test", "0"),
        ("oin", "123"),
        ("bsn", "111222333"),
    ],
)
def test_a_wrong_number_is_the_users_error(kind: str, number: str) -> None:
    """A number that cannot stand in an OIN is a wrong option, not a refusal of the outside world."""
    with pytest.raises(ConfigError):
        Oin.from_number(kind, number)


def test_every_published_prefix_is_known() -> None:
    """The table has the ten prefixes of the OIN register's documentation."""
    assert [int(prefix) for prefix in PREFIXES] == [1, 2, 3, 4, 6, 7, 8, 9, 10, 99]
