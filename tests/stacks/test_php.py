"""PHP's SoapClient, DOM and openssl."""

from __future__ import annotations

import subprocess

import pytest

from tests.stacks.contract import Report, StackFacts
from tests.stacks.office import STACKS, Office, need

pytestmark = pytest.mark.heavy
need("php")
for extension in ("dom", "openssl", "soap"):
    if subprocess.run(
        ["php", "-r", f"exit((int) !extension_loaded('{extension}'));"], check=False
    ).returncode:
        pytest.skip(f"not installed here: PHP's extension {extension}", allow_module_level=True)


@pytest.fixture(scope="module")
def report(office: Office) -> Report:
    """What the PHP client saw."""
    return office.report("php", STACKS / "php" / "client.php")


class TestPhpSoapClient(StackFacts):
    """SoapClient with an overridden __doRequest: DOM's C14N and openssl sign and judge."""

    tampered = "the digest of w_24 is not good"
