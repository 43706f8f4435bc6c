"""What `docs/taxonomies.md` says: its commands work, and its tables are whole."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from tests.docs.guides import pasted
from tests.taxonomies.generator import BASE, PACKAGE, TABLE

PAGE = (Path(__file__).parents[2] / "docs" / "taxonomies.md").read_text("utf-8")


def test_every_report_and_sample_of_the_trial_taxonomy_is_told() -> None:
    """The table names all entry points and all instances that come with the program."""
    section = PAGE.partition("| entry points of the trial taxonomy")[2].partition("\n## ")[0]
    assert set(re.findall(r"bd-rpt-([\w-]+)-<year>", section)) == set(TABLE["reports"])
    named = set(re.findall(r"`([\w-]+\.xbrl)`", section))
    assert named == {path.name for path in (PACKAGE / "voorbeelden").iterdir()}
    assert f"`{BASE}entrypoints/`" in section


@pytest.mark.heavy
@pytest.mark.skipif(not importlib.util.find_spec("arelle"), reason="the extra [xbrl] is not installed")
def test_the_guide_works_by_copy_and_paste(tmp_path: Path) -> None:
    """Every command of the page works, in order, in one shell, and ends what it said that it would."""
    result = pasted(PAGE, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "exit code 1" in result.stdout
    assert "exit code 3" in result.stdout
    assert re.search(r"^proef +good +http", result.stdout, re.MULTILINE)
    for rule in ("bd-ob-aangifte_verschuldigd", "xmlSchema:valueError"):
        assert f'id="{rule}"' in result.stdout  # as the result document
        assert rule in result.stderr  # as send tells it
