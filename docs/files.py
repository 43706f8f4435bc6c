"""Writes the table of `files.md` between its marks: every row of the two profiles that come along.

Run it after a change of a profile: ``python docs/files.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from digipoort_sim.catalogue.file_profiles import ProfileRow, profiles_in_force
from digipoort_sim.config import Settings

TARGET = Path(__file__).with_suffix(".md")
_BEGIN, _END = "<!-- table rows -->\n", "<!-- end -->"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n"


def _value(row: ProfileRow) -> str:
    return (
        "" if row.value == "" else f"`{row.value if isinstance(row.value, str) else json.dumps(row.value)}`"
    )


def _label(first: ProfileRow, second: ProfileRow) -> str:
    return (
        first.provenance
        if first.provenance == second.provenance
        else f"{first.provenance}, {second.provenance}"
    )


def _rows() -> Iterator[str]:
    profiles = profiles_in_force(Settings())
    pairs = zip(profiles["ftp"].rows(), profiles["ftp_gb"].rows(), strict=True)
    cells = (
        (
            f"`{first.key}`",
            _value(first),
            "same" if first.value == second.value else _value(second),
            _label(first, second),
            "; ".join(dict.fromkeys(note for note in (first.note, second.note) if note)),
        )
        for first, second in pairs
        if not isinstance(first.value, dict)
    )
    head = ("row", f"`{profiles['ftp'].name}`", f"`{profiles['ftp_gb'].name}`", "label", "note")
    yield from _table(head, cells)


def page(text: str) -> str:
    """The page with its table as it should be."""
    before, _, rest = text.partition(_BEGIN)
    return f"{before}{_BEGIN}{''.join(_rows())}{_END}{rest.partition(_END)[2]}"


if __name__ == "__main__":
    TARGET.write_text(page(TARGET.read_text("utf-8")), "utf-8")
