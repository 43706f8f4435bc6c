"""What validation found in a message, for people and programs."""

from __future__ import annotations

from digipoort_sim.exchange.values import Call, Content, Delivery, Identity
from tests.validation.samples import INSTANCE
from tests.web.conftest import ANN, CLIENT, House, deliver


def ob(house: House, number: str, old: str, new: str) -> str:
    """Deliver a VAT return with something replaced; gives its kenmerk."""
    content = Content("text/xml", "ob.xbrl", INSTANCE.replace(old, new).encode())
    party = Identity("001000044B37", "Fi")
    return deliver(house.inner, Delivery("Omzetbelasting", party, "Bedrijf", content), f"urn:uuid:{number}")


def test_findings_are_told_with_both_texts_and_their_place(house: House) -> None:
    """The control API and the page of the message have rule, place, both texts and provenance of each, and
    what was not checked.
    """
    kenmerk = ob(house, "findings-1", ' xml:lang="nl"', "")
    with house.client() as client:
        told = client.get(f"/api/v1/messages/{kenmerk}/findings").json()
        page = client.get(f"/messages/{kenmerk}").text
    assert (told["kenmerk"], told["valid"], told["left_out"]) == (kenmerk, False, 0)
    (finding,) = (one for one in told["findings"] if one["rule"] == "FR-NL-2.03")
    assert (finding["severity"], finding["line"], finding["provenance"]) == ("error", 2, "published")
    assert finding["text_nl"]
    assert finding["text_en"]
    assert "column" in finding
    assert told["not_checked"][-1] == "XBRL-FORMULA"
    assert set(told["not_checked_texts"]) == set(told["not_checked"])
    assert "FR-NL-2.03" in page
    assert finding["text_en"].split("<")[0] in page
    assert "XBRL-FORMULA: " in page
    assert "Not valid" in page


def test_findings_stand_above_the_raw_details(house: House) -> None:
    """People read the table of findings first; the document that went over the wire comes below it."""
    kenmerk = ob(house, "findings-4", ' xml:lang="nl"', "")
    with house.client() as client:
        page = client.get(f"/messages/{kenmerk}").text
    assert -1 < page.index("<caption>Findings") < page.index("statusdetails of 311")


def test_before_validation_nothing_is_said(house: House) -> None:
    """A message of the stub is never validated: valid is null, and its page has no such part; a good one is
    valid; an unknown kenmerk is 404.
    """
    content = Content("text/xml", "a.xml", b"<a/>")
    delivery = Delivery("TEST", CLIENT, "Bedrijf", content, aanleverkenmerk="Happyflow")
    stub = house.inner.office.accept(Call(ANN, "urn:uuid:findings-2", stub=True), delivery).kenmerk
    with house.client() as client:
        never = client.get(f"/api/v1/messages/{stub}/findings").json()
        assert (never["valid"], never["findings"], never["not_checked"]) == (None, [], [])
        assert "<h2>Validation</h2>" not in client.get(f"/messages/{stub}").text
        good = client.get(f"/api/v1/messages/{house.kenmerk}/findings").json()
        assert (good["valid"], good["findings"]) == (True, [])
        assert "Valid: nothing was found." in client.get(f"/messages/{house.kenmerk}").text
        assert client.get("/api/v1/messages/nothing/findings").status_code == 404
