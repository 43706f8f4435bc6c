"""The foreign route by the control API: step by step, with its refusals in two languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from digipoort_sim.exchange.rooms import Rooms
from tests.web.conftest import House

ACME = {
    "name": "ACME GmbH",
    "country": "DE",
    "address": "Teststrasse 1",
    "city": "10115 Berlin",
    "registrationNumber": "HRB 12345",
    "chamberProof": "true",
    "deedLanguage": "de",
}


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of the control API."""
    with house.client() as client:
        client.base_url = f"{house.base}/api/v1/"
        yield client


def registered(api: httpx.Client, number: str) -> dict[str, Any]:
    """Register a foreign business with a number of its own."""
    answer = api.post("foreign", json={**ACME, "registrationNumber": number})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_the_route_step_by_step(api: httpx.Client, inner: Rooms) -> None:
    """Registration gives an FInr, the OIN register an OIN, and then there is a certificate."""
    party = registered(api, "1")
    finr = party["finr"]
    assert party["oin"] is None
    early = api.post(f"foreign/{finr}/certificate")
    assert (early.status_code, early.json()["code"]) == (409, "MR650")
    entered = api.post(f"foreign/{finr}/oin").json()
    assert entered["oin"] == f"00000002{finr}000"
    made = api.post(f"foreign/{finr}/certificate").json()
    assert "DigiCert (QuoVadis Private Services)" in made["issuerRule"]
    folder = Path(made["files"])
    assert {path.name for path in folder.iterdir()} >= {"client.pem", "client.key", "client.p12", "ca.pem"}
    subject = x509.load_pem_x509_certificate((folder / "client.pem").read_bytes()).subject
    found = {one.oid: one.value for one in subject}
    assert found[NameOID.COUNTRY_NAME] == "DE"
    assert found[NameOID.LOCALITY_NAME] == "10115 Berlin"
    assert found[NameOID.SERIAL_NUMBER] == entered["oin"]
    assert "TRIAL" in str(found[NameOID.COMMON_NAME])
    shown = api.get(f"foreign/{finr}").json()
    assert [row["serial"] for row in shown["certificates"]] == [made["serial"]]
    told = [record.event.kind for record in inner.office.events(limit=3)]
    assert told == ["foreign-certificate", "foreign-oin", "foreign-registered"]


@pytest.mark.parametrize(
    ("changes", "code", "rule"),
    [
        ({"country": "NL"}, "MR600", "BUITENLAND-NEDERLAND"),
        ({"kvk": "30216247"}, "MR605", "BUITENLAND-KVK"),
        ({"country": ""}, "MR610", "BUITENLAND-LAND"),
        ({"name": ""}, "MR615", "BUITENLAND-GEGEVEN"),
        ({"deedLanguage": None}, "MR620", "BUITENLAND-AKTE-ONTBREEKT"),
        ({"deedLanguage": "fr"}, "MR625", "BUITENLAND-AKTE-TAAL"),
        ({"chamberProof": "false"}, "MR630", "BUITENLAND-UITTREKSEL-ONTBREEKT"),
        ({"chamberProof": False}, "MR630", "BUITENLAND-UITTREKSEL-ONTBREEKT"),
    ],
)
def test_a_refusal_has_its_code_and_its_reason_in_two_languages(
    api: httpx.Client, changes: dict[str, Any], code: str, rule: str
) -> None:
    """A problem document names rule and code, and tells why in Dutch and in English."""
    body = {name: value for name, value in {**ACME, **changes}.items() if value is not None}
    answer = api.post("foreign", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["rule"]) == (409, code, rule)
    assert problem["text"] != problem["textEn"]
    assert problem["detail"].startswith(problem["textEn"])
    assert problem["provenance"] in ("published", "inferred", "simulator")


def test_what_is_missing_is_named_and_proof_is_true_or_false(api: httpx.Client) -> None:
    """A missing field is told as by every operation; JSON's true is proof, as is the text of a form."""
    empty = api.post("foreign", json={})
    assert (empty.status_code, empty.json()["detail"]) == (400, "name is missing: the name of the business")
    assert "true or false" in api.post("foreign", json={**ACME, "chamberProof": "yes"}).json()["detail"]
    proven = api.post("foreign", json={**ACME, "registrationNumber": "true", "chamberProof": True})
    assert (proven.status_code, proven.json()["chamberProof"]) == (201, True)


