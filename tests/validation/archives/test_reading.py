"""Zip archives: what is refused, and that nothing but a problem ever comes out."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digipoort_sim.validation.archives.problems import PROBLEMS, ArchiveProblem
from digipoort_sim.validation.archives.reading import Archive, ArchiveLimits, open_archive
from tests.validation.archives.zips import DEFLATED, Raw, archive, deflated, zipped

LIMITS = ArchiveLimits(
    octets=1_000_000, members=50, directory_octets=10_000, member_octets=5_000_000, total_octets=8_000_000
)
TEXT = random.Random(1).randbytes(20_000) * 150


def opened(content: bytes | Path, limits: ArchiveLimits = LIMITS) -> Archive:
    """The archive, which must be good."""
    found = open_archive(content, limits)
    assert isinstance(found, Archive), found
    return found


def keys(content: bytes | Path, limits: ArchiveLimits = LIMITS) -> list[str]:
    """The keys of all problems, of the directory or else of the members."""
    found = open_archive(content, limits)
    if not isinstance(found, Archive):
        return [problem.key for problem in found]
    problems = [found.problem(name) for name in found.names]
    return [problem.key for problem in problems if problem is not None]


def test_a_good_archive_gives_its_files_from_memory_and_from_disk(tmp_path: Path) -> None:
    """Names and contents are those that were put in; folders are members but not files."""
    content = zipped({"p/": b"", "p/caf\u00e9.txt": TEXT, "p/empty": b""}, comment=b"a remark")
    (tmp_path / "a.zip").write_bytes(content)
    for source in (content, tmp_path / "a.zip"):
        found = opened(source)
        assert found.names == ("p/caf\u00e9.txt", "p/empty")
        assert "p/" in found.members
        assert found.read("p/caf\u00e9.txt") == TEXT
        assert found.problem("p/empty") is None
        assert found.read("p/") == ArchiveProblem("missing", "p/")


def test_zip64_is_read() -> None:
    """An archive with zip64 records, as programs write that do not know the sizes beforehand, is read."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file, file.open("a", "w", force_zip64=True) as member:
        member.write(b"content")
    content = target.getvalue()
    end = content.rindex(b"PK\5\6")
    at, octets = (
        struct.unpack_from("<L", content, end + 16)[0],
        struct.unpack_from("<L", content, end + 12)[0],
    )
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, octets, at)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert opened(content[:end] + record + locator + last).read("a") == b"content"
    other = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, octets, at, 0)
    assert keys(content[:end] + record + locator + other) == ["zip64"]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (Raw(name=b"../a"), "name-path"),
        (Raw(name=b"/etc/passwd"), "name-path"),
        (Raw(name=b"a//b"), "name-path"),
        (Raw(name=b""), "name-path"),
        (Raw(name=b"C:a"), "name-path"),
        (Raw(name=b"a\\b"), "name-characters"),
        (Raw(name=b"a\0b"), "name-characters"),
        (Raw(name=b"caf\x82", flags=0), "name-encoding"),
        (Raw(name=b"x" * 256), "name-length"),
        (Raw(name=b"a/" * 20 + b"b"), "depth"),
        (Raw(flags=0x801), "encrypted"),
        (Raw(flags=0x840), "encrypted"),
        (Raw(flags=0x820), "encrypted"),
        (Raw(method=DEFLATED, data=deflated(b"x"), attributes=stat.S_IFLNK << 16), "special"),
        (Raw(name=b"a/"), "folder"),
        (Raw(disk=3), "directory"),
        (Raw(crc=1), "checksum"),
        (Raw(local_name=b"b.txt"), "header"),
        (Raw(method=DEFLATED, data=deflated(b"hello"), unpacked=4), "checksum"),
        (Raw(method=DEFLATED, data=deflated(b"hello"), unpacked=6), "checksum"),
        (Raw(method=DEFLATED, data=deflated(b"hello") + b"more"), "damaged"),
        (Raw(method=DEFLATED, data=deflated(b"hello"), packed=3), "damaged"),
        (Raw(packed=6, unpacked=6), "overlap"),
        (Raw(offset=0xFFFFFFF0), "overlap"),
        (Raw(unpacked=5_000_001), "member-size"),
        (Raw(unpacked=4_000_000), "ratio"),
        (Raw(unpacked=0xFFFFFFFF), "directory"),
        (Raw(unpacked=0xFFFFFFFF, extra=struct.pack("<2HQ", 1, 8, 1 << 62)), "total-size"),
    ],
)
def test_a_member_that_is_refused(member: Raw, expected: str) -> None:
    """Every kind of bad member is a problem of its own, with the name in both texts."""
    assert expected in keys(archive(member))


