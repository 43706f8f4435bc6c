"""Letters as HTML for a browser, as PDF for paper and as text for a terminal."""

from __future__ import annotations

import textwrap
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.letters.content import Content, content
from digipoort_sim.letters.qr import qr_content, qr_svg
from digipoort_sim.letters.wording import wording
from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import TradeRegister

if TYPE_CHECKING:
    from jinja2 import Environment

_TEXT_WIDTH = 76


class Letters:
    """Renders letters; safe to share between threads.

    Args:
        catalogue: names the services and the agencies that write.
        names: the trade register's stand-in.
    """

    def __init__(self, catalogue: Catalogue, names: TradeRegister) -> None:
        self._catalogue = catalogue
        self._names = names

    def html(self, letter: Letter) -> str:
        """The letter as one HTML page that needs nothing else: style and QR code are in it."""
        inside = qr_content(letter)
        return self._render("letter.html", letter, None if inside is None else qr_svg(inside))

    def text(self, letter: Letter) -> str:
        """The letter as plain text for a terminal."""
        return self._render("letter.txt", letter, None)

    def pdf(self, letter: Letter) -> bytes:
        """The letter as PDF on A4, the form to return on a page of its own; always the same octets."""
        # Imported late: the library for PDF takes longer than all of the server's start.
        from digipoort_sim.letters.pdf import render_pdf

        return render_pdf(self.content(letter), letter.datum, letter.id, qr_content(letter))

    def qr(self, letter: Letter) -> str | None:
        """The QR code as an SVG file of its own; None for an opt-out letter, which has none."""
        inside = qr_content(letter)
        return None if inside is None else qr_svg(inside, declared=True)

    def content(self, letter: Letter) -> Content:
        """What the letter says."""
        return content(wording(letter, self._catalogue, self._names), self._catalogue)

    def _render(self, template: str, letter: Letter, svg: str | None) -> str:
        brief = self.content(letter)
        return self._templates.get_template(template).render(brief=brief, qr_svg=svg, wrap=_wrap)

    @cached_property
    def _templates(self) -> Environment:
        # Imported late: a server that nobody asks for a letter starts without Jinja2.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

        return Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _TEXT_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
