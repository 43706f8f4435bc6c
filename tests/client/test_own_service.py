"""The reference client and a service of the user's own catalogue."""

from __future__ import annotations

import json
from pathlib import Path

from digipoort_sim.cli.main import main
from digipoort_sim.client.mandates import mandate_parcel
from digipoort_sim.client.options import MandateOptions, Route
from digipoort_sim.client.sending import Sender

OWN = """
[SBX]
name = "Serviceberichten proef"
agency = "belastingdienst"
term = "year"
consent = "opt-out"
client_types = ["BSN"]
provenance = "simulator"
"""


def test_the_type_of_the_number_follows_from_its_line(tmp_path: Path) -> None:
    """Nine digits are a BSN where the line of a catalogue that the state's settings name allows no other."""
    own, state, cert = (tmp_path / name for name in ("own", "state", "cert"))
    own.mkdir()
    (own / "diensten.toml").write_text(OWN)
    assert main(["certs", "issue", "--kvk", "30216247", "--out", str(cert), "--state", str(state)]) == 0
    (state / "config.toml").write_text(f'catalogue = "{own}"\n')
    (state / "endpoints.json").write_text(json.dumps({"wus": {}, "ftp_port": 0, "web": "", "pid": 0}))
    route = Route(state=state, cert=cert)
    sender = Sender.open(route)
    options = MandateOptions(route=route, kind="opvoeren", client="111222333", dienst="SBX_2026")
    assert mandate_parcel(options, sender.folder, sender.catalogue).type == "BSN"
