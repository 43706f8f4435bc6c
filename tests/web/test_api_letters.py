"""The control API's letter boxes, and the names in them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import event

from digipoort_sim.exchange.values import Identity
from digipoort_sim.register.letter_boxes import letter_boxes
from digipoort_sim.register.trade_names import TradeRegister
from tests.web.conftest import ANN, CLIENT, House, request_mandate

OTHER = Identity("999990019", "BSN")


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of the control API."""
    with house.client() as client:
        client.base_url = f"{house.base}/api/v1/"
        yield client


@pytest.fixture(scope="module")
def opt_out(house: House) -> str:
    """Id of a letter without a code, to another client."""
    request_mandate(house.inner, "SBA_IB_2026", OTHER, "urn:uuid:opt-out")
    with house.client() as client:
        client.post("/api/v1/clock", json={"advance": "15d"})
        found = client.get("/api/v1/letters", params={"vertegenwoordigde": OTHER.nummer}).json()
    return str(found[0]["id"])


def test_a_letter_has_names_and_its_code(api: httpx.Client, house: House) -> None:
    """A letter's fields have the code to hand over, the names of both parties, and what has become of it."""
    letter = api.get(f"letters/{house.letter}").json()
    names = TradeRegister()
    assert letter["activatieToken"]
    assert letter["toestand"] == "IN_BEHANDELING"
    assert letter["naamVertegenwoordigde"] == names.name_of(CLIENT.nummer, "BSN")
    assert letter["naamGemachtigde"] == names.name_of(ANN.oin)


@pytest.mark.parametrize(
    ("form", "media_type", "suffix"),
    [("html", "text/html", "html"), ("pdf", "application/pdf", "pdf"), ("text", "text/plain", "txt"),
     ("svg", "image/svg+xml", "svg")],
)  # fmt: skip
def test_a_letter_is_a_file_that_runs_nothing(
    api: httpx.Client, house: House, form: str, media_type: str, suffix: str
) -> None:
    """Each form has its type, a name that says SIMULATIE, and a policy under which nothing runs."""
    answer = api.get(f"letters/{house.letter}", params={"format": form})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    name = f"SIMULATIE-brief-VIA_2025-{house.letter}.{suffix}"
    assert answer.headers["content-disposition"] == f'inline; filename="{name}"'
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_pdf_is_the_letter(api: httpx.Client, house: House) -> None:
    """The PDF that is served has the letter's code in its text, and is the same at the next call."""
    first = api.get(f"letters/{house.letter}", params={"format": "pdf"}).content
    code = api.get(f"letters/{house.letter}").json()["activatieToken"]
    with PdfDocument(first) as document:
        assert any(code in page.get_textpage().get_text_range() for page in document)
    assert api.get(f"letters/{house.letter}", params={"format": "pdf"}).content == first


def test_an_opt_out_letter_has_no_qr(api: httpx.Client, opt_out: str) -> None:
    """There is no QR code without an activation code: 404, and a sentence that says so."""
    answer = api.get(f"letters/{opt_out}", params={"format": "svg"})
    assert (answer.status_code, answer.json()["rule"]) == (404, "LETTER-QR")
    assert api.get(f"letters/{opt_out}", params={"format": "pdf"}).status_code == 200


def test_each_client_has_a_letter_box(api: httpx.Client, house: House, opt_out: str) -> None:
    """Who has letters is listed by number, page by page, with name, count and newest date."""
    boxes, address = [], "/api/v1/letter-boxes?limit=1"
    while address:
        answer = api.get(house.base + address)
        boxes += answer.json()
        address = answer.links.get("next", {}).get("url", "")
    assert [box["idVertegenwoordigde"] for box in boxes] == sorted([CLIENT.nummer, OTHER.nummer])
    box = next(box for box in boxes if box["idVertegenwoordigde"] == OTHER.nummer)
    newest = api.get(f"letters/{opt_out}").json()["datum"]
    assert box == {
        "idVertegenwoordigde": OTHER.nummer,
        "typeVertegenwoordigde": "BSN",
        "letters": 1,
        "laatste": newest,
        "naam": TradeRegister().name_of(OTHER.nummer, "BSN"),
    }


def test_letter_boxes_go_by_an_index(house: House) -> None:
    """The list of letter boxes reads no table from end to end without an index."""
    seen: list[tuple[str, object]] = []
    with house.inner.store.read() as tx:

        def keep(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
            seen.append((statement, parameters))

        event.listen(tx, "before_cursor_execute", keep)
        letter_boxes(tx, limit=10, after="1")
        event.remove(tx, "before_cursor_execute", keep)
        [(statement, parameters)] = seen
        plan = [str(row[-1]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any("USING COVERING INDEX" in step for step in plan)
    assert not [step for step in plan if step.startswith("SCAN register_")]


def test_a_number_has_a_name(api: httpx.Client) -> None:
    """The name of a number and of its OIN are one; a BSN has a person's; too long is no number."""
    found = api.get("names/30216247").json()
    assert found == api.get(f"names/{ANN.oin}").json()
    assert found["origin"] == "fictitious"
    assert found["adres"]["postcode"].startswith("0")
    person = api.get("names/111222333", params={"type": "BSN"}).json()
    assert person["naam"] == TradeRegister().name_of("111222333", "BSN") != found["naam"]
    assert api.get(f"names/{'1' * 41}").status_code == 400
