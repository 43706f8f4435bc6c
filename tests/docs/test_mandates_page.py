"""What `docs/mandates.md` says: its commands work, and the tests that it names are there."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from digipoort_sim.catalogue import Dienst, load_catalogue
from tests.docs.guides import pasted, shell_blocks
from tests.register.desk import Desk

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mandates.md").read_text("utf-8")
_ROW = re.compile(r"^\| (?P<rule>[^|]+) \| (?P<provenance>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`(tests/[\w/]+\.py::\w+)`")
_PAGES = (*(ROOT / "docs").glob("*.md"), ROOT / "SECURITY.md")


@pytest.mark.parametrize(("page", "least"), [("mandates.md", 90), ("foreign.md", 15)])
def test_every_rule_has_a_label_and_a_test_or_a_reason(page: str, least: int) -> None:
    """Each row of the table says where its rule comes from, and names tests or says that none proves it."""
    table = (ROOT / "docs" / page).read_text("utf-8").partition("## Every line")[2]
    rows = [row for row in _ROW.finditer(table) if row["rule"] not in {"rule", "---"}]
    assert len(rows) >= least
    for row in rows:
        labels = set(re.findall(r"recorded|published|inferred|simulator", row["provenance"]))
        assert labels, row["rule"]
        assert _NAMED.search(row["tests"]) or row["tests"].startswith("not done:"), row["rule"]


def test_every_test_that_a_page_names_is_collected() -> None:
    """pytest itself finds every name in the documentation; a test that is renamed or gone fails here."""
    named = sorted({name for page in _PAGES for name in _NAMED.findall(page.read_text("utf-8"))})
    assert len(named) > 150
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *named]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 0, "\n".join(
        line for line in (found.stdout + found.stderr).splitlines() if "ERROR" in line
    )


def test_the_service_of_ones_own_works(tmp_path: Path) -> None:
    """The example is a line that the register takes, and the table tells every column of a line."""
    section = PAGE.partition("## A service of your own")[2].partition("## ")[0]
    (example,) = re.findall(r"^```toml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    (tmp_path / "diensten.toml").write_text(example)
    desk = Desk(tmp_path, catalogue=load_catalogue(tmp_path))
    assert desk.request("SBX_2026").code == "SBX"
    told = "".join(re.findall(r"^\| (.+?) \|", section, re.MULTILINE))
    assert {field.name for field in fields(Dienst)} - {"code"} == set(re.findall(r"`(\w+)`", told))


@pytest.mark.heavy
def test_the_guide_works_by_copy_and_paste(tmp_path: Path) -> None:
    """Every command of the guide works, in order, in one shell, and ends what it said that it would."""
    assert len(shell_blocks(PAGE)) >= 7
    result = pasted(PAGE, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "exit code 3" in result.stdout
    assert "De activatiecode is niet juist." in result.stderr
    assert "Een van beide partijen heeft de machtiging ingetrokken." in result.stdout
    assert "There is nothing to fetch." in result.stderr
    assert {"VIA", "SBA_IB"} <= set(re.findall(r"^\S+ (VIA|SBA_IB) ", result.stdout, re.MULTILINE))
    active = result.stdout.rpartition("idGemachtigde")[2]
    assert {"DM_IB", "SBA_IB", "VIA"} <= set(re.findall(r"(DM_IB|SBA_IB|VIA)(?:_\d{4})? ", active))
