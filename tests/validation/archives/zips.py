"""Zip archives for the tests, written octet by octet so that every field can be wrong."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

STORED, DEFLATED = 0, 8


def zipped(members: dict[str, bytes], *, comment: bytes = b"") -> bytes:
    """A good archive, as Python writes it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.comment = comment
    return target.getvalue()


def deflated(content: bytes) -> bytes:
    """Content as raw deflate data."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(content) + deflater.flush()


@dataclass
class Raw:
    """A member whose headers say what the test wants; None for what is true."""

    name: bytes = b"a.txt"
    data: bytes = b"hello"
    method: int = STORED
    flags: int = 0x800
    crc: int | None = None
    packed: int | None = None
    unpacked: int | None = None
    offset: int | None = None
    attributes: int = 0
    disk: int = 0
    local_name: bytes | None = None
    extra: bytes = b""
    local_extra: bytes = b""

    def local(self) -> bytes:
        """Its local header and data."""
        name = self.name if self.local_name is None else self.local_name
        sizes = self._numbers()
        lengths = (len(name), len(self.local_extra))
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, self.flags, self.method, 0, 33, *sizes, *lengths)
        return head + name + self.local_extra + self.data

    def central(self, offset: int) -> bytes:
        """Its entry in the directory."""
        place = offset if self.offset is None else self.offset
        numbers = (20, 3, 20, 0, self.flags, self.method, 0, 33, *self._numbers(), len(self.name))
        rest = (len(self.extra), 0, self.disk, 0, self.attributes, place)
        return struct.pack("<4s4B4H3L5H2L", b"PK\1\2", *numbers, *rest) + self.name + self.extra

    def _numbers(self) -> tuple[int, int, int]:
        packed = len(self.data) if self.packed is None else self.packed
        if self.crc is not None and self.unpacked is not None:
            return self.crc, packed, self.unpacked
        content = self.data if self.method == STORED else zlib.decompress(self.data, -15)
        crc = zlib.crc32(content) if self.crc is None else self.crc
        return crc, packed, len(content) if self.unpacked is None else self.unpacked


def archive(*members: Raw, entries: int | None = None, comment: bytes = b"", disk: int = 0) -> bytes:
    """An archive of these members."""
    body, directory = bytearray(), bytearray()
    for member in members:
        directory += member.central(len(body))
        body += member.local()
    count = len(members) if entries is None else entries
    sizes = (disk, disk, count, count, len(directory), len(body), len(comment))
    return bytes(body + directory) + struct.pack("<4s4H2LH", b"PK\5\6", *sizes) + comment
