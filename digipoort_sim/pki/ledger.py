"""What the authority issued and what it revoked: two append-only files of JSON lines."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from digipoort_sim.pki.certificate import serial_text
from digipoort_sim.pki.folder import append_line

Stamp = tuple[int, int, int]
_ABSENT: Stamp = (0, 0, 0)


@dataclass(frozen=True)
class CertificateRow:
    """One issued end certificate; times as Digipoort writes them (UTC, ``Z``).

    Attributes:
        serial: upper-case hex.
        kind: ``client``, ``server`` or ``service``.
        subject: the O of the subject.
        oin: twenty characters.
        revoked_at: None while it is not revoked.
        sha1: fingerprint, lower-case hex.
        sha256: fingerprint, lower-case hex.
    """

    serial: str
    kind: str
    subject: str
    oin: str
    not_before: str
    not_after: str
    sha1: str
    sha256: str
    revoked_at: str | None = None


class LineReader:
    """Reads a file of JSON lines that other processes add to; each call gives what is new."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._offset = 0

    def stamp(self) -> Stamp:
        """What changes when the file does; costs about a microsecond."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return _ABSENT
        return found.st_mtime_ns, found.st_size, found.st_ino

    def new_rows(self) -> list[dict[str, Any]]:
        """The rows that were added; every row again if the file is another one than before."""
        _, size, inode = self.stamp()
        if inode != self._inode or size < self._offset:
            self._inode, self._offset = inode, 0
        if not size:
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content.rfind(b"\n") + 1
        self._offset += whole
        return list(_rows(content[:whole]))


class Revocations:
    """Which serial numbers are revoked, also when another process has just revoked one.

    Safe for many threads; a call without news costs one stat of the ledger.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = LineReader(path)
        self._stamp = _ABSENT
        self._revoked: dict[int, str] = {}
        self._lock = threading.Lock()

    def is_revoked(self, serial: int) -> bool:
        """Whether the certificate with this serial number is revoked, now."""
        self._refresh()
        return serial in self._revoked

    def all(self) -> dict[int, str]:
        """Every revoked serial number with the time of its revocation (wire form)."""
        self._refresh()
        return dict(self._revoked)

    def add(self, serial: int, at: str) -> None:
        """Write a revocation to the ledger; the caller holds the authority's lock."""
        append_line(self._path, json.dumps({"serial": serial_text(serial), "at": at}).encode())

    def _refresh(self) -> None:
        if self._reader.stamp() == self._stamp:
            return
        with self._lock:
            # The stamp is taken before and kept after the reading, so that no thread sees the new stamp
            # with the old list.
            stamp = self._reader.stamp()
            for row in self._reader.new_rows():
                self._revoked.setdefault(int(row["serial"], 16), row["at"])
            self._stamp = stamp


class IssuedLedger:
    """Every end certificate that the authority issued, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = LineReader(path)
        self._rows: dict[str, CertificateRow] = {}
        self._lock = threading.Lock()

    def rows(self) -> dict[str, CertificateRow]:
        """The rows by serial number; none of them tells whether it is revoked."""
        with self._lock:
            for row in self._reader.new_rows():
                self._rows[row["serial"]] = CertificateRow(**row)
            return dict(self._rows)

    def add(self, row: CertificateRow) -> None:
        """Write a certificate to the ledger; the caller holds the authority's lock."""
        values = asdict(row)
        del values["revoked_at"]
        append_line(self._path, json.dumps(values).encode())


def _rows(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # a line that a crash cut off; append_line closed it
        if isinstance(row, dict):
            yield row
