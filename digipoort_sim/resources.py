"""Where files lie: the project's data (beside the package, or inside it in a wheel), the user's state."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def schemas() -> Path:
    """The folder with WSDLs, XSDs and the mandate taxonomy."""
    return _folder("schemas")


def certs() -> Path:
    """The folder with the certificate profile."""
    return _folder("certs")


def default_state() -> Path:
    """The default state directory: ``$XDG_STATE_HOME/digipoort-sim``."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "digipoort-sim"


def plain_path(path: Path | str) -> Path:
    """The same place as an absolute path without ``~``, ``.`` and ``..``.

    The file door compares paths part by part and refuses everything below a home that has ``..`` in it.
    """
    return Path(os.path.abspath(Path(path).expanduser()))
