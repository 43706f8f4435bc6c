"""Letters in a real browser."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pypdfium2 import PdfDocument

from digipoort_sim.register import Letter
from tests.letters.samples import CONTINUOUS, FOUR_FIELDS, LETTERS, OPT_OUT, WITH_CODE, read_qr

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy


def _open(chromium: Browser, letter: Letter, width: int = 900) -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 1000})
    page.set_content(LETTERS.html(letter))
    return page


def test_the_qr_on_the_screen_can_be_scanned(chromium: Browser) -> None:
    """A scanner reads the four fields from a picture of the letter, on a wide and on a narrow screen."""
    for width in (900, 360):
        page = _open(chromium, WITH_CODE, width)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
        assert read_qr(picture) == [FOUR_FIELDS]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.close()


def test_the_qr_in_its_own_file_can_be_scanned(chromium: Browser) -> None:
    """The SVG file by itself is a code that a scanner reads."""
    page = chromium.new_page()
    svg = LETTERS.qr(WITH_CODE)
    assert svg is not None
    page.set_content(svg.partition("?>")[2])
    assert read_qr(Image.open(io.BytesIO(page.screenshot()))) == [FOUR_FIELDS]
    page.close()


@pytest.mark.parametrize("letter", [WITH_CODE, OPT_OUT, CONTINUOUS])
def test_every_printed_page_says_that_it_is_a_simulation(chromium: Browser, letter: Letter) -> None:
    """Printed on A4 each page has the mark, without background colours too, and the form has its own page."""
    page = _open(chromium, letter)
    printed = page.pdf(prefer_css_page_size=True, print_background=False)
    page.close()
    with PdfDocument(printed) as document:
        assert [round(side) for side in document.get_page_size(0)] == [595, 842]
        texts = [sheet.get_textpage().get_text_range() for sheet in document]
        scanned = [fields for sheet in document for fields in read_qr(sheet.render(scale=3).to_pil())]
    assert len(texts) in (2, 3)
    assert all(text.count("SIMULATIE") >= 2 for text in texts)
    assert "Afwijzen/intrekken machtigingsregistratie" in texts[-1]
    assert "Met vriendelijke groet" not in texts[-1]
    assert len(scanned) == (0 if letter is OPT_OUT else 1)


@pytest.mark.parametrize("letter", [WITH_CODE, OPT_OUT])
def test_the_letter_is_axe_clean(chromium: Browser, letter: Letter) -> None:
    """axe-core finds nothing in the letter: language, headings, contrast, names of images."""
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    page = _open(chromium, letter)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations.map((row) => row.id + row.help))")
    page.close()
    assert found == []
