"""Making sure of what is on the disk: what was told to somebody must outlive a loss of power."""

from __future__ import annotations

import os
from pathlib import Path


def force(path: Path) -> None:
    """Force a file, or the names in a folder, onto the disk.

    Raises:
        OSError: it is not there, is a symbolic link, or the disk says no.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
