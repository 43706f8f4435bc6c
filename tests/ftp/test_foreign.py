"""Foreign parties at the real file door, and what is delivered there about them."""

from __future__ import annotations

import ftplib
from pathlib import Path

import pytest

from digipoort_sim.errors import ConflictError
from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.exchange.foreign_forms import ForeignForms
from digipoort_sim.pki import Authority, Oin, Seat
from digipoort_sim.register.foreign import ForeignApplication, register_foreign, register_oin
from tests.ftp.conftest import BELASTINGDIENST, LOON, Door, loon_name
from tests.ftp.test_delivering import fields

ACME = ForeignApplication("ACME GmbH", "DE", "Teststrasse 1", "Berlin", deed_language="de")
GIR = "<GLOBE_OECD><FilingInfo><FilingCE><TIN>{}</TIN></FilingCE></FilingInfo></GLOBE_OECD>"
UWV = "00000099000000003000"


@pytest.fixture
def acme(door: Door) -> str:
    """The OIN of a foreign business that registered."""
    rooms = door.rooms
    with rooms.store.begin() as tx:
        finr = register_foreign(tx, ACME, rooms.ids, rooms.clocks.simulator.now()).finr
        return register_oin(tx, finr, rooms.clocks.simulator.now()).oin or ""


def test_a_foreign_party_hands_in_its_form_and_delivers(
    door: Door, acme: str, pki: Authority, tmp_path: Path
) -> None:
    """Without the form it gets no account; with it, and a certificate with C=DE, loonaangifte goes in."""
    rooms = door.rooms
    forms = ForeignForms(rooms.store, rooms.catalogue, rooms.clocks)
    with pytest.raises(ConflictError) as caught:
        forms.check(acme, is_handed_in=False)
    assert (caught.value.code, caught.value.rule) == ("MR660", "BUITENLAND-FTP-FORMULIER")
    forms.check(acme, is_handed_in=True)
    door.user, door.password = Accounts(rooms.store, rooms.ids, rooms.clocks).add(acme)
    issued = pki.issue_client(Oin.parse(acme), "ACME GmbH", seat=Seat("DE", "Berlin"))
    pki.write_client_files(issued, tmp_path)
    client = door.open().login(tmp_path)
    door.upload(client, loon_name())
    assert fields(door.wait_for(f"{loon_name()}.status.xml"))["statuscode"] == "500"
    refused = f"UWV-ZZ-melding_no_{UWV}.xml"
    door.upload(client, refused, LOON)
    fault = fields(door.wait_for(f"{refused}.fout.xml"))
    assert fault["foutcode"] == "ALS130"
    assert "tax administration only" in fault["foutbeschrijving"]
    client.quit()


def test_a_gir_about_a_foreign_entity_ends_in_220(door: Door, acme: str) -> None:
    """The status file of a Dutch office's GIR has 220 for a foreign entity and 500 for a Dutch one."""
    client = door.open().login()
    for reference, number, code in (("one", acme[8:17], "220"), ("two", "123456782", "500")):
        name = f"GIR_{reference}_{BELASTINGDIENST}.xml"
        door.upload(client, name, GIR.format(number).encode())
        status = fields(door.wait_for(f"{name}.status.xml"))
        assert (status["statuscode"], status["nummer"]) == (code, number)
    (event,) = door.events("FOREIGN-DOMESTIC-ONLY")
    assert acme[8:17] in event.event.detail
    client.quit()


def test_a_flow_of_another_interface_is_refused_by_name(door: Door) -> None:
    """DAC7, which goes by WUS, is refused when the file gets its name; CESOP is taken."""
    client = door.open().login()
    with pytest.raises(ftplib.error_perm, match="DAC7 does not go by FTP"):
        door.upload(client, f"DAC7_a_{BELASTINGDIENST}.xml", b"<a/>")
    name = f"PSP-CESOP_a_{BELASTINGDIENST}.xml"
    door.upload(client, name, b"<a/>")
    assert fields(door.wait_for(f"{name}.status.xml"))["statuscode"] == "500"
    client.quit()
