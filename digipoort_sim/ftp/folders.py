"""The folders of an account: one to deliver, one to fetch from, and no way out of them."""

from __future__ import annotations

import os
import stat
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pyftpdlib.filesystems import AbstractedFS, FilesystemError

_IN_PERMISSIONS, _OUT_PERMISSIONS, _FOLDER_PERMISSIONS = "adfwlT", "rdl", "el"

# A file's own permission bits say whether its upload came to its end; they outlive a crash.
_PART, _WHOLE = 0o600, 0o640


class Homes:
    """Where the files of all accounts lie in the state directory; each interface has homes of its own.

    Args:
        interface: key of the interface.
        in_folder: what the folder to deliver in is called, for clients and on disk.
        out_folder: likewise the one to fetch from.

    Attributes:
        work: the folder where delivered files are processed.
    """

    def __init__(self, state: Path, interface: str, in_folder: str = "in", out_folder: str = "out") -> None:
        self._root = state / interface
        self.work = state / "ftp-work"
        self._in = in_folder
        self._out = out_folder
        self._permissions = {in_folder: _IN_PERMISSIONS, out_folder: _OUT_PERMISSIONS}

    def prepare(self) -> None:
        """Make the folders that are there for all."""
        for folder in (self._root, self.work):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def home(self, user: str) -> Path:
        """The home of an account."""
        return self._root / user

    def make_home(self, user: str) -> Path:
        """The home of an account, made if it is not there."""
        home = self.home(user)
        for folder in (home, home / self._in, home / self._out):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return home

    def incoming(self, user: str) -> Path:
        """The folder of an account to deliver in."""
        return self._root / user / self._in

    def outgoing(self, user: str) -> Path:
        """The folder of an account to fetch from."""
        return self._root / user / self._out

    def users(self) -> list[str]:
        """The accounts that have a home."""
        return [entry.name for entry in os.scandir(self._root) if entry.is_dir(follow_symlinks=False)]

    def allowed(self, user: str, path: str) -> str:
        """What an account may do with a path: letters of pyftpdlib's permissions, empty for nothing.

        Args:
            path: an absolute path without ``..``.
        """
        try:
            parts = Path(path).relative_to(self.home(user)).parts
        except ValueError:
            return ""
        if len(parts) < 2 and (not parts or parts[0] in self._permissions):
            return _FOLDER_PERMISSIONS
        if len(parts) == 2 and not parts[1].startswith("."):
            return self._permissions.get(parts[0], "")
        return ""

    def letters_in(self, folder: str) -> str:
        """What may be done with the files in a folder of any account, by its name; empty: its home."""
        return self._permissions.get(folder, _FOLDER_PERMISSIONS if not folder else "")


def is_whole(path: str | Path) -> bool:
    """Whether the last upload to this file came to its end."""
    return stat.S_IMODE(os.lstat(path).st_mode) == _WHOLE


def mark_whole(descriptor: int) -> None:
    """Note that the upload to this open file came to its end."""
    os.fchmod(descriptor, _WHOLE)


def mark_part(descriptor: int) -> None:
    """Note that an upload to this open file begins."""
    os.fchmod(descriptor, _PART)


def used_space(folder: Path, without: str) -> tuple[int, int]:
    """How many files a folder has and their bytes together, one name left out."""
    sizes = []
    for entry in os.scandir(folder):
        try:
            if entry.name != without:
                sizes.append(entry.stat(follow_symlinks=False).st_size)
        except FileNotFoundError:
            continue  # moved away meanwhile
    return len(sizes), sum(sizes)


class Folders(AbstractedFS):  # type: ignore[misc]
    """One account's view of its files: real ones only, never through a symbolic link."""

    readlink = None
    """Where a link points to is nobody's business."""

    def open(self, filename: str, mode: str) -> IO[bytes]:
        """Open a file; one that is written counts as a part until its upload has come to its end.

        Raises:
            OSError: there is no such file, or it is a symbolic link.
        """
        file = open(filename, mode, opener=_open_no_link)  # noqa: SIM115 (pyftpdlib closes it)
        if "r" not in mode or "+" in mode:
            mark_part(file.fileno())
        elif not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise FilesystemError("Not a file")
        return file

    def chdir(self, path: str) -> None:
        """Change the session's folder; that of the process stays."""
        if not os.path.isdir(path):
            raise FilesystemError("Not a folder")
        self.cwd = self.fs2ftp(path)

    def listdir(self, path: str) -> list[str]:
        """The names in a folder, at most as many as one listing may have."""
        most = self.cmd_channel.desk.profile.max_listing
        return [entry.name for entry in islice(os.scandir(path), most) if _is_shown(entry)]

    def get_user_by_uid(self, uid: int) -> str:
        """A name that tells nothing of the machine."""
        return "owner"

    def get_group_by_gid(self, gid: int) -> str:
        """A name that tells nothing of the machine."""
        return "group"

    def format_mlsx(self, basedir: str, listing: Any, perms: str, *rest: Any, **options: Any) -> Any:
        """Machine-readable lines, with the permissions of this folder rather than of the account."""
        # MLST asks for the root itself by the folder that it lies in.
        relative = Path(basedir).relative_to(Path(self.root).parent).parts
        letters = self.cmd_channel.desk.homes.letters_in(relative[1] if len(relative) > 1 else "")
        return super().format_mlsx(basedir, listing, letters, *rest, **options)


def _is_shown(entry: os.DirEntry[str]) -> bool:
    return not (entry.name.startswith(".") or entry.is_symlink()) and entry.name.isprintable()


def _open_no_link(path: str, flags: int) -> int:
    if flags & os.O_WRONLY:
        # Who resumes an upload reads what is there, and throws away the rest where it may wait for the disk.
        flags = flags & ~(os.O_WRONLY | os.O_TRUNC) | os.O_RDWR
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, _PART)
