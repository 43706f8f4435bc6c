"""The result document of status 311, and of a 301 that has something to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.dom import minidom
from xml.etree import ElementTree

import pytest
from lxml import etree

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.result_document import MAXIMUM_CHARACTERS, NS_RESULTS, result_document

FINDING = Finding("FR-NL-2.03", "error", 4, 7, "Er ontbreekt <iets> & meer.", "Something.", "published")
WARNING = replace(FINDING, severity="warning", rule='FG "&<', text_nl="Let op: ]]> é €", line=0, column=0)


def messages(document: str) -> list[etree._Element]:
    """The msg elements of a result document."""
    root = etree.fromstring(document.encode())
    assert root.tag == f"{{{NS_RESULTS}}}results"
    return list(root.findall("r:xbrl/r:messages/r:msg", {"r": NS_RESULTS}))


def test_a_finding_is_a_msg() -> None:
    """A client that lists every msg with a level finds place, rule and Dutch text."""
    (msg,) = messages(result_document([FINDING]))
    assert list(msg.attrib.items()) == [("line", "4"), ("col", "7"), ("level", "error"), ("id", "FR-NL-2.03")]
    assert msg.text == "Er ontbreekt <iets> & meer."
    assert len(msg) == 0


def _with_lxml(document: str) -> list[tuple[Any, Any, Any]]:
    found = etree.fromstring(document.encode()).xpath("//*[local-name()='msg'][@level]")
    return [(msg.get("level"), msg.get("id"), msg.text) for msg in found]


def _with_element_tree(document: str) -> list[tuple[Any, Any, Any]]:
    found = ElementTree.fromstring(document).iter(f"{{{NS_RESULTS}}}msg")
    return [(msg.get("level"), msg.get("id"), msg.text) for msg in found]


def _with_a_dom(document: str) -> list[tuple[Any, Any, Any]]:
    found = minidom.parseString(document).getElementsByTagName("msg")
    return [(msg.getAttribute("level"), msg.getAttribute("id"), msg.firstChild.data) for msg in found]


@pytest.mark.parametrize("read", [_with_lxml, _with_element_tree, _with_a_dom])
def test_the_parsers_of_clients_read_every_msg(read: Callable[[str], list[tuple[Any, Any, Any]]]) -> None:
    """XPath by local name, a qualified name, and a plain getElementsByTagName find all of them, in order."""
    assert read(result_document([FINDING, WARNING], ["XSD"])) == [
        ("error", "FR-NL-2.03", "Er ontbreekt <iets> & meer."),
        ("warning", 'FG "&<', "Let op: ]]> é €"),
        (
            "info",
            "XSD",
            "Het bericht is niet aan een schema getoetst: er is er geen voor deze berichtsoort of dit jaar.",
        ),
    ]


def test_the_document_fits_statusdetails() -> None:
    """Too many findings are cut at a whole msg, and the rest is counted; what was not checked stays."""
    document = result_document([FINDING] * 20_000, ["XSD"])
    assert len(document) <= MAXIMUM_CHARACTERS
    *found, rest, not_checked = messages(document)
    assert rest.text == f"Er zijn nog {20_000 - len(found)} meldingen."
    assert (rest.get("level"), not_checked.get("id")) == ("error", "XSD")


def test_a_rest_of_warnings_is_no_error() -> None:
    """A valid message with very many warnings has no msg that says error."""
    assert {msg.get("level") for msg in messages(result_document([WARNING] * 20_000))} == {"warning"}


def test_characters_that_xml_does_not_allow_are_replaced() -> None:
    """A finding cannot make the document unreadable."""
    bad = Finding("X\x01", "error", 0, 0, "a\x00b\ud800c\uffff", "", "simulator")
    (msg,) = messages(result_document([bad]))
    assert (msg.text, msg.get("id")) == ("a?b?c?", "X?")
