"""Letters as PDF, read and drawn by another library."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pypdfium2 import PdfDocument, PdfPage, raw

from digipoort_sim.letters import Letters
from digipoort_sim.letters.characters import printable
from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import TradeRegister
from tests.letters.samples import (
    CATALOGUE,
    CONTINUOUS,
    EXTENDED,
    FOUR_FIELDS,
    LETTERS,
    OFFICE,
    OPT_OUT,
    UWV,
    WITH_CODE,
    letter_for,
    read_qr,
)

_SCALE = 3  # 216 dots per inch


def _pages(letter: Letter) -> list[str]:
    """The text of each page, as one who selects it gets it."""
    with PdfDocument(LETTERS.pdf(letter)) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


@pytest.mark.parametrize("letter", [WITH_CODE, OPT_OUT, EXTENDED, CONTINUOUS, UWV])
def test_the_paper_says_what_the_letter_says(letter: Letter) -> None:
    """Every sentence of the letter stands in the text of the PDF, and those of its form on the last page."""
    *pages, form = _pages(letter)
    said, whole = LETTERS.content(letter), " ".join(pages)
    sentences = [said.title, said.salutation, *said.intro, *said.recipient, *said.closing]
    for section in said.sections:
        sentences += [section.heading, *section.paragraphs, *section.points, *section.after]
    for name, value in (*said.facts, *said.reference):
        sentences += [name, value]
    missing = [text for text in sentences if " ".join(printable(text).split()) not in whole]
    assert missing == []
    values = [value for _, value in said.form.facts]
    sentences = [said.form.title, *said.form.choices, *said.form.lines, *said.form.intro, *values]
    assert [text for text in sentences if printable(text) not in form] == []
    assert (said.code or "26 dagen") in whole


@pytest.mark.parametrize("digit", "08d")
def test_the_reference_stands_on_one_line(digit: str) -> None:
    """Any UUID fits beside the address: the widest digits too break no line."""
    reference = "-".join(digit * length for length in (8, 4, 4, 4, 12))
    with PdfDocument(LETTERS.pdf(replace(WITH_CODE, id=reference))) as document:
        assert reference in document[0].get_textpage().get_text_range().splitlines()


@pytest.mark.parametrize("letter", [WITH_CODE, OPT_OUT, CONTINUOUS])
def test_every_page_says_that_it_is_a_simulation(letter: Letter) -> None:
    """Each page has the mark in a band at its top, at its foot and across it, and its number."""
    pages = _pages(letter)
    for number, page in enumerate(pages, 1):
        assert "SIMULATIE: gemaakt door digipoort-sim" in page
        assert f"Kenmerk brief-1, bladzijde {number} van {len(pages)}" in page
        assert page.count("SIMULATIE") == 3


def test_the_qr_on_paper_can_be_scanned() -> None:
    """A scanner reads the four fields from the drawn page; an opt-out letter has nothing to scan."""
    for letter, found in ((WITH_CODE, [FOUR_FIELDS]), (OPT_OUT, [])):
        with PdfDocument(LETTERS.pdf(letter)) as document:
            drawn = [page.render(scale=_SCALE).to_pil() for page in document]
            images = [one for page in document for one in page.get_objects() if one.type == 3]
        assert [fields for page in drawn for fields in read_qr(page)] == found
        assert images == []  # the code is drawn as squares


@pytest.mark.parametrize("code", CATALOGUE.diensten)
def test_every_service_can_be_printed(code: str) -> None:
    """Each service's letter is a PDF of two or three pages with the service's name and its own QR code."""
    letter = letter_for(CATALOGUE.diensten[code])
    with PdfDocument(LETTERS.pdf(letter)) as document:
        assert len(document) in (2, 3)
        first = document[0]
        assert letter.dienst in first.get_textpage().get_text_range()
        found = read_qr(first.render(scale=_SCALE).to_pil())
    assert [fields["Dienst"] for fields in found] == ([letter.dienst] if letter.activatie_token else [])


def test_the_same_letter_gives_the_same_octets() -> None:
    """The date in the file is the letter's, its id comes from the letter; another letter is another file."""
    octets = LETTERS.pdf(WITH_CODE)
    assert LETTERS.pdf(WITH_CODE) == octets
    assert b"(D:20260316110000+01'00')" in octets
    renamed = Letters(CATALOGUE, TradeRegister()).pdf(WITH_CODE)
    assert renamed != octets
    [identity, same] = (re.search(rb"/ID \[<([0-9A-F]{32})><\1>\]", one) for one in (octets, renamed))
    assert identity is not None
    assert same is not None
    assert identity[1] == same[1]
    assert LETTERS.pdf(replace(WITH_CODE, id="brief-2")) != octets
    assert LETTERS.pdf(replace(WITH_CODE, datum=WITH_CODE.datum + timedelta(days=1))) != octets


