"""Service messages on paper: a PDF as UWV sends its decisions, marked SIMULATIE."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from digipoort_sim.agencies.figures import Figure, Line, Part, Subject
from digipoort_sim.catalogue import Agency, Dienst
from digipoort_sim.register.trade_names import name_of

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT: Final = "Helvetica"
_RED = (170, 0, 0)
_BLACK = (0, 0, 0)
_LABEL, _ROW, _MARGIN = 70, 7, 25
_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
_CAPITAL = re.compile(r"(?=[A-Z])")


def pdf_document(subject: Subject, dienst: Dienst, agency: Agency, parts: Sequence[Part]) -> bytes:
    """A service message as a PDF of one page or more; the same octets at every making."""
    # It takes a third of a second to import, which only who fetches such a message has to wait.
    from fpdf import FPDF

    sheet = FPDF()
    # The date is that of the message: by itself the PDF would have the moment at which it was made.
    sheet.set_creation_date(datetime.combine(subject.day, time(), UTC))
    sheet.set_lang("nl-NL")
    sheet.set_title(f"{dienst.name} (SIMULATIE)")
    sheet.set_author(f"{agency.name} (SIMULATIE)")
    sheet.set_margins(_MARGIN, _MARGIN)
    sheet.add_page()
    _add_heading(sheet, subject, dienst, agency)
    for part in parts:
        _add_part(sheet, part)
    _say(sheet, "")
    _say(sheet, "Dit bericht is gemaakt door een simulator. Alles erin is verzonnen.", color=_RED)
    return bytes(sheet.output())


def _add_heading(sheet: FPDF, subject: Subject, dienst: Dienst, agency: Agency) -> None:
    _say(sheet, f"{agency.name} - SIMULATIE", size=18, style="B", color=_RED)
    _say(sheet, "")
    kind = subject.mandate.type_vertegenwoordigde
    _say(sheet, name_of(subject.client, kind))
    _say(sheet, f"{kind}: {subject.client}")
    _say(sheet, "")
    _say(sheet, dienst.name, size=14, style="B")
    _say(sheet, "")


def _add_part(sheet: FPDF, part: Part) -> None:
    if isinstance(part, Line):
        _say(sheet, words(part.dutch), style="B")
        for figure in part.figures:
            _add_row(sheet, figure)
    else:
        _add_row(sheet, part)


def _add_row(sheet: FPDF, figure: Figure) -> None:
    sheet.cell(_LABEL, _ROW, _printable(words(figure.dutch)))
    sheet.cell(0, _ROW, _printable(_value(figure)), new_x="LMARGIN", new_y="NEXT")


def _say(
    sheet: FPDF, text: str, *, size: int = 11, style: str = "", color: tuple[int, int, int] = _BLACK
) -> None:
    sheet.set_font(_FONT, style=style, size=size)
    sheet.set_text_color(*color)
    sheet.cell(0, _ROW + size // 5, _printable(text), new_x="LMARGIN", new_y="NEXT")
    sheet.set_font(_FONT, size=11)
    sheet.set_text_color(*_BLACK)


def words(name: str) -> str:
    """A name of the wire as words: ``uitkeringPerDag`` is ``Uitkering per dag``."""
    return _CAPITAL.sub(" ", name).lower().capitalize()


def _value(figure: Figure) -> str:
    """A value as a Dutch reader expects it."""
    if figure.kind == "amount":
        euros, _, cents = figure.value.partition(".")
        return f"EUR {int(euros):,}".replace(",", ".") + f",{cents or '00'}"
    if figure.kind == "date":
        day = date.fromisoformat(figure.value)
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return figure.value


def _printable(text: str) -> str:
    """What the fonts of every PDF reader can show."""
    return text.encode("latin-1", "replace").decode("latin-1")
