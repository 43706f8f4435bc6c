"""Amounts of money and rates: read from what users give, rounded to cents, written as people read them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from digipoort_sim.errors import ConfigError

LARGEST = 10**13
"""No amount may be this large: a sum of the most amounts still fits the tables, in cents."""

_CENT = Decimal("0.01")
_AMOUNT = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,2})?", re.ASCII)
_RATE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?", re.ASCII)


def rounded(amount: Decimal) -> Decimal:
    """An amount in whole cents, half a cent away from zero (i); never a negative zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP) + 0


def read_amount(value: object, name: str, *, negative: bool = False) -> Decimal:
    """An amount in euros that a user gave, as text, or as a number of a JSON or TOML document.

    Args:
        name: how the amount is called in the message.
        negative: whether it may be below zero.

    Raises:
        ConfigError: it is no amount in euros and whole cents, too large, or below zero.
    """
    text = _text(value)
    if text is None or not _AMOUNT.fullmatch(text):
        raise ConfigError(
            f"{name} must be an amount in euros such as 1234.56, not {plain_text(value)[:40]!r}",
            rule="FISCAL-AMOUNT",
        )
    return checked_amount(rounded(Decimal(text)), name, negative=negative)


def checked_amount(amount: Decimal, name: str, *, negative: bool = False) -> Decimal:
    """The amount, if it is one that can be reckoned with.

    Raises:
        ConfigError: it is no number, has parts of a cent, is too large, or below zero.
    """
    if not amount.is_finite() or abs(amount) >= LARGEST or amount != rounded(amount):
        raise ConfigError(
            f"{name} must be an amount in euros and whole cents, below {LARGEST:,}", rule="FISCAL-AMOUNT"
        )
    if amount < 0 and not negative:
        raise ConfigError(f"{name} must not be below zero", rule="FISCAL-AMOUNT")
    return amount


def read_rate(value: object, name: str) -> Decimal:
    """A rate in percent.

    Raises:
        ConfigError: it is none from 0 to 100 with at most two decimals.
    """
    text = _text(value)
    if text is None or not _RATE.fullmatch(text) or Decimal(text) > 100:
        raise ConfigError(
            f"{name} must be a rate in percent such as 21, not {plain_text(value)[:40]!r}", rule="FISCAL-RATE"
        )
    return Decimal(text)


def to_cents(amount: Decimal) -> int:
    """An amount in euros as cents, for the tables."""
    return int(rounded(amount) * 100)


def from_cents(cents: int) -> Decimal:
    """Cents of the tables as an amount in euros."""
    return rounded(Decimal(cents) / 100)


def euros_en(amount: Decimal) -> str:
    """An amount as English readers write it: ``EUR 1,234.56``."""
    return f"EUR {rounded(amount):,f}"


def euros_nl(amount: Decimal) -> str:
    """An amount as Dutch readers write it: ``€ 1.234,56``."""
    return "€ " + f"{rounded(amount):,f}".translate(str.maketrans(",.", ".,"))


def plain_text(value: object) -> str:
    """A value of a document as a short text; Python refuses to write out ints of thousands of digits."""
    if isinstance(value, int) and abs(value) >= 10**18:
        return "a number of very many digits"
    return value.strip() if isinstance(value, str) else repr(value)


def _text(value: object) -> str | None:
    """What was given as text; a float as the shortest text that means it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -LARGEST < value < LARGEST:  # not a number is in no range
        return None
    return str(value) if isinstance(value, int) else f"{Decimal(repr(value)):f}"
