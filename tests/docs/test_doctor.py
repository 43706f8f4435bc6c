"""What `docs/doctor.md` tells vendors to do works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from digipoort_sim.client.doctor_findings import CHECKS, TITLES
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from tests.docs.test_clients import ROOT, run

PAGE = (ROOT / "docs" / "doctor.md").read_text()


@pytest.mark.heavy
def test_shell_lines_of_the_page_work(digipoort_simulator: Simulator, tmp_path: Path) -> None:
    """The doctor finds nothing wrong with a good folder, and the expired certificate is told everywhere."""
    simulator = digipoort_simulator
    simulator.certificate(Oin.from_kvk("30216247"), folder=tmp_path / "kantoor")
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    script = "".join(blocks).replace("8443", str(simulator.endpoints.wus_port))
    ran = run(["bash", "-c", "set -euo pipefail\n" + script], tmp_path, simulator.state)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(f"\n{len(TITLES)} ok\n") == 1  # without --url, the file doors too
    assert ran.stdout.count(f"\n{len(CHECKS)} ok\n") == 2
    assert "exit code 1" in ran.stdout
    assert ran.stdout.count("certificate_expired") >= 3
    assert "Offered: 3 certificates." in ran.stdout


def test_every_check_is_on_the_page() -> None:
    """The table of checks has all of them."""
    assert all(f"`{check}`" in PAGE for check in TITLES)
