"""Mandates by the control API: asked for, activated, revoked, refused with the register's reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.web.api import api_operations
from digipoort_sim.web.api.openapi import describe
from tests.web.conftest import ANN, CLIENT, House, request_mandate

API = "/api/v1"
REFUSAL = {
    "outcome",
    "statuscode",
    "code",
    "text",
    "textEn",
    "provenance",
    "detail",
    "mandate",
    "registratie",
}
_CLIENTS = iter(range(1, 900))


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of the control API."""
    with house.client() as client:
        client.base_url = f"{house.base}{API}/"
        yield client


@pytest.fixture
def client() -> str:
    """A BSN that no other test uses."""
    for number in _CLIENTS:
        digits = f"9990{number:04}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"{digits}{check}"
    raise AssertionError


def body(dienst: str, client: str, **more: str) -> dict[str, str]:
    """What every mandate message says."""
    return {"gemachtigdeOin": ANN.oin, "dienst": dienst, "idVertegenwoordigde": client, **more}


def asked_for(api: httpx.Client, dienst: str, client: str) -> str:
    """Ask for a mandate and let the letter go out; gives its id."""
    answer = api.post("mandates", json=body(dienst, client))
    assert answer.status_code == 201, answer.text
    api.post("clock", json={"advance": "14d"})
    return str(answer.json()["mandate"])


def code_of(api: httpx.Client, mandate: str) -> str:
    """The activation code in the letter about a mandate."""
    return str(api.get(f"letters/{api.get(f'mandates/{mandate}').json()['letter']}").json()["activatieToken"])


def refused(answer: httpx.Response) -> dict[str, Any]:
    """The problem document of a refusal by the register, which must have everything that is promised."""
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    row = load_catalogue().outcomes[document["outcome"]]
    assert (document["code"], document["text"], document["textEn"]) == (row.code, row.text, row.text_en)
    assert (document["statuscode"], document["provenance"]) == ("510", row.provenance)
    assert document["detail"].startswith(row.text_en)
    assert document["rule"] == row.key.upper()
    assert set(document) >= REFUSAL
    return document


def test_a_request_answers_as_the_message_would(api: httpx.Client, client: str) -> None:
    """Asking by the API registers the mandate and gives the texts that the status of a message has."""
    answer = api.post("mandates", json=body("VIA_2025", client, typeVertegenwoordigde="BSN"))
    assert answer.status_code == 201
    said = answer.json()
    assert (said["outcome"], said["statuscode"]) == ("claim-opgevoerd", "500")
    assert said["text"] == "Opvoeren machtigingsclaim gelukt."
    assert (said["provenance"], said["registratie"]["toestand"]) == ("published", "IN_BEHANDELING")
    shown = api.get(f"mandates/{said['mandate']}").json()
    assert shown["idGemachtigde"] == shown["gemachtigdeOin"] == ANN.oin
    assert [entry["event"] for entry in shown["historie"]] == ["received", "taken-up"]


def test_the_letter_falls_due_after_a_request_by_the_api(api: httpx.Client, client: str) -> None:
    """A request by the API leaves the same due dates: a letter after 14 days, a code for 8 weeks."""
    mandate = asked_for(api, "VIA_2025", client)
    shown = api.get(f"mandates/{mandate}").json()
    assert shown["brief"] is not None
    letter = api.get(f"letters/{shown['letter']}").json()
    assert shown["expected"] == {"kind": "code-expires", "at": letter["geldigTot"]}


def test_a_code_activates_by_service_or_by_id(api: httpx.Client, client: str) -> None:
    """The code activates by the names of the message as well as by the mandate's id, once."""
    for dienst in ("VIA_2025", "SBU"):
        mandate = asked_for(api, dienst, client)
        code = {"activatieToken": code_of(api, mandate)}
        by_id = dienst == "SBU"
        path = f"mandates/{mandate}/activate" if by_id else "mandates/activate"
        told = code if by_id else body(dienst, client, **code)
        said = api.post(path, json=told)
        assert said.status_code == 200, said.text
        assert (said.json()["outcome"], said.json()["registratie"]["toestand"]) == ("geactiveerd", "ACTIEF")
        assert refused(api.post(path, json=told))["outcome"] == "code-gebruikt"
    events = [event["kind"] for event in api.get("events").json()]
    assert {"mandate-requested", "mandate-activation", "mandate-activated", "mandate-refused"} <= set(events)


def test_a_wrong_code_by_the_api_is_counted(api: httpx.Client, client: str) -> None:
    """A wrong code is refused and counted; after five the right one does not help any more."""
    mandate = asked_for(api, "VIA_2025", client)
    path = f"mandates/{mandate}/activate"
    for wrong in range(4):
        said = refused(api.post(path, json={"activatieToken": f"000-XXX-00{wrong}"}))
        assert (said["code"], said["mandate"]) == ("MR210", mandate)
        assert said["registratie"]["onjuisteCodes"] == wrong + 1
    assert refused(api.post(path, json={"activatieToken": "nope"}))["code"] == "MR260"
    assert refused(api.post(path, json={"activatieToken": code_of(api, mandate)}))["code"] == "MR260"


