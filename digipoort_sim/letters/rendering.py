"""Letters as HTML for a browser and as text for a terminal."""

from __future__ import annotations

import io
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.letters.wording import Wording, qr_content, wording
from digipoort_sim.register import Letter
from digipoort_sim.register.trade_names import TradeRegister

if TYPE_CHECKING:
    from jinja2 import Environment


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
        content = qr_content(letter)
        return self._render("letter.html", letter, None if content is None else qr_svg(content))

    def text(self, letter: Letter) -> str:
        """The letter as plain text for a terminal."""
        return self._render("letter.txt", letter, None)

    def wording(self, letter: Letter) -> Wording:
        """The letter's values as they are printed."""
        return wording(letter, self._catalogue, self._names)

    def _render(self, template: str, letter: Letter, svg: str | None) -> str:
        values = self.wording(letter)
        return self._templates.get_template(template).render(brief=values, qr_svg=svg)

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


def qr_svg(content: str) -> str:
    """A QR code as an SVG element to put into a page."""
    import segno

    out = io.BytesIO()
    code = segno.make(content, error="m", micro=False, encoding="utf-8")
    code.save(out, kind="svg", xmldecl=False, svgns=True, scale=4, border=4, title="QR-code", nl=False)
    return out.getvalue().decode("utf-8")
