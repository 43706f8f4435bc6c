"""An acknowledged message is stored: kill -9 in the middle of a load loses nothing."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Literal

import pytest

from digipoort_sim.client.deliveries import Attachment, Parcel, deliver, statuses
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.soap import WusClient
from tests.processes import endpoints, run, serving

pytestmark = pytest.mark.heavy
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "omzetbelasting.xbrl"
PARCEL = Parcel(
    berichtsoort="Omzetbelasting",
    nummer="001000044B37",
    type="Fi",
    rol="Bedrijf",
    content=Attachment("ob.xbrl", "text/xml", EXAMPLE.read_bytes()),
)


def deliver_until_broken(base: str, cert: Path, kenmerken: list[str]) -> None:
    """Deliver one message after another until the server is gone; note what was acknowledged."""
    client = WusClient(base, CertificateFolder.open(cert))
    try:
        while True:
            kenmerken.append(deliver(client, PARCEL))
    except Exception:
        return


@pytest.mark.parametrize("workers", ["1", "2"])
def test_kill_during_a_load_loses_no_acknowledged_message(tmp_path: Path, workers: Literal["1", "2"]) -> None:
    """After kill -9 and a restart every acknowledged kenmerk reaches 500, each status exactly once."""
    state, cert = tmp_path / "state", tmp_path / "client"
    kenmerken: list[str] = []
    with serving(state, "--workers", workers) as process:
        run("certs", "issue", "--kvk", "30216247", "--out", str(cert), state=state)
        base = endpoints(state)["wus"]
        load = [threading.Thread(target=deliver_until_broken, args=(base, cert, kenmerken)) for _ in range(4)]
        for thread in load:
            thread.start()
        until = time.monotonic() + 60
        while len(kenmerken) < 100 and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for thread in load:
            thread.join(30)
    assert len(kenmerken) >= 100
    with serving(state):
        client = WusClient(endpoints(state)["wus"], CertificateFolder.open(cert))
        for kenmerk in kenmerken:
            assert final_codes(client, kenmerk) == [
                "105",
                "100",
                "110",
                "200",
                "301",
                "301",
                "405",
                "400",
                "500",
            ]


def final_codes(client: WusClient, kenmerk: str) -> list[str]:
    """The statuscodes of a process once it has reached 500."""
    until = time.monotonic() + 30
    while True:
        codes = [row["statuscode"] for row in statuses(client, kenmerk)]
        if codes[-1:] == ["500"] or time.monotonic() > until:
            return codes
        time.sleep(0.05)
