"""Which state directory this is: several servers with a disk of their own each may share one database."""

from __future__ import annotations

from pathlib import Path

from digipoort_sim.ids import IdSource
from digipoort_sim.store.disk import force

_FILE = "ftp-place"


def place_of(state: Path, ids: IdSource) -> str:
    """The name of a state directory, made at the first start and kept in it."""
    path = state / _FILE
    if not path.exists():
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f".{_FILE}")
        part.write_text(ids.uuid(), "ascii")
        force(part)
        part.replace(path)
        force(state)
    return path.read_text("ascii")
