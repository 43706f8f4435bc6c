"""Line and column of what stands in a content, compared with plain counting in its text."""

from __future__ import annotations

import random

import pytest
from lxml import etree

from digipoort_sim.validation.xml_content import LIMITS, XmlContent, place_of, read_xml

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def xml_of(text: str) -> XmlContent:
    """A content as it is read."""
    read = read_xml(text.encode(), LIMITS["xml"])
    assert isinstance(read, XmlContent)
    return read


def counted(text: str, position: int) -> tuple[int, int]:
    """Line and column of a position in a text, by the simplest means."""
    before = text.removeprefix("\ufeff")[: position - text.startswith("\ufeff")]
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines), len(lines[-1]) + 1


def written(source: random.Random, names: int) -> str:
    """A document with comments, instructions, sections, long tags and every kind of line end."""
    parts = [source.choice(["", "\ufeff"]), "<?xml version='1.0'?>", "<!--<e0> --><r>"]
    for number in range(names):
        end = source.choice(
            ["", "\n", "\r\n", "\r", " ", "\u00e9\u20ac", "\U0001f600", "<!--<x>-->", "<?p <y>?>"]
        )
        section = source.choice(["", "", "<![CDATA[<z>]]>"])
        parts.append(f"{end}<e{number}\n a='>'  b\r\n='<!--'>".replace("'<!--'", "'&lt;!--'"))
        parts.append(section + (f"</e{number}>" if source.random() < 0.9 else f"<n/></e{number}>"))
    return "".join([*parts, "</r>"])


@pytest.mark.parametrize("seed", range(4))
def test_every_element_is_where_it_is_written(seed: int) -> None:
    """Whatever stands before a start tag, its line and column are those of its first character."""
    source = random.Random(seed)
    text = written(source, 3_000)
    xml = xml_of(text)
    sought = [e for e in xml.root.iterchildren("*") if source.random() < 0.1]
    source.shuffle(sought)
    for element in sought:
        tag = text.index(f"<{element.tag}\n")
        assert place_of(xml, element) == counted(text, tag)
        assert place_of(xml, element, "b") == counted(text, text.index("b", tag))
    assert place_of(xml, xml.root) == counted(text, text.index("<r>"))


def test_lines_beyond_those_of_the_parser() -> None:
    """The parser counts lines up to 65,535; we go on."""
    text = "<r>" + "\n" * 100_000 + "<a/>\n<b/></r>"
    xml = xml_of(text)
    assert [place_of(xml, child) for child in xml.root] == [(100_001, 1), (100_002, 1)]


def test_an_attribute_is_found_by_its_name() -> None:
    """Names with a namespace are found by it, declarations by how they are written."""
    text = f'<r xmlns:x="{XSI}" xmlns:y="urn:y"><a y:nil="" nil="" x:nil="1"/></r>'
    xml = xml_of(text)
    (child,) = xml.root
    assert place_of(xml, child, f"{{{XSI}}}nil") == (1, text.index("x:nil") + 1)
    assert place_of(xml, child, "nil") == (1, text.index(" nil") + 2)
    assert place_of(xml, xml.root, "xmlns:y") == (1, text.index("xmlns:y") + 1)
    assert place_of(xml, child, "none") == (1, text.index("<a") + 1)


def test_the_last_of_many_deep_elements() -> None:
    """Depth does not disturb the counting."""
    text = "<r>" + "<d>" * 200 + "</d>" * 200 + "<e/>" * 300 + "</r>"
    xml = xml_of(text)
    last = xml.root[-1]
    assert isinstance(last, etree._Element)
    assert place_of(xml, last) == (1, len(text) - len("<e/></r>") + 1)
