"""Options that many commands share, and how the state directory is found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from digipoort_sim.resources import default_state, plain_path


def state_directory(ctx: typer.Context, value: Path | None) -> Path:
    """The state directory: the command's option, the program's, ``DIGIPOORT_SIM_STATE``, or the default."""
    named = value or ctx.obj or os.environ.get("DIGIPOORT_SIM_STATE") or _of_config_file()
    return plain_path(named or default_state())


def _of_config_file() -> Path | None:
    if not os.environ.get("DIGIPOORT_SIM_CONFIG"):
        return None
    from digipoort_sim.config_loading import load_settings

    return load_settings().state


State = Annotated[
    Path,
    typer.Option(
        "--state",
        metavar="DIR",
        callback=state_directory,
        help="State directory of the simulator [default: $XDG_STATE_HOME/digipoort-sim].",
    ),
]
"""The state directory; its default is `NO_STATE`, in place of which the callback gives the real one."""

NO_STATE: Path = None  # type: ignore[assignment]

StateIfGiven = Annotated[
    Path | None, typer.Option("--state", metavar="DIR", help="State directory of the simulator.")
]
"""The state directory where it is a setting like others, with its own origin."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="TOML file with settings.")]

Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many rows.")]
