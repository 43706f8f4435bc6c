"""The authority's folder in the state directory: its paths, its lock, and files replaced at once."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECRET = 0o600
PUBLIC = 0o644


@dataclass(frozen=True)
class PkiPaths:
    """Where the files of the authority lie; all are PEM unless said otherwise.

    Attributes:
        folder: ``<state>/pki``.
    """

    folder: Path

    def ca_certificate(self, ca: str) -> Path:
        """The certificate of ``root``, ``intermediate`` or ``tsp``."""
        return self.folder / f"{ca}.pem"

    def ca_key(self, ca: str) -> Path:
        """The private key of ``root``, ``intermediate`` or ``tsp``."""
        return self.folder / f"{ca}.key"

    @property
    def ca_file(self) -> Path:
        """Root, intermediate and TSP CA: what clients and servers trust."""
        return self.folder / "ca.pem"

    @property
    def crl_file(self) -> Path:
        """The CRLs of the three CAs."""
        return self.folder / "crl.pem"

    @property
    def server_chain(self) -> Path:
        """The server certificate, then TSP and intermediate CA."""
        return self.folder / "server.pem"

    @property
    def server_key(self) -> Path:
        """The private key of the server certificate."""
        return self.folder / "server.key"

    @property
    def service_certificate(self) -> Path:
        """The certificate that signs answers, alone."""
        return self.folder / "service.pem"

    @property
    def service_key(self) -> Path:
        """The private key that signs answers."""
        return self.folder / "service.key"

    @property
    def issued(self) -> Path:
        """The ledger of issued certificates, JSON lines."""
        return self.folder / "issued.jsonl"

    @property
    def revoked(self) -> Path:
        """The ledger of revoked certificates, JSON lines."""
        return self.folder / "revoked.jsonl"

    @property
    def lock(self) -> Path:
        """The lock, beside the folder because the folder is moved into place as a whole."""
        return self.folder.with_name(f"{self.folder.name}.lock")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock among processes and threads; it falls free when its holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, SECRET)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes, mode: int = PUBLIC) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Args:
        mode: its permission bits; a secret file never has others, not for a moment.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def append_line(path: Path, line: bytes) -> None:
    """Add one line to a ledger, in one write; a line that a crash cut off is closed first."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, SECRET)
    try:
        size = os.fstat(descriptor).st_size
        cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (b"\n" if cut_off else b"") + line + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
