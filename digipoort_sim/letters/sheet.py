"""Paper for letters: an A4 document with the marks of a simulation on every page, tagged for readers.

Importing this takes the time that the library for PDF takes; only `pdf` does, when a letter is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.letters.characters import ENCODING, printable
from digipoort_sim.letters.qr import qr_runs

LEFT, WIDTH = 25.0, 160.0
"""Left margin and width of the text, in mm."""

_BAND = 11.0
_TOP, _BOTTOM = 20.0, 22.0
_YELLOW, _INK, _PALE, _GREY = (255, 225, 77), (27, 27, 27), (240, 240, 240), (74, 74, 74)
_TOTAL = "\x01n\x01"  # stands for the number of pages; unlike FPDF's own, no `printable` text holds it
_OVERLAP = 0.02  # mm; without it viewers show hairlines between the rows of a QR code


class Sheet(FPDF):
    """Pages of a letter; what is written goes down the page, block by block.

    Args:
        mark: what the band at the top of every page says.
        title: the document's title, in any characters.
        date: the document's date.
        identity: the letter's reference, which makes the document's own id too.
    """

    def __init__(self, mark: str, title: str, date: datetime, identity: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self._mark = printable(mark)
        self._reference = printable(identity)
        self._identity = sha256(identity.encode()).hexdigest()[:32].upper()
        self.core_fonts_encoding = ENCODING
        self.set_lang("nl")
        self.set_title(title)
        self.set_author("digipoort-sim (SIMULATOR)")
        self.set_creator("digipoort-sim")
        self.set_producer("digipoort-sim")
        self.set_creation_date(date.astimezone(AMSTERDAM))
        self.set_margins(LEFT, _TOP, self.w - LEFT - WIDTH)
        self.c_margin = 0  # so that text begins where frames do
        self.set_auto_page_break(True, _BOTTOM)
        self.alias_nb_pages(_TOTAL)
        self.set_display_mode("fullpage", "single")

    def file_id(self) -> str:
        """The document's id as PDF writes it."""
        return f"<{self._identity}><{self._identity}>"

    def header(self) -> None:
        """Mark a new page as a simulation: across it, and in a band at its top."""
        self._watermark()
        with self.tagged("P"):  # so that it is read aloud too; what the other marks add is no news
            self._band(0, self._mark, 9.5)
        self.set_y(_TOP)

    def footer(self) -> None:
        """Mark the page's foot, and number it."""
        page = (
            f"SIMULATIE: geen echte brief. Kenmerk {self._reference}, bladzijde {self.page_no()} van {_TOTAL}"
        )
        self._band(self.h - _BAND, page, 9)

    def _band(self, y: float, text: str, size: float) -> None:
        with self.local_context():
            self.set_fill_color(*_YELLOW)
            self.rect(0, y, self.w, _BAND, style="F")
            self.set_text_color(*_INK)
            self.set_font("Helvetica", "B", size)
            self.set_xy(0, y)
            self.cell(self.w, _BAND, text, align="C")

    def _watermark(self) -> None:
        with self.local_context(), self.rotation(52, self.w / 2, self.h / 2):
            self.set_font("Helvetica", "B", 92)
            self.set_text_color(*_PALE)
            self.set_xy(0, self.h / 2 - 20)
            self.cell(self.w, 40, "SIMULATIE", align="C")

    def block(
        self,
        tag: str,
        text: str,
        *,
        size: float = 10.5,
        bold: bool = False,
        x: float = LEFT,
        width: float = WIDTH,
        after: float = 2.2,
        keep: float = 0,
        grey: bool = False,
    ) -> None:
        """Write a block of text, whole on one page, and go down to behind it.

        Args:
            tag: what it is to a reader: ``H1``, ``H2``, ``P``, ``L``, ``TD``.
            size: in points.
            x: its left side, in mm.
            after: room below, in mm.
            keep: mm that must be left below it on the same page.
        """
        self.set_font("Helvetica", "B" if bold else "", size)
        self.set_text_color(*(_GREY if grey else _INK))
        shown, line = printable(text), size * 0.48
        lines = self.multi_cell(width, line, shown, dry_run=True, output="LINES", align="L")
        assert isinstance(lines, list)
        self.ensure(len(lines) * line + keep)
        with self.tagged(tag):
            self.set_x(x)
            self.multi_cell(width, line, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.y += after

    def ensure(self, height: float) -> None:
        """Go to a new page if so many mm are not left on this one."""
        if self.will_page_break(height):
            self.add_page()

    def facts(self, rows: tuple[tuple[str, str], ...], label: float = 50) -> None:
        """Write names and values beside each other, with a rule along their left side."""
        top, page = self.y, self.page
        for name, value in rows:
            start = self.y
            self.block("P", f"{name}:", size=10, bold=True, x=LEFT + 4, width=label, after=0, keep=8)
            below = self.y
            self.set_y(start if self.page == page else _TOP)
            self.block("P", value, size=10, x=LEFT + 4 + label, width=WIDTH - label - 4, after=0)
            self.y = max(self.y, below if self.page == page else 0) + 0.8
            if self.page != page:
                top, page = _TOP, self.page
        with self.local_context():
            self.set_fill_color(*_INK)
            self.rect(LEFT, top, 0.9, self.y - top, style="F")
        self.y += 3

    def qr(self, inside: str, x: float, y: float, side: float, description: str) -> None:
        """Draw a QR code of so many mm, quiet zone included, as squares and not as an image."""
        squares, runs = qr_runs(inside)
        one = side / squares
        with self.tagged("Figure", description), self.local_context():
            self.set_fill_color(255, 255, 255)
            self.rect(x, y, side, side, style="F")
            self.set_fill_color(0, 0, 0)
            for left, top, length in runs:
                self.rect(x + left * one, y + top * one, length * one, one + _OVERLAP, style="F")

    @contextmanager
    def tagged(self, tag: str, description: str | None = None) -> Iterator[None]:
        """What is written meanwhile is one element of the document's structure; it stays on one page."""
        builder, page = self.struct_builder, self.page
        number = builder.next_mcid_for_page(page)
        _, parents = builder.add_marked_content(page, f"/{tag}", number, alt_text=description)
        self.pages[page].struct_parents = parents
        self._set_min_pdf_version("1.4")
        self._out(f"/{tag} <</MCID {number}>> BDC")
        yield
        self._out("EMC")
