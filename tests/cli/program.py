"""Running the real program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "digipoort_sim.cli.main")


@dataclass(frozen=True)
class Ran:
    """What became of one run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON that was printed."""
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    """The process's environment without settings of ours, and with these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIGIPOORT_SIM_")}
    return {**kept, **more}


def run(*arguments: str | Path, **environ: str) -> Ran:
    """Run the program to its end."""
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(**environ))
    return Ran(done.returncode, done.stdout, done.stderr)
