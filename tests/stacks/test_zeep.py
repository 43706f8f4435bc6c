"""zeep and libxmlsec1."""

from __future__ import annotations

import sys

import pytest

from tests.stacks.contract import Report, StackFacts, StockFacts
from tests.stacks.office import STACKS, Office

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def report(office: Office) -> Report:
    """What the zeep client saw."""
    return office.report(sys.executable, STACKS / "zeep" / "client.py")


class TestZeep(StackFacts, StockFacts):
    """zeep with everything signed by xmlsec, which judges the answers too; and zeep as it comes."""

    tampered = "Signature is invalid|digest"
