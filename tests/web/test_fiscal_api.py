"""Fiscal representatives by the control API: the sums, permits, and refusals with their rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.web.conftest import House

REPRESENTATIVE = "00000003302162470000"
ONE, TWO = "999991772", "123456782"


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of what the control API has on fiscal representatives."""
    with house.client() as client:
        client.base_url = f"{house.base}/api/v1/fiscal/"
        yield client


def post(api: httpx.Client, path: str, status: int = 200, **body: Any) -> Any:
    """The JSON of a POST that must end so."""
    answer = api.post(path, json=body)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def test_security_is_calculated_with_its_sum(api: httpx.Client) -> None:
    """Import and supply of one lot for 1,000,000 in one month: 210,000 once, 5 % = 10,500.00."""
    rows = [
        {"kind": "import", "amount": "1000000", "rate": "exempt", "goods": "lot 7"},
        {"kind": "supply", "amount": 1000000, "rate": 21, "goods": "lot 7"},
    ]
    found = post(api, "security", kind="limited", months=1, category="1", transactions=rows)
    assert (found["base"], found["amount"], found["category"]) == ("210000.00", "10500.00", 1)
    assert set(found["sum"][0]) == {"amount", "rule", "provenance", "nl", "en"}
    assert "een-keer" in [step["rule"] for step in found["sum"]]
    assert "over 1 month: EUR 210,000.00" in [step["en"] for step in found["sum"]]


def test_liability_is_calculated_with_its_sum(api: httpx.Client) -> None:
    """The page's example: 7,000 of 12,000."""
    rows = [{"year": 2018, "tax": 2000}, {"year": 2019, "tax": "10000"}]
    found = post(api, "liability", kind="general", security="5000", assessments=rows)
    assert (found["due"], found["liable"]) == ("12000.00", "7000.00")


def test_permit_goes_through_its_life(api: httpx.Client, house: House) -> None:
    """Request with figures, security in two parts, a client more, the end, too early for the release."""
    permit = post(
        api,
        "permits",
        201,
        representative=REPRESENTATIVE,
        kind="limited",
        clients=[ONE],
        yearEnd="06-30",
        category="2",
        months=1,
        transactions=[{"kind": "supply", "amount": 1_000_000, "rate": 21}],
    )
    assert (permit["state"], permit["securitySet"]) == ("security-set", "10500.00")
    path = f"permits/{permit['id']}"
    assert post(api, f"{path}/set", amount="12000")["securitySet"] == "12000.00"
    assert post(api, f"{path}/secure", form="deposit", amount=2000)["state"] == "security-set"
    assert post(api, f"{path}/secure", form="guarantee", amount="10000")["state"] == "active"
    assert post(api, f"{path}/clients", client=TWO)["clients"] == [ONE, TWO]
    shown = api.get(path).json()
    assert [row["form"] for row in shown["securities"]] == ["deposit", "guarantee"]
    assert [row["event"] for row in shown["history"]][-2:] == ["put-up", "client-added"]
    ended = post(api, f"{path}/end", by="inspector")
    assert ended["state"] == "ended"
    assert ended["releaseFrom"].endswith("-07-01")
    assert post(api, f"{path}/release", 409)["rule"] == "FISCAL-TOO-EARLY"
    assert ended["id"] in [row["id"] for row in api.get("permits", params={"client": TWO}).json()]
    assert "permit-changed" in [event.event.kind for event in house.inner.office.events(limit=20)]


def test_permits_come_in_pages(api: httpx.Client, house: House) -> None:
    """Following the Link headers with a page of one row gives every permit once; filters hold."""
    for _ in range(2):
        post(api, "permits", 201, representative=REPRESENTATIVE, kind="general", clients=[ONE])
    whole = [row["id"] for row in api.get("permits", params={"state": "requested"}).json()]
    found, address = [], "/api/v1/fiscal/permits?limit=1&state=requested"
    while address:
        answer = api.get(house.base + address)
        found += [row["id"] for row in answer.json()]
        address = answer.links.get("next", {}).get("url", "")
    assert len(whole) >= 2
    assert found == whole


@pytest.mark.parametrize(
    ("path", "body", "rule"),
    [
        ("security", {"kind": "general"}, "FISCAL-CATEGORY"),
        ("security", {}, "PARAMETER"),
        ("security", {"kind": "general", "transactions": "x"}, "PARAMETER"),
        ("security", {"kind": "general", "transactions": ["x"]}, "FISCAL-LIST"),
        ("security", {"kind": "general", "paid": [1]}, "PARAMETER"),
        ("security", {"kind": "general", "paid": True}, "PARAMETER"),
        ("security", {"kind": "limited", "category": "1", "inspector": 1}, "FISCAL-INSPECTOR"),
        ("liability", {"kind": "general", "security": "x"}, "FISCAL-AMOUNT"),
        ("permits", {"representative": "1", "kind": "general", "clients": [ONE]}, "FISCAL-REPRESENTATIVE"),
        ("permits", {"representative": REPRESENTATIVE, "kind": "general", "clients": ["1"]}, "FISCAL-CLIENT"),
        ("permits", {"representative": REPRESENTATIVE, "kind": "general", "clients": [{}]}, "FISCAL-CLIENTS"),
        (
            "permits",
            {"representative": REPRESENTATIVE, "kind": "general", "clients": [ONE, TWO]},
            "FISCAL-ONE-CLIENT",
        ),
        (
            "permits",
            {"representative": REPRESENTATIVE, "kind": "general", "clients": [ONE], "yearEnd": "2"},
            "FISCAL-YEAR-END",
        ),
        (
            "permits",
            {"representative": REPRESENTATIVE, "kind": "general", "clients": [ONE], "amount": 1, "paid": 1},
            "FISCAL-FIGURES",
        ),
        (
            "permits",
            {"representative": REPRESENTATIVE, "kind": "general", "clients": [ONE], "amount": 4999},
            "FISCAL-MINIMUM",
        ),
    ],
)
def test_what_is_wrong_is_a_problem_with_its_rule(
    api: httpx.Client, path: str, body: dict[str, Any], rule: str
) -> None:
    """Wrong figures and requests are refused with 400, and nothing is stored."""
    before = len(api.get("permits").json())
    assert post(api, path, 400, **body)["rule"] == rule
    assert len(api.get("permits").json()) == before


def test_what_cannot_be_done_now_is_a_conflict(api: httpx.Client) -> None:
    """Security before its amount is set, release of what goes on: 409; an unknown permit: 404."""
    permit = post(api, "permits", 201, representative=REPRESENTATIVE, kind="general", clients=[ONE])
    path = f"permits/{permit['id']}"
    assert post(api, f"{path}/secure", 409, form="deposit", amount=1)["rule"] == "FISCAL-NOT-SET"
    assert post(api, f"{path}/release", 409)["rule"] == "FISCAL-PERMIT-STATE"
    assert post(api, f"{path}/set", 400)["rule"] == "FISCAL-FIGURES"
    assert post(api, "permits/nosuch/end", 404)["rule"] == "FISCAL-PERMIT"
    assert api.get("permits/nosuch").status_code == 404
    assert api.get("permits", params={"state": "boos"}).status_code == 400
