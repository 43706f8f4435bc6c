"""A file goes in, its receipt and its final status come out."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from lxml import etree

from digipoort_sim.clock import FixedClock
from digipoort_sim.exchange.values import Call, Caller, Period
from tests.ftp.conftest import BELASTINGDIENST, LOON, NOW, OIN, Door, eventually, loon_name
from tests.validation.reports.made import NUMBER, package

NS = {"f": "urn:digipoort-sim:ftp:2026"}
STUB = "00000099000000006000"


def fields(document: bytes) -> dict[str, str]:
    """The leaves of a document by their names."""
    root = etree.fromstring(document)
    return {str(etree.QName(one).localname): one.text or "" for one in root.iter() if len(one) == 0}


def test_a_renamed_file_becomes_a_delivery_with_receipt_and_final_status(door: Door) -> None:
    """A file that is renamed from .tmp is accepted; /out gets its receipt and its final status."""
    client = door.open().login()
    assert door.upload(client, loon_name()).startswith("250")
    receipt = fields(door.wait_for(f"{loon_name()}.ontvangst.xml"))
    status = fields(door.wait_for(f"{loon_name()}.status.xml"))
    assert receipt == {
        "bestandsnaam": loon_name(),
        "kenmerk": status["kenmerk"],
        "berichtsoort": "Aangifte_LH",
        "aanleverkenmerk": "ref-1",
        "tijdstempelAangeleverd": "2026-03-02T09:00:00.000Z",
        "grootte": str(len(LOON)),
        "sha256": hashlib.sha256(LOON).hexdigest(),
        "statuscode": "100",
        "statusomschrijving": "Aanleveren gelukt.",
    }
    assert (status["statuscode"], status["nummer"], status["type"]) == ("500", "000000000L01", "LHnr")
    assert client.nlst("/in") == []
    assert list((door.rooms.settings.state / "ftp-work").iterdir()) == []
    client.quit()


def test_a_delivery_by_file_takes_the_road_of_one_by_soap(door: Door) -> None:
    """Its statuses can be asked for by the same party as those of a delivery by WUS."""
    client = door.open().login()
    door.upload(client, loon_name())
    kenmerk = fields(door.wait_for(f"{loon_name()}.status.xml"))["kenmerk"]
    call = Call(Caller(OIN, "0" * 64), "uuid:1")
    statuses = door.rooms.office.statussen_proces(call, kenmerk, Period())
    assert [one.statuscode for one in statuses][-2:] == ["400", "500"]
    message = door.rooms.office.message(kenmerk)
    assert message.rol_belanghebbende == "Intermediair"
    client.quit()


def test_the_identity_of_a_report_package_is_in_its_document(door: Door) -> None:
    """A file name does not say whom a report is about: the KvK number comes out of the zip."""
    client = door.open().login()
    name = "jaarrekening_ixbrl_esd_ref-9_00000099000000004000.xbri"
    door.upload(client, name, package())
    status = fields(door.wait_for(f"{name}.status.xml"))
    assert (status["statuscode"], status["nummer"], status["type"]) == ("500", NUMBER, "KvK")
    client.quit()


@pytest.mark.parametrize(
    ("name", "content", "code", "text"),
    [
        (loon_name(oin=STUB), LOON, "ALS100", BELASTINGDIENST),
        (loon_name(), b"<Loonaangifte/>", "ALS140", "the content does not tell whom it is about"),
        (loon_name(), b"not xml", "ALS140", "must hold the number in the element at"),
        (loon_name(ext="pdf"), LOON, "ALS150", "mimeType"),
    ],
)
def test_a_bad_delivery_gets_an_error_file(
    door: Door, name: str, content: bytes, code: str, text: str
) -> None:
    """What only the content shows comes back as a .fout.xml with foutcode and foutbeschrijving."""
    client = door.open().login()
    door.upload(client, name, content)
    fout = fields(door.wait_for(f"{name}.fout.xml"))
    assert fout["foutcode"] == code
    assert text in fout["foutbeschrijving"]
    assert door.rooms.office.messages() == []
    assert [one.event.code for one in door.rooms.office.events()] == [code]
    client.quit()


def test_content_that_nobody_reads_is_about_the_accounts_own_party(door: Door) -> None:
    """A berichtsoort without a rule for the identity is taken as one of the account's party itself."""
    client = door.open().login()
    name = f"TEST_ref-1_{STUB}.txt"
    door.upload(client, name, b"anything")
    status = fields(door.wait_for(f"{name}.status.xml"))
    assert (status["nummer"], status["type"]) == (OIN, "OIN")
    assert door.rooms.office.message(status["kenmerk"]).rol_belanghebbende == "Bedrijf"
    client.quit()


def test_what_lies_in_out_for_too_long_is_removed(door: Door, simulated: FixedClock) -> None:
    """After 30 days by the simulator's clock the files in /out are gone."""
    client = door.open().login()
    door.upload(client, loon_name())
    door.wait_for(f"{loon_name()}.status.xml")
    assert (door.folder("out") / f"{loon_name()}.status.xml").stat().st_mtime == NOW.timestamp()
    simulated.advance(timedelta(days=29))
    door.upload(client, loon_name("later"))
    door.wait_for(f"{loon_name('later')}.status.xml")
    simulated.advance(timedelta(days=2))
    expected = {f"{loon_name('later')}.{kind}.xml" for kind in ("ontvangst", "status")}
    eventually(lambda: expect_names(door, expected))
    client.quit()


def expect_names(door: Door, names: set[str]) -> None:
    """Fail as long as other files lie in /out."""
    assert {path.name for path in door.folder("out").iterdir()} == names
