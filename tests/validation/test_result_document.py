"""The result document of status 311."""

from __future__ import annotations

from lxml import etree

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.result_document import MAXIMUM_CHARACTERS, NS_RESULTS, result_document

FINDING = Finding("FR-NL-2.03", "error", 4, 7, "Er ontbreekt <iets> & meer.", "Something.", "published")


def messages(document: str) -> list[etree._Element]:
    """The msg elements of a result document."""
    root = etree.fromstring(document.encode())
    assert root.tag == f"{{{NS_RESULTS}}}results"
    return list(root.findall("r:xbrl/r:messages/r:msg", {"r": NS_RESULTS}))


def test_a_finding_is_a_msg() -> None:
    """A client that lists every msg with a level finds place, rule and Dutch text."""
    (msg,) = messages(result_document([FINDING]))
    assert dict(msg.attrib) == {"line": "4", "col": "7", "level": "error", "id": "FR-NL-2.03"}
    assert msg.text == "Er ontbreekt <iets> & meer."


def test_what_was_not_checked_is_said() -> None:
    """A check that was not made is a msg with level info."""
    msg = messages(result_document([FINDING], ["XBRL-TAXONOMY"]))[1]
    assert (msg.get("level"), msg.get("id")) == ("info", "XBRL-TAXONOMY")


def test_the_document_fits_statusdetails() -> None:
    """Too many findings are cut at a whole msg, and the rest is counted."""
    document = result_document([FINDING] * 20_000)
    assert len(document) <= MAXIMUM_CHARACTERS
    found = messages(document)
    assert found[-1].text == f"Er zijn nog {20_000 - len(found) + 1} meldingen."


def test_characters_that_xml_does_not_allow_are_replaced() -> None:
    """A finding cannot make the document unreadable."""
    bad = Finding("X", "error", 0, 0, "a\x00b\ud800c\uffff", "", "simulator")
    assert messages(result_document([bad]))[0].text == "a?b?c?"
