"""What lies in a delivered file: its octets, or where they are when there are too many for memory.

A file that is larger than what is checked whole becomes a payload: the same file under a name in the folder
of payloads, so that nothing is copied. A zip container stands for the one file in it, where its berichtsoort
takes no zip itself; that file is unpacked, and the receipt goes on speaking of the zip.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from digipoort_sim.catalogue import Berichtsoort, Catalogue
from digipoort_sim.errors import (
    ContentNameRefusal,
    Refusal,
    SizeRefusal,
    SpecificationRefusal,
    TechnicalError,
)
from digipoort_sim.exchange.values import Content
from digipoort_sim.ftp.file_name import FileName
from digipoort_sim.ftp.interface import Interface
from digipoort_sim.ftp.ledger import Entry
from digipoort_sim.ftp.profile import Profile
from digipoort_sim.ftp.road.delivery import bestandsnaam_of
from digipoort_sim.store.payloads import Payloads
from digipoort_sim.validation.archives.problems import ArchiveProblem
from digipoort_sim.validation.archives.reading import (
    Archive,
    ArchiveLimits,
    BadMemberError,
    Member,
    open_archive,
)

_ZIP = "application/zip"
_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
"""Of a zip, and of one that holds nothing; no XML begins so."""
_TOO_LARGE: Final = frozenset({"octets", "directory-size", "total-size", "member-size", "ratio"})
_MOST_MEMBERS = 100
_DIRECTORY_OCTETS = 65_536
_RATIO = 500
"""How many times larger the file in a container may be; deflate cannot do more than 1,032."""


class Contents:
    """Turns delivered files into contents."""

    def __init__(self, catalogue: Catalogue, payloads: Payloads) -> None:
        self._catalogue = catalogue
        self._payloads = payloads
        self._most = payloads.larger_than

    def is_slow(self, entry: Entry, path: Path) -> bool:
        """Whether it takes long enough that other files should not wait for it.

        Raises:
            OSError: the file is not there.
        """
        size = path.stat().st_size
        return size > self._most or entry.name.lower().endswith(".zip")

    def of(self, entry: Entry, path: Path, interface: Interface) -> Content:
        """The content of a delivered file; may be repeated.

        Args:
            entry: with size and SHA-256 of the file.

        Raises:
            Refusal: its name is not good, or it is a container that cannot be unpacked.
            OSError: the disk is full or fails.
        """
        name = interface.names.parse(entry.name)
        row = self._catalogue.berichtsoort(name.berichtsoort)
        if name.mime_type == _ZIP and not takes_zip(row):
            return self._unpacked(entry, path, interface, name, row)
        if name.mime_type.endswith("xml") and _begins_as_zip(path):
            raise _zip_by_another_name(name, interface.profile)
        bestandsnaam = bestandsnaam_of(name)
        size, sha256 = entry.size, entry.sha256
        if size is None or sha256 is None or size <= self._most:
            return Content(name.mime_type, bestandsnaam, path.read_bytes())
        return Content(
            name.mime_type, bestandsnaam, b"", self._payloads.adopt(path, entry.work, size, sha256)
        )

    def _unpacked(
        self, entry: Entry, path: Path, interface: Interface, name: FileName, row: Berichtsoort
    ) -> Content:
        if not interface.profile.zip_containers:
            raise ContentNameRefusal(
                f"this interface takes no zip containers and {row.name} no zip; deliver the file itself",
                rule="FTP-ZIP",
            )
        archive, member = _opened(path, interface.profile)
        suffix = PurePosixPath(member.name).suffix.removeprefix(".")
        mime_type = interface.names.mime_type(row, suffix)
        if mime_type == _ZIP:
            raise _not_one_file("a zip file again")
        bestandsnaam = bestandsnaam_of(name, suffix)
        try:
            if member.entry.unpacked <= self._most:
                return Content(mime_type, bestandsnaam, b"".join(archive.pieces(member.name)))
            with self._payloads.writing(entry.work, member.entry.unpacked) as writing:
                for piece in archive.pieces(member.name):
                    writing.write(piece)
        except BadMemberError as error:
            raise _refusal(error.problem) from error
        payload = self._payloads.at(entry.work, writing.size, writing.sha256)
        return Content(mime_type, bestandsnaam, b"", payload)


def takes_zip(row: Berichtsoort) -> bool:
    """Whether a zip is a content of its own for this berichtsoort."""
    return _ZIP in row.mime_types or (not row.mime_types and row.form in ("any", "report-package"))


def _begins_as_zip(path: Path) -> bool:
    with path.open("rb", buffering=0) as file:
        return file.read(4) in _ZIP_BEGINS


def _zip_by_another_name(name: FileName, profile: Profile) -> Refusal:
    extension = PurePosixPath(name.whole).suffix
    mend = (
        "name it .zip" if profile.zip_containers else "this profile takes no zip, so deliver the file in it"
    )
    return ContentNameRefusal(f"the content is a zip, its name ends in {extension}; {mend}", rule="FTP-ZIP")


def _opened(path: Path, profile: Profile) -> tuple[Archive, Member]:
    """A container and the one file in it.

    Raises:
        Refusal: it is no zip, not a good one, or holds anything else.
        TechnicalError: it cannot be read.
    """
    limits = ArchiveLimits(
        octets=profile.max_file_bytes,
        members=_MOST_MEMBERS,
        directory_octets=_DIRECTORY_OCTETS,
        member_octets=profile.max_unpacked_bytes,
        total_octets=profile.max_unpacked_bytes,
        ratio=_RATIO,
    )
    archive = open_archive(path, limits)
    if not isinstance(archive, Archive):
        raise _refusal(archive[0])
    members = list(archive.members.values())
    if len(members) != 1:
        raise _not_one_file(f"{len(members)} files or folders")
    if members[0].is_folder or "/" in members[0].name:
        raise _not_one_file("a folder")
    return archive, members[0]


def _not_one_file(found: str) -> Refusal:
    return ContentNameRefusal(
        f"the zip holds {found}; it must hold exactly one file, in no folder", rule="FTP-ZIP-MEMBERS"
    )


def _refusal(problem: ArchiveProblem) -> Refusal | TechnicalError:
    if problem.key == "unreadable":
        return TechnicalError("the zip cannot be read now", rule="FTP-FILE")
    if problem.key in _TOO_LARGE:
        return SizeRefusal(problem.text_en, rule="FTP-ZIP-SIZE")
    if problem.key == "members":
        return _not_one_file(f"{problem.found} files or folders")
    return SpecificationRefusal(problem.text_en, rule="FTP-ZIP-DAMAGED")
