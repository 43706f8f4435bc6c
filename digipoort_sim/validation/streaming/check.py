"""The checks of a content that is too large to be looked at whole, and which others its report leaves out."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final, Self

from digipoort_sim.errors import TechnicalError
from digipoort_sim.validation.archives.reading import Archive, ArchiveLimits, open_archive
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding, ValidationReport
from digipoort_sim.validation.media import plain_media
from digipoort_sim.validation.signatures import ZIP, kind_of_content
from digipoort_sim.validation.streaming.beginning import HEAD, only_root
from digipoort_sim.validation.streaming.well_formed import pass_through
from digipoort_sim.validation.subject import Delivered, Part
from digipoort_sim.validation.xml_content import LIMITS, encoding_of

OF_BEGINNING: Final = frozenset({"media", "xbrl", "root"})
"""Checks that need no more than the beginning, by their names in the catalogue."""

ZIP_LIMITS: Final = ArchiveLimits(
    octets=2**33,
    members=100_000,
    directory_octets=16 * 1024**2,
    member_octets=2**35,
    total_octets=2**36,
    ratio=2_000,
)
"""Of a zip that is the content itself: nobody keeps what is in it, so it may hold much."""

_SLICE = 262_144
_SCHEMAS = frozenset({"schema", "mandate-schema", "instance-schema"})
_RULES = frozenset({"entrypoint", "scheme", "filing-rules", "business", "mandate", "inline", "package"})
_IDENTITIES = frozenset({"identity", "report-identity"})


@dataclass(frozen=True, slots=True)
class LargeContent:
    """A content that lies in a file.

    Args:
        open: opens it for reading.
        path: the file.
        size: as it was delivered, in octets.
        sha256: likewise, in lower-case hexadecimal.
    """

    open: Callable[[], BinaryIO]
    path: Path
    size: int
    sha256: str
    mime_type: str
    bestandsnaam: str

    @classmethod
    def in_memory(cls, part: Part) -> Self:
        """A content that does not lie in a file, but that is to be checked as if it did; no zip."""
        sha256 = hashlib.sha256(part.inhoud).hexdigest()
        return cls(
            functools.partial(io.BytesIO, part.inhoud),
            Path(),
            len(part.inhoud),
            sha256,
            part.mime_type,
            part.bestandsnaam,
        )

    def pieces(self) -> Iterator[bytes]:
        """Its octets in pieces.

        Raises:
            TechnicalError: it cannot be read.
        """
        with self.open() as file:
            try:
                while piece := file.read(_SLICE):
                    yield piece
            except OSError as error:
                raise TechnicalError(
                    f"a large content cannot be read now: {error}", rule="PAYLOAD"
                ) from error


class CheckedBeginning:
    """A large content, of which the beginning can be checked like a small one."""

    def __init__(self, large: LargeContent, rules: ContentRules) -> None:
        self._large = large
        self._rules = rules

    @cached_property
    def _head(self) -> bytes:
        with self._large.open() as file:
            return file.read(HEAD)

    @cached_property
    def _encoding(self) -> str | tuple[Finding, ...] | None:
        """What it is parsed in; findings if it cannot be, None if it need not be XML."""
        if "xml" not in self._rules.validators:
            return None
        return encoding_of(self._head, LIMITS.get(self._rules.form, LIMITS["xml"]))

    def delivered(self) -> Delivered:
        """A content of nothing but its root element where it must be XML, else its first octets."""
        head = self._head
        if isinstance(self._encoding, str):
            head = only_root(head, self._encoding) or head
        return Delivered(Part(head, self._large.mime_type, self._large.bestandsnaam), self._rules)

    def report(self, of_beginning: tuple[Finding, ...]) -> ValidationReport:
        """All findings, after the rest was read.

        Raises:
            TechnicalError: the file cannot be read, or is not what was delivered.
        """
        encoding = self._encoding
        passed = pass_through(self._large.pieces(), encoding if isinstance(encoding, str) else None)
        if (passed.size, passed.sha256) != (self._large.size, self._large.sha256):
            raise TechnicalError("a large content is not what was delivered: its checksum", rule="PAYLOAD")
        unread = encoding if isinstance(encoding, tuple) else ()
        damaged = tuple(self._damaged())
        return ValidationReport(
            (*of_beginning, *unread, *passed.findings, *damaged), tuple(self._unchecked())
        )

    def _damaged(self) -> Iterator[Finding]:
        """What is wrong with a zip, every member of which is unpacked and compared with its checksum."""
        if kind_of_content(self._head) is not ZIP and plain_media(self._large.mime_type) != "application/zip":
            return
        archive = open_archive(self._large.path, ZIP_LIMITS)
        if isinstance(archive, Archive):
            problems = tuple(filter(None, map(archive.problem, archive.names)))
        else:
            problems = archive
        for problem in problems:
            yield Finding("ZIP", "error", 0, 0, problem.text_nl, problem.text_en, "simulator")

    def _unchecked(self) -> Iterator[str]:
        names = set(self._rules.validators)
        if self._rules.form == "any":
            yield from ("XSD", "IDENTITEIT")
            return
        yield "GROOT"
        yield from () if names.isdisjoint(_SCHEMAS) else ("GROOT-XSD",)
        yield from () if names.isdisjoint(_RULES) else ("GROOT-REGELS",)
        yield from () if "taxonomy" not in names else ("XBRL-TAXONOMY-SIZE", "XBRL-FORMULA")
        yield from () if names.isdisjoint(_IDENTITIES) else ("IDENTITEIT",)
