"""What a taxonomy process may touch: the packages, Arelle's own files and its folder; no network at all.

An instance can name any file in schemaRef, linkbaseRef or xsi:schemaLocation, and Arelle opens what it is
asked to. So Python's audit events are listened to: they come before a file is opened or an address looked up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

_DENIED = (
    *("socket.", "subprocess.", "urllib.", "ftplib.", "http.", "smtplib.", "webbrowser.", "shutil."),
    *("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.", "ctypes."),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod"),
)
_IMPORTER = "<frozen importlib"
_DEVICES = frozenset((os.devnull, "/dev/urandom", "/etc/localtime"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Refuses what is not allowed with PermissionError, which Arelle takes for a file that cannot be read.

    It cannot be taken off again, only be let rest.

    Args:
        readable: files and folders that may be read.
        programs: folders of which Python may import modules.
    """

    def __init__(self, readable: Iterable[str], programs: Iterable[str]) -> None:
        self.armed = False
        self._readable = tuple(_places(readable))
        self._programs = tuple(_places(programs))
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        if event == "open":
            self._opening(*arguments)
        elif event.startswith(_DENIED):
            raise PermissionError(f"{event} is not for a taxonomy process")

    def _opening(self, path: object, _mode: object, flags: object) -> None:
        if isinstance(path, int):
            return
        name = os.path.realpath(os.fsdecode(path)) if isinstance(path, (str, bytes)) else str(path)
        writes = isinstance(flags, int) and flags & _WRITING
        if writes or not self._may_read(name):
            raise PermissionError("this file is not in a taxonomy package")

    def _may_read(self, name: str) -> bool:
        if name in _DEVICES or _within(name, self._readable):
            return True
        return _is_import() and _within(name, self._programs)


def _is_import() -> bool:
    """Whether it is Python's import system that opens the file: it called the hook's caller."""
    return sys._getframe(4).f_code.co_filename.startswith(_IMPORTER)


def _places(paths: Iterable[str]) -> Iterable[str]:
    return (os.path.realpath(path) for path in paths if path)


def _within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(place + os.sep) for place in places)
