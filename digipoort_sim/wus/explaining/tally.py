"""The verdicts of one explanation, rule by rule, in the order in which the door looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from digipoort_sim.catalogue import Rule
from digipoort_sim.errors import Refusal
from digipoort_sim.wus.explaining.digests import ReferenceVerdict

Result = TypeVar("Result")

_AS_EXPECTED = "as expected"


@dataclass(frozen=True)
class RuleVerdict:
    """What one rule says of a message.

    Attributes:
        id: the rule, as in ``catalogue rules``.
        passed: None when it could not be judged; then `found` says why.
        warning: what is unusual about the message although the rule is kept; mostly empty.
        references: of WSS-DIGEST: each Reference of the signature.
    """

    id: str
    passed: bool | None
    provenance: str
    expected: str
    found: str
    mend: str
    severity: str
    warning: str = ""
    references: tuple[ReferenceVerdict, ...] = ()


@dataclass
class _Line:
    passed: bool | None = None
    found: str = ""
    expected: str = ""
    warning: str = ""
    references: tuple[ReferenceVerdict, ...] = ()


class Tally:
    """Collects verdicts; a rule that was broken once stays broken.

    Args:
        rules: the catalogue's rules, by id.
    """

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._lines: dict[str, _Line] = {}

    def apply(self, *ids: str) -> None:
        """These rules are to be judged; they come next in the listing."""
        for one in ids:
            self._lines.setdefault(one, _Line())

    def good(self, rule: str, found: str = "") -> None:
        """A rule is kept, unless something else broke it."""
        line = self._line(rule)
        if line.passed is None:
            line.passed, line.found = True, found or _AS_EXPECTED

    def bad(self, rule: str, found: str, expected: str = "") -> None:
        """A rule is broken; what was found is added to what was found before."""
        line = self._line(rule)
        if line.passed is False and found not in line.found.split("\n"):
            found = f"{line.found}\n{found}"
        line.found = found
        line.passed = False
        line.expected = line.expected or expected

    def warn(self, rule: str, warning: str) -> None:
        """A rule is kept, but something is unusual."""
        self.good(rule)
        self._line(rule).warning = warning

    def refer(self, rule: str, references: tuple[ReferenceVerdict, ...]) -> None:
        """Show the References beside a rule's verdict."""
        self._line(rule).references = references

    def blocked(self, ids: Iterable[str], because: str) -> None:
        """These rules cannot be judged, as far as they have no verdict yet."""
        for one in ids:
            line = self._line(one)
            if line.passed is None:
                line.found = line.found or f"not judged, because {because}"

    def attempt(self, judge: Callable[[], Result]) -> Result | None:
        """Let the door judge; what it refuses breaks the rule that it names, and gives None."""
        try:
            return judge()
        except Refusal as refusal:
            self.bad(refusal.rule, refusal.detail)
            return None

    def attempt_rule(self, rule: str, judge: Callable[[], object]) -> None:
        """Let the door judge by one rule."""
        try:
            judge()
        except Refusal as refusal:
            self.bad(refusal.rule, refusal.detail)
        else:
            self.good(rule)

    def overrule(self, rules: Iterable[str]) -> None:
        """The door accepts, so these rules were kept after all."""
        for rule in rules:
            self._lines[rule].passed = True

    def failed(self) -> list[str]:
        """The rules that are broken."""
        return [rule for rule, line in self._lines.items() if line.passed is False]

    def failed_any(self, rules: Iterable[str]) -> bool:
        """Whether one of these rules is broken."""
        return not set(rules).isdisjoint(self.failed())

    def block_all(self, because: str) -> None:
        """No rule that has no verdict yet can be judged."""
        self.blocked(list(self._lines), because)

    def verdicts(self) -> tuple[RuleVerdict, ...]:
        """All verdicts, in order."""
        return tuple(self._verdict(rule, line) for rule, line in self._lines.items())

    def _line(self, rule: str) -> _Line:
        return self._lines.setdefault(rule, _Line())

    def _verdict(self, rule: str, line: _Line) -> RuleVerdict:
        row = self._rules[rule]
        return RuleVerdict(
            id=rule,
            passed=line.passed,
            provenance=row.provenance,
            expected=line.expected or row.summary,
            found=line.found or "not judged",
            mend=row.mend,
            severity=row.severity,
            warning=line.warning,
            references=line.references,
        )
