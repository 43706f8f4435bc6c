"""The control API: what it gives, how it refuses, and that it describes itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.pki import Oin
from digipoort_sim.web.api import api_operations
from tests.web.conftest import CLIENT, RAW, House, endpoints_file, request_mandate

API = "/api/v1"


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of the control API."""
    with house.client() as client:
        client.base_url = f"{house.base}{API}/"
        yield client


def test_messages_have_the_names_of_the_wire(api: httpx.Client, house: House) -> None:
    """A listed message has the six fields that the command line promises, with the wire's values."""
    rows = api.get("messages", params={"berichtsoort": "TEST"}).json()
    assert (
        rows[0]
        | {
            "kenmerk": house.kenmerk,
            "berichtsoort": "TEST",
            "aanleverkenmerk": "K<1>",
            "identiteitBelanghebbende": {"nummer": CLIENT.nummer, "type": CLIENT.type},
            "statuscode": "500",
            "via": "wus",
        }
        == rows[0]
    )


def test_a_content_of_a_message_comes_as_it_was_delivered(api: httpx.Client, house: House) -> None:
    """The berichtInhoud is position 0; one that is not there is 404."""
    (content,) = api.get(f"messages/{house.kenmerk}").json()["inhoud"]
    answer = api.get(f"messages/{house.kenmerk}/contents/{content['position']}")
    assert (answer.status_code, len(answer.content)) == (200, content["octets"])
    assert content["bestandsnaam"] in answer.headers["content-disposition"]
    assert api.get(f"messages/{house.kenmerk}/contents/1").status_code == 404


def test_a_message_comes_with_its_statuses(api: httpx.Client, house: House) -> None:
    """The statuses of a message have the fields of a StatusResultaat, in order."""
    message = api.get(f"messages/{house.kenmerk}").json()
    assert [status["statuscode"] for status in message["statussen"]][-2:] == ["400", "500"]
    assert list(message["statussen"][0]) == [
        "statuscode",
        "statusomschrijving",
        "tijdstempelStatus",
        "statusFoutcode",
        "statusdetails",
    ]


def test_pages_follow_one_another(api: httpx.Client, house: House) -> None:
    """Following the Link headers with a page of one row gives every message once."""
    whole = [row["kenmerk"] for row in api.get("messages").json()]
    found, address = [], f"{API}/messages?limit=1"
    while address:
        answer = api.get(house.base + address)
        found += [row["kenmerk"] for row in answer.json()]
        address = answer.links.get("next", {}).get("url", "")
    assert len(found) >= 2
    assert found == whole


def test_a_mandate_comes_with_its_history(api: httpx.Client, house: House) -> None:
    """A mandate has the wire's fields, its letter and every change so far."""
    row = api.get("mandates", params={"vertegenwoordigde": CLIENT.nummer}).json()[0]
    assert (row["dienst"], row["idVertegenwoordigde"]) == ("VIA_2025", CLIENT.nummer)
    shown = api.get(f"mandates/{row['id']}").json()
    assert shown["letter"] == house.letter
    assert next(entry["naar"] for entry in shown["historie"]) == "ONTVANGEN"


def test_a_letter_has_three_forms(api: httpx.Client, house: House) -> None:
    """A letter is given as JSON, as text and as HTML that may run no scripts, each with the code."""
    code = api.get(f"letters/{house.letter}").json()["activatieToken"]
    text = api.get(f"letters/{house.letter}", params={"format": "text"})
    html = api.get(f"letters/{house.letter}", params={"format": "html"})
    assert code in text.text
    assert code in html.text
    assert text.headers["content-type"].startswith("text/plain")
    assert "script-src" not in html.headers["content-security-policy"]
    assert "default-src 'none'" in html.headers["content-security-policy"]


def test_a_letter_is_sent_back_once(api: httpx.Client, house: House) -> None:
    """Sending a letter back ends the registration; doing so again is a conflict, and both are told."""
    other = {"nummer": "999990019", "type": "BSN"}
    request_mandate(house.inner, "VIA_2025", type(CLIENT)(**other), "urn:uuid:back")
    api.post("clock", json={"advance": "15d"})
    letter = api.get("letters", params={"vertegenwoordigde": other["nummer"]}).json()[0]["id"]
    assert api.post(f"letters/{letter}/return").status_code == 200
    again = api.post(f"letters/{letter}/return")
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    mandate = api.get("mandates", params={"vertegenwoordigde": other["nummer"]}).json()[0]
    assert mandate["toestand"] == "AFGEWEZEN"
    assert "letter-returned" in [event["kind"] for event in api.get("events").json()]


