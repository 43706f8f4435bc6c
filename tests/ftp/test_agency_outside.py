"""A file goes to an agency outside like any other message, and that agency ends it."""

from __future__ import annotations

import pytest

from digipoort_sim.exchange.agency_desk import StatusSetting
from digipoort_sim.exchange.external import AgencyStatus
from digipoort_sim.exchange.values import Call
from tests.exchange.agencies import AGENCY, Line
from tests.ftp.conftest import NOW, Door, eventually
from tests.ftp.test_delivering import fields

NAME = f"TEST_ref-1_{AGENCY.oin}.txt"


@pytest.fixture
def lines() -> dict[str, Line]:
    """The agency of berichtsoort TEST is outside."""
    return {"stub": Line()}


def test_a_file_goes_to_an_agency_outside(door: Door, lines: dict[str, Line]) -> None:
    """The agency gets its octets; the status file waits for what the agency sets, and tells it."""
    client = door.open().login()
    door.upload(client, NAME, b"anything")
    kenmerk = fields(door.wait_for(f"{NAME}.ontvangst.xml"))["kenmerk"]
    eventually(lambda: expect_status(door, kenmerk, "400"))
    (parcel,) = lines["stub"].parcels
    assert (parcel.kenmerk, parcel.inhoud.inhoud, parcel.aanleverkenmerk) == (kenmerk, b"anything", "ref-1")
    assert client.nlst("/out") == [f"{NAME}.ontvangst.xml"]
    setting = StatusSetting(kenmerk, AgencyStatus("510", None, "regel 1"), NOW)
    door.rooms.office.agency_desk.set_status(Call(AGENCY, "uuid:1"), setting)
    status = fields(door.wait_for(f"{NAME}.status.xml"))
    assert (status["statuscode"], status["statusdetails"]) == ("510", "regel 1")
    client.quit()


def expect_status(door: Door, kenmerk: str, code: str) -> None:
    """Fail unless the last status is this one."""
    assert door.rooms.office.message(kenmerk).summary.statuscode == code
