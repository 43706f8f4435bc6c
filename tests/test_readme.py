"""The README's tour, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.heavy
def test_tour_works_by_copy_and_paste(tmp_path: Path) -> None:
    """Every command of the tour works, in order, in one shell; only the ports are free ones."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    script = "set -euo pipefail\n" + "".join(blocks) + "wait\n"
    ports = {f"DIGIPOORT_SIM_{door}_PORT": "0" for door in ("WUS", "FTP", "WEB")}
    environment = {**os.environ, **ports, "XDG_STATE_HOME": str(tmp_path / "state")}
    environment.pop("DIGIPOORT_SIM_STATE", None)
    result = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "500 " in result.stdout
    assert "exit code 3" in result.stdout
    assert list((tmp_path / "fetched").iterdir())
