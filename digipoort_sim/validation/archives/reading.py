"""Zip archives that anybody may have sent, read within limits; nothing is ever written to a disk.

Whatever the bytes are, the answer is an `Archive`, the content of a member or an `ArchiveProblem`; sizes in
headers are never believed: unpacking stops where a member becomes larger than it said.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

from digipoort_sim.validation.archives.directory import (
    DEFLATED,
    ENCRYPTED,
    STORED,
    BytesSource,
    Directory,
    Entry,
    FileSource,
    Source,
    find_directory,
    read_entries,
)
from digipoort_sim.validation.archives.problems import ArchiveProblem

MAXIMUM_PROBLEMS: Final = 100
RATIO_FLOOR: Final = 1_048_576
"""Members that are smaller unpacked may be compressed as well as they like, in octets."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CHUNK = 1_048_576
_SIZES_FOLLOW = 8
_ALL_ONES = 0xFFFFFFFF
_FORBIDDEN = re.compile(r"[\\\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much of an archive is read.

    Args:
        octets: size of the archive itself.
        members: how many files and folders.
        directory_octets: size of the central directory.
        member_octets: size of one member, unpacked.
        total_octets: size of all members together, unpacked.
        ratio: how many times larger a member of more than `RATIO_FLOOR` may become by unpacking.
        name_characters: length of a name with its folders.
        depth: number of folders above a member, and itself.
    """

    octets: int
    members: int
    directory_octets: int
    member_octets: int
    total_octets: int
    ratio: int = 250
    name_characters: int = 255
    depth: int = 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder in an archive.

    Args:
        name: with its folders; that of a folder ends in a slash.
        entry: what the central directory says of it.
        end: its data end here at the latest.
    """

    name: str
    entry: Entry
    end: int

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.name.endswith("/")


class BadMemberError(Exception):
    """Ends the unpacking of a member; leaves this module only by `Archive.pieces`."""

    def __init__(self, problem: ArchiveProblem) -> None:
        super().__init__(problem.key)
        self.problem = problem


@dataclass(frozen=True)
class Archive:
    """An archive whose directory is in order; made by `open_archive`. Safe to share between threads.

    Args:
        members: files and folders by their names, in the order of the directory.
    """

    source: Source
    members: Mapping[str, Member]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files, without the folders."""
        return tuple(member.name for member in self.members.values() if not member.is_folder)

    def read(self, name: str) -> bytes | ArchiveProblem:
        """The content of a file, or what keeps it from being unpacked."""
        try:
            return b"".join(self.pieces(name))
        except BadMemberError as error:
            return error.problem

    def problem(self, name: str) -> ArchiveProblem | None:
        """What keeps a file from being unpacked; its content is not kept in memory."""
        try:
            for _ in self.pieces(name):
                pass
        except BadMemberError as error:
            return error.problem
        return None

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file in pieces of at most 1 MiB.

        Raises:
            BadMemberError: it cannot be unpacked; at the latest after the last piece.
        """
        member = self.members.get(name)
        if member is None or member.is_folder:
            raise BadMemberError(ArchiveProblem("missing", name))
        try:
            yield from _verified(self.source, member)
        except (OSError, zlib.error):
            raise BadMemberError(ArchiveProblem("damaged", name)) from None


def open_archive(source: bytes | Path, limits: ArchiveLimits) -> Archive | tuple[ArchiveProblem, ...]:
    """Read the directory of an archive; members are unpacked when they are asked for.

    Args:
        source: the archive itself, or the file that it is in.

    Returns:
        the archive, or all that is wrong with it: at least one problem, at most `MAXIMUM_PROBLEMS`.
    """
    try:
        return _opened(BytesSource(source) if isinstance(source, bytes) else FileSource(source), limits)
    except OSError:
        return (ArchiveProblem("unreadable"),)


def _opened(source: Source, limits: ArchiveLimits) -> Archive | tuple[ArchiveProblem, ...]:
    if source.size() > limits.octets:
        return (ArchiveProblem("octets", "", source.size(), limits.octets),)
    directory = find_directory(source)
    if isinstance(directory, ArchiveProblem):
        return (directory,)
    if directory.octets > limits.directory_octets:
        found = directory.octets
        return (ArchiveProblem("directory-size", "", found, limits.directory_octets),)
    if directory.entries > limits.members:
        return (ArchiveProblem("members", "", directory.entries, limits.members),)
    entries = read_entries(source, directory)
    if isinstance(entries, ArchiveProblem):
        return (entries,)
    members = _members(entries, directory.offset)
    problems = tuple(islice(_problems(members, directory, limits), MAXIMUM_PROBLEMS))
    return problems or Archive(source, {member.name: member for member in members})


def _members(entries: Sequence[Entry], end: int) -> tuple[Member, ...]:
    """Every entry with its name and the place where the next data begin; one entry only for each place."""
    starts = [*sorted(entry.offset for entry in entries), end]
    ends = {here: there for here, there in pairwise(starts) if here < there}
    return tuple(
        Member(entry.raw_name.decode("utf-8", "replace"), entry, ends.pop(entry.offset, entry.offset))
        for entry in entries
    )


def _problems(
    members: Sequence[Member], directory: Directory, limits: ArchiveLimits
) -> Iterator[ArchiveProblem]:
    total = sum(member.entry.unpacked for member in members)
    if total > limits.total_octets:
        yield ArchiveProblem("total-size", "", total, limits.total_octets)
    if min((member.entry.offset for member in members), default=directory.offset) > 0:
        yield ArchiveProblem("leading-data")
    seen: set[str] = set()
    for member in members:
        yield from _name_problems(member, limits)
        yield from _entry_problems(member, limits)
        if member.name in seen:
            yield ArchiveProblem("duplicate", member.name)
        seen.add(member.name)


def _name_problems(member: Member, limits: ArchiveLimits) -> Iterator[ArchiveProblem]:
    name = member.name
    parts = name.removesuffix("/").split("/")
    if name.encode() != member.entry.raw_name:
        yield ArchiveProblem("name-encoding", name)
    elif _FORBIDDEN.search(name):
        yield ArchiveProblem("name-characters", name)
    elif _DRIVE.match(name) or any(part in ("", ".", "..") for part in parts):
        yield ArchiveProblem("name-path", name)
    if len(name) > limits.name_characters:
        yield ArchiveProblem("name-length", name, len(name), limits.name_characters)
    if len(parts) > limits.depth:
        yield ArchiveProblem("depth", name, len(parts), limits.depth)


def _entry_problems(member: Member, limits: ArchiveLimits) -> Iterator[ArchiveProblem]:
    name, entry = member.name, member.entry
    if entry.least_end > member.end:
        yield ArchiveProblem("overlap", name)
    if entry.flags & ENCRYPTED:
        yield ArchiveProblem("encrypted", name)
    if entry.method not in (STORED, DEFLATED):
        yield ArchiveProblem("method", name, entry.method)
    if entry.is_special:
        yield ArchiveProblem("special", name)
    if member.is_folder and entry.unpacked:
        yield ArchiveProblem("folder", name)
    if entry.unpacked > limits.member_octets:
        yield ArchiveProblem("member-size", name, entry.unpacked, limits.member_octets)
    ratio = entry.unpacked // max(entry.packed, 1)
    if entry.unpacked > RATIO_FLOOR and ratio > limits.ratio:
        yield ArchiveProblem("ratio", name, ratio, limits.ratio)


def _verified(source: Source, member: Member) -> Iterator[bytes]:
    """The unpacked data, compared with what the directory says of them."""
    start = _data_start(source, member)
    unpack = _inflated if member.entry.method == DEFLATED else _packed
    octets = crc = 0
    for chunk in unpack(source, member, start):
        octets += len(chunk)
        crc = zlib.crc32(chunk, crc)
        if octets > member.entry.unpacked:
            break
        yield chunk
    if (octets, crc) != (member.entry.unpacked, member.entry.crc):
        raise BadMemberError(ArchiveProblem("checksum", member.name))


def _data_start(source: Source, member: Member) -> int:
    """Where the data begin: behind the local header, which must say what the directory says."""
    entry = member.entry
    header = source.piece(entry.offset, _LOCAL.size + len(entry.raw_name))
    if len(header) < _LOCAL.size + len(entry.raw_name) or not header.startswith(b"PK\x03\x04"):
        raise BadMemberError(ArchiveProblem("header", member.name))
    fields = _LOCAL.unpack_from(header)
    flags, method, (crc, packed, unpacked), (name_length, extra_length) = (
        *fields[2:4],
        fields[6:9],
        fields[9:],
    )
    same_sizes = packed in (entry.packed, _ALL_ONES) and unpacked in (entry.unpacked, _ALL_ONES)
    same_data = flags & _SIZES_FOLLOW or (crc == entry.crc and same_sizes)
    same_name = name_length == len(entry.raw_name) and header[_LOCAL.size :] == entry.raw_name
    if method != entry.method or flags & ENCRYPTED or not same_name or not same_data:
        raise BadMemberError(ArchiveProblem("header", member.name))
    start = entry.offset + _LOCAL.size + int(name_length) + int(extra_length)
    if start + entry.packed > member.end:
        raise BadMemberError(ArchiveProblem("overlap", member.name))
    return start


def _packed(source: Source, member: Member, start: int) -> Iterator[bytes]:
    """The data as they are in the archive."""
    end = start + member.entry.packed
    for offset in range(start, end, _CHUNK):
        yield source.piece(offset, min(_CHUNK, end - offset))


def _inflated(source: Source, member: Member, start: int) -> Iterator[bytes]:
    """The data inflated, never more than a chunk of them at once."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in _packed(source, member, start):
        rest = packed
        while rest and not inflater.eof:
            yield inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
    while not inflater.eof and (chunk := inflater.decompress(inflater.unconsumed_tail, _CHUNK)):
        yield chunk
    if not inflater.eof or inflater.unused_data:
        raise BadMemberError(ArchiveProblem("damaged", member.name))
