"""Writes the tables of `validation.md` between their marks: validators, rules and business rules.

Run it after a change of the catalogue: ``python docs/validation.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.validation.content_rules import VALIDATORS
from digipoort_sim.validation.findings import NOT_CHECKED

TARGET = Path(__file__).with_suffix(".md")
_OF_CONTENTS = re.compile(
    r"F[RG]-NL-[\d.]+|(XBRL|XML|MACHTIGING|NAAM)-[A-Z-]+|BIJLAGEN(-[A-Z]+)?|MIMETYPE|BESTANDSNAAM|EMPTY|IDENTITEIT"
)
_OF_REPORTS = re.compile(r"(PACKAGE|INLINE|KVK)-.*|NL-KVK.*|NL\..*")
_BEGIN, _END = "<!-- table {name} -->\n", "<!-- end -->"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n"


def _rules(names: re.Pattern[str]) -> Iterator[str]:
    rows = [row for row in load_catalogue().rules.values() if names.fullmatch(row.id)]
    cells = ((f"`{row.id}`", row.severity, row.provenance, row.summary, row.mend) for row in rows)
    yield from _table(("rule", "severity", "label", "expected", "how to mend it"), cells)


def _business() -> Iterator[str]:
    rows = load_catalogue().bedrijfsregels.values()
    cells = (
        (f"`{row.id}`", ", ".join(row.berichtsoorten), row.severity, row.provenance, row.text_en, row.source)
        for row in rows
    )
    yield from _table(("rule", "berichtsoorten", "severity", "label", "text", "source"), cells)


def _validators() -> Iterator[str]:
    cells = ((f"`{form}`", ", ".join(f"`{name}`" for name in names)) for form, names in VALIDATORS.items())
    yield from _table(("form", "validators"), cells)


def _not_checked() -> Iterator[str]:
    yield from _table(("key", "text"), ((f"`{key}`", text[1]) for key, text in NOT_CHECKED.items()))


def page(text: str) -> str:
    """The page with its tables as they should be."""
    tables = {
        "validators": _validators(),
        "rules": _rules(_OF_CONTENTS),
        "reports": _rules(_OF_REPORTS),
        "business": _business(),
        "not-checked": _not_checked(),
    }
    for name, lines in tables.items():
        begin = _BEGIN.format(name=name)
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{''.join(lines)}{_END}{rest.partition(_END)[2]}"
    return text


if __name__ == "__main__":
    TARGET.write_text(page(TARGET.read_text("utf-8")), "utf-8")
