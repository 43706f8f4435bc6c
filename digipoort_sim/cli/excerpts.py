"""The line of a content that a finding is about, as it may be shown on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from digipoort_sim.terminal import visible
from digipoort_sim.validation.places import BYTE_ORDER_MARK

_BLOCK = 4_096
_WIDTH = 100
_BEFORE = 40
_FARTHEST_COLUMN = 100_000


@dataclass(frozen=True)
class Excerpts:
    """The lines of one content; those of a few findings are looked up together, in bounded time.

    Args:
        wanted: numbers of the lines, from 1.
    """

    content: bytes
    wanted: frozenset[int]

    def at(self, line: int, column: int) -> list[str]:
        """The line with its number and, where a column is known, a caret below it.

        Nothing if it is too far, or no text: a zip or a picture tells a person nothing.
        """
        start = self._starts.get(line)
        if start is None or column > _FARTHEST_COLUMN:
            return []
        text, column = self._window(start, column)
        if _is_no_text(text):
            return []
        label = f"{line:>6} | "
        shown = [label + "".join(map(_shown, text))]
        if column:
            shown.append(" " * (len(label) - 2) + "| " + " " * _width(text[: column - 1]) + "^")
        return [part.rstrip() for part in shown]

    def _window(self, start: int, column: int) -> tuple[str, int]:
        """The part of a line around a column, and the column in it."""
        reach = 4 * (max(column, 1) + _WIDTH)
        text = self._unix[start : start + reach].partition(b"\n")[0].decode("utf-8", "replace")
        if len(text) <= _WIDTH:
            return text, column
        first = max(0, column - 1 - _BEFORE)
        part = text[first : first + _WIDTH]
        head = "..." if first else ""
        return head + part + ("..." if first + _WIDTH < len(text) else ""), column and column - first + len(
            head
        )

    @cached_property
    def _unix(self) -> bytes:
        content = self.content.removeprefix(BYTE_ORDER_MARK)
        return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in content else content

    @cached_property
    def _starts(self) -> Mapping[int, int]:
        """Where each wanted line begins."""
        starts, before = ({1: 0} if 1 in self.wanted else {}), 0
        waiting = sorted(self.wanted - {1}, reverse=True)
        for begin in range(0, len(self._unix), _BLOCK):
            ends = self._unix.count(b"\n", begin, begin + _BLOCK)
            while waiting and waiting[-1] - 1 <= before + ends:
                line = waiting.pop()
                starts[line] = self._after(begin, line - 1 - before)
            before += ends
        return starts

    def _after(self, begin: int, ends: int) -> int:
        """Behind so many line ends from an offset."""
        for _ in range(ends):
            begin = self._unix.index(b"\n", begin) + 1
        return begin


def excerpts(content: bytes, lines: Iterable[int]) -> Excerpts:
    """The excerpts for findings on some lines; line 0 is none."""
    return Excerpts(content, frozenset(line for line in lines if line > 0))


def _is_no_text(text: str) -> bool:
    """Whether it holds a NUL, or more than a tenth of what text seldom has: control characters, no UTF-8."""
    odd = sum(character == "\ufffd" or (character < " " and character != "\t") for character in text)
    return "\0" in text or odd * 10 > len(text)


def _shown(character: str) -> str:
    """A character that takes its place and nothing else."""
    return " " if character in "\t\x0b\x0c" else visible(character)


def _width(text: str) -> int:
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    """How many columns of a terminal a character takes."""
    shown = _shown(character)
    if len(shown) != 1:
        return len(shown)
    if unicodedata.combining(shown):
        return 0
    return 2 if unicodedata.east_asian_width(shown) in "WF" else 1
