"""The pytest plugin: a running simulator as a fixture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from digipoort_sim.testing.simulator import Simulator


@pytest.fixture(scope="session")
def digipoort_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One simulator for the whole test session, on free ports; its clock can be moved by `advance`."""
    from digipoort_sim.testing.simulator import Simulator

    with Simulator(tmp_path_factory.mktemp("digipoort-sim") / "state") as simulator:
        yield simulator
