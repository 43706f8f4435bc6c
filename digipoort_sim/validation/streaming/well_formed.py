"""Whether a file is well-formed XML, and what its octets add up to, in one pass and in constant memory.

The parser is libxml2 without a tree and without any event in Python: it works outside of Python's lock, so
that the file door goes on at full speed beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from lxml import etree

from digipoort_sim import xml_names
from digipoort_sim.catalogue.rows import Provenance
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.places import BYTE_ORDER_MARK, Place
from digipoort_sim.validation.streaming.markup import Markup
from digipoort_sim.validation.xml_content import MAXIMUM_SYNTAX_ERRORS
from digipoort_sim.validation.xml_faults import not_well_formed, syntax_findings

_NOTHING: Final = b""


class _DoctypeError(Exception):
    """Ends the parser at a DOCTYPE."""


class _Target:
    """What the parser tells: nothing, but for a DOCTYPE."""

    def doctype(self, *_: object) -> None:
        raise _DoctypeError

    def close(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Passed:
    """What came of the pass.

    Attributes:
        findings: all that keeps it from being well-formed.
        size: in octets.
        sha256: in lower-case hexadecimal.
    """

    findings: tuple[Finding, ...]
    size: int
    sha256: str


def pass_through(pieces: Iterable[bytes], encoding: str | None) -> Passed:
    """Read a file to its end.

    Args:
        encoding: what it is parsed in; None does not parse it.
    """
    # In a thread of its own, as what the parser remembers of names lasts as long as its thread.
    return xml_names.apart(lambda: _passed(pieces, encoding))


def _passed(pieces: Iterable[bytes], encoding: str | None) -> Passed:
    digest, size = hashlib.sha256(), 0
    check = None if encoding is None else _Check(encoding)
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if check is not None:
            check.take(piece)
    return Passed(() if check is None else check.end(), size, digest.hexdigest())


class _Check:
    """The parser and what stands before it; after the first thing that is wrong it takes no more."""

    def __init__(self, encoding: str) -> None:
        target: Any = _Target()
        self._parser = etree.XMLParser(
            target=target, resolve_entities=False, no_network=True, load_dtd=False, encoding=encoding
        )
        self._markup = Markup()
        self._lines = 1
        self._found: tuple[Finding, ...] = ()
        self._begun = False

    def take(self, piece: bytes) -> None:
        """Take a piece."""
        if self._found:
            return
        if not self._begun:
            self._begun = True
            piece = piece.removeprefix(BYTE_ORDER_MARK)
        too_much = self._markup.take(piece)
        if too_much is not None:
            self._found = (_too_large(too_much, (self._lines, 0)),)
            return
        self._feed(piece)
        self._lines += piece.count(b"\n")

    def end(self) -> tuple[Finding, ...]:
        """What is wrong with all of it."""
        if not self._found:
            self._guarded(self._parser.close)
        return self._found or tuple(self._logged())

    def _feed(self, piece: bytes) -> None:
        self._guarded(lambda: self._parser.feed(piece))

    def _guarded(self, step: Any) -> None:
        try:
            step()
        except _DoctypeError:
            self._found = (_doctype((self._lines, 0)),)
        except MemoryError:
            self._found = (_too_large(("te veel namen", "too many names"), (self._lines, 0)),)
        except etree.XMLSyntaxError as error:
            place = (int(error.position[0]), int(error.position[1]))
            text = shown(str(error.msg))
            self._found = tuple(self._logged()) or (not_well_formed(place, text, text),)

    def _logged(self) -> Iterator[Finding]:
        """What the parser wrote down; undeclared prefixes are only there."""
        errors = (entry for entry in self._parser.feed_error_log if entry.level > etree.ErrorLevels.WARNING)
        return syntax_findings(islice(errors, MAXIMUM_SYNTAX_ERRORS), _NOTHING)


def _too_large(texts: tuple[str, str], place: Place) -> Finding:
    nl, en = texts
    return _error("XML-SIZE", place, f"Het bericht is te groot: {nl}.", f"The message is too large: {en}.")


def _doctype(place: Place) -> Finding:
    nl, en = "Een DOCTYPE is niet toegestaan.", "A DOCTYPE is not allowed."
    return _error("FR-NL-1.03", place, nl, en, "published")


def _error(rule: str, place: Place, nl: str, en: str, provenance: Provenance = "simulator") -> Finding:
    return Finding(rule, "error", *place, nl, en, provenance)
