"""Pages whose commands are run by copy and paste, in one shell, with a server of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.program import environment


def shell_blocks(page: str) -> list[str]:
    """The blocks of shell in a page, in its order."""
    return re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def pasted(page: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run all of them in one shell; a server that is left running at the end is stopped."""
    script = "set -euo pipefail\ntrap 'kill %1 2>&- || true' EXIT\n" + "".join(shell_blocks(page))
    ports = {f"DIGIPOORT_SIM_{door}_PORT": "0" for door in ("WUS", "FTP", "WEB")}
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment(**ports, XDG_STATE_HOME=str(folder / "state"), PATH=paths),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
