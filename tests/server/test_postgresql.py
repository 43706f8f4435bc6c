"""The whole simulator on PostgreSQL, with two workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.client.deliveries import deliver, wait_for_end
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.soap import WusClient
from digipoort_sim.clock import RealClock
from tests.processes import endpoints, rows, run, serving
from tests.server.test_durability import PARCEL

pytestmark = pytest.mark.heavy


def test_messages_and_mandates_live_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    """On PostgreSQL a delivery reaches 500, a mandate its letter and its activation by silence."""
    state, cert = tmp_path / "state", tmp_path / "client"
    with serving(state, "--workers", "2", env={"DIGIPOORT_SIM_DATABASE_URL": postgres_url}):
        run("certs", "issue", "--kvk", "30216247", "--out", str(cert), state=state)
        client = WusClient(endpoints(state)["wus"], CertificateFolder.open(cert))
        kenmerk = deliver(client, PARCEL)
        last = wait_for_end(client, load_catalogue(), PARCEL.berichtsoort, kenmerk)[-1]
        assert last["statuscode"] == "500"
        dienst = f"SBA_IB_{RealClock().now().year}"
        request = ("--dienst", dienst, "--client", "999991772", "--cert", str(cert), "--wait")
        run("mandate", "request", *request, state=state)
        run("clock", "advance", "15d", state=state)
        assert [row["activatieToken"] for row in rows("letters", "list", state=state)] == [None]
        run("clock", "advance", "26d", state=state)
        assert [row["toestand"] for row in rows("mandates", "list", state=state)] == ["ACTIEF"]
        fetched = rows("fetch", "--berichtsoort", "SBA_IB", "--cert", str(cert), state=state)
        assert fetched
    assert not list(state.glob("*.sqlite3"))