def test_a_second_registration_names_the_number_of_the_first(api: httpx.Client) -> None:
    """Who is registered already is told its FInr; an OIN is given once too."""
    party = registered(api, "twice")
    again = api.post("foreign", json={**ACME, "registrationNumber": "TWICE"})
    assert (again.status_code, again.json()["code"]) == (409, "MR635")
    assert party["finr"] in again.json()["detail"]
    assert api.post(f"foreign/{party['finr']}/oin").status_code == 201
    assert api.post(f"foreign/{party['finr']}/oin").json()["code"] == "MR645"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "foreign/111222333"),
        ("POST", "foreign/111222333/oin"),
        ("POST", "foreign/111222333/certificate"),
        ("GET", "foreign?after=111222333"),
        ("GET", "oin/1"),
        ("GET", "oin/00000005123456789000"),
    ],
)
def test_what_is_not_there_is_404(api: httpx.Client, method: str, path: str) -> None:
    """An FInr that nobody has, and a text that is no OIN, are not found."""
    assert api.request(method, path).status_code == 404


def test_the_list_has_pages(api: httpx.Client, house: House) -> None:
    """Following the Link headers gives every foreign business once, in the order of registration."""
    mine = [registered(api, f"page {number}")["finr"] for number in range(3)]
    found, address = [], "/api/v1/foreign?limit=1"
    with house.client() as plain:
        while address:
            answer = plain.get(address)
            found += [row["finr"] for row in answer.json()]
            address = answer.links.get("next", {}).get("url", "")
    assert found[-3:] == mine
    assert len(found) == len(set(found))


def test_the_oin_register_says_who_it_is(api: httpx.Client) -> None:
    """It tells what the prefix means, the number, and the name of who came by the foreign route."""
    party = registered(api, "oin")
    oin = api.post(f"foreign/{party['finr']}/oin").json()["oin"]
    entry = api.get(f"oin/{oin}").json()
    assert (entry["prefix"], entry["kind"], entry["number"], entry["suffix"]) == (
        "00000002",
        "Fi",
        party["finr"],
        "000",
    )
    assert (entry["name"], entry["origin"], entry["foreign"]) == ("ACME GmbH", "registered", True)
    assert entry["registration"]["finr"] == party["finr"]
    agency = api.get("oin/00000002003214394002").json()
    assert (agency["name"], agency["origin"]) == ("Belastingdienst", "agency")
    company = api.get("oin/00000003302162470000").json()
    assert (company["kind"], company["number"], company["foreign"], company["registration"]) == (
        "KvK",
        "30216247",
        False,
        None,
    )
    assert company["name"]


def test_its_name_stands_in_the_trade_register(api: httpx.Client, inner: Rooms) -> None:
    """Letters and the portal call a foreign business by the name under which it registered."""
    party = registered(api, "name")
    assert inner.names.name_of(party["finr"], "Fi") == "ACME GmbH"
    assert inner.names.find(f"00000002{party['finr']}000").address.lines == (
        "Teststrasse 1",
        "10115 Berlin (DE)",
    )


def test_an_ftp_account_of_a_foreign_party_needs_its_form_once(api: httpx.Client) -> None:
    """Without the form for parties outside the Netherlands there is no account; it is handed in once."""
    oin = "00000008123456789000"
    refused = api.post("ftp/accounts", json={"oin": oin})
    assert (refused.status_code, refused.json()["code"]) == (409, "MR660")
    assert "nonNlForm" in refused.json()["detail"]
    assert api.post("ftp/accounts", json={"oin": oin, "nonNlForm": True}).status_code == 201
    assert api.post("ftp/accounts", json={"oin": oin}).status_code == 201
    assert api.post("ftp/accounts", json={"oin": "00000003302162470000"}).status_code == 201
    assert api.post("ftp/accounts", json={"oin": "00000008", "nonNlForm": "true"}).status_code == 400


def test_the_table_of_flows(api: httpx.Client) -> None:
    """Each flow says its agency, its interface, how sure that is, and which berichtsoorten it has."""
    rows = {row["key"]: row for row in api.get("catalogue/flows").json()}
    assert rows["psp-cesop"]["interface"] == "FTP 1.6.1"
    assert rows["dac7"]["berichtsoorten"] == ["DAC7"]
    assert rows["gir"]["provenance"] == "simulator"
    kinds = {row["name"]: row["flow"] for row in api.get("catalogue/berichtsoorten").json()}
    assert kinds == {name: key for key, row in rows.items() for name in row["berichtsoorten"]}
