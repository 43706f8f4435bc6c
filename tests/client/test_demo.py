"""The demonstration: the main job, end to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.heavy
def test_demo_ends_well_and_leaves_nothing(tmp_path: Path) -> None:
    """`demo` runs the main job over real sockets, exits with 0, and nothing of it is left running."""
    result = subprocess.run(
        [sys.executable, "-m", "digipoort_sim", "demo"],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for step in ("VIA_", "SBA_IB_", "UWV-ZZ-ZW", "ACTIEF", "INGETROKKEN", "fetched"):
        assert step in result.stdout
    assert list(tmp_path.glob("digipoort-sim-demo-*")) == []
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "digipoort-sim-demo-" not in running
