"""What `docs/files.md` tells vendors to do works, and its table is that of the profiles."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.client.credentials import keep_account
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from tests.docs.test_clients import ROOT, run
from tests.ftp.conftest import eventually

PAGE = (ROOT / "docs" / "files.md").read_text("utf-8")
STACKS = {"js": "node/files.js", "java": "commons_net/FilesClient.java"}


def blocks(language: str) -> list[str]:
    """The page's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator with a door for implicit TLS."""
    with Simulator(ftp_implicit_port=0) as running:
        yield running


def with_ports(script: str, simulator: Simulator) -> str:
    """A script with the ports of this simulator in place of the usual ones."""
    endpoints = simulator.endpoints
    ports = {"2121": endpoints.ftp_port, "2122": endpoints.ftp_gb_port, "2990": endpoints.ftp_implicit_port}
    for usual, port in ports.items():
        script = script.replace(f"localhost:{usual}", f"localhost:{port}").replace(
            f'"localhost", {usual}', f'"localhost", {port}'
        )
    return script


@pytest.mark.heavy
def test_shell_lines_and_ftplib_client_of_the_page_work(simulator: Simulator, tmp_path: Path) -> None:
    """By command, curl, lftp and ftplib: each delivery comes to its final status, a refusal is told."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    script = with_ports("set -euo pipefail\n" + "".join(blocks("sh")), simulator)
    ran = run(["bash", "-c", script], tmp_path, simulator.state, seconds=110)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("\n500 ") == 2
    assert "exit code 4" in ran.stdout
    eventually(lambda: sorted((simulator.state / "ftp").glob("*/out/*_lftp-1_*.status.xml"))[0])
    assert sorted(path.name.rsplit(".", 2)[1] for path in (tmp_path / "answers").iterdir())[0] == "ontvangst"
    assert "<ftp:statuscode>500<" in ran.stdout
    ran = run([sys.executable, "-c", with_ports(blocks("python")[0], simulator)], tmp_path, simulator.state)
    assert ran.returncode == 0, ran.stderr
    assert "<ftp:statuscode>500<" in ran.stdout


@pytest.mark.heavy
def test_the_php_client_of_the_page_works(simulator: Simulator, tmp_path: Path) -> None:
    """A wage return goes in by ext/curl, and its receipt is printed."""
    php = shutil.which("php")
    if php is None or "curl" not in subprocess.check_output([php, "-m"], text=True).split():
        pytest.skip("no PHP with ext/curl")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    oin, folder = Oin.from_kvk("30216247"), tmp_path / "kantoor"
    simulator.certificate(oin, folder=folder)
    keep_account(folder, *simulator.file_account(oin))
    (tmp_path / "files.php").write_text(with_ports(blocks("php")[0], simulator))
    ran = run([php, "files.php"], tmp_path, simulator.state)
    assert "<ftp:statuscode>100<" in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.heavy
def test_the_test_of_the_page_passes(simulator: Simulator) -> None:
    """What the page shows for test suites passes."""
    names: dict[str, Any] = {}
    exec(blocks("python")[1], names)
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        names["test_my_delivery"](simulator)
    finally:
        os.chdir(before)


@pytest.mark.parametrize("language", STACKS)
def test_what_the_page_shows_of_other_stacks_runs(language: str) -> None:
    """Each excerpt of the page stands, line by line, in a client that `tests/stacks` runs."""
    source = (ROOT / "tests" / "stacks" / STACKS[language]).read_text()
    shown = blocks(language)
    assert len(shown) == 2
    for block in shown:
        assert block in source, block


def test_the_table_is_that_of_the_profiles() -> None:
    """Every row of both profiles stands there with its label."""
    generator = runpy.run_path(str(ROOT / "docs" / "files.py"))
    assert generator["page"](PAGE) == PAGE, "run: python docs/files.py"
