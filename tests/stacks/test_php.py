"""PHP's SoapClient, DOM and openssl."""

from __future__ import annotations

import subprocess

import pytest

from tests.stacks.contract import Report, StackFacts
from tests.stacks.office import STACKS, Office, need, skip_unless_installed

pytestmark = pytest.mark.heavy
need("php")
LOADED = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.split()
skip_unless_installed([f"PHP's {name}" for name in ("dom", "openssl", "soap") if name not in LOADED])


@pytest.fixture(scope="module")
def report(office: Office) -> Report:
    """What the PHP client saw."""
    return office.report("php", STACKS / "php" / "client.php")


class TestPhpSoapClient(StackFacts):
    """SoapClient with an overridden __doRequest: DOM's C14N and openssl sign and judge."""

    tampered = "the digest of w_24 is not good"
