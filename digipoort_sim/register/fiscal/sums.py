"""Sums that are written out: the rules of the catalogue, and the lines of a sum in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from digipoort_sim.catalogue import FiscalRule
from digipoort_sim.errors import ConfigError
from digipoort_sim.register.fiscal.money import euros_en, euros_nl
from digipoort_sim.register.fiscal.values import Step, TransactionKind
from digipoort_sim.register.fiscal.wording import KINDS, LINES


class Rules:
    """The catalogue's table ``fiscal`` with its figures read.

    Args:
        rows: the table; users may have overridden its figures.
    """

    def __init__(self, rows: Mapping[str, FiscalRule]) -> None:
        self._rows = rows

    def row(self, key: str) -> FiscalRule:
        """The rule with this key."""
        return self._rows[key]

    def number(self, key: str) -> Decimal:
        """The figure of a rule.

        Raises:
            ConfigError: it is no number from 0 on.
        """
        text = self._rows[key].value
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not 0 <= number < 10**12:
            raise ConfigError(
                f"fiscal.toml [{key}]: value {text!r} must be a number from 0 on", rule="CATALOGUE"
            )
        return number

    def yes(self, key: str) -> bool:
        """Whether a rule says ``ja``.

        Raises:
            ConfigError: it says neither ``ja`` nor ``nee``.
        """
        text = self._rows[key].value
        if text not in ("ja", "nee"):
            raise ConfigError(f"fiscal.toml [{key}]: value {text!r} must be ja or nee", rule="CATALOGUE")
        return text == "ja"

    def rates(self) -> tuple[Decimal, ...]:
        """The rates that there are: every row whose key starts with ``tarief-``."""
        return tuple(self.number(key) for key in self._rows if key.startswith("tarief-"))


class WrittenSum:
    """Lines of a sum, in the order in which it is done."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._steps: list[Step] = []

    def write(self, line: str, rule: str, amount: Decimal | None = None, **values: object) -> None:
        """Add a line.

        Args:
            line: its name in `wording.LINES`.
            rule: key of the rule that it follows.
            amount: what it comes to; in the line as ``{amount}``.
            values: what else stands in the line; amounts of money as Decimal.
        """
        nl, en = LINES[line]
        values = {**values, "amount": amount}
        row = self._rules.row(rule)
        step = Step(rule, row.provenance, nl.format(**_dutch(values)), en.format(**_english(values)), amount)
        self._steps.append(step)

    def steps(self) -> tuple[Step, ...]:
        """The lines so far."""
        return tuple(self._steps)


def _dutch(values: Mapping[str, object]) -> dict[str, str]:
    return {name: _in(0, value) for name, value in values.items()}


def _english(values: Mapping[str, object]) -> dict[str, str]:
    return {name: _in(1, value) for name, value in values.items()}


def _in(language: int, value: object) -> str:
    if isinstance(value, TransactionKind):
        return KINDS[value][language]
    if isinstance(value, Decimal):
        return (euros_nl, euros_en)[language](value)
    return str(value)


def percent(rate: Decimal) -> str:
    """A rate as it is written in a line, without needless zeros."""
    return f"{rate.normalize():f}"
