"""The folders of an account at the file door: what lies there, fetching it, taking it away, delivering."""

from __future__ import annotations

import fnmatch
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digipoort_sim.client.files import FileSession
from digipoort_sim.client.receipts import Receipt, deliver_file
from digipoort_sim.client.uploading import Depot, Progress, Source, Upload
from digipoort_sim.errors import ConfigError, NotFoundError

_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.05
_BLOCK = 256 * 1024
_MOMENT = "%Y%m%d%H%M%S"
PART = ".part"
"""What the name of a file ends in that is not here completely."""


@dataclass(frozen=True)
class FileEntry:
    """One line of a listing.

    Attributes:
        path: absolute, at the door.
        size: octets; None for a folder.
        modified: None where the door does not tell.
    """

    name: str
    path: str
    size: int | None
    modified: datetime | None

    @property
    def is_folder(self) -> bool:
        """Whether it is no file."""
        return self.size is None


def _silent(done: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class FileBox:
    """One account's files.

    Everything may raise `UnreachableError` (no door, or the certificate is refused) and `ReplyError` (the
    door says no).
    """

    depot: Depot

    def put(self, name: str, content: bytes | Path, *, resume: bool = False) -> Receipt:
        """Deliver a file under a name; gives its receipt.

        Args:
            resume: go on where an earlier upload under this name broke off.

        Raises:
            FaultError: it is refused.
            ConfigError: it cannot be read, or there was no answer in time.
        """
        source = Source.of_path(content) if isinstance(content, Path) else Source.of_octets(content)
        return deliver_file(Upload(self.depot, name, source, _silent, resume))[0]

    def entries(self, path: str = "") -> list[FileEntry]:
        """What lies in a folder, by name; without a path in that of the answers."""
        folder = self.place(path or self.depot.profile.out_folder)
        with self.depot.session() as ftp:
            return _listed(ftp, folder)

    def names(self) -> list[str]:
        """The names of the files in the folder of the answers."""
        return [entry.name for entry in self.entries() if not entry.is_folder]

    def read(self, name: str) -> bytes:
        """The content of a file, in memory."""
        content = io.BytesIO()
        with self.depot.session() as ftp:
            ftp.retrbinary(f"RETR {self.path_of(name)}", content.write)
        return content.getvalue()

    def wait_for(self, name: str, seconds: float = _PATIENCE_SECONDS) -> bytes:
        """The content of a file in the folder of the answers, once it is there.

        Raises:
            NotFoundError: it did not come in time.
        """
        until = time.monotonic() + seconds
        while name not in self.names():
            if time.monotonic() > until:
                raise NotFoundError(f"{name} did not come within {seconds:g} s", rule="NOT-THERE")
            time.sleep(_POLL_SECONDS)
        return self.read(name)

    def remove(self, *names: str) -> None:
        """Take files away, from the folder of the answers unless their name is a path."""
        with self.depot.session() as ftp:
            for name in names:
                ftp.delete(self.path_of(name))

    def found(self, patterns: Sequence[str]) -> list[FileEntry]:
        """The files whose names are given or match a pattern with ``*`` and ``?``.

        Raises:
            NotFoundError: there is none for one of them.
        """
        wanted = [self.path_of(pattern) for pattern in patterns]
        with self.depot.session() as ftp:
            folders = {path.rpartition("/")[0] for path in wanted}
            entries = [entry for folder in sorted(folders) for entry in _listed(ftp, folder or "/")]
        files = [entry for entry in entries if not entry.is_folder]
        for path in wanted:
            if not any(fnmatch.fnmatchcase(entry.path, path) for entry in files):
                raise NotFoundError(
                    f"there is no {path} at the file door; see: digipoort-sim ftp ls", rule="NOT-THERE"
                )
        return [entry for entry in files if any(fnmatch.fnmatchcase(entry.path, path) for path in wanted)]

    def fetch(
        self, entry: FileEntry, folder: Path, progress: Progress = _silent, *, resume: bool = False
    ) -> Path:
        """Write a file into a folder, at once under its name; gives where.

        Args:
            resume: go on where an earlier fetch broke off.

        Raises:
            ConfigError: it cannot be written, or came only in part.
        """
        target = folder / safe_name(entry.name)
        part = target.with_name(f"{target.name}{PART}")
        there = part.stat().st_size if resume and part.exists() else 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = part.open("ab" if there else "wb")
        except OSError as error:
            raise ConfigError(f"{part} cannot be written: {error.strerror}", rule="FILE") from error
        with file, self.depot.session() as ftp:

            def keep(block: bytes) -> None:
                file.write(block)
                progress(file.tell())

            ftp.retrbinary(f"RETR {entry.path}", keep, blocksize=_BLOCK, rest=there or None)
        if part.stat().st_size != entry.size:
            raise ConfigError(
                f"{entry.name} has {entry.size} bytes, {part.stat().st_size} came; go on with --resume",
                rule="FTP-BROKEN-OFF",
            )
        return part.replace(target)

    def path_of(self, name: str) -> str:
        """The path of a file at the door; a plain name is one in the folder of the answers."""
        return self.place(name if "/" in name else f"{self.depot.profile.out_folder}/{name}")

    @staticmethod
    def place(path: str) -> str:
        """A path from the root of the account."""
        return f"/{path.strip('/')}"


def safe_name(name: str) -> str:
    """A name of the door's as one of this machine.

    Raises:
        ConfigError: it would lead out of the folder.
    """
    if not name or "/" in name or "\\" in name or name.startswith(".") or not name.isprintable():
        raise ConfigError(f"{name!r} is no name for a file here", rule="FILE")
    return name


def _listed(ftp: FileSession, folder: str) -> list[FileEntry]:
    entries = [
        _entry(name, folder, facts)
        for name, facts in ftp.mlsd(folder)
        if facts.get("type") not in ("cdir", "pdir")
    ]
    return sorted(entries, key=lambda entry: entry.name)


def _entry(name: str, folder: str, facts: dict[str, str]) -> FileEntry:
    size = facts.get("size", "")
    is_file = facts.get("type") == "file"
    return FileEntry(
        name,
        f"{folder.rstrip('/')}/{name}",
        int(size) if is_file and size.isdigit() else (0 if is_file else None),
        _moment(facts.get("modify", "")),
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text[:14], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
