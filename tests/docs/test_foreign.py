"""What `docs/foreign.md` says can be done, can, and is refused where it says so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.testing.simulator import Simulator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "foreign.md").read_text("utf-8")


@pytest.mark.heavy
def test_the_commands_of_the_page_work(digipoort_simulator: Simulator, tmp_path: Path) -> None:
    """One after the other they lead to a certificate, one good delivery, and five refusals."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "DIGIPOORT_SIM_STATE": str(digipoort_simulator.state)}
    script = "set -euo pipefail\n" + "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=100
    )
    assert ran.returncode == 0, ran.stderr
    assert re.findall(r"^exit (\d)$", ran.stdout, re.MULTILINE) == ["3", "3", "4", "4", "3"]
    assert ran.stderr.count("ALS130") == 2
    assert "500 " in ran.stdout
    assert "FTP 1.6.1" in ran.stdout
    steps = re.findall(r"^(\w[\w ]*?)  +\S", (tmp_path / "steps.txt").read_text(), re.MULTILINE)
    shown = PAGE.split("```\nregistration", 1)[1].split("```", 1)[0]
    assert steps == re.findall(r"^(\w[\w ]*?)  +\S", f"registration{shown}", re.MULTILINE)


def test_codes_and_rules_of_the_page_are_those_of_the_catalogue() -> None:
    """Every MR code, rule and setting that the page names is there."""
    catalogue = load_catalogue()
    codes = {row.code for row in catalogue.outcomes.values()}
    assert set(re.findall(r"MR\d+", PAGE)) <= codes
    assert set(re.findall(r"`((?:FOREIGN|FLOW|BERICHTSOORT)-[A-Z-]+)`", PAGE)) <= set(catalogue.rules)
