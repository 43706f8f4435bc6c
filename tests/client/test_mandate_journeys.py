"""A newcomer's day with mandates, over real doors: SOAP by zeep, files by FTPS, HTTP by httpx."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ftplib import FTP_TLS
from io import BytesIO
from typing import Any

import httpx
import pytest
from lxml import etree

from digipoort_sim.client.deliveries import wait_for_end
from digipoort_sim.client.fetching import fetched
from digipoort_sim.client.files import FileAccount, logged_in
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.mandates import mandate_parcel
from digipoort_sim.client.options import FetchOptions, MandateKind, MandateOptions, Route, Via
from digipoort_sim.client.sending import Sender
from digipoort_sim.client.soap import WusClient
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator

pytestmark = pytest.mark.heavy

FILES = "{urn:digipoort-sim:ftp:2026}"


@dataclass(frozen=True)
class Intermediary:
    """An intermediary with its software, beside a running simulator."""

    simulator: Simulator
    client: WusClient
    api: httpx.Client
    account: dict[str, str]

    def route(self, via: Via) -> Route:
        """The way in by a door."""
        cert = self.simulator.state / "clients" / self.oin
        if via == "wus":
            return Route(state=self.simulator.state, cert=cert)
        user, password = self.account["user"], self.account["password"]
        return Route(state=self.simulator.state, cert=cert, via="ftp", user=user, password=password)

    @property
    def oin(self) -> str:
        """Its OIN."""
        return self.account["oin"]

    @property
    def year(self) -> int:
        """The year in the simulator."""
        return self.simulator.inner.clocks.simulator.now().year

    def deliver(
        self, kind: MandateKind, dienst: str, number: str, via: Via = "wus", code: str | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Deliver a mandate message; gives its file name or kenmerk, and its final status by SOAP."""
        route = self.route(via)
        options = MandateOptions(
            route=route,
            kind=kind,
            dienst=dienst,
            client=number,
            code=code,
            form="xbrl" if via == "wus" else "xml",
            type="LHnr" if "L" in number else "BSN",
        )
        sender = Sender.open(route)
        parcel = mandate_parcel(options, sender.folder, sender.catalogue)
        kenmerk = sender.send(parcel)
        return kenmerk, wait_for_end(self.client, sender.catalogue, parcel.berichtsoort, kenmerk)[-1]

    def good(self, kind: MandateKind, dienst: str, number: str, via: Via, code: str | None = None) -> None:
        """Deliver a mandate message that the register must not refuse."""
        _, last = self.deliver(kind, dienst, number, via, code)
        assert last["statuscode"] == "500", last

    def wait(self, days: int) -> None:
        """Let time pass."""
        self.simulator.advance(timedelta(days=days))

    def mandates(self, number: str) -> dict[str, dict[str, Any]]:
        """The client's registrations, by dienst."""
        rows = self.api.get("mandates", params={"vertegenwoordigde": number}).json()
        return {row["dienst"]: row for row in rows}

    def code(self, dienst: str, number: str) -> str:
        """The code that the client reads in the letter for a dienst."""
        rows = self.api.get("letters", params={"vertegenwoordigde": number}).json()
        return str(next(row["activatieToken"] for row in rows if row["dienst"] == dienst))

    def fetch(self, berichtsoort: str, number: str) -> list[Any]:
        """What the ophaalservice has for a client."""
        options = FetchOptions(
            state=self.simulator.state,
            cert=self.route("wus").cert,
            berichtsoort=berichtsoort,
            belanghebbende=number,
            type="LHnr" if "L" in number else "BSN",
        )
        return fetched(self.client, options)

    def status_file(self, kenmerk: str) -> dict[str, str]:
        """The final status of a delivery, from the status file in the account's box, once it is there."""
        port = self.simulator.endpoints.ftp_port
        account = FileAccount("localhost", port, self.account["user"], self.account["password"])
        folder = CertificateFolder.open(self.route("ftp").cert)
        until = time.monotonic() + 30
        with logged_in(account, folder) as ftp:
            while time.monotonic() < until:
                for name in ftp.nlst("/out"):
                    told = _status(ftp, name) if name.endswith(".status.xml") else {}
                    if told.get("kenmerk") == kenmerk:
                        return told
        raise AssertionError(kenmerk)


def _status(ftp: FTP_TLS, name: str) -> dict[str, str]:
    content = BytesIO()
    ftp.retrbinary(f"RETR /out/{name.rpartition('/')[2]}", content.write)
    document = etree.fromstring(content.getvalue())
    return {str(one.tag).removeprefix(FILES): one.text or "" for one in document.iter()}


@pytest.fixture(scope="module")
def office() -> Iterator[Intermediary]:
    """An intermediary with a certificate, an account and a simulator of its own."""
    with Simulator() as simulator:
        oin = Oin.from_kvk("30216247")
        folder = simulator.certificate(oin)
        with httpx.Client(base_url=f"{simulator.endpoints.web}/api/v1/", trust_env=False, timeout=60) as api:
            account = api.post("ftp/accounts", json={"oin": oin.value}).json()
            yield Intermediary(simulator, simulator.client(folder), api, account)


