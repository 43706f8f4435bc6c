"""The page about an agency of one's own, command by command, against real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import endpoints
from tests.wus.agency_kit import free_port

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "agency" / "README.md").read_text()

pytestmark = pytest.mark.heavy


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """A folder from which the project's files can be seen."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    return tmp_path


def script() -> str:
    """The shell lines of the page, with free ports in the place of the usual ones."""
    lines = "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    ports = {"9443": str(free_port()), "8443": str(free_port())}
    for usual, free in ports.items():
        lines = lines.replace(usual, free)
    options = f"--wus-port {ports['8443']} --ftp-port 0 --web-port 0"
    return "set -euo pipefail\n" + lines.replace("digipoort-sim serve ", f"digipoort-sim serve {options} ")


def test_the_page_can_be_walked(vendor: Path) -> None:
    """A message goes to the example agency and back: delivered, 400, 500 with the agency's own details; a
    message that is no XML is 510 with its own code.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "DIGIPOORT_SIM_STATE": str(vendor / "state")}
    (vendor / "plain.txt").write_text("plain")
    more = (
        "kenmerk=$(digipoort-sim send plain.txt --berichtsoort TEST --belanghebbende 001000044B37 "
        "--cert kantoor --wait | sed -n 1p) || true\n"
        "digipoort-sim poll $kenmerk --cert kantoor --json > second.log\n"
        "digipoort-sim events list > events.log\n"
    )
    process = subprocess.Popen(
        ["bash", "-c", script() + more],
        cwd=vendor,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that what the page starts in the background ends with it
    )
    try:
        process.wait(90)
        assert process.returncode == 0
        walked = (vendor / "agency.log").read_text()
        assert "500" in walked
        assert "510" in walked
        assert "VB001" in (vendor / "second.log").read_text()
        assert "agency-" not in (vendor / "events.log").read_text()
        assert endpoints(vendor / "state")["wus_port"]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    assert "500" in out, err
