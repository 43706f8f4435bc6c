"""Finding a running simulator by its state directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from digipoort_sim.errors import ConfigError

_FIELDS = {"wus", "ftp_port", "web", "pid"}


class UnreachableError(ConfigError):
    """The simulator does not answer, or refuses the connection."""


def read_endpoints(state: Path) -> dict[str, Any]:
    """The content of the ``endpoints.json`` of the simulator that serves from a state directory.

    Raises:
        UnreachableError: none does.
    """
    try:
        found = json.loads((state / "endpoints.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise unreachable(state) from None
    if not isinstance(found, dict) or not set(found) >= _FIELDS:
        raise unreachable(state)
    return found


def unreachable(state: Path) -> UnreachableError:
    """The error that says what to do when no simulator answers."""
    return UnreachableError(
        f"no simulator answers for {state}; start one with: digipoort-sim serve --state {state}",
        rule="UNREACHABLE",
    )
