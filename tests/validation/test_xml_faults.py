"""What people are told of XML that is not well-formed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml
from digipoort_sim.validation.xml_faults import syntax_findings
from tests.validation.samples import INSTANCE

CUT = "it ends here: it was cut off"


def told(content: bytes) -> tuple[Finding, ...]:
    """The findings about a content that is not well-formed."""
    read = read_xml(content, LIMITS["xbrl"])
    assert not isinstance(read, XmlContent)
    return read


@pytest.mark.parametrize(
    ("content", "nl", "en"),
    [
        ("<a>x & y</a>", "schrijf &amp;", "an & that is no reference; write &amp;"),
        ("<a>x &y</a>", "schrijf &amp;", "write &amp;"),
        ("<a>x < y</a>", "schrijf &lt;", "a < that opens no element"),
        ('<a b="<"/>', "schrijf &lt;", "a < in the value of an attribute"),
        ("<a><b></a>", "b (geopend op regel 1) is niet gesloten voor </a>", "is not closed before </a>"),
        ("<a><p:b/></a>", "prefix p van b is niet gedeclareerd", "the prefix p of b is not declared"),
        ("<a p:x='1'/>", "prefix p van a", 'is not declared (xmlns:p="...")'),
        ("<a b=c/>", "tussen aanhalingstekens", "between quotation marks"),
        ("<a b></a>", "het attribuut b heeft geen waarde", "the attribute b has no value"),
        ("<a b='1' b='2'/>", "het attribuut b staat er twee keer", "the attribute b is there twice"),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "b staat er twee keer", "b is there twice"),
        ("<a/><b/>", "achter het einde van het rootelement", "behind the end of the root element"),
        ("<?xml version='1.0'?>", "rootelement verwacht", "the root element is expected here"),
        ("<a>]]></a>", "Sequence ']]>' not allowed", "Sequence ']]>' not allowed"),
    ],
)
def test_the_usual_errors_have_words_of_our_own(content: str, nl: str, en: str) -> None:
    """Each is told once, in both languages; what is not usual keeps the library's text."""
    (finding,) = told(content.encode())
    assert finding.rule == "XML-WELL-FORMED"
    assert nl in finding.text_nl
    assert en in finding.text_en


def test_a_content_without_its_end_is_told_so_in_one_sentence() -> None:
    """Wherever an instance is cut behind its declaration: one finding, at the end."""
    content = INSTANCE.strip()
    start = content.index("<xbrli:xbrl")
    for mark in ("", "\ufeff"):
        for length in range(start + 1, len(content), 3):
            cut = content[:length]
            (finding,) = told((mark + cut).encode())
            assert CUT in finding.text_en, (cut[-20:], finding)
            assert "afgebroken" in finding.text_nl
            assert finding.line == cut.count("\n") + 1


def test_an_error_before_the_end_is_told_too() -> None:
    """A bare ampersand in a content that is cut: both; an element that is not closed is no cut."""
    assert [CUT in finding.text_en for finding in told(b"<a>\n<b>& </b>\n<c")] == [False, True]
    assert not any(CUT in finding.text_en for finding in told(b"<a><b><c></b></a>"))


def test_a_missing_end_tag_is_no_cut_with_older_libraries_either() -> None:
    """Some versions of libxml2 say of ``<a><b></a>`` that the data ended too soon, too: that is left out."""
    log = (
        SimpleNamespace(
            type=76, line=1, column=11, message="Opening and ending tag mismatch: b line 1 and a"
        ),
        SimpleNamespace(type=77, line=1, column=12, message="Premature end of data in tag a line 1"),
    )
    (finding,) = syntax_findings(log, b"<a><b></a>\n")
    assert "the element b (opened in line 1)" in finding.text_en