def test_events_come_with_their_bytes(api: httpx.Client, house: House) -> None:
    """The raw bytes of an event come back as they were, as a file to save and not to show."""
    event = api.get(f"events/{house.event}").json()
    assert (event["kind"], event["octets"]) == ("wus-refused", len(RAW))
    raw = api.get(house.base + event["raw"])
    assert raw.content == RAW
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")


def test_the_clock_moves_and_never_goes_back(api: httpx.Client) -> None:
    """The clock advances by a duration, is set to a time, and refuses to go back or past all dates."""
    before = datetime.fromisoformat(api.get("clock").json()["now"])
    after = datetime.fromisoformat(api.post("clock", json={"advance": "1d12h"}).json()["now"])
    assert after.date() > before.date()
    assert api.post("clock", json={"set": "2031-01-01T00:00:00Z"}).json()["now"].startswith("2031-01-01")
    assert api.post("clock", json={"set": "2020-01-01"}).status_code == 409
    assert api.post("clock", json={"set": "9999-12-31"}).json()["rule"] == "CLOCK-FURTHEST"
    assert api.post("clock", json={"advance": "999999999d"}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"set": "x"},
        {"advance": "3 moons"},
        {"set": "2031-01-01", "advance": "1d"},
        {"set": 5},
        {"to": "x"},
    ],
)
def test_a_wrong_move_of_the_clock_is_a_problem(api: httpx.Client, body: dict[str, object]) -> None:
    """What is no time and no duration is refused with a document that has all five fields."""
    answer = api.post("clock", json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"type", "title", "status", "detail", "rule"}


def test_a_certificate_is_revoked_at_once(api: httpx.Client, house: House) -> None:
    """A revoked certificate is listed as such; unknown ones are not found; file names are refused."""
    authority = house.inner.authority
    issued = authority.issue_client(Oin.from_kvk("30216247"), "TRIAL Ann")
    serial = f"{issued.certificate.serial_number:X}"
    assert api.post("certs/revoke", json={"serial": serial}).json()["revokedAt"]
    rows = {row["serial"]: row["revokedAt"] for row in api.get("certs").json()}
    assert rows[serial]
    assert api.post("certs/revoke", json={"serial": "ABC"}).status_code == 404
    assert api.post("certs/revoke", json={"serial": "/etc/hosts"}).status_code == 400


def test_accounts_are_made_listed_and_removed(api: httpx.Client) -> None:
    """An account's password is told once; a removed account is gone."""
    made = api.post("ftp/accounts", json={"oin": "00000003302162470000"})
    assert made.status_code == 201
    user = made.json()["user"]
    assert made.json()["password"]
    (row,) = api.get("ftp/accounts").json()
    assert (row["user"], row["oin"], row["locked"]) == (user, "00000003302162470000", False)
    assert api.delete(f"ftp/accounts/{user}").status_code == 204
    assert api.delete(f"ftp/accounts/{user}").status_code == 404
    assert api.post("ftp/accounts", json={"oin": "1"}).status_code == 400


def test_readyz_waits_for_all_doors(api: httpx.Client, house: House) -> None:
    """Without endpoints.json the server is not ready; with it, it is."""
    assert api.get("readyz").status_code == 503
    endpoints_file(house.inner).write_text('{"web": "x"}')
    try:
        assert api.get("readyz").json() == {"ready": True}
        assert api.get("info").json()["endpoints"] == {"web": "x"}
    finally:
        endpoints_file(house.inner).unlink()


