"""One road: whatever goes by file takes the same one as by SOAP, through to its receiver."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from digipoort_sim.exchange.values import Call, Caller, Period
from digipoort_sim.register.messages import MandateMessage, MessageKind, render_mandate_message
from digipoort_sim.resources import schemas
from tests.ftp.conftest import BELASTINGDIENST, LOON, OIN, Door, eventually, loon_name
from tests.ftp.test_delivering import fields
from tests.validation.reports.made import NUMBER, package
from tests.wages import wage_return

DOCUMENTS = etree.XMLSchema(file=str(schemas() / "bestanden" / "bestanden.xsd"))
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OB = (EXAMPLES / "omzetbelasting.xbrl").read_text()
VIA = "VIA_2025"
BSN = "999991772"


def mandate(kind: MessageKind, dienst: str = VIA, token: str | None = None) -> bytes:
    """A mandate message of the account's party about a person."""
    return render_mandate_message(MandateMessage(kind, dienst, BSN, "BSN", OIN, token), "xml")


def wages(root: str) -> bytes:
    """A message about wages that has only its number."""
    return f"<{root}><LhNr>000000000L01</LhNr></{root}>".encode()


# berichtsoort: extension, content, the number whom it is about, final statuscode
ROAD: dict[str, tuple[str, bytes | Callable[[], bytes], str, str]] = {
    "Omzetbelasting": ("xbrl", OB.encode(), "001000044B37", "500"),
    "OBSUP": ("xbrl", OB.replace("ob-aangifte", "ob-suppletie").encode(), "001000044B37", "500"),
    "ICP": ("xbrl", OB.replace("ob-aangifte", "icp-opgaaf").encode(), "001000044B37", "500"),
    "Aangifte_LH": ("xml", wage_return().encode(), "000000000L01", "500"),
    "Eerstedagsmelding": ("xml", wages("Eerstedagsmelding"), "000000000L01", "500"),
    "Jaaropgaaf_LH": ("xml", wages("Jaaropgaaf"), "000000000L01", "500"),
    "UWV-ZZ-melding": ("xml", wages("Ziekmelding"), "000000000L01", "500"),
    "jaarrekening_ixbrl_esd": ("xbri", package, NUMBER, "500"),
    "PSP-CESOP": ("xml", b"<CESOP/>", OIN, "500"),
    "CIOT": ("txt", b"any lines", OIN, "500"),
    "TEST": ("txt", b"anything", OIN, "500"),
    "GIR": (
        "xml",
        b"<GLOBE_OECD><FilingInfo><FilingCE><TIN>123456782</TIN></FilingCE></FilingInfo></GLOBE_OECD>",
        "123456782",
        "500",
    ),
    "MachtigingOpvoeren": ("xml", mandate(MessageKind.OPVOEREN), BSN, "500"),
    "MachtigingActiveren": ("xml", mandate(MessageKind.ACTIVEREN, token="ABCD-EFGH"), BSN, "510"),
    "MachtigingIntrekken": ("xml", mandate(MessageKind.INTREKKEN), BSN, "500"),
    "MachtigingOpvragen": ("xml", mandate(MessageKind.OPVRAGEN), BSN, "500"),
}


def test_every_berichtsoort_that_goes_by_file_reaches_its_end(door: Door) -> None:
    """Each has a kenmerk, the statuses that WUS tells, its number, its receiver; all documents are valid."""
    catalogue = door.rooms.catalogue
    by_file = {row.name for row in catalogue.berichtsoorten.values() if row.direction == "in"}
    by_file = {name for name in by_file if "ftp" in catalogue.doors_of(catalogue.berichtsoort(name))}
    assert by_file == set(ROAD)
    client = door.open().login()
    for berichtsoort, (extension, content, number, code) in ROAD.items():
        row = catalogue.berichtsoort(berichtsoort)
        name = f"{berichtsoort}_r1_{catalogue.agency_of(row).oin}.{extension}"
        door.upload(client, name, content if isinstance(content, bytes) else content())
        receipt, status = told(door, name, "ontvangst"), told(door, name, "status")
        assert (berichtsoort, status["statuscode"], status["nummer"]) == (berichtsoort, code, number)
        message = door.rooms.office.message(status["kenmerk"]).summary
        assert (message.berichtsoort, message.aanleverkenmerk) == (berichtsoort, "r1")
        assert receipt["kenmerk"] == status["kenmerk"]
        call = Call(Caller(OIN, "0" * 64), "uuid:1")
        statuses = door.rooms.office.statussen_proces(call, status["kenmerk"], Period())
        assert statuses[0].statuscode == "105"
        assert statuses[-1].statuscode == code
        assert statuses[-1].statusdetails == status.get("statusdetails")
    client.quit()


def told(door: Door, name: str, kind: str) -> dict[str, str]:
    """The fields of a document in /out, which is valid."""
    document = door.wait_for(f"{name}.{kind}.xml")
    DOCUMENTS.assertValid(etree.fromstring(document))
    return fields(document)


def test_a_wage_return_by_the_interface_for_large_messages(door: Door) -> None:
    """A file of FTP GB is an Aangifte_LH; its receipt and status lie in the /out of that interface."""
    door.open()
    door.port = door.ports["ftp_gb"]
    client = door.login()
    name = "000000000L01_2026_01_1.xml"
    assert client.storbinary(f"STOR /in/{name}", io.BytesIO(LOON)).startswith("226")
    out = door.rooms.settings.state / "ftp_gb" / door.user / "out"
    status = fields(eventually((out / f"{name}.status.xml").read_bytes))
    assert (status["statuscode"], status["nummer"]) == ("500", "000000000L01")
    assert fields((out / f"{name}.ontvangst.xml").read_bytes())["berichtsoort"] == "Aangifte_LH"
    assert not door.folder("out").exists()
    client.quit()


def test_refusals_and_validation_errors_are_valid_documents_too(door: Door) -> None:
    """A wrong receiver, a report with a wrong number, and what is no XML: all that is told is well-formed."""
    client = door.open().login()
    door.upload(client, wrong := f"Aangifte_LH_x_{'0' * 20}.xml", LOON)
    assert told(door, wrong, "fout")["foutcode"] == "ALS100"
    door.upload(
        client, odd := loon_name("odd"), LOON.replace(b"000000000L01", "\u0085]]>&#x9;\U0001f9fe".encode())
    )
    assert told(door, odd, "fout")["foutcode"] == "ALS140"
    bad = f"Omzetbelasting_x_{BELASTINGDIENST}.xbrl"
    door.upload(client, bad, (EXAMPLES / "omzetbelasting-fout.xbrl").read_bytes())
    status = told(door, bad, "status")
    assert (status["statuscode"], status["foutcode"]) == ("311", "VAS500")
    assert "<results" in status["statusdetails"]
    client.quit()
