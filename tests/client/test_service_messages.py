"""Service messages over real SOAP: all six operations by zeep, until a revocation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from digipoort_sim.client.deliveries import GEEN_AUSP
from digipoort_sim.client.faults import FaultError
from digipoort_sim.client.fetching import fetched
from digipoort_sim.client.options import FetchOptions
from digipoort_sim.client.soap import WusClient
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from digipoort_sim.wus.names import OPHALEN

pytestmark = pytest.mark.heavy

NUMBER = "123456782L01"
CLIENT = {"nummer": NUMBER, "type": "LHnr"}
SOORT = "UWV-ZZ-ZW"


@dataclass(frozen=True)
class Party:
    """A gemachtigde with an active mandate, and its two certificates."""

    api: httpx.Client
    mandate: str
    first: WusClient
    second: WusClient
    stranger: WusClient


@pytest.fixture(scope="module")
def party() -> Iterator[Party]:
    """A party whose mandate was asked for and activated at the register's counter."""
    with Simulator() as simulator:
        oin = Oin.from_kvk("30216247")
        folders = [simulator.state / name for name in ("first", "second")]
        clients = [simulator.client(simulator.certificate(oin, folder=folder)) for folder in folders]
        stranger = simulator.client(simulator.certificate(Oin.from_kvk("27324835")))
        with httpx.Client(base_url=f"{simulator.endpoints.web}/api/v1/", trust_env=False, timeout=60) as api:
            fields = {"gemachtigdeOin": oin.value, "dienst": SOORT, "idVertegenwoordigde": NUMBER}
            mandate = api.post("mandates", json=fields).json()["mandate"]
            simulator.advance(timedelta(days=14))
            (letter,) = api.get("letters", params={"vertegenwoordigde": NUMBER}).json()
            token = {"activatieToken": letter["activatieToken"]}
            assert api.post(f"mandates/{mandate}/activate", json=token).status_code < 300
            yield Party(api, mandate, *clients, stranger)


def _asked(client: WusClient, operation: str, kenmerk: str) -> list[str]:
    fields: dict[str, Any] = {"autorisatieAdres": GEEN_AUSP}
    if operation.endswith("Kenmerk"):
        fields["kenmerk"] = kenmerk
    else:
        fields["berichtsoort"] = SOORT
    if operation.endswith("Berichten"):
        fields["identiteitBelanghebbende"] = CLIENT
    return [row.kenmerk for row in client.call(OPHALEN, operation, **fields) or ()]


def _put(party: Party, content: bytes) -> str:
    own = {
        "berichtsoort": SOORT,
        "vertegenwoordigde": NUMBER,
        "bestandsnaam": "eigen.pdf",
        "mimeType": "application/pdf",
    }
    answer = party.api.post("service-messages", params=own, content=content)
    return str(answer.json()["kenmerk"])


OPERATIONS = (
    "getBerichten",
    "getBerichtenLijst",
    "getBerichtenKenmerk",
    "getNieuweBerichtenLijst",
    "getNieuweBerichten",
    "getNieuweBerichtenKenmerk",
)


def test_a_message_by_all_six_operations(party: Party) -> None:
    """What is put in is given and listed by every operation, as new once per certificate; to another party
    nothing is.
    """
    kenmerk = _put(party, b"")
    for operation in OPERATIONS:
        assert (kenmerk in _asked(party.first, operation, kenmerk)) == (
            operation != "getNieuweBerichtenKenmerk"
        )
        assert _asked(party.stranger, operation, kenmerk) == []
    assert _asked(party.second, "getNieuweBerichtenKenmerk", kenmerk) == [kenmerk]
    for client in (party.first, party.second):
        assert kenmerk not in _asked(client, "getNieuweBerichten", kenmerk)
        assert kenmerk not in _asked(client, "getNieuweBerichtenLijst", kenmerk)


def test_documents_arrive_as_they_are(party: Party) -> None:
    """A PDF of UWV and a tester's own octets come through SOAP unchanged, with name and type."""
    octets = bytes(range(256)) * 400
    own = _put(party, octets)
    made = party.api.post(f"mandates/{party.mandate}/service-messages").json()["kenmerk"]
    fields = {"identiteitBelanghebbende": CLIENT, "berichtsoort": SOORT, "autorisatieAdres": GEEN_AUSP}
    found = {m.kenmerk: m for m in party.first.call(OPHALEN, "getBerichten", **fields)}
    assert found[own].berichtInhoud.inhoud == octets
    assert found[own].berichtInhoud.bestandsnaam == "eigen.pdf"
    assert found[made].berichtInhoud.mimeType == "application/pdf"
    assert found[made].berichtInhoud.inhoud.startswith(b"%PDF-")
    assert found[made].identiteitBelanghebbende.nummer == NUMBER


def test_one_that_is_too_large_keeps_no_others_away(party: Party) -> None:
    """Of what the list has, `fetch` brings all that the service gives, and tells what it does not."""
    small, large = _put(party, b"%PDF small"), _put(party, b"%PDF" + bytes(20 * 1024 * 1024))
    refused: list[FaultError] = []
    options = FetchOptions(state=Path(), cert=Path(), berichtsoort=SOORT)
    kenmerken = {message.kenmerk for message in fetched(party.first, options, refused)}
    assert small in kenmerken
    assert large not in kenmerken
    assert [large in str(fault) for fault in refused] == [True]


def test_after_a_revocation_there_is_nothing(party: Party) -> None:
    """The very next call of every operation after a revocation gives nothing of what there was."""
    kenmerk = _put(party, b"%PDF")
    side = {"side": "vertegenwoordigde"}
    assert party.api.post(f"mandates/{party.mandate}/revoke", json=side).status_code < 300
    for client in (party.first, party.second):
        for operation in OPERATIONS:
            assert _asked(client, operation, kenmerk) == []
