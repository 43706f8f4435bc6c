"""What `docs/clients.md` tells vendors to do works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "clients.md").read_text()

pytestmark = pytest.mark.heavy


def blocks(language: str, port: int) -> list[str]:
    """The page's blocks of a language, with the port of this simulator in place of the default."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [block.replace("8443", str(port)) for block in found]


def run(
    command: list[str], folder: Path, state: Path, seconds: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run a command in a vendor's folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "DIGIPOORT_SIM_STATE": str(state)}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=seconds)


@pytest.fixture
def vendor(digipoort_simulator: Simulator, tmp_path: Path) -> Path:
    """A folder with the vendor's certificate and the project's examples."""
    digipoort_simulator.certificate(Oin.from_kvk("30216247"), folder=tmp_path / "kantoor")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    return tmp_path


def test_shell_lines_of_the_page_work(digipoort_simulator: Simulator, vendor: Path) -> None:
    """curl gets WSDLs under both names, and openssl shows the fingerprint that the simulator prints."""
    endpoints = digipoort_simulator.endpoints
    script = "set -euo pipefail\n" + "".join(blocks("sh", endpoints.wus_port))
    ran = run(["bash", "-c", script], vendor, digipoort_simulator.state)
    assert ran.returncode == 0, ran.stderr
    assert f'location="{endpoints.wus}/wus/2.0/aanleverservice/1.2"' in ran.stdout
    assert "https://wus.preproductie.digipoort.logius.nl:" in (vendor / "status.wsdl").read_text()
    shown = ran.stdout.replace(":", "").lower()
    rows = digipoort_simulator.inner.authority.list_certificates()
    assert next(row.sha256 for row in rows if row.kind == "server") in shown


def test_zeep_client_of_the_page_delivers(digipoort_simulator: Simulator, vendor: Path) -> None:
    """The page's zeep client, on the WSDLs that the simulator serves, delivers and reads the statuses."""
    (script,) = blocks("python", digipoort_simulator.endpoints.wus_port)
    ran = run([sys.executable, "-c", script], vendor, digipoort_simulator.state)
    assert ran.returncode == 0, ran.stderr
    assert "100 Aanleveren gelukt." in ran.stdout


STACKS = {
    "js": "node/client.js",
    "php": "php/DigipoortClient.php",
    "c": "gsoap/client.c",
    "bash": "xmlsec1/sign.sh",
}
STACKS |= {"java": "java/*.java"}


@pytest.mark.parametrize("language", STACKS)
def test_what_the_page_shows_of_other_stacks_runs(language: str) -> None:
    """Each excerpt of the page stands, line by line, in a client that `tests/stacks` runs."""
    sources = [path.read_text() for path in (ROOT / "tests" / "stacks").glob(STACKS[language])]
    shown = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert shown
    for block in shown:
        assert any(block in source for source in sources), block
