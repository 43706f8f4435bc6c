"""One authority for all tests of this room that do not change it for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.clock import Clocks, RealClock
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority

CLOCKS = Clocks(RealClock(), RealClock())


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory in which the authority was made."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def authority(state: Path) -> Authority:
    """The authority of that directory, by real time."""
    return Authority.open(state, CLOCKS, SystemIds())
