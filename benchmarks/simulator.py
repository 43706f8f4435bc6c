"""Starting and stopping a simulator as a user would, and weighing it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "digipoort_sim"]


@dataclass(frozen=True)
class Started:
    """A simulator that is ready.

    Attributes:
        seconds: from the start of the process to ready.
        endpoints: the content of its ``endpoints.json``.
    """

    seconds: float
    endpoints: dict[str, Any]
    pid: int


@contextlib.contextmanager
def started(state: Path, *options: str) -> Iterator[Started]:
    """A simulator on free ports, stopped afterwards."""
    file = state / "endpoints.json"
    began = time.perf_counter()
    command = [*COMMAND, "serve", "--state", str(state)]
    for door in ("wus", "ftp", "web"):
        command += [f"--{door}-port", "0"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    try:
        while not file.exists():
            if process.poll() is not None:
                raise RuntimeError(f"serve ended with {process.returncode}")
            time.sleep(0.002)
        seconds = time.perf_counter() - began
        yield Started(seconds, json.loads(file.read_text()), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def memory(pid: int) -> float:
    """Proportional memory (PSS) of a process and its children, in MB."""
    total = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1])
    return total / 1024


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its children so far."""
    ticks = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [pid, *(member for child in found for member in _family(child))]
