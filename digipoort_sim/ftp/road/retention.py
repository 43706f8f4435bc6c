"""How long files stay, by the simulator's clock."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from digipoort_sim.clock import Clock
from digipoort_sim.ftp.interface import Interface

_EVERY = timedelta(hours=1)


class Retention:
    """Removes what lies in ``/out`` for too long; for one thread."""

    def __init__(self, clock: Clock, interfaces: Iterable[Interface]) -> None:
        self._clock = clock
        self._interfaces = tuple(interfaces)
        self._looked: datetime | None = None

    def look(self) -> None:
        """Look through all folders whenever the clock has moved an hour, forwards or back."""
        now = self._clock.now()
        if self._looked is not None and abs(now - self._looked) < _EVERY:
            return
        self._looked = now
        for interface in self._interfaces:
            oldest = (now - interface.profile.retention).timestamp()
            for user in interface.homes.users():
                _remove_older(interface.homes.outgoing(user), oldest)


def _remove_older(folder: Path, oldest: float) -> None:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):  # its owner may have removed it meanwhile
                if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < oldest:
                    os.unlink(entry.path)