@pytest.mark.parametrize(("via", "number"), [("wus", "999990019"), ("ftp", "999990020")])
def test_opt_out_and_code_lead_to_messages_until_revoked(office: Intermediary, via: Via, number: str) -> None:
    """By either door, SBA becomes active by silence and VIA by its code; after a revocation nothing comes."""
    sba, via_ = f"SBA_IB_{office.year}", f"VIA_{office.year - 2}"
    office.good("opvoeren", sba, number, via)
    office.good("opvoeren", via_, number, via)
    assert office.fetch("SBA_IB", number) == office.fetch("VIA", number) == []
    office.wait(14)
    office.good("activeren", via_, number, via, office.code(via_, number))
    assert office.mandates(number)[sba]["toestand"] == "IN_BEHANDELING"
    office.wait(26)
    assert {row["toestand"] for row in office.mandates(number).values()} == {"ACTIEF"}
    assert office.fetch("VIA", number)
    assert office.fetch("SBA_IB", number)
    for dienst, berichtsoort in ((sba, "SBA_IB"), (via_, "VIA")):
        office.good("intrekken", dienst, number, via)
        assert office.fetch(berichtsoort, number) == []


def test_an_employer_gets_documents_of_uwv(office: Intermediary) -> None:
    """A UWV service is registered on a loonheffingennummer, activated by its code, and gives documents."""
    number, dienst = "123456782L01", "UWV-ZZ-ZW"
    office.good("opvoeren", dienst, number, "wus")
    office.wait(14)
    office.good("activeren", dienst, number, "ftp", office.code(dienst, number))
    office.wait(60)
    documents = office.fetch(dienst, number)
    assert documents
    assert {message.identiteitBelanghebbende.nummer for message in documents} == {number}


def test_a_continuous_mandate_goes_over_both_reference_dates(office: Intermediary) -> None:
    """After `clock advance 400d` 1 July and 1 December have each made their registration, with no letter."""
    number = "999990032"
    office.good("opvoeren", "DM_IB", number, "wus")
    office.wait(14)
    office.good("activeren", "DM_IB", number, "wus", office.code("DM_IB", number))
    began = office.simulator.inner.clocks.simulator.now()
    office.api.post("clock", json={"advance": "400d"})
    made = {dienst: row for dienst, row in office.mandates(number).items() if dienst != "DM_IB"}
    parent = office.mandates(number)["DM_IB"]["id"]
    july = began.year if (began.month, began.day) < (7, 1) else began.year + 1
    december = began.year if (began.month, began.day) < (12, 1) else began.year + 1
    assert {f"SBA_IB_{july + 1}", f"VIA_{december}"} <= set(made)
    assert {(row["herkomst"], row["toestand"], row["brief"]) for row in made.values()} == {
        (parent, "ACTIEF", None)
    }
    assert made[f"SBA_IB_{july + 1}"]["ontvangen"].startswith(f"{july}-06-30T22:00")
    assert made[f"VIA_{december}"]["ontvangen"].startswith(f"{december}-11-30T23:00")


def test_a_refusal_comes_by_each_door(office: Intermediary) -> None:
    """The same wrong request is 510 over SOAP, 510 in a status file over FTPS, and a problem over HTTP."""
    number = "999990044"
    for dienst, code in (("VIA_1999", "MR130"), ("VIA", "MR120"), ("NIETS", "MR110")):
        _, last = office.deliver("opvoeren", dienst, number)
        assert (last["statuscode"], last["statusFoutcode"]["foutcode"]) == ("510", code)
        assert last["statusFoutcode"]["foutbeschrijving"]
        assert last["statusdetails"]
    kenmerk, last = office.deliver("opvoeren", "VIA_1999", number, "ftp")
    told = office.status_file(kenmerk)
    assert (told["statuscode"], told["foutcode"]) == ("510", "MR130")
    assert told["foutbeschrijving"] == last["statusFoutcode"]["foutbeschrijving"]
    assert told["statusdetails"] == last["statusdetails"]
    body = {"gemachtigdeOin": office.oin, "dienst": "VIA_1999", "idVertegenwoordigde": number}
    problem = office.api.post("mandates", json=body)
    assert (problem.status_code, problem.json()["code"]) == (409, "MR130")
    assert problem.json()["text"] in told["foutbeschrijving"]


def test_a_revocation_in_person_is_seen_by_the_next_fetch(office: Intermediary) -> None:
    """A client's revocation at the counter ends what the software could fetch a moment before."""
    number, dienst = "999990056", f"VIA_{office.year - 2}"
    office.good("opvoeren", dienst, number, "wus")
    office.wait(14)
    office.good("activeren", dienst, number, "wus", office.code(dienst, number))
    assert office.fetch("VIA", number)
    mandate = office.mandates(number)[dienst]["id"]
    answer = office.api.post(f"mandates/{mandate}/revoke", json={"side": "vertegenwoordigde"})
    assert answer.status_code == 200
    assert office.fetch("VIA", number) == []
