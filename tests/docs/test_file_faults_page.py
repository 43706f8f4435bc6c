"""docs/file-faults.md: its commands run by copy and paste, its tables are those of the program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.exchange.file_fault_kinds import FILTERS, KINDS
from tests.docs.guides import pasted

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "file-faults.md"


def option(name: str) -> str:
    """The option of a parameter."""
    return f"`--{name.replace('_', '-')}`"


def kinds() -> Iterable[str]:
    """The table of kinds."""
    yield "| kind | what the client meets | takes besides |"
    yield "|---|---|---|"
    for row in KINDS.values():
        takes = " ".join(option(name) for name in row.takes if name not in FILTERS)
        yield f"| `{row.key}` | {row.summary} | {takes} |"


def scenarios() -> Iterable[str]:
    """The table of scenarios."""
    yield "| aanleverkenmerk | volgnummer | what happens |"
    yield "|---|---|---|"
    for row in load_catalogue().file_scenarios.values():
        yield f"| `{row.aanleverkenmerk}` | {row.volgnummer} | {row.summary} |"


@pytest.mark.parametrize(("name", "lines"), [("kinds", kinds), ("scenarios", scenarios)])
def test_tables_are_those_of_the_program(name: str, lines: Callable[[], Iterable[str]]) -> None:
    """Each kind and each scenario stands in its table with the program's own words."""
    found = re.search(rf"<!-- {name}: [^>]*-->\n(.*?)<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert found[1].strip() == "\n".join(lines())


@pytest.mark.heavy
def test_commands_of_the_page_run(tmp_path: Path) -> None:
    """A break that is taken up again, a fault over HTTP, and a status that comes late by a name."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    done = pasted(PAGE.read_text("utf-8"), tmp_path)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "asked for" not in done.stderr
    assert re.search(r"^f-1 +426 .* 1 +1 +true$", done.stdout, re.MULTILINE)
    assert "f-1 (426 at STOR) struck after 200 bytes" in done.stdout
    assert len(json.loads((tmp_path / "kinds.json").read_text())) == len(KINDS)
    assert "FtpLaatStatus" in done.stdout.rpartition("name")[2]
