"""Contents that were made to do harm: each gives findings, in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.validation.hostile import CONTENTS

MOST_SECONDS = 12  # of CPU, where a quiet machine takes 4
MOST_MEMORY = 1_500_000_000
NOT_READ = {"FR-NL-1.01", "FR-NL-1.03", "FR-NL-1.05", "XML-WELL-FORMED", "MIMETYPE", "XML-SIZE"}
_FIRST_WORDS = ("entity", "external", "parameter", "overlong", "UTF-8")
REFUSED = [name for name in CONTENTS if name.split()[0] in _FIRST_WORDS]


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """What the process that validates all of them said."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.validation.hostile"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.heavy
@pytest.mark.parametrize("name", CONTENTS)
def test_hostile_content_costs_little(told: list[dict[str, Any]], name: str) -> None:
    """Every content gives a report that is short enough to send, within seconds, in every form."""
    reports = [line for line in told if line["name"] == name]
    assert {line["form"] for line in reports} == {"xbrl", "xml", "mandate"}
    assert all(line["seconds"] < MOST_SECONDS for line in reports)
    assert all(line["count"] < 3_000 for line in reports)
    assert not any(line["valid"] for line in reports if line["form"] != "xml")


@pytest.mark.heavy
@pytest.mark.parametrize("name", REFUSED)
def test_entities_and_wrong_encodings_are_never_read(told: list[dict[str, Any]], name: str) -> None:
    """No form reads a content with an entity, in whatever encoding, or octets that are no UTF-8."""
    reports = [line for line in told if line["name"] == name]
    assert all(not line["valid"] and NOT_READ & set(line["rules"]) for line in reports)


@pytest.mark.heavy
def test_all_of_it_fits_in_little_memory(told: list[dict[str, Any]]) -> None:
    """One process validates all of them, and never holds more than the tree of the largest."""
    assert told[-1]["peak"] < MOST_MEMORY