def test_an_unknown_method_is_refused() -> None:
    """Only stored and deflated members are read."""
    content = zipped({"a": b"x"}).replace(b"\x08\0", b"\x0c\0")
    assert "method" in keys(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "not-a-zip"),
        (b"PK", "not-a-zip"),
        (b"PK\5\6" + bytes(17), "not-a-zip"),
        (b"<html/>" + archive(Raw()), "leading-data"),
        (archive(Raw(), comment=b"PK\5\6"), "not-a-zip"),
        (archive(Raw(), comment=b"PK\5\6" + bytes(18)), "leading-data"),
        (archive(Raw()) + b"\n", "trailing-data"),
        (archive(Raw(), disk=1), "disks"),
        (archive(Raw(), entries=2), "directory"),
        (archive(Raw(), Raw(name=b"b"), entries=1), "directory"),
        (archive(Raw(), entries=51), "members"),
        (archive(Raw(), Raw()), "duplicate"),
        (archive(*(Raw(name=b"%d" % n * 100) for n in range(10, 60))), "directory-size"),
        (bytes(1_000_001), "octets"),
        (Path("no such file"), "unreadable"),
        (Path("/dev/zero"), "unreadable"),
    ],
)
def test_an_archive_that_is_refused(content: bytes | Path, expected: str) -> None:
    """Everything that two programs could read in two ways, and all that is too much, is refused."""
    assert expected in keys(content)


def test_members_that_share_data_are_refused() -> None:
    """Bombs whose members overlap (Fifield, WOOT 2019) are known by their ranges, without unpacking."""
    kernel = Raw(name=b"k", method=DEFLATED, data=deflated(bytes(100_000)))
    local = kernel.local()
    quoted = Raw(name=b"q", data=b"", crc=0, packed=len(local), unpacked=len(local))
    same_place = Raw(name=b"k", offset=0)
    assert "overlap" in keys(archive(quoted, kernel))
    assert "overlap" in keys(archive(Raw(), same_place))
    extra = Raw(
        name=b"x", local_extra=struct.pack("<2H", 0x7777, len(local)), packed=0, unpacked=0, data=b"", crc=0
    )
    content = bytearray(archive(extra, kernel))
    struct.pack_into("<H", content, 28, 4 + len(local))
    assert "overlap" in keys(bytes(content))


def test_a_member_is_unpacked_no_further_than_it_says() -> None:
    """A bomb that says it is small is stopped at that size, however large it would become."""
    bomb = Raw(method=DEFLATED, data=deflated(bytes(50_000_000)), unpacked=1000)
    limits = ArchiveLimits(1_000_000, 50, 10_000, 2000, 2000)
    found = opened(archive(bomb), limits)
    assert found.read("a.txt") == ArchiveProblem("checksum", "a.txt")


def test_a_large_archive_on_disk_is_opened_by_its_directory(tmp_path: Path) -> None:
    """20,000 members are read with limits that allow them, as a taxonomy package needs."""
    path = tmp_path / "nt.zip"
    path.write_bytes(archive(*(Raw(name=b"nt/%05d.xsd" % n) for n in range(20_000))))
    limits = ArchiveLimits(1 << 33, 100_000, 1 << 26, 1 << 30, 1 << 34)
    assert opened(path, limits).read("nt/19999.xsd") == b"hello"
    assert keys(path) == ["octets"]


def test_every_problem_has_texts_that_can_be_filled_in() -> None:
    """No text has a name that a problem does not have, and control characters never come through."""
    for key in PROBLEMS:
        problem = ArchiveProblem(key, "a\x07b", 7, 5)
        assert "\x07" not in problem.text_nl + problem.text_en
        assert problem.text_nl != problem.text_en


GOOD = zipped({"p/META-INF/x.json": b"{}", "p/reports/r.xhtml": b"<html/>" * 300, "p/": b""}, comment=b"c")


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=8), st.integers(0, 40)
)
def test_mutated_archives_give_problems_only(changes: list[tuple[int, int]], cut: int) -> None:
    """Whatever octets are changed or missing, the answer is contents or problems, never an exception."""
    content = bytearray(GOOD)
    for place, octet in changes:
        content[place] = octet
    found = open_archive(bytes(content[cut % 3 :][: len(content) - cut // 3]), LIMITS)
    if isinstance(found, Archive):
        for name in found.names:
            assert isinstance(found.read(name), bytes | ArchiveProblem)
    else:
        assert found


def test_what_we_read_python_reads_too() -> None:
    """Single bits changed: what is good here has the same names and contents in zipfile."""
    for place in range(len(GOOD)):
        content = bytearray(GOOD)
        content[place] ^= 1 << place % 8
        found = open_archive(bytes(content), LIMITS)
        if isinstance(found, Archive) and not keys(bytes(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as file:
                assert [n for n in file.namelist() if not n.endswith("/")] == list(found.names)
                assert all(file.read(name) == found.read(name) for name in found.names)
