"""A letter on A4."""

from __future__ import annotations

from datetime import datetime

from digipoort_sim.letters.content import Content, ReturnForm, Section
from digipoort_sim.letters.sheet import LEFT, WIDTH, Sheet

_WINDOW = 46.0  # where the address window of an envelope begins, in mm from the top
_REFERENCE = 120.0
_REFERENCE_SIZE = 9.0  # in points; the widest UUID fits on a line
_QR = 38.0
_ENDING = 44.0  # the last section and the closing, which stay together
_QR_TEXT = "QR-code met de gegevens van deze machtiging en de activatiecode"


def render_pdf(content: Content, date: datetime, identity: str, qr: str | None) -> bytes:
    """The letter, and the form to return on a page of its own.

    Args:
        identity: the letter's reference; the same letter gives the same octets.
        qr: what the QR code holds; None in an opt-out letter.
    """
    sheet = Sheet(content.mark, f"SIMULATIE: {content.title}", date, identity)
    sheet.add_page()
    sheet.start_section("Brief")
    _heading(sheet, content)
    sheet.block("H1", content.title, size=14, bold=True, after=3)
    for paragraph in (content.salutation, *content.intro):
        sheet.block("P", paragraph)
    sheet.facts(content.facts)
    *sections, last = content.sections
    for section in sections:
        _section(sheet, section, content.code, qr)
    sheet.ensure(_ENDING)
    _section(sheet, last, content.code, qr)
    sheet.y += 2
    sheet.block("P", "\n".join(content.closing))
    sheet.add_page()
    sheet.start_section("Formulier")
    _form(sheet, content.form)
    return bytes(sheet.output())


def _heading(sheet: Sheet, content: Content) -> None:
    name, address = content.sender
    sheet.set_y(18)
    sheet.block("P", name, size=17, bold=True, after=0)
    sheet.set_y(_WINDOW - 6)
    sheet.block("P", f"Retouradres: {address}", size=7.5, width=_REFERENCE - LEFT - 4, grey=True)
    sheet.set_y(_WINDOW)
    sheet.block("P", "\n".join(content.recipient), width=_REFERENCE - LEFT - 6, after=0)
    below = sheet.y
    sheet.set_y(_WINDOW - 6)
    for label, value in content.reference:
        sheet.block("P", label, size=8, x=_REFERENCE, width=LEFT + WIDTH - _REFERENCE, after=0, grey=True)
        sheet.block(
            "P", value, size=_REFERENCE_SIZE, x=_REFERENCE, width=LEFT + WIDTH - _REFERENCE, after=1.2
        )
    sheet.y = max(below, sheet.y, 72) + 6


def _section(sheet: Sheet, section: Section, code: str | None, qr: str | None) -> None:
    sheet.y += 1.5
    sheet.start_section(section.heading, level=1)
    sheet.block("H2", section.heading, size=11.5, bold=True, after=0.8, keep=14)
    for paragraph in section.paragraphs:
        sheet.block("P", paragraph)
    for point in section.points:
        sheet.block("P", f"\u2022  {point}", x=LEFT + 4, width=WIDTH - 4, after=1)
    for paragraph in section.after:
        sheet.block("P", paragraph)
    if section.shows_code and code is not None and qr is not None:
        _activation(sheet, code, qr)


def _activation(sheet: Sheet, code: str, qr: str) -> None:
    height = _QR + 2
    sheet.ensure(height + 3)
    top = sheet.y
    sheet.set_line_width(0.5)
    sheet.rect(LEFT, top, WIDTH, height)
    sheet.qr(qr, LEFT + WIDTH - _QR - 6, top + 1, _QR, _QR_TEXT)
    sheet.set_y(top + 11)
    sheet.block("P", "Uw activatiecode:", x=LEFT + 8, width=WIDTH - _QR - 20, after=1)
    sheet.block("P", code, size=24, bold=True, x=LEFT + 8, width=WIDTH - _QR - 20, after=0)
    sheet.set_y(top + height + 3)


def _form(sheet: Sheet, form: ReturnForm) -> None:
    sheet.set_y(24)
    sheet.block("H1", form.title, size=16, bold=True, after=4)
    for paragraph in form.intro:
        sheet.block("P", paragraph, after=4)
    sheet.facts(form.facts)
    sheet.y += 3
    for choice in form.choices:
        sheet.rect(LEFT, sheet.y + 0.4, 4, 4)
        sheet.block("P", choice, x=LEFT + 7, width=WIDTH - 7, after=3)
    for line in form.lines:
        sheet.y += 8
        sheet.block("P", f"{line}:", after=0)
        sheet.set_line_width(0.2)
        sheet.line(LEFT + 30, sheet.y, LEFT + WIDTH, sheet.y)
    sheet.y += 12
    sheet.block("H2", "Stuur dit formulier naar", size=11.5, bold=True, after=1)
    sheet.block("P", "\n".join(form.address), after=8)
    sheet.block("P", form.testers, size=8.5, grey=True)
