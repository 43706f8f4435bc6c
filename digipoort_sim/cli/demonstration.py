"""``demo``: the main job, end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add ``demo``."""
    app.command("demo")(_demo)


def _demo(
    ctx: typer.Context,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", metavar="DIR", help="Keep the state here [default: a folder that is removed]."
        ),
    ] = None,
) -> int:
    """Watch a software vendor's day: certificates, mandates over WUS and FTPS, letters, time, messages."""
    from digipoort_sim.client import demo
    from digipoort_sim.client.options import DemoOptions

    return demo.demo(DemoOptions(state=state or ctx.obj))
