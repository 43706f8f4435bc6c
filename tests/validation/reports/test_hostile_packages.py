"""Packages that are meant to do harm: a finding, in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.validation.reports.hostile_packages import hostile

ROOT = Path(__file__).parents[2]
EXPECTED = {
    "says-10-gigabytes": {"PACKAGE-LIMIT"},
    "says-little": {"PACKAGE-ZIP"},
    "members": {"PACKAGE-LIMIT"},
    "overlapping": {"PACKAGE-LIMIT", "PACKAGE-ZIP"},
    "zip-in-zip": {"PACKAGE-INNER"},
    "folders": {"PACKAGE-FOLDER"},
    "entities": {"FR-NL-1.03", "FR-NL-1.04"},
    "instructions": {"FR-NL-1.03", "XML-SIZE"},
    "deep": {"XML-WELL-FORMED"},
    "elements": {"XML-SIZE"},
    "styles": {"INLINE-EXTERNAL"},
    "one-style": set(),
    "events": {"NL-KVK.3.5.1.1"},
    "references": {"INLINE-SCHEMA-REFS"},
    "facts": {"INLINE-CONTEXT", "INLINE-UNIT", "NL-KVK.3.2.1.1", "NL-KVK.3.2.8.1"},
    "contexts": set(),
    "large": set(),
    "all-that-is-allowed": set(),
}
MOST_SECONDS = 15.0
"""Of processor time for any of them; the slowest takes about 2.5."""
MOST_MEGABYTES = 500
"""That the process grows by over all of them; 10^5 contexts take about 225."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a child process with little memory had to say of each."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, content in hostile():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-m", "tests.validation.reports.hostile_packages", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.mark.heavy
def test_each_is_a_finding_or_good(measured: dict[str, dict[str, Any]]) -> None:
    """Bombs, overlaps and floods are refused by the rule that they break; large is not bad."""
    assert {name: set(line["rules"]) for name, line in measured.items()} == EXPECTED


@pytest.mark.heavy
def test_each_takes_bounded_time_and_memory(measured: dict[str, dict[str, Any]]) -> None:
    """No package takes longer than seconds, all of them together no more than some hundred megabytes."""
    assert {name: line["seconds"] for name, line in measured.items() if line["seconds"] > MOST_SECONDS} == {}
    assert measured["says-little"]["seconds"] < 2, "it was unpacked further than it says"
    assert max(line["megabytes"] for line in measured.values()) < MOST_MEGABYTES
