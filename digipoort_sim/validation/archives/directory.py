"""The central directory of a zip archive, read strictly: what two programs could read in two ways is refused.

Python's zipfile reads the whole directory whatever its size, forgives data before and after the archive and
takes entries for what they say; all of that is decided here, before anything is unpacked.
Structures: APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from digipoort_sim.validation.archives.problems import ArchiveProblem

STORED: Final = 0
DEFLATED: Final = 8
ENCRYPTED: Final = 0x2061  # bits 0 (encrypted), 5 (patched), 6 (strong encryption), 13 (masked headers)

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s4B4H3L5H2L")
_EXTRA = struct.Struct("<2H")
_LOCAL_FIXED = 30
_LONGEST_COMMENT = 0xFFFF
_ALL_ONES_16 = 0xFFFF
_ALL_ONES_32 = 0xFFFFFFFF
_ZIP64_FIELD = 1


class Source(Protocol):
    """Where the bytes of an archive are."""

    def size(self) -> int:
        """Number of octets.

        Raises:
            OSError: it cannot be known.
        """
        ...

    def piece(self, offset: int, length: int) -> bytes:
        """Octets from an offset on; fewer where the archive ends before.

        Raises:
            OSError: they cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class BytesSource:
    """An archive in memory."""

    content: bytes

    def size(self) -> int:
        """Number of octets."""
        return len(self.content)

    def piece(self, offset: int, length: int) -> bytes:
        """Octets from an offset on."""
        return self.content[offset : offset + length]


@dataclass(frozen=True, slots=True)
class FileSource:
    """An archive on disk; it is opened for every piece, so that nothing has to be closed."""

    path: Path

    def size(self) -> int:
        """Number of octets.

        Raises:
            OSError: there is no such file, or it is none that ends.
        """
        if not self.path.is_file():
            raise FileNotFoundError(self.path)
        return self.path.stat().st_size

    def piece(self, offset: int, length: int) -> bytes:
        """Octets from an offset on."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(length)


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory is.

    Args:
        offset: of its first entry.
        octets: its size.
        entries: how many it says it has.
    """

    offset: int
    octets: int
    entries: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the central directory, as it says.

    Args:
        raw_name: its name in octets.
        packed: size in the archive.
        unpacked: size of the member itself.
        offset: of its local header.
        mode: type and permissions where a Unix wrote them, else 0.
    """

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    unpacked: int
    offset: int
    mode: int

    @property
    def is_special(self) -> bool:
        """Whether it is neither a file nor a folder: a link, a device."""
        kind = stat.S_IFMT(self.mode)
        return kind not in (0, stat.S_IFREG, stat.S_IFDIR)

    @property
    def least_end(self) -> int:
        """Where its data end at the earliest: the extra field of the local header is not known yet."""
        return self.offset + _LOCAL_FIXED + len(self.raw_name) + self.packed


def find_directory(source: Source) -> Directory | ArchiveProblem:
    """Where the central directory is, by the record at the very end of the archive."""
    size = source.size()
    start = max(0, size - _END.size - _LONGEST_COMMENT)
    tail = source.piece(start, size - start)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        return ArchiveProblem("not-a-zip")
    _, disk, first_disk, on_disk, entries, octets, offset, comment = _END.unpack_from(tail, found)
    if found + _END.size + comment != len(tail):
        return ArchiveProblem("trailing-data")
    plain = (disk, first_disk, on_disk, entries, octets, offset)
    locator_at = start + found - _LOCATOR.size
    locator = source.piece(locator_at, _LOCATOR.size) if locator_at >= 0 else b""
    if locator.startswith(b"PK\x06\x07") and len(locator) == _LOCATOR.size:
        return _zip64_directory(source, locator, locator_at, plain)
    return _directory(plain, start + found)


def _zip64_directory(
    source: Source, locator: bytes, locator_at: int, plain: tuple[int, ...]
) -> Directory | ArchiveProblem:
    _, disk, record_at, disks = _LOCATOR.unpack(locator)
    record = source.piece(record_at, _END_64.size)
    if record_at + _END_64.size != locator_at or not record.startswith(b"PK\x06\x06") or disk or disks > 1:
        return ArchiveProblem("zip64")
    _, length, _, _, *values = _END_64.unpack(record)
    all_ones = (*(_ALL_ONES_16,) * 4, *(_ALL_ONES_32,) * 2)
    agree = (p in (v, ones) for p, v, ones in zip(plain, values, all_ones, strict=True))
    if length != _END_64.size - 12 or not all(agree):
        return ArchiveProblem("zip64")
    return _directory(tuple(values), record_at)


def _directory(values: tuple[int, ...], end: int) -> Directory | ArchiveProblem:
    disk, first_disk, on_disk, entries, octets, offset = values
    if disk or first_disk or on_disk != entries:
        return ArchiveProblem("disks")
    if offset + octets != end:
        return ArchiveProblem("leading-data" if offset + octets < end else "directory")
    return Directory(offset, octets, entries)


def read_entries(source: Source, directory: Directory) -> tuple[Entry, ...] | ArchiveProblem:
    """All entries of a directory whose size was found good."""
    data = source.piece(directory.offset, directory.octets)
    entries: list[Entry] = []
    position = 0
    while position < len(data):
        entry, position = _entry(data, position)
        if entry is None or len(entries) == directory.entries:
            return ArchiveProblem("directory")
        entries.append(entry)
    complete = len(entries) == directory.entries and len(data) == directory.octets
    return tuple(entries) if complete else ArchiveProblem("directory")


def _entry(data: bytes, position: int) -> tuple[Entry | None, int]:
    """The entry at a position and where the next begins; None if there is none."""
    if len(data) - position < _ENTRY.size or not data.startswith(b"PK\x01\x02", position):
        return None, len(data)
    fields = _ENTRY.unpack_from(data, position)
    flags, method, crc, packed, unpacked = fields[5], fields[6], *fields[9:12]
    name_length, extra_length, comment_length, disk, _, attributes, offset = fields[12:]
    name_at = position + _ENTRY.size
    extra_at = name_at + name_length
    end = extra_at + extra_length + comment_length
    extra = data[extra_at : extra_at + extra_length]
    sizes = _with_zip64((unpacked, packed, offset), extra)
    if sizes is None or end > len(data) or disk not in (0, _ALL_ONES_16):
        return None, len(data)
    name, mode = data[name_at:extra_at], attributes >> 16
    return Entry(name, flags, method, crc, sizes[1], sizes[0], sizes[2], mode), end


def _with_zip64(values: tuple[int, int, int], extra: bytes) -> tuple[int, ...] | None:
    """Unpacked size, packed size and offset, those that are all ones out of the zip64 field."""
    wanted = [index for index, value in enumerate(values) if value == _ALL_ONES_32]
    if not wanted:
        return values
    field = next((data for kind, data in _extra_fields(extra) if kind == _ZIP64_FIELD), b"")
    if len(field) < 8 * len(wanted):
        return None
    found = list(values)
    for index, (value,) in zip(wanted, struct.iter_unpack("<Q", field[: 8 * len(wanted)]), strict=True):
        found[index] = value
    return tuple(found)


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while len(extra) - position >= _EXTRA.size:
        kind, length = _EXTRA.unpack_from(extra, position)
        position += _EXTRA.size
        yield kind, extra[position : position + length]
        position += length
