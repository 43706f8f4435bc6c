"""Patterns of file names: which are safe to use, and which part of a name does not fit one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

try:
    from re import _parser  # type: ignore[attr-defined]
except ImportError:  # pragma: no cover (where a later Python has moved it)
    _parser = None

KNOWN = "{berichtsoort}"
"""What stands in a pattern for the berichtsoorten that are known."""

_MOST_STEPS = 100_000
_LONGEST_NAME = 240
_QUANTIFIER = re.compile(r"(?:[*+?]|\{[0-9]*,?[0-9]*\})[?+]?")
_GROUP_NAME = re.compile(r"\(\?P<(\w+)>")


class PatternError(ValueError):
    """A pattern cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class WrongPart:
    """The first part of a name that does not fit.

    Attributes:
        part: name of the group.
        found: what stands in its place; empty where the name ends before it.
    """

    part: str
    found: str


def compile_pattern(template: str, berichtsoorten: Iterable[str]) -> re.Pattern[str]:
    """The pattern for these berichtsoorten, of which the longest that fits is meant."""
    longest_first = sorted(berichtsoorten, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    return re.compile(template.replace(KNOWN, names or "(?!)"))


def check_pattern(template: str) -> frozenset[str]:
    """Check that a pattern can be used; gives the names of its groups.

    Raises:
        PatternError: it is no regular expression, or could take too many steps.
    """
    try:
        groups = compile_pattern(template, ["Known"]).groupindex
        steps = _steps(_parser.parse(template.replace(KNOWN, "Known"))) if _parser is not None else 1
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(f"it is no regular expression of Python: {error}; mend it") from None
    if steps > _MOST_STEPS:
        raise PatternError(
            "a name could take too long to compare with it; use repetitions with a limit such as {1,40}, "
            "fewer of them, and none inside another"
        )
    return frozenset(groups)


def _steps(parsed: Any) -> int:
    """How many ways there are at most to fit one name, as far as up to the limit."""
    total = 1
    for operation, argument in parsed:
        total = min(total * _steps_of(str(operation), argument), _MOST_STEPS + 1)
    return total


def _steps_of(operation: str, argument: Any) -> int:
    if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, body = argument
        most = min(int(most), _LONGEST_NAME)
        inner = _steps(body)
        tries = 1 if inner == 1 else min(inner ** min(most, 20), _MOST_STEPS + 1)
        return max(1, most - int(least) + 1) * tries
    if operation == "SUBPATTERN":
        return _steps(argument[3])
    if operation == "ATOMIC_GROUP":
        return _steps(argument)
    if operation == "BRANCH":
        return sum(_steps(branch) for branch in argument[1])
    if operation in ("ASSERT", "ASSERT_NOT"):
        return _steps(argument[1])
    if operation == "GROUPREF_EXISTS":
        return sum(_steps(branch) for branch in argument[1:] if branch is not None)
    return 1


class Parts:
    """A pattern taken apart at its groups, to say which part of a name does not fit."""

    def __init__(self, template: str, berichtsoorten: Sequence[str]) -> None:
        pieces = _pieces(template)
        self._names = [_name_of(piece) for piece in pieces]
        self._starts = [_compiled(pieces[:at], berichtsoorten) for at in range(len(pieces) + 1)]
        self._ends = [
            _compiled(["(?s:.*?)(?P<_end>", *pieces[at:], ")"], berichtsoorten)
            for at in range(len(pieces) + 1)
        ]

    def wrong_part(self, name: str) -> WrongPart | None:
        """The part that keeps a name from fitting; None where the pattern does not tell."""
        return self._alone_wrong(name) or self._first_wrong(name)

    def _alone_wrong(self, name: str) -> WrongPart | None:
        """The one part without which all would be well, what is before and behind it; the shortest such.

        The first part is not to blame when it fits, whatever follows it.
        """
        found = []
        for at, part in enumerate(self._names):
            before, behind = self._starts[at], self._ends[at + 1]
            begun = before.match(name) if part and before is not None else None
            if begun is None or behind is None or (at == 0 and self._begins_well(name)):
                continue
            rest = name[begun.end() :]
            ended = behind.fullmatch(rest)
            if ended is not None:
                found.append(WrongPart(part, rest[: ended.start("_end")]))
        return min(found, key=lambda one: len(one.found), default=None)

    def _begins_well(self, name: str) -> bool:
        """Whether the first part fits, and what separates it from the next."""
        first = self._starts[min(2, len(self._names))]
        return first is not None and first.match(name) is not None

    def _first_wrong(self, name: str) -> WrongPart | None:
        """The part behind the longest beginning that fits."""
        for at in reversed(range(len(self._names))):
            before = self._starts[at]
            begun = before.match(name) if before is not None else None
            if begun is not None:
                part = next((part for part in self._names[at:] if part), "")
                return WrongPart(part, name[begun.end() :]) if part else None
        return None


def _compiled(pieces: Sequence[str], berichtsoorten: Sequence[str]) -> re.Pattern[str] | None:
    try:
        return compile_pattern("".join(pieces), berichtsoorten)
    except re.error:  # it refers to a group that is not in it
        return None


def _name_of(piece: str) -> str:
    found = _GROUP_NAME.match(piece)
    return found.group(1) if found else ""


def _pieces(template: str) -> list[str]:
    """The pattern's groups and what stands between them; all in one where it has alternatives."""
    pieces, between, at = [], "", 0
    while at < len(template):
        end = _end_of_item(template, at)
        item = template[at:end]
        if item == "|":
            return [f"(?:{template})"]
        if item.startswith("("):
            pieces += [between, item] if between else [item]
            between = ""
        else:
            between += item
        at = end
    return [*pieces, between] if between else pieces


def _end_of_item(template: str, at: int) -> int:
    """Where the group, class, escape or character ends that begins here; a group with its quantifier."""
    if template[at] == "\\":
        return at + 2
    if template[at] == "[":
        return _end_of_class(template, at)
    if template[at] != "(":
        return at + 1
    at += 1
    while at < len(template) and template[at] != ")":
        at = _end_of_item(template, at)
    quantifier = _QUANTIFIER.match(template, at + 1)
    return quantifier.end() if quantifier else at + 1


def _end_of_class(template: str, at: int) -> int:
    at += 2 if template.startswith("[^", at) else 1
    at += 1 if template.startswith("]", at) else 0
    while at < len(template) and template[at] != "]":
        at += 2 if template[at] == "\\" else 1
    return at + 1
