"""The names in XML from outside, of which the parser remembers every one for ever.

libxml2 keeps the names of elements, attributes and prefixes in a dictionary, and lxml has one for each
thread, which lives as long as the thread. So a sender who makes up new names with every message would fill
the memory of a server. Therefore names that are new are learned up to a limit only; beyond it a document
with a new name, and any large document, is to be parsed in a thread of its own (`apart`), with which its
names go. The honest senders' few hundred names are learned soon, and cost nothing more.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

LARGE = 256 * 1024
"""Octets from which a document is to be parsed apart without a look at its names."""

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML 1.0 cannot have (section 2.2), in a name or anywhere else."""

_ELEMENT = re.compile(rb"<([^\s/>!?]+)")
_ATTRIBUTE = re.compile(rb"\s([^\s=<>\"']+)\s*=")
_LONGEST = 200
_ROOM = 4 * 1024 * 1024
_SAMPLE = 16


class Vocabulary:
    """The names that were learned; safe for several threads.

    Args:
        room: octets of names that are learned at most.
    """

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._known: set[bytes] = set()
        self._lock = threading.Lock()
        self.full = False

    def is_strange(self, raw: bytes, *, sample: bool = False) -> bool:
        """Whether a document should be parsed apart.

        Args:
            sample: look only at one in sixteen while there is room, at random; costs next to nothing.
        """
        if len(raw) > LARGE:
            return True
        if sample and not self.full and hash(raw) % _SAMPLE:
            return False
        new = names_in(raw) - self._known
        return bool(new) and not self._learns(new, _SAMPLE if sample else 1)

    def _learns(self, new: set[bytes], weight: int) -> bool:
        # Of a sample, one stands for sixteen that were parsed unseen.
        size = sum(map(len, new)) * weight
        if max(map(len, new)) > _LONGEST:
            return False
        with self._lock:
            if self.full or size > self._room:
                self.full = True
                return False
            self._room -= size
            self._known |= new
        return True


_vocabulary = Vocabulary()


def is_strange(raw: bytes, *, sample: bool = False) -> bool:
    """Whether a document should be parsed apart, by the vocabulary of this process."""
    return _vocabulary.is_strange(raw, sample=sample)


def names_in(raw: bytes) -> set[bytes]:
    """The names of elements and attributes in a document, as they are written; some that are none, too."""
    return set(_ELEMENT.findall(raw)).union(_ATTRIBUTE.findall(raw))


def apart(function: Callable[[], Result]) -> Result:
    """Call a function in a thread of its own, and give or raise what it gives or raises."""
    given: list[Result] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            given.append(function())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="xml-apart")
    thread.start()
    thread.join()
    try:
        if raised:
            raise raised[0]
        return given[0]
    finally:
        # Else the error and this frame would hold each other, and with them the document, until the
        # collector of cycles comes round.
        given.clear()
        raised.clear()


def parsed(raw: bytes, parse: Callable[[bytes], Result]) -> Result:
    """Parse a document here or, if it is strange, apart.

    Args:
        parse: makes its own parser.
    """
    return apart(lambda: parse(raw)) if is_strange(raw) else parse(raw)
