"""The in-process simulator, used as a vendor's test suite would use it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digipoort_sim.client.deliveries import Attachment, Parcel, deliver, wait_for_end
from digipoort_sim.clock import parse_time
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator

pytestmark = pytest.mark.heavy
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "omzetbelasting.xbrl"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator for the tests of this module."""
    with Simulator() as running:
        yield running


def test_real_client_keeps_working_after_the_clock_moved_a_year(simulator: Simulator) -> None:
    """A year ahead a zeep client still delivers: security lives in real time, statuses do not."""
    folder = simulator.certificate(Oin.from_kvk("30216247"))
    client = simulator.client(folder)
    before = simulator.inner.clocks.simulator.now()
    simulator.advance(timedelta(days=365))
    content = Attachment("ob.xbrl", "text/xml", EXAMPLE.read_bytes())
    parcel = Parcel("Omzetbelasting", "001000044B37", "Fi", "Intermediair", content)
    kenmerk = deliver(client, parcel)
    rows = wait_for_end(client, simulator.inner.catalogue, parcel.berichtsoort, kenmerk)
    assert rows[-1]["statuscode"] == "500"
    assert parse_time(rows[0]["tijdstempelStatus"]) >= before + timedelta(days=365)


def test_plugin_gives_a_running_simulator(digipoort_simulator: Simulator) -> None:
    """The fixture `digipoort_simulator` comes with the package and runs on free ports."""
    assert digipoort_simulator.endpoints.wus_port > 0
    assert digipoort_simulator.state.is_dir()
