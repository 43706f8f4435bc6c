"""Secrets of the web door in the state directory, for their owner only.

``web-token`` is shown by callers where the door is open to other machines; ``portal-key`` signs the cookies
of the portal.
"""

from __future__ import annotations

import os
from pathlib import Path

from digipoort_sim.errors import ConfigError
from digipoort_sim.ids import IdSource

FILE = "web-token"
PORTAL_KEY = "portal-key"
_BYTES = 32


def read_or_make_token(state: Path, ids: IdSource, file: str = FILE) -> str:
    """A secret of a state directory, in hex; made if there is none.

    Args:
        file: its name.

    Raises:
        ConfigError: the file cannot be read or written, or is empty.
    """
    path = state / file
    try:
        _make(path, ids)
        path.chmod(0o600)
        token = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be used: {error}", rule="WEB-TOKEN") from error
    if not token:
        raise ConfigError(f"{path} is empty; remove it, and a new one is made", rule="WEB-TOKEN")
    return token


def _make(path: Path, ids: IdSource) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(ids.token(_BYTES).hex() + "\n")
