"""A progress bar on the terminal: bytes, speed and what is left; nothing where nobody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def progress_bar(label: str, total: int, then: str = "") -> Iterator[Callable[[int], None]]:
    """Show how far a transfer is, on the standard error if that is a terminal.

    Args:
        label: the name of what is transferred.
        total: its octets.
        then: what is told beside the label once all of them went.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from digipoort_sim.terminal import visible

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(escape(visible(label)), total=total)
        waiting = escape(visible(f"{label}: {then}" if then else label))
        yield lambda done: shown.update(task, completed=done, description=waiting if done >= total else None)