def test_readers_know_what_the_file_is() -> None:
    """Title (in all its characters), author, language, outline and structure are in the file."""
    octets = LETTERS.pdf(WITH_CODE)
    with PdfDocument(octets) as document:
        assert document.get_metadata_value("Title") == f"SIMULATIE: {OFFICE.name} vraagt een machtiging"
        assert "SIMULATOR" in document.get_metadata_value("Author")
        outline = [entry.get_title() for entry in document.get_toc()]
        assert raw.FPDFCatalog_IsTagged(document)
        first, *_, last = [_elements(page) for page in document]
    assert outline[0] == "Brief"
    assert "Bent u het hiermee eens?" in outline
    assert outline[-1] == "Formulier"
    assert b"/Lang (nl)" in octets
    assert [tag for tag in first if tag[0] == "H"] == ["H1", *first.count("H2") * ["H2"]]
    assert first[0] == "P"  # the mark is read before all else
    assert "Figure: QR-code met de gegevens van deze machtiging en de activatiecode" in first
    assert [tag for tag in last if tag[0] == "H"] == ["H1", "H2"]


def _elements(page: PdfPage) -> list[str]:
    """What a page's structure consists of, in reading order, with what stands for pictures."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    document = raw.FPDF_StructTree_GetChildAtIndex(tree, 0)
    children = range(raw.FPDF_StructElement_CountChildren(document))
    found = [raw.FPDF_StructElement_GetChildAtIndex(document, number) for number in children]
    texts = [
        (_text(raw.FPDF_StructElement_GetType, one), _text(raw.FPDF_StructElement_GetAltText, one))
        for one in found
        if one  # those of other pages are not given
    ]
    raw.FPDF_StructTree_Close(tree)
    return [": ".join(part for part in text if part) for text in texts]


def _text(getter: Callable[..., int], element: object) -> str:
    length = getter(element, None, 0)
    buffer = ctypes.create_string_buffer(max(2, length))
    getter(element, buffer, length)
    return buffer.raw[: max(0, length - 2)].decode("utf-16-le")


def test_no_character_vanishes() -> None:
    """What the fonts have stays, accents they lack fall away, all else is written as its number."""
    text = "Čapek €5 – ‘Ž’ Żółć ﬁ Ǆ 中 \u202e ẞ x\u0323\u00a0\x07"
    assert printable(text) == "Capek €5 – ‘Ž’ Zólc fi DZ [U+4E2D] [U+202E] SS x\u00a0[U+0007]"
    assert "Zólc & Søren [U+4E2D] €" in _pages(WITH_CODE)[0]


def test_long_names_do_not_break_the_letter() -> None:
    """A number and a client of any length wrap; the code and the form still stand on marked pages."""
    pages = _pages(replace(WITH_CODE, id_gemachtigde="9" * 400))
    assert "SIMULATIE: gemaakt" in pages[-1]
    assert "Afwijzen/intrekken machtigingsregistratie" in pages[-1]
    assert "385-ABE-355" in " ".join(pages)


def test_a_name_is_printed_as_it_is() -> None:
    """Nothing in a name is a sign to the library for PDF, not even its own for the number of pages."""
    name = "{nb} %s **B.V.** (\\) Tj"
    own = TradeRegister({OFFICE.number: replace(OFFICE, name=name)})
    with PdfDocument(Letters(CATALOGUE, own).pdf(WITH_CODE)) as document:
        text = document[0].get_textpage().get_text_range()
        assert f"{name} wil uw gemachtigde worden" in " ".join(text.split())
        assert f"bladzijde 1 van {len(document)}" in text
