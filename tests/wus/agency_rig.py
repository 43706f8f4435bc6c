"""An agency outside with its server, and the line to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.clock import Clocks, RealClock
from digipoort_sim.config import AgencyEndpoint, Settings
from digipoort_sim.exchange.external import AgencyReply, Parcel
from digipoort_sim.exchange.values import Content, Identity
from digipoort_sim.ids import SystemIds
from digipoort_sim.pki import Authority, Oin, Trust
from digipoort_sim.wus.agency_calls import AgencyCaller, CallRooms, open_lines
from tests.wus.agency_kit import (
    STUB_OIN,
    Agency,
    Answer,
    response,
    signed,
    taken,
)
from tests.wus.tls_kit import authority_in

PARCEL = Parcel(
    message_id="urn:uuid:5a0ff9d1-0000-4000-8000-00000000000a",
    kenmerk="5a0ff9d1-0000-4000-8000-00000000000b",
    berichtsoort="TEST",
    berichtkenmerk="urn:uuid:5a0ff9d1-0000-4000-8000-00000000000c",
    tijdstempel_aangeleverd=datetime(2026, 3, 7, 12, tzinfo=UTC),
    identiteit_belanghebbende=Identity("001000044B37", "Fi"),
    rol_belanghebbende="Bedrijf",
    identiteit_aanleveraar="00000003302162470000",
    identiteit_ontvanger=Identity(STUB_OIN, "OIN"),
    inhoud=Content("text/xml", "a & b.xml", b"<a/>"),
)
FOUT = "<statusFoutcode><foutcode>X1</foutcode><foutbeschrijving>Fout.</foutbeschrijving></statusFoutcode>"


class Rig:
    """An authority, the agency's and other folders, the agency's server and the line to it."""

    def __init__(self, tmp_path: Path) -> None:
        self.authority: Authority = authority_in(tmp_path / "state")
        self.tmp_path = tmp_path
        self.folder = self.holder("agency", STUB_OIN)
        self.agency = Agency(self.folder)

    def holder(self, name: str, oin: str) -> Path:
        """A folder with a certificate of the authority that is good for localhost too."""
        issued = self.authority.issue_client(Oin.parse(oin), f"TRIAL {name}", ["localhost"])
        self.authority.write_client_files(issued, self.tmp_path / name)
        return self.tmp_path / name

    def line(self, key: str = "stub", **changes: Any) -> AgencyCaller:
        """The line to the agency, by these settings."""
        plain = {"url": self.agency.url, "connect_timeout_seconds": 2, "call_timeout_seconds": 2}
        endpoint = AgencyEndpoint.model_validate({**plain, **changes})
        settings = Settings.model_validate(
            {"state": self.tmp_path / "state", "agencies": {"endpoints": {key: endpoint}}}
        )
        real = RealClock()
        trust = Trust.from_authority(self.authority)
        rooms = CallRooms(settings, Clocks(real, real), SystemIds(), self.authority, trust)
        return open_lines(rooms, load_catalogue())[key]

    def deliver(self, answer: Answer = taken, parcel: Parcel = PARCEL, **changes: Any) -> AgencyReply:
        """Deliver a message to the agency that gives this answer."""
        self.agency.answer, self.agency.status = answer, 200
        self.agency.content_type = "text/xml; charset=utf-8"
        return self.line(**changes).deliver(parcel)


def with_status(more: str) -> Answer:
    """The answer of an agency that takes the message and gives a status at once."""
    return lambda agency, request: signed(agency.signer, request, response(request, more))