def test_the_catalogue_is_served_with_provenance(api: httpx.Client) -> None:
    """Every table of the catalogue is there, and every line says how sure it is."""
    for table, rows in vars(load_catalogue()).items():
        served = api.get(f"catalogue/{table}").json()
        assert len(served) == len(rows)
        assert all(row["provenance"] for row in served)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("messages/unknown", 404),
        ("mandates/unknown", 404),
        ("letters/unknown", 404),
        ("events/999999999", 404),
        ("events/x", 400),
        ("events/999999999/raw", 404),
        ("messages?limit=x", 400),
        ("messages?limit=-1", 400),
        ("messages?after=x", 400),
        ("messages?nosuch=1", 400),
        ("mandates?toestand=BOOS", 400),
        ("mandates?after=unknown", 404),
        ("messages?berichtsoort=" + "x" * 500, 400),
        ("messages/a%00b", 404),
        ("messages?berichtsoort=a%00b", 400),
        ("nothing", 404),
        ("clock/x", 404),
    ],
)
def test_wrong_questions_get_problem_documents(api: httpx.Client, path: str, status: int) -> None:
    """What is not there or not good is refused with a problem document, never with a trace."""
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{" * 10, "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"advance": "1s"}', "text/plain", 400),
        (b" " * 70_000, "application/json", 413),
    ],
)
def test_wrong_bodies_are_refused(api: httpx.Client, content: bytes, media_type: str, status: int) -> None:
    """A body that is broken, deep, of another type or too large is refused."""
    answer = api.post("clock", content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status


def test_the_description_has_every_route(api: httpx.Client) -> None:
    """openapi.json has exactly the operations of the table, each with its own id and known schemas."""
    document = api.get("openapi.json").json()
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert described == {(row.path, row.method.lower()) for row in api_operations()}
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))
    assert {row.returns for row in api_operations() if "/" not in row.returns} - {"Nothing"} <= set(
        document["components"]["schemas"]
    )


def test_refusals_are_described(api: httpx.Client) -> None:
    """Who changes something is told of 409, who names a thing of 404, who sends fields of 400."""
    paths = api.get("openapi.json").json()["paths"]
    for path in ("foreign", "foreign/{finr}/oin", "foreign/{finr}/certificate", "ftp/accounts"):
        told = paths[f"{API}/{path}"]["post"]["responses"]["409"]["content"]["application/problem+json"]
        assert told["schema"]["$ref"].endswith("/ForeignProblem")
    permits = [item["post"] for path, item in paths.items() if "/permits" in path and "post" in item]
    assert len(permits) == 6
    assert all("409" in operation["responses"] for operation in permits)
    assert {"400", "404", "409"} <= set(paths[f"{API}/fiscal/permits/{{id}}/end"]["post"]["responses"])
    fields = paths[f"{API}/foreign"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert fields["properties"]["chamberProof"]["type"] == "boolean"


def test_a_number_below_its_range_is_told_so(api: httpx.Client) -> None:
    """-1 is a whole number; what is asked for is one from 0."""
    assert "a whole number from 0" in api.get("messages?limit=-1").json()["detail"]


def test_the_description_is_true(api: httpx.Client, house: House) -> None:
    """Every field that the description promises of a listed thing is in what is served."""
    document = api.get("openapi.json").json()
    for path, item in document["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("2XX", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if "{" in path or schema.get("type") != "array":
            continue
        name = schema["items"]["$ref"].rpartition("/")[2]
        promised = set(document["components"]["schemas"][name]["properties"])
        for row in api.get(house.base + path).json():
            assert promised <= set(row), path


def test_time_in_answers_is_that_of_the_wire(api: httpx.Client) -> None:
    """Times have three decimals and Z."""
    now = api.get("clock").json()["now"]
    assert now.endswith("Z")
    assert datetime.fromisoformat(now).tzinfo == UTC


@pytest.mark.parametrize("body", ['{"advance": "1d", "advance": "2d"}', '{"a": {"b": 1, "b": 1}}'])
def test_a_name_that_comes_twice_is_refused(api: httpx.Client, body: str) -> None:
    """JSON in which a name comes twice could mean two things, and is refused."""
    answer = api.post("clock", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["rule"] == "BODY-DOUBLE"


@pytest.mark.parametrize("body", ['{"advance": "\\ud800"}', '{"\\udfff": 1}'])
def test_half_a_character_is_refused(api: httpx.Client, body: str) -> None:
    """A lone surrogate in JSON is no text that anything behind the door can write or store."""
    answer = api.post("clock", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["rule"] == "BODY"
