"""The QR code of a letter with an activation code: what it holds, and its squares."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from digipoort_sim.register import Letter

if TYPE_CHECKING:
    from segno import QRCode

QUIET = 4
"""Empty squares that a reader needs on every side."""


def qr_content(letter: Letter) -> str | None:
    """What the QR code holds: the four public fields as JSON (the encoding is the simulator's).

    None in an opt-out letter, which has no code.
    """
    if letter.activatie_token is None:
        return None
    fields = {
        "Dienst": letter.dienst,
        "idVertegenwoordigde": letter.id_vertegenwoordigde,
        "idGemachtigde": letter.id_gemachtigde,
        "activatieToken": letter.activatie_token,
    }
    return json.dumps(fields, ensure_ascii=False)


def qr_svg(content: str, *, declared: bool = False) -> str:
    """A QR code as SVG: an element to put into a page, or with its XML declaration a file of its own."""
    out = io.BytesIO()
    _code(content).save(
        out, kind="svg", xmldecl=declared, scale=1, unit="mm", border=QUIET, title="QR-code", nl=False
    )
    return out.getvalue().decode("utf-8")


def qr_runs(content: str) -> tuple[int, list[tuple[int, int, int]]]:
    """A QR code for a drawing: its width in squares with the quiet zone, and (x, y, length) of dark runs."""
    matrix = _code(content).matrix
    runs = [
        (x + QUIET, y + QUIET, length)
        for y, row in enumerate(matrix)
        for x, length in _runs([bool(square) for square in row])
    ]
    return len(matrix) + 2 * QUIET, runs


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None


def _code(content: str) -> QRCode:
    # Imported late: few processes ever draw a letter.
    import segno

    return segno.make(content, error="m", micro=False, encoding="utf-8")