@pytest.mark.parametrize("side", ["gemachtigde", "vertegenwoordigde"])
def test_either_side_revokes(api: httpx.Client, client: str, side: str) -> None:
    """Either side revokes with a reason that the history keeps; a second time is refused."""
    mandate = asked_for(api, "VIA_2025", client)
    said = api.post(f"mandates/{mandate}/revoke", json={"side": side, "reden": "klaar"}).json()
    assert (said["outcome"], said["registratie"]["toestand"]) == ("ingetrokken", "INGETROKKEN")
    shown = api.get(f"mandates/{mandate}").json()
    last = shown["historie"][-1]
    assert (last["door"], last["reden"], shown["reden"]) == (side, "klaar", "klaar")
    assert shown["expected"] is None
    assert "revoked" in shown["meaning"]["en"]
    again = refused(api.post(f"mandates/{mandate}/revoke", json={"side": side}))
    assert (again["outcome"], again["mandate"]) == ("al-beeindigd", mandate)


def test_the_form_and_the_message_end_a_mandate(api: httpx.Client, client: str) -> None:
    """The client's form refuses in the reaction term; the gemachtigde's revocation goes by service too."""
    asked_for(api, "SBA_IB_2026", client)
    form = {"idVertegenwoordigde": client, "idGemachtigde": ANN.oin, "dienst": "SBA_IB_2026"}
    assert api.post("mandates/form", json=form).json()["outcome"] == "afgewezen"
    assert refused(api.post("mandates/form", json=form))["outcome"] == "al-afgewezen"
    asked_for(api, "VIA_2025", client)
    assert api.post("mandates/revoke", json=body("VIA_2025", client)).json()["outcome"] == "ingetrokken"
    assert refused(api.post("mandates/revoke", json=body("VIA_2025", client)))["outcome"] == "al-beeindigd"


def test_a_refused_request_stays_on_record(api: httpx.Client, client: str) -> None:
    """A request that the register refuses is AFGEKEURD, and shows code and words of the refusal."""
    said = refused(api.post("mandates", json=body("SBA_IB_1999", client)))
    shown = api.get(f"mandates/{said['mandate']}").json()
    assert (shown["toestand"], shown["redenCode"]) == ("AFGEKEURD", "jaar-niet-toegestaan")
    assert shown["refusal"]["code"] == said["code"] == "MR130"
    assert shown["refusal"]["textEn"] == said["textEn"]


@pytest.mark.parametrize(
    ("path", "told", "status"),
    [
        ("mandates", {}, 400),
        ("mandates", {"gemachtigdeOin": "x", "dienst": "SBU", "idVertegenwoordigde": "1"}, 400),
        ("mandates/unknown/revoke", {"side": "gemachtigde"}, 404),
        ("mandates/unknown/revoke", {"side": "register"}, 400),
        ("mandates/unknown/activate", {"activatieToken": "123-ABC-123"}, 404),
        ("mandates/unknown/activate", {}, 400),
        ("mandates/form", {"dienst": "SBU"}, 400),
    ],
)
def test_wrong_orders_are_problems(api: httpx.Client, path: str, told: dict[str, str], status: int) -> None:
    """What is no order to the register at all is refused by the door, and changes nothing."""
    before = len(api.get("mandates").json())
    answer = api.post(path, json=told)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert len(api.get("mandates").json()) == before


def test_the_description_tells_of_mandates(api: httpx.Client, client: str) -> None:
    """Every field of a registration, an outcome and a refusal is promised in openapi.json, no other."""
    schemas = api.get("openapi.json").json()["components"]["schemas"]
    mandate = asked_for(api, "VIA_2025", client)
    assert set(api.get("mandates").json()[0]) == set(schemas["Mandate"]["properties"])
    assert set(api.get(f"mandates/{mandate}").json()) == set(schemas["MandateWithHistory"]["properties"])
    said = api.post(f"mandates/{mandate}/revoke", json={"side": "gemachtigde"}).json()
    assert set(said) == set(schemas["Outcome"]["properties"])
    again = refused(api.post(f"mandates/{mandate}/revoke", json={"side": "gemachtigde"}))
    assert set(again) == set(schemas["MandateProblem"]["properties"])


def test_every_order_describes_its_refusals() -> None:
    """Each operation that asks the register something promises its refusals as status 409."""
    paths = describe(api_operations())["paths"]
    orders = [row for row in api_operations() if row.returns == "Outcome"]
    assert len(orders) >= 7
    for row in orders:
        schema = paths[row.path]["post"]["responses"]["409"]["content"]["application/problem+json"]["schema"]
        assert schema["$ref"].endswith("/MandateProblem")


def test_a_refused_message_is_explained_in_two_languages(api: httpx.Client, house: House) -> None:
    """A mandate message with status 510 shows the register's code, both texts and how sure they are."""
    request_mandate(house.inner, "VIA_1999", CLIENT, "urn:uuid:refused")
    row = api.get("messages", params={"berichtsoort": "MachtigingOpvoeren"}).json()[0]
    shown = api.get(f"messages/{row['kenmerk']}").json()
    last, expected = shown["statussen"][-1], load_catalogue().outcomes["jaar-niet-toegestaan"]
    assert (last["statuscode"], last["statusFoutcode"]["foutcode"]) == ("510", "MR130")
    assert expected.text in last["statusFoutcode"]["foutbeschrijving"]
    assert (shown["refusal"]["text"], shown["refusal"]["textEn"]) == (expected.text, expected.text_en)
    assert (shown["refusal"]["code"], shown["refusal"]["provenance"]) == ("MR130", "simulator")
    assert api.get(f"messages/{house.kenmerk}").json()["refusal"] is None
