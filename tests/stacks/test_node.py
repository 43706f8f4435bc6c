"""node-soap and xml-crypto."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.stacks.contract import MtomFacts, Report, StackFacts, StockFacts
from tests.stacks.office import STACKS, Office, need

pytestmark = pytest.mark.heavy
need("node", "npm")

FOLDER = STACKS / "node"


def install() -> None:
    """Install the packages that package.json pins, unless they are there."""
    pins, installed = FOLDER / "package.json", FOLDER / "node_modules" / ".pins.json"
    if not installed.is_file() or installed.read_bytes() != pins.read_bytes():
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        ran = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=100)
        assert ran.returncode == 0, ran.stderr
        shutil.copy(pins, installed)


@pytest.fixture(scope="module")
def report(office: Office) -> Report:
    """What the node client saw."""
    install()
    return office.report("node", FOLDER / "client.js")


class TestNodeSoap(StackFacts, StockFacts, MtomFacts):
    """node-soap 1.13 with WSSecurityCert, answers verified by xml-crypto 6.3."""

    tampered = "signature of the answer is not good"
